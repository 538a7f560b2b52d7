"""Add, edit and disable users."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import audit
from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.errors import Conflict, NotFound, UnknownReference
from chassis.ids import new_id
from chassis.masks import masked
from chassis.store import Transaction
from chassis.work import Work
from contracts.organization import UserChanged, UserCreated, UserDisabled, UserState
from contracts.policies import Security
from services.organization.commands import handovers, security
from services.organization.commands.passwords import accepted
from services.organization.domain.handovers import StillLeaving, Wish
from services.organization.domain.users import Membership, primary, with_one_primary
from services.organization.problems import PROBLEMS
from services.organization.store import handovers as cases
from services.organization.store import people, sessions, tree
from services.organization.store.attempts import ACCOUNTS
from services.organization.store.audit import called
from services.organization.store.tables import users

MANAGE = "organization:manage"
EDITABLE = ("name", "email", "locale")


@dataclass(frozen=True, kw_only=True)
class AddUser:
    """A person; with a password he can sign in at once."""

    username: str
    name: str
    memberships: tuple[Membership, ...]
    email: str | None = None
    password: str | None = field(default=None, repr=False)
    locale: str = "zh-CN"
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)


def add_users(work: Work, requests: Sequence[AddUser]) -> list[Outcome]:
    """Add each user, or bring the one of the same external id up to date."""
    return in_rounds(requests, lambda group: _add_round(work, group))


def add_user(work: Work, request: AddUser) -> UUID:
    """Add one user; his id."""
    outcome = sole(add_users(work, [request]))
    assert outcome.id is not None  # noqa: S101 -- what is not refused has an id
    return outcome.id


def edit_user(work: Work, user_id: UUID, version: int, changes: Mapping[str, Any]) -> None:
    """Change what the caller names. Raises NotFound, Stale, StillLeaving, SecondFactorRequired.

    A user disabled loses his sessions with it, and his manager gets what he holds.
    """
    with work.transaction() as tx:
        row = tx.execute(sa.select(users).where(users.c.id == user_id).with_for_update()).first()
        if row is None:
            raise NotFound
        work.require_version(version, row.version)
        if row.active and changes.get("active") is False:
            work.require_second_factor()
        columns = {name: value for name, value in changes.items() if name in (*EDITABLE, "active")}
        held = with_one_primary(changes["memberships"]) if "memberships" in changes else None
        if held is not None:
            _require_places(tx, [held])
        if "password" in changes:
            rules = security.of(tx, held or people.held_by(tx, [row.id]).get(row.id, ()))
            name = changes.get("name", row.name)
            columns["password_hash"] = accepted(row.username, name, changes["password"], rules)
            ACCOUNTS.forgive(tx, row.username, work.clock.now())
        if columns.get("active") and not row.active and cases.running(tx, user_id):
            raise StillLeaving
        _change(tx, row, columns, held)
        if row.active and not columns.get("active", True):
            handovers.open_case(tx, user_id, Wish())


def disable(tx: Transaction, row: sa.Row[Any], wish: Wish) -> UUID:
    """Shut out a user, whose row is locked, and open his case; its id. Raises NobodyTakesOver."""
    _change(tx, row, {"active": False}, None)
    return handovers.open_case(tx, row.id, wish)


def _add_round(work: Work, requests: Sequence[AddUser]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    with work.transaction() as tx:
        known = known_externals(tx, users, requests)
        places = _places(tx, [request.memberships for request in requests])
        rules = security.by_unit(tx, places[0])
        fresh: dict[UUID, tuple[int, dict[str, Any], tuple[Membership, ...]]] = {}
        for at, request in batch.pending():
            with batch.judging(at):
                held = with_one_primary(request.memberships)
                _refuse_unknown(held, *places)
                row = previous(known, request, MANAGE)
                if row is None:
                    added = _row(work, request, _rules(rules, held))
                    fresh[added["id"]] = (at, added, held)
                else:
                    _change(tx, row, {name: getattr(request, name) for name in EDITABLE}, held)
                    batch.done(at, row.id, created=False)
        _add(tx, batch, fresh)
    return batch.outcomes


def _add(
    tx: Transaction,
    batch: Batch[AddUser],
    fresh: Mapping[UUID, tuple[int, dict[str, Any], tuple[Membership, ...]]],
) -> None:
    rows = [row for _, row, _ in fresh.values()]
    added = people.add(tx, rows, {user_id: held for user_id, (_, _, held) in fresh.items()})
    _announce(tx, [UserCreated(**people.state(row, held)) for _, row, held in fresh.values() if row["id"] in added])
    told = [(row, held) for _, row, held in fresh.values() if row["id"] in added]
    for (row, _), state in zip(told, _on_record(tx, told), strict=True):
        audit.record(tx, "user.created", ("user", row["id"]), after=state)
    for user_id, (at, row, _) in fresh.items():
        if user_id in added:
            batch.done(at, user_id, created=True)
        else:
            username = row["username"]
            batch.refuse(at, Conflict("username-taken", (f"用户名 {username} 已存在", f"There is a user {username}")))


def _change(tx: Transaction, row: sa.Row[Any], columns: Mapping[str, Any], held: tuple[Membership, ...] | None) -> None:
    before = people.held_by(tx, [row.id]).get(row.id, ())
    same = all(getattr(row, name) == value for name, value in columns.items())
    if same and (held is None or set(held) == set(before)):
        return
    after = people.change(tx, row, {**columns, "updated_at": tx.clock.now()})
    if held is not None:
        people.keep_memberships(tx, {row.id: held})
    state = people.state(after._mapping, held or before)
    leaving = row.active and not after.active
    if leaving or "password_hash" in columns:
        sessions.revoke_all(tx, tx.clock.now(), row.id)
    _announce(tx, [(UserDisabled if leaving else UserChanged)(**state)])
    if held is not None or columns.keys() - {"password_hash"}:
        act = "user.disabled" if leaving else "user.changed"
        was, now = _on_record(tx, [(row._mapping, before), (after._mapping, held or before)])
        audit.record(tx, act, ("user", row.id), before=was, after=now)
    if "password_hash" in columns:
        audit.record(tx, "password.set", ("user", row.id))


def _on_record(
    tx: Transaction, states: Sequence[tuple[Mapping[str, Any] | sa.RowMapping, Sequence[Membership]]]
) -> list[dict[str, Any]]:
    """What of users is put on record: never a password, e-mail addresses masked, places by their names."""
    every = [each for _, held in states for each in held]
    names = called(tx, [*(each.unit_id for each in every), *(each.manager_id for each in every)])
    return [
        {name: user[name] for name in ("username", "name", "locale", "active")}
        | {"email": masked(user["email"]) if user["email"] else None}
        | {"memberships": sorted(_place(each, names) for each in held)}
        for user, held in states
    ]


def _place(held: Membership, names: Mapping[UUID, str]) -> str:
    above = f" ({names[held.manager_id]})" if held.manager_id else ""
    return f"{held.role} {names[held.unit_id]}{above}"


def _announce(tx: Transaction, events: Sequence[UserState]) -> None:
    """Tell of users, each where he primarily stands."""
    places = [next((held.unit_id for held in event.memberships if held.primary), None) for event in events]
    paths = tree.paths(tx, [unit_id for unit_id in places if unit_id])
    for event, unit_id in zip(events, places, strict=True):
        tx.record(event, unitpath=paths.get(unit_id, "") if unit_id else "")


def _rules(known: Mapping[UUID, Security], held: Sequence[Membership]) -> Security:
    standing = primary(held)
    return known[standing] if standing is not None else Security()


def _row(work: Work, request: AddUser, rules: Security) -> dict[str, Any]:
    now = request.history.get("created_at") or work.clock.now()
    password = request.password
    return {
        "id": new_id(),
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "username": request.username,
        "name": request.name,
        "email": request.email,
        "locale": request.locale,
        "active": True,
        "password_hash": accepted(request.username, request.name, password, rules) if password is not None else None,
        "external_system": request.external.system if request.external else None,
        "external_id": request.external.id if request.external else None,
    }


def _places(tx: Transaction, all_held: Sequence[Sequence[Membership]]) -> tuple[set[UUID], set[UUID]]:
    """The units and managers among these memberships that are really there."""
    every = [membership for held in all_held for membership in held]
    found = set(tree.paths(tx, [membership.unit_id for membership in every]))
    return found, people.known(tx, [membership.manager_id for membership in every if membership.manager_id])


def _require_places(tx: Transaction, all_held: Sequence[Sequence[Membership]]) -> None:
    places = _places(tx, all_held)
    for held in all_held:
        _refuse_unknown(held, *places)


def _refuse_unknown(held: Sequence[Membership], unit_ids: set[UUID], manager_ids: set[UUID]) -> None:
    if any(membership.unit_id not in unit_ids for membership in held):
        raise UnknownReference(["memberships.unit_id"])
    if any(membership.manager_id and membership.manager_id not in manager_ids for membership in held):
        raise UnknownReference(["memberships.manager_id"])
