"""Write policies, publish and withdraw them, and acknowledge them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import chassis.policies
from chassis import audit
from chassis.errors import Forbidden, NotFound, RuleNotMet, UnknownReference, field_error
from chassis.ids import new_id
from chassis.store import Transaction
from chassis.work import Work
from contracts import policies as declared
from services.organization.domain import policies as domain
from services.organization.domain.policies import Policy
from services.organization.store import policies as store
from services.organization.store import tree

WRITE = "policies:write"
ACKNOWLEDGE = "policies:acknowledge"


@dataclass(frozen=True, kw_only=True)
class DraftPolicy:
    """A new text; what is not given comes from the version it is a copy of."""

    kind: str | None = None
    unit_id: UUID | None = None
    body: Mapping[str, Any] | None = None
    marks: Mapping[str, str] | None = None
    comment: str | None = None
    copy_of: UUID | None = None


def draft(work: Work, request: DraftPolicy) -> Policy:
    """Begin a draft, from nothing or from the text of an earlier version."""
    with work.transaction() as tx:
        source = _source(tx, work, request.copy_of)
        given = {name: getattr(request, name) for name in ("kind", "unit_id", "body", "marks")}
        told = {name: value for name, value in given.items() if value is not None}
        text: dict[str, Any] = {"marks": {}} | source | told
        if missing := [name for name in ("kind", "unit_id", "body") if name not in text]:
            absent = ("必填", "Missing data for required field.")
            raise RuleNotMet("invalid", ("数据有误", "Something is missing"), {name: [absent] for name in missing})
        if text["unit_id"] not in tree.paths(tx, [text["unit_id"]]):
            raise UnknownReference(["unit_id"])
        now = work.clock.now()
        policy = Policy(
            id=new_id(), version=1, created_at=now, updated_at=now, author_id=work.actor.user_id,
            comment=request.comment, copy_of=request.copy_of, **text,
        )  # fmt: skip
        policy = _checked(tx, policy, now)
        store.add(tx, policy)
        return policy


def edit(work: Work, policy_id: UUID, version: int, changes: Mapping[str, Any]) -> Policy:
    """Change a draft's text; an approval is void with it. Raises NotFound, Stale, NotADraft."""
    with work.transaction() as tx:
        policy = store.get(tx, work.actor, policy_id, to_write=True)
        work.require_version(version, policy.version)
        now = work.clock.now()
        after = _checked(tx, domain.edit(policy, changes, work.actor.user_id, now), now)
        return store.save(tx, policy, after)


def approve(work: Work, policy_id: UUID) -> Policy:
    """A second person has read the draft and wants it. Raises NotFound, NotADraft, OwnWork."""
    with work.transaction() as tx:
        policy = store.get(tx, work.actor, policy_id, to_write=True)
        saved = store.save(tx, policy, domain.approve(policy, work.actor.user_id, work.clock.now()))
        _put_on_record(tx, "policy.approved", saved)
        return saved


def publish(work: Work, policy_id: UUID, effective_from: datetime | None) -> Policy:
    """Make the draft the unit's next version. Raises NotFound, NotADraft, ApprovalMissing, TooSoon."""
    with work.transaction() as tx:
        policy = store.get(tx, work.actor, policy_id, to_write=True)
        domain.require_draft(policy)
        number = store.next_number(tx, policy.kind, policy.unit_id)
        now = work.clock.now()
        effective = domain.effective(effective_from, now)
        security = chassis.policies.in_force(tx, "security", policy.unit_id, now).rules
        published = domain.publish(
            _checked(tx, policy, effective),
            number,
            effective,
            work.actor.user_id,
            now,
            second_approver=security.second_approver,
        )
        saved = store.save(tx, policy, published)
        store.announce(tx, saved)
        _put_on_record(tx, "policy.published", saved)
        return saved


