"""`python -m crm.door`: the gateway's process. gevent must come before everything that might sleep or open sockets.

A library that took hold of the real `time.sleep` before would stop every request while it waits for the broker.
"""

from gevent import monkey

monkey.patch_all()

from typing import Any  # noqa: E402 -- see above

from chassis import logs  # noqa: E402
from chassis.settings import Settings  # noqa: E402
from crm import company  # noqa: E402
from crm.processes import Server, options  # noqa: E402
from gateway.server import behind_proxies, create_gateway, start  # noqa: E402


def main() -> None:
    """Serve the gateway until SIGTERM; requests under way are finished."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level, process="serve gateway")

    def load() -> Any:
        gateway, trust = create_gateway(settings, company.routes())
        start(settings, trust)
        return behind_proxies(gateway, settings.trusted_proxies)

    Server(load, options(settings, "gevent", worker_connections=1000)).run()


if __name__ == "__main__":
    main()
