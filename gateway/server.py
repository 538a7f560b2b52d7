"""The gateway as a process of its own: gunicorn with gevent workers, services over HTTP."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import start_http_server
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis.auth import Verifier
from chassis.clock import SystemClock
from chassis.counts import SHOWN
from chassis.settings import Settings
from gateway.hub import Hub
from gateway.limits import Limiter
from gateway.listener import Listener
from gateway.pages import Check, answers_ready, create_pages
from gateway.proxy import Gateway
from gateway.trust import GatewayTrust
from gateway.upstreams import HttpUpstream

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


VIEWERS = 600


def create_gateway(settings: Settings, routes: Mapping[str, str]) -> tuple[Gateway, GatewayTrust, Hub]:
    """The WSGI callable, and what `start` begins to keep up to date once the worker is forked."""
    settings.require("upstreams")
    upstreams = {name: HttpUpstream(url, name) for name, url in settings.upstreams.items()}
    trust = GatewayTrust(Verifier(SystemClock()), upstreams["organization"], dict(settings.token_keys))
    checks: dict[str, Check] = {url: answers_ready(url) for url in settings.ready_urls}
    checks["token keys"] = lambda: trust.has_keys
    pages = create_pages(upstreams, checks)
    hub = Hub(VIEWERS)
    return Gateway(routes, upstreams, pages, trust.verify, Limiter(settings.rate_limit_url), hub), trust, hub


def behind_proxies(gateway: Gateway, proxies: int) -> Application:
    """The gateway as callers reach it: address, scheme and host as the last of our own proxies saw them."""
    return ProxyFix(gateway, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else gateway


def start(settings: Settings, trust: GatewayTrust, hub: Hub) -> None:
    """Begin the worker's threads; never before the fork."""
    trust.fetch(0)
    if settings.amqp_url:
        listen, begun = Listener((trust.hear, hub.hear)).listen, lambda: hub.start_again("bus")
        threading.Thread(target=listen, args=(settings.amqp_url, begun), name="listener", daemon=True).start()
    if settings.metrics_port:
        start_http_server(settings.metrics_port, settings.host, SHOWN)
