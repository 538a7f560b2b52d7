"""One service on a real database, called through HTTP by users of any role; what it records is read from the outbox."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import Any, get_args
from uuid import UUID, uuid4

import msgspec
import psycopg
from flask.testing import FlaskClient
from joserfc.jwk import OKPKey

from chassis import migrate
from chassis.auth import Actor, Grant, issue
from chassis.clock import SetClock
from chassis.handovers import Carrier
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.settings import Settings
from chassis.store import Database
from chassis.web import create_app
from contracts.base import type_of
from contracts.envelope import Envelope
from contracts.organization import (
    HandoverKind,
    HandoverRequested,
    HandoverRule,
    Membership,
    UnitCreated,
    UserChanged,
    UserCreated,
    UserDisabled,
)

KEY = OKPKey.generate_key("Ed25519", private=True)
KID = "test"


@dataclass
class Unit:
    id: UUID
    path: str


@dataclass
class User:
    """Somebody with a token; `get`, `post` … call the service as he would."""

    id: UUID
    username: str
    unit: Unit
    role: str
    service: "ServiceUnderTest"
    manager_id: UUID | None = None
    key_id: UUID | None = None
    scopes: frozenset[str] | None = None
    second_factor_at: datetime | None = None

    @property
    def token(self) -> str:
        grants = (Grant(self.unit.id, self.role, True),)
        session = (self.key_id, self.scopes, self.second_factor_at)
        actor = Actor(self.id, self.username, self.id, grants, "en", *session)
        return issue(actor, KID, KEY, self.service.clock.now())

    def by_key(self, *scopes: str) -> "User":
        """The same user, come in with an API key that is limited to `scopes`; to nothing when none are given."""
        return replace(self, key_id=uuid4(), scopes=frozenset(scopes) if scopes else None)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.service.client.open(
            "/api/v1" + path,
            method=method,
            json=body,
            headers={"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **named},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, version: int | None = None) -> Any:
        return self.call("PATCH", path, body, **({} if version is None else {"If_Match": f'"{version}"'}))


@dataclass
class ServiceUnderTest:
    """A service with an organisation: HQ, EAST and WEST below it, and EAST1 below EAST."""

    name: str
    url: str
    clock: SetClock
    client: FlaskClient
    inbox: Inbox
    database: Database
    units: dict[str, Unit] = field(default_factory=dict)
    _sequences: dict[UUID, int] = field(default_factory=dict)

    def hears(self, *events: Any, unitpath: str = "", sequence: int | None = None) -> None:
        """Deliver `events` to the service's inbox, as the bus would."""
        self.inbox.accept([self.enveloped(event, unitpath=unitpath, sequence=sequence) for event in events])
        with self.transaction() as tx:
            failed = tx.driver("SELECT type, error FROM failed_events")
        assert failed == [], failed

    def enveloped(self, event: Any, *, unitpath: str = "", sequence: int | None = None) -> bytes:
        kind = type_of(event)
        subject = kind.subject_of(event)
        self._sequences[subject] = sequence or self._sequences.get(subject, 0) + 1
        return Envelope(
            id=new_id(), source="/services/test", type=kind.name, subject=subject, time=self.clock.now(),
            dataschema=kind.dataschema, sequence=self._sequences[subject], data=msgspec.Raw(kind.encode(event)),
            actor="test", unitpath=unitpath,
        ).to_json()  # fmt: skip

    def a_unit(self, code: str, parent: str | None = None) -> Unit:
        unit_id = uuid4()
        above = self.units[parent] if parent else None
        path = f"{above.path}.{unit_id.hex}" if above else unit_id.hex
        kind = "branch" if above else "headquarters"
        self.hears(
            UnitCreated(
                unit_id=unit_id, code=code, name=code, kind=kind, parent_id=above.id if above else None, path=path
            )
        )
        self.units[code] = Unit(unit_id, path)
        return self.units[code]

    def a_user(self, role: str, unit: str = "EAST", manager: User | None = None) -> User:
        user_id = uuid4()
        user = User(user_id, f"{role}.{user_id.hex[:8]}", self.units[unit], role, self, manager.id if manager else None)
        self.hears(UserCreated(**self._state(user, active=True)))
        return user

    def enabled(self, user: User) -> UserChanged:
        """The news that a user may come in again."""
        return UserChanged(**self._state(user, active=True))

    def disables(self, user: User) -> None:
        self.hears(UserDisabled(**self._state(user, active=False)))

    def leaves(self, user: User, manager: User, heir: User | None = None, **others: User | None) -> UUID:
        """The news that `user` left, with his manager acting; everything goes to `heir`, else to his manager.

        `others` name another heir for one kind, or None for the pool. The id of the hand-over.
        """
        self.disables(user)
        everything = dict.fromkeys(get_args(HandoverKind), heir or manager)
        rules = tuple(
            HandoverRule(kind=kind, to="heir" if to else "pool", heir_id=to.id if to else None)
            for kind, to in (everything | others).items()
        )
        requested = HandoverRequested(
            handover_id=new_id(), user_id=user.id, manager_id=manager.id, rules=rules, requested_at=self.clock.now()
        )
        self.hears(requested)
        self.learns_who_acts()
        return requested.handover_id

    def learns_who_acts(self) -> None:
        """What the process holds in memory, at most two seconds old, is what its tables say now."""
        self.client.application.extensions["crm"].keeper.refresh(at_once=True)

    @property
    def carrier(self) -> Carrier:
        return Carrier(self.database, self.name, import_module(f"services.{self.name}.app").SERVICE.hands_over)

    def hands_over(self) -> None:
        """Carry out everything that is due, as the worker would."""
        while self.carrier.step():
            pass

    def sweeps(self) -> None:
        service = import_module(f"services.{self.name}.app").SERVICE
        (timer,) = [timer for timer in service.every_timer if timer.name == "sweep-handovers"]
        with self.transaction() as tx:
            timer.run(tx, self.clock.now())

    def recorded(self, *types: str) -> list[dict[str, Any]]:
        """The envelopes in the outbox, in order; only those of `types` when given."""
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("SELECT envelope::text FROM outbox ORDER BY id").fetchall()
        found = [json.loads(row[0]) for row in rows]
        return [event for event in found if not types or event["type"] in types]

    def transaction(self) -> Any:
        return self.database.transaction()

    def _state(self, user: User, *, active: bool) -> dict[str, Any]:
        membership = Membership(unit_id=user.unit.id, role=user.role, manager_id=user.manager_id, primary=True)
        return {
            "user_id": user.id, "username": user.username, "name": user.username, "email": None, "active": active,
            "memberships": (membership,),
        }  # fmt: skip


def a_service(name: str, url: str, clock: SetClock, **settings: Any) -> ServiceUnderTest:
    """`services.<name>`, migrated, with a small organisation and a trusted key."""
    migrate.upgrade(name, url)
    service = import_module(f"services.{name}.app").SERVICE
    public = KEY.as_dict(private=False)["x"]
    app = create_app(service, Settings(database_url=url, token_keys={KID: public}, threads=8, **settings), clock=clock)
    runtime = app.extensions["crm"]
    inbox = Inbox(
        runtime.database,
        {**service.main_handlers, **service.control_handlers},
        batch_handler=service.batch_handler,
        batch_types=service.batch_types,
    )
    under_test = ServiceUnderTest(name, url, clock, app.test_client(), inbox, runtime.database)
    if service.keeps_directory:
        for code, parent in (("HQ", None), ("EAST", "HQ"), ("WEST", "HQ"), ("EAST1", "EAST")):
            under_test.a_unit(code, parent)
    return under_test


def dispose(service: ServiceUnderTest) -> None:
    service.client.application.extensions["crm"].close()
