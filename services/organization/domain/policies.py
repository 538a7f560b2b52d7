"""A policy's way from a draft to a version in force and, if need be, out of force."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

NOTICE: Final = timedelta(seconds=1)
"""How long after its publication a version takes effect at the earliest, so that all services switch together."""


class NotADraft(Exception):
    """A published version is never changed; a new one takes its place."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class NotPublished(Exception):
    """Only what is published and not withdrawn can be withdrawn or acknowledged."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class OwnWork(Exception):
    """Nobody approves what he wrote himself."""


class ApprovalMissing(Exception):
    """The security policy in force asks for the approval of a second person."""


class TooSoon(Exception):
    """A version takes effect at `earliest`, or later."""

    def __init__(self, earliest: datetime) -> None:
        super().__init__(earliest)
        self.earliest = earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A draft, or version `number` of a unit's policy of one kind; `author_id` is who changed the draft last."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    unit_id: UUID
    kind: str
    body: Mapping[str, Any]
    marks: Mapping[str, str]
    author_id: UUID
    comment: str | None = None
    copy_of: UUID | None = None
    state: str = "draft"
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    number: int | None = None
    published_by: UUID | None = None
    published_at: datetime | None = None
    effective_from: datetime | None = None
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = None
    withdrawn_from: datetime | None = None


def edit(policy: Policy, changes: Mapping[str, Any], by: UUID, at: datetime) -> Policy:
    """The draft with other text; whoever approved it has not seen this one. Raises NotADraft."""
    require_draft(policy)
    return replace(policy, **changes, author_id=by, approved_by=None, approved_at=None, updated_at=at)


def approve(policy: Policy, by: UUID, at: datetime) -> Policy:
    """Raises NotADraft, OwnWork."""
    require_draft(policy)
    if by == policy.author_id:
        raise OwnWork
    return replace(policy, approved_by=by, approved_at=at, updated_at=at)


def effective(asked: datetime | None, at: datetime) -> datetime:
    """When a version published at `at` takes effect. Raises TooSoon."""
    earliest = at + NOTICE
    if asked is not None and asked < earliest:
        raise TooSoon(earliest)
    return asked or earliest


def publish(
    policy: Policy, number: int, effective_from: datetime, by: UUID, at: datetime, *, second_approver: bool
) -> Policy:
    """The draft as version `number`. Raises NotADraft, ApprovalMissing."""
    require_draft(policy)
    if second_approver and policy.approved_by is None:
        raise ApprovalMissing
    return replace(
        policy,
        state="published",
        number=number,
        published_by=by,
        published_at=at,
        effective_from=effective_from,
        updated_at=at,
    )


def withdraw(policy: Policy, by: UUID, at: datetime) -> Policy:
    """The version out of force from a second later on, everywhere at once. Raises NotPublished."""
    require_published(policy)
    return replace(
        policy, state="withdrawn", withdrawn_by=by, withdrawn_at=at, withdrawn_from=at + NOTICE, updated_at=at
    )


def require_draft(policy: Policy) -> None:
    if policy.state != "draft":
        raise NotADraft(policy.state)


def require_published(policy: Policy) -> None:
    if policy.state != "published":
        raise NotPublished(policy.state)


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[dict[str, Any]]:
    """Each value that differs, by its path, in the order of paths; null for what one side does not say."""
    for name in sorted({*before, *after}):
        here, old, new = f"{path}{name}", before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differences(old, new, f"{here}.")
        elif old != new:
            yield {"path": here, "before": old, "after": new}
