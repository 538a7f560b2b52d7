"""Events of the customer service: customers, their contacts and who holds them."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from contracts.base import Moment, Personal, event

CustomerKind = Literal["company", "person"]
CustomerClass = Literal["key", "ordinary"]
Lifecycle = Literal["unidentified", "potential", "opportunity", "ordering", "user"]
Cause = Literal["created", "imported", "transferred"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerState:
    """A company or person the firm deals with, and who held it then: owner, his manager and unit.

    Where the event took it from somebody, `from_owner_id` and `from_unit_path` say who had it and where he stood.
    """

    customer_id: UUID
    name: Annotated[str, Personal]
    kind: CustomerKind
    class_: CustomerClass
    lifecycle: Lifecycle
    credit_code: str | None
    industry: str | None
    region: str | None
    source_id: UUID | None
    parent_id: UUID | None
    unit_id: UUID
    owner_id: UUID | None
    manager_id: UUID | None
    imported: bool
    from_owner_id: UUID | None = None
    from_unit_path: str | None = None


@event("crm.customer.customer.created", subject="customer_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCreated(CustomerState):
    """A customer was added."""


@event("crm.customer.customer.changed", subject="customer_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(CustomerState):
    """A customer was edited or given to somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactState:
    """A person at a customer; the customer is the subject, so that both share one sequence. `owner_id` holds it."""

    customer_id: UUID
    contact_id: UUID
    name: Annotated[str, Personal]
    phone: Annotated[str | None, Personal]
    email: Annotated[str | None, Personal]
    title: str | None
    role: str | None
    decision_maker: bool
    owner_id: UUID | None = None


@event("crm.customer.contact.added", subject="customer_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAdded(ContactState):
    """A contact was added to a customer."""


@event("crm.customer.contact.changed", subject="customer_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(ContactState):
    """A contact was edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """An interval in which somebody holds a customer; `handover_id` is the hand-over that opened, or ended, it."""

    ownership_id: UUID
    customer_id: UUID
    owner_id: UUID
    manager_id: UUID | None
    unit_id: UUID
    cause: Cause
    opened_at: Moment
    handover_id: UUID | None = None


@event("crm.customer.ownership.opened", subject="customer_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipOpened(Ownership):
    """Somebody became the owner of a customer."""


@event("crm.customer.ownership.closed", subject="customer_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipClosed(Ownership):
    """Somebody is no longer the owner; the fact carries both ends."""

    closed_at: Moment
