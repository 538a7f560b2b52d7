"""Events of the organization service: units, users, sessions, token keys, policies and hand-overs."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from contracts.base import Moment, Personal, event
from contracts.policies import Mark

UnitKind = Literal["headquarters", "region", "branch", "department"]
Role = Literal["admin", "executive", "manager", "sales", "marketing", "service", "finance", "auditor"]
HandoverKind = Literal["customers", "leads", "opportunities", "plans"]
"""What somebody holds and hands over when he leaves."""
HandoverTo = Literal["heir", "manager", "pool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """A node of the organisation tree; `path` is its materialised path, labels are the hex of unit ids."""

    unit_id: UUID
    code: str
    name: str
    kind: UnitKind
    parent_id: UUID | None
    path: str
    closed_at: Moment | None = None


@event("crm.organization.unit.created", subject="unit_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCreated(UnitState):
    """A unit was added below its parent."""


@event("crm.organization.unit.changed", subject="unit_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChanged(UnitState):
    """A unit was renamed or its kind changed."""


@event("crm.organization.unit.moved", subject="unit_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMoved(UnitState):
    """A unit hangs below another parent; every unit below it says so too."""


@event("crm.organization.unit.closed", subject="unit_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitClosed(UnitState):
    """A unit takes nothing new any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A user's place in the tree: one role in one unit, under one manager; one membership is primary."""

    unit_id: UUID
    role: Role
    manager_id: UUID | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserState:
    """A person who signs in, with every membership."""

    user_id: UUID
    username: str
    name: Annotated[str, Personal]
    email: Annotated[str | None, Personal]
    active: bool
    memberships: tuple[Membership, ...]


@event("crm.organization.user.created", subject="user_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UserCreated(UserState):
    """A user was added."""


@event("crm.organization.user.changed", subject="user_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(UserState):
    """A user's name, address or memberships changed."""


@event("crm.organization.user.disabled", subject="user_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(UserState):
    """A user may no longer sign in, nor be assigned anything."""


@event("crm.organization.session.revoked", subject="session_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevoked:
    """A session ended before its time; its access tokens are refused from `revoked_at`."""

    session_id: UUID
    user_id: UUID
    revoked_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """An Ed25519 public key (base64url, as in JWK) that access tokens may be signed with until `not_after`."""

    kid: str
    x: str
    not_after: Moment | None = None


@event("crm.organization.keys.rotated", subject="keyring_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRotated:
    """The whole set of keys that verify access tokens from now on."""

    keyring_id: UUID
    keys: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """A published version of a unit's policy: which rules it sets, and what units below may do with each."""

    policy_id: UUID
    kind: str
    unit_id: UUID
    number: int
    body: dict[str, Any]
    marks: dict[str, Mark]
    published_at: Moment
    effective_from: Moment
    withdrawn_from: Moment | None = None


@event("crm.organization.policy.published", subject="policy_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPublished(PolicyState):
    """A version is in force from `effective_from` on, in its unit and all below."""


@event("crm.organization.policy.withdrawn", subject="policy_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWithdrawn(PolicyState):
    """A version is out of force from `withdrawn_from` on; what stood before it stands again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRule:
    """Whose one kind becomes; `heir_id` is null for the pool, out of which it is given to somebody by rule."""

    kind: HandoverKind
    to: HandoverTo
    heir_id: UUID | None


@event("crm.organization.handover.requested", subject="handover_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRequested:
    """A user has left: what he holds goes where the rules say, and until then his manager acts for him."""

    handover_id: UUID
    user_id: UUID
    manager_id: UUID
    rules: tuple[HandoverRule, ...]
    requested_at: Moment
    due_at: Moment | None = None


@event("crm.organization.handover.escalated", subject="handover_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverEscalated:
    """A hand-over is late: the next manager above acts for who left, no longer the one who let it wait."""

    handover_id: UUID
    user_id: UUID
    manager_id: UUID
    from_manager_id: UUID
    escalated_at: Moment


@event("crm.organization.handover.completed", subject="handover_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverCompleted:
    """Nothing is left with the user who left."""

    handover_id: UUID
    user_id: UUID
    manager_id: UUID
    completed_at: Moment
