"""Everything a process is told from outside: `CRM_*` environment variables, read and validated once."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

IN_FILES = ("CRM_DATABASE_URL", "CRM_AMQP_URL", "CRM_SECRET_KEY", "CRM_ADMIN_PASSWORD")
"""Secrets: each may lie in a file instead, which the variable with `_FILE` behind its name names."""


class InvalidSettings(ValueError):
    """A setting is missing or makes no sense; the message names it."""


@dataclass(frozen=True, repr=False)
class Settings:
    """One process's settings; URLs carry secrets, so it is never printed whole."""

    database_url: str = ""
    amqp_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    secret_key: bytes = b""
    """32 bytes; organization encrypts its private token keys with it."""
    admin_password: str = ""
    token_keys: Mapping[str, str] = field(default_factory=dict)
    """Public keys by kid, trusted besides those that organization announces."""
    upstreams: Mapping[str, str] = field(default_factory=dict)
    ready_urls: tuple[str, ...] = ()
    rate_limit_url: str = "memory://"
    trusted_proxies: int = 0
    """How many proxies of our own stand before the gateway: so many of the forwarded addresses are believed."""
    metrics_port: int = 0
    """Where a process without a port of its own (a worker), or the gateway, shows health and metrics; 0 for nowhere."""
    threads: int = 16
    grace_seconds: int = 25
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises InvalidSettings."""
        environment = {**environment, **_read_from_files(environment)}
        return cls(
            database_url=environment.get("CRM_DATABASE_URL", ""),
            amqp_url=environment.get("CRM_AMQP_URL", ""),
            host=environment.get("CRM_HOST", "127.0.0.1"),
            port=_number(environment, "CRM_PORT", 8000, 0, 65535),
            secret_key=_secret(environment),
            admin_password=environment.get("CRM_ADMIN_PASSWORD", ""),
            token_keys=_token_keys(environment),
            upstreams=_pairs(environment, "CRM_UPSTREAMS"),
            ready_urls=tuple(filter(None, environment.get("CRM_READY_URLS", "").split(","))),
            rate_limit_url=environment.get("CRM_RATE_LIMIT_URL", "memory://"),
            trusted_proxies=_number(environment, "CRM_TRUSTED_PROXIES", 0, 0, 10),
            metrics_port=_number(environment, "CRM_METRICS_PORT", 0, 0, 65535),
            threads=_number(environment, "CRM_THREADS", 16, 1, 256),
            grace_seconds=_number(environment, "CRM_GRACE_SECONDS", 25, 1, 600),
            log_level=environment.get("CRM_LOG_LEVEL", "INFO").upper(),
        )

    def require(self, *names: str) -> None:
        """Raises InvalidSettings for the first of `names` that is not set."""
        for name in names:
            if not getattr(self, name):
                raise InvalidSettings(f"CRM_{name.upper()} is not set")


def _read_from_files(environment: Mapping[str, str]) -> dict[str, str]:
    read = {}
    for name in IN_FILES:
        path = environment.get(f"{name}_FILE")
        if not path:
            continue
        if environment.get(name):
            raise InvalidSettings(f"{name} and {name}_FILE are both set: leave one out")
        try:
            read[name] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSettings(f"{name}_FILE cannot be read: {error}") from error
    return read


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise InvalidSettings(f"{name} must be a number from {least} to {most}, not {text!r}")
    return int(text)


def _secret(environment: Mapping[str, str]) -> bytes:
    text = environment.get("CRM_SECRET_KEY", "")
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b"?"
    if len(key) not in (0, 32):
        raise InvalidSettings("CRM_SECRET_KEY must be 32 bytes, base64url")
    return key


def _token_keys(environment: Mapping[str, str]) -> dict[str, str]:
    text = environment.get("CRM_TOKEN_PUBLIC_KEYS", "")
    if not text:
        return {}
    try:
        return {key["kid"]: key["x"] for key in json.loads(text)["keys"]}
    except (ValueError, KeyError, TypeError):
        raise InvalidSettings("CRM_TOKEN_PUBLIC_KEYS must be a JSON Web Key Set") from None


def _pairs(environment: Mapping[str, str], name: str) -> dict[str, str]:
    pairs = {}
    for pair in filter(None, environment.get(name, "").split(",")):
        key, separator, value = pair.partition("=")
        if not separator or not value:
            raise InvalidSettings(f"{name} must read name=url,name=url")
        pairs[key.strip()] = value.strip()
    return pairs