def withdraw(work: Work, policy_id: UUID) -> Policy:
    """Take a version out of force, so that what stood before it stands again. Raises NotFound, NotPublished."""
    with work.transaction() as tx:
        policy = store.get(tx, work.actor, policy_id, to_write=True)
        saved = store.save(tx, policy, domain.withdraw(policy, work.actor.user_id, work.clock.now()))
        store.announce(tx, saved)
        _put_on_record(tx, "policy.withdrawn", saved)
        return saved


def acknowledge(work: Work, policy_id: UUID) -> None:
    """The caller knows of a version, for each unit it concerns that he is a manager of.

    Raises NotFound, NotPublished, Forbidden.
    """
    with work.transaction() as tx:
        policy = store.get(tx, work.actor, policy_id)
        domain.require_published(policy)
        led = store.led_by(tx, work.actor.user_id, policy.unit_id)
        if not led:
            raise Forbidden(ACKNOWLEDGE)
        store.acknowledge(tx, policy_id, led, work.actor.user_id, work.clock.now())
        _put_on_record(tx, "policy.acknowledged", policy)


def _put_on_record(tx: Transaction, action: str, policy: Policy) -> None:
    told = {"kind": policy.kind, "unit_id": policy.unit_id, "number": policy.number}
    audit.record(tx, action, ("policy", policy.id), after=told, reason=policy.comment)


def _source(tx: Transaction, work: Work, copy_of: UUID | None) -> dict[str, Any]:
    if copy_of is None:
        return {}
    try:
        policy = store.get(tx, work.actor, copy_of)
    except NotFound:
        raise UnknownReference(["copy_of"]) from None
    return {name: getattr(policy, name) for name in ("kind", "unit_id", "body", "marks")}


def _checked(tx: Transaction, policy: Policy, at: datetime) -> Policy:
    """The policy with its body as it is stored. Raises RuleNotMet naming what its kind or the units above forbid."""
    kind = declared.find(policy.kind)
    try:
        body = kind.checked(policy.body)
    except declared.BrokenPolicy as broken:
        raise field_error(f"body.{broken.field}", (f"不符合要求: {broken}", str(broken))) from None
    for name, mark in policy.marks.items():
        _require_mark(kind, name, mark)
    _require_within(_above(tx, policy, at), body)
    return replace(policy, body=body)


def _require_mark(kind: declared.Kind, name: str, mark: str) -> None:
    if name not in kind.orders:
        raise field_error(f"marks.{name}", ("未知字段", "Unknown field."))
    if mark not in declared.MARKS:
        allowed = ", ".join(declared.MARKS)
        raise field_error(f"marks.{name}", (f"可选: {allowed}", f"One of {allowed}"))
    if mark == "tighten_only" and kind.orders[name] is None:
        text = ("此字段没有松紧之分，只能固定或放开", "No value of this field is tighter than another: fixed or free")
        raise field_error(f"marks.{name}", text)


def _require_within(above: declared.Standing, body: Mapping[str, Any]) -> None:
    texts = {
        "fixed": ("上级已固定为 {}", "Fixed above at {}"),
        "tighten_only": ("只能比上级的 {} 更严", "Only tighter than {}, as units above rule"),
    }
    errors = {}
    for name in declared.breaches(above, body):
        chinese, english = texts[above.marks[name]]
        errors[f"body.{name}"] = [(chinese.format(above.body[name]), english.format(above.body[name]))]
    if errors:
        raise RuleNotMet("policy-bound", ("超出上级允许的范围", "Units above do not allow this"), errors)


def _above(tx: Transaction, policy: Policy, at: datetime) -> declared.Standing:
    """What holds right above the policy's unit; at the top of the tree nothing but what is shipped."""
    parent = tree.parent(tx, policy.unit_id)
    if parent is None:
        kind = declared.find(policy.kind)
        return declared.in_force(kind, (), (), at)
    return chassis.policies.in_force(tx, policy.kind, parent, at)
