"""Who calls: access tokens, and the actor with his grants that they name.

A token is a JWT signed with Ed25519 (RFC 8037, algorithm named as RFC 9864 wants), five minutes long, verified again
by every service. Verified tokens are remembered, because checking a signature costs more than most reads.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.clock import Clock
from chassis.errors import Forbidden, Unauthenticated
from chassis.roles import LEVELS, PERMISSIONS, Level

ALGORITHM = "Ed25519"
ISSUER = "tongzhou-crm"
TOKEN_SECONDS = 300
REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Grant:
    """One membership: a role in a unit; one of a user's is primary, and new rows belong to its unit."""

    unit_id: UUID
    role: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be reached: every pair (level, unit) counts, and none at all reaches nothing.

    What those have left behind for whom he acts is as good as his own.
    """

    user_id: UUID
    reach: tuple[tuple[Level, UUID], ...]
    acts_for: frozenset[UUID] = frozenset()

    @property
    def all(self) -> bool:
        return any(level == "all" for level, _ in self.reach)

    def units(self, level: Level) -> list[UUID]:
        return [unit_id for its, unit_id in self.reach if its == level]


@dataclass(frozen=True, slots=True)
class Actor:
    """The user behind a request, as his token says."""

    user_id: UUID
    username: str
    session_id: UUID
    grants: tuple[Grant, ...]
    locale: str = "zh-CN"
    key_id: UUID | None = None
    """The API key that opened the session; none where its user signed in himself."""
    scopes: frozenset[str] | None = None
    """The permissions that the key's session is limited to; None leaves all that the user has."""
    second_factor_at: datetime | None = None
    """When this session's user gave his second factor last; None for one who has none enrolled."""
    acts_for: frozenset[UUID] = frozenset()
    """Those who left and for whom he acts, as the service knows now; no token says it."""

    @property
    def unit_id(self) -> UUID:
        """The unit of the primary membership. Raises Forbidden for somebody with none."""
        for grant in sorted(self.grants, key=lambda grant: not grant.primary):
            return grant.unit_id
        raise Forbidden("membership")

    @property
    def permissions(self) -> frozenset[str]:
        return self.limited(frozenset[str]().union(*(PERMISSIONS[grant.role] for grant in self.grants)))

    def limited(self, permissions: frozenset[str]) -> frozenset[str]:
        """Those of `permissions` that this session may use."""
        return permissions if self.scopes is None else permissions & self.scopes

    def may(self, permission: str) -> bool:
        return bool(self._granting(permission))

    def require(self, permission: str) -> None:
        """Raises Forbidden."""
        if not self.may(permission):
            raise Forbidden(permission)

    def scope(self, permission: str) -> Scope:
        """Whose rows the caller may reach with `permission`."""
        reach = tuple((LEVELS[grant.role], grant.unit_id) for grant in self._granting(permission))
        return Scope(self.user_id, reach, self.acts_for)

    def _granting(self, permission: str) -> tuple[Grant, ...]:
        if self.scopes is not None and permission not in self.scopes:
            return ()
        return tuple(grant for grant in self.grants if permission in PERMISSIONS[grant.role])


@dataclass(frozen=True)
class Trust:
    """What decides about a token besides its signature: keys by kid, ended sessions, users who may not sign in.

    `acting` says of each user for whom he acts, of those who left.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    revoked: frozenset[UUID] = frozenset()
    disabled: frozenset[UUID] = frozenset()
    acting: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)


class Verifier:
    """Turns access tokens into actors; `trust` is exchanged whole when keys or revocations change."""

    def __init__(self, clock: Clock, trust: Trust | None = None) -> None:
        self._clock = clock
        self._trust = trust or Trust()
        self._known: OrderedDict[bytes, tuple[Actor, float]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def trust(self) -> Trust:
        return self._trust

    def renew(self, trust: Trust) -> None:
        """Use `trust` from now on; remembered tokens are forgotten when the keys changed."""
        with self._lock:
            if trust.keys != self._trust.keys:
                self._known.clear()
            self._trust = trust

    def verify(self, token: str) -> Actor:
        """The actor `token` names. Raises Unauthenticated."""
        stamp = hashlib.sha256(token.encode()).digest()
        with self._lock:
            remembered = self._known.get(stamp)
            if remembered is not None:
                self._known.move_to_end(stamp)
        actor, expires = remembered or self._check(token)
        if expires <= self._clock.now().timestamp():
            raise Unauthenticated(("登录已过期", "The access token has expired"))
        if actor.session_id in self._trust.revoked or actor.user_id in self._trust.disabled:
            raise Unauthenticated(("会话已结束", "The session has ended"))
        if remembered is None:
            self._remember(stamp, actor, expires)
        acts_for = self._trust.acting.get(actor.user_id)
        return replace(actor, acts_for=acts_for) if acts_for else actor

    def _check(self, token: str) -> tuple[Actor, float]:
        try:
            return self._decode(token)
        except (JoseError, ValueError, KeyError, TypeError):
            raise Unauthenticated(("令牌无效", "The access token is not valid")) from None

    def _decode(self, token: str) -> tuple[Actor, float]:
        decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
        claims = decoded.claims
        if claims["iss"] != ISSUER:
            raise ValueError("issuer")
        grants = tuple(Grant(UUID(unit), _role(role), bool(primary)) for unit, role, primary in claims["mem"])
        actor = Actor(
            UUID(claims["sub"]), claims["usr"], UUID(claims["sid"]), grants, claims["loc"],
            UUID(claims["key"]) if "key" in claims else None,
            _scopes(claims["scp"]) if "scp" in claims else None,
            datetime.fromtimestamp(claims["sfa"], UTC) if "sfa" in claims else None,
        )  # fmt: skip
        return actor, float(claims["exp"])

    def _key(self, token: Any) -> OKPKey:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": self._trust.keys[token.headers()["kid"]]})

    def _remember(self, stamp: bytes, actor: Actor, expires: float) -> None:
        with self._lock:
            self._known[stamp] = (actor, expires)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def issue(actor: Actor, kid: str, private_key: OKPKey, now: datetime) -> str:
    """An access token for `actor`, valid for TOKEN_SECONDS from `now`, signed with the key named `kid`."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": str(actor.user_id),
        "sid": str(actor.session_id),
        "usr": actor.username,
        "mem": [[str(grant.unit_id), grant.role, grant.primary] for grant in actor.grants],
        "loc": actor.locale,
        "iat": issued,
        "exp": issued + TOKEN_SECONDS,
    }
    if actor.key_id is not None:
        claims["key"] = str(actor.key_id)
    if actor.scopes is not None:
        claims["scp"] = sorted(actor.scopes)
    if actor.second_factor_at is not None:
        claims["sfa"] = int(actor.second_factor_at.timestamp())
    return jwt.encode({"alg": ALGORITHM, "kid": kid}, claims, private_key, algorithms=[ALGORITHM])


def _scopes(names: Any) -> frozenset[str]:
    """Raises TypeError for what is no list: a limit that cannot be read must not become none."""
    if not isinstance(names, list):
        raise TypeError("scp")
    return frozenset(names)


def _role(role: str) -> str:
    if role not in PERMISSIONS:
        raise ValueError(role)
    return role
