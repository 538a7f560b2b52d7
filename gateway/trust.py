"""What the gateway knows about tokens: keys fetched from organization, endings heard from the bus."""

import json
import threading
import time
from uuid import UUID

import structlog

from chassis.auth import TOKEN_SECONDS, Actor, Trust, Verifier
from chassis.errors import Unauthenticated
from contracts.base import InvalidEvent
from contracts.envelope import Envelope
from contracts.organization import KeysRotated, SessionRevoked, UserChanged, UserDisabled
from gateway.upstreams import Call, Failed, Upstream

FETCH_SECONDS = 30.0
EAGER_SECONDS = 1.0
HEARD = (
    "crm.organization.session.revoked",
    "crm.organization.user.disabled",
    "crm.organization.user.changed",
    "crm.organization.keys.rotated",
)

log = structlog.get_logger()


class GatewayTrust:
    """Keeps a verifier's trust: keys every 30 s and at once when a token names none we know; endings as they happen.

    While the bus is away tokens stay valid for their five minutes; the services behind check them again anyway.
    """

    def __init__(self, verifier: Verifier, organization: Upstream, fixed: dict[str, str]) -> None:
        self._verifier = verifier
        self._organization = organization
        self._fixed = fixed
        self._revoked: dict[UUID, float] = {}
        self._disabled: dict[UUID, float] = {}
        self._fetched_at = float("-inf")
        self._lock = threading.Lock()
        self._renew({})

    @property
    def has_keys(self) -> bool:
        if not self._verifier.trust.keys:
            self.fetch(EAGER_SECONDS)
        return bool(self._verifier.trust.keys)

    def verify(self, token: str) -> Actor:
        """Raises Unauthenticated."""
        self.fetch(FETCH_SECONDS)
        try:
            return self._verifier.verify(token)
        except Unauthenticated:
            if not self.fetch(EAGER_SECONDS):
                raise
            return self._verifier.verify(token)

    def fetch(self, oldest: float) -> bool:
        """Fetch the keys when what we have is older than `oldest` seconds; whether there may be new ones now.

        One at a time: who needs new keys waits for whoever fetches, everybody else goes on with what is known.
        """
        asked_at = time.monotonic()
        if asked_at - self._fetched_at < oldest:
            return False
        if not self._lock.acquire(blocking=oldest < FETCH_SECONDS or not self._verifier.trust.keys):
            return False
        try:
            if self._fetched_at >= asked_at:
                return True
            answer = self._organization.call(Call("GET", "/api/v1/keys", {}, b""))
            self._renew({key["kid"]: key["x"] for key in json.loads(answer.body)["keys"]})
        except (*Failed, ValueError, KeyError, TypeError) as error:
            log.warning("gateway.keys-not-fetched", error=type(error).__name__)
            return False
        finally:
            self._fetched_at = time.monotonic()
            self._lock.release()
        return True

    def hear(self, event: Envelope) -> None:
        """Act on an event of organization that ends or renews what is trusted."""
        if event.type not in HEARD:
            return
        try:
            payload = event.payload()
        except InvalidEvent as error:
            log.warning("gateway.event-refused", error=str(error))
            return
        if isinstance(payload, SessionRevoked):
            self._revoked[payload.session_id] = time.monotonic()
        elif isinstance(payload, UserDisabled):
            self._disabled[payload.user_id] = time.monotonic()
        elif isinstance(payload, UserChanged) and payload.active:
            self._disabled.pop(payload.user_id, None)
        elif isinstance(payload, KeysRotated):
            self.fetch(0)
        self._renew(dict(self._verifier.trust.keys))

    def _renew(self, keys: dict[str, str]) -> None:
        oldest = time.monotonic() - 2 * TOKEN_SECONDS
        for ended in (self._revoked, self._disabled):
            for key in [key for key, at in ended.items() if at < oldest]:
                del ended[key]
        self._verifier.renew(Trust(self._fixed | keys, frozenset(self._revoked), frozenset(self._disabled)))
