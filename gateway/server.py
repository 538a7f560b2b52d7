"""The gateway as a process of its own: gunicorn with gevent workers, services over HTTP."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import start_http_server
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis.auth import Verifier
from chassis.clock import SystemClock
from chassis.settings import Settings
from gateway.limits import Limiter
from gateway.pages import Check, answers_ready, create_pages
from gateway.proxy import Gateway
from gateway.trust import GatewayTrust
from gateway.upstreams import HttpUpstream

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def create_gateway(settings: Settings, routes: Mapping[str, str]) -> tuple[Gateway, GatewayTrust]:
    """The WSGI callable, and the trust whose thread `start` begins once the worker is forked."""
    settings.require("upstreams")
    upstreams = {name: HttpUpstream(url, name) for name, url in settings.upstreams.items()}
    trust = GatewayTrust(Verifier(SystemClock()), upstreams["organization"], dict(settings.token_keys))
    checks: dict[str, Check] = {url: answers_ready(url) for url in settings.ready_urls}
    checks["token keys"] = lambda: trust.has_keys
    pages = create_pages(upstreams, checks)
    return Gateway(routes, upstreams, pages, trust.verify, Limiter(settings.rate_limit_url)), trust


def behind_proxies(gateway: Gateway, proxies: int) -> Application:
    """The gateway as callers reach it: address, scheme and host as the last of our own proxies saw them."""
    return ProxyFix(gateway, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else gateway


def start(settings: Settings, trust: GatewayTrust) -> None:
    """Begin the worker's threads; never before the fork."""
    trust.fetch(0)
    if settings.amqp_url:
        threading.Thread(target=trust.listen, args=(settings.amqp_url,), name="endings", daemon=True).start()
    if settings.metrics_port:
        start_http_server(settings.metrics_port, settings.host)
