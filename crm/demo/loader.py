"""Bring the demo company in through the gateway, as any client would; what is there already stays as it is."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm.client import Client, Credentials
from crm.demo import deals as sales
from crm.demo.market import PRODUCTS, SOURCES, Market, Row
from crm.demo.people import BRANCHES, HEADQUARTERS, people
from crm.imports.settling import figures_follow
from crm.patience import in_bulk, patiently

SYSTEM = "demo"
ROUND = 200
AT_ONCE = 4
STEPS = 8

Progress = Callable[[int, int], None]


class NotEmpty(Exception):
    """The company has customers of its own."""


def sign_ins(password: str) -> list[dict[str, str]]:
    """One person of each role, ready to sign in."""
    units = {branch.code: branch.name for branch in BRANCHES} | {HEADQUARTERS: "总部"}
    first = {person.role: person for person in reversed(people())}
    return [
        {"username": who.username, "password": password, "name": who.name, "role": role, "unit": units[who.unit]}
        for role, who in sorted(first.items(), key=lambda found: ORDER.index(found[0]))
    ]


ORDER = ("executive", "manager", "sales", "marketing", "service", "finance", "auditor")


@dataclass
class Loader:
    """`password` is what everybody of the demo company signs in with."""

    client: Client
    url: str
    password: str
    today: date
    progress: Progress = lambda done, of: None
    ids: dict[str, str] = field(default_factory=dict)

    def require_empty(self) -> None:
        """Raises NotEmpty."""
        found = self.client.get("/api/v1/customers", limit=1, sort="created_at")["items"]
        units = self.client.every("/api/v1/units")
        if found and not {unit["code"] for unit in units} >= {branch.code for branch in BRANCHES}:
            raise NotEmpty

    def load(self) -> None:
        """Raises Refusal, CannotConnect, NotEmpty."""
        self.require_empty()
        market = Market(self.today)
        customers = market.customers()
        contacts, leads = market.contacts(customers), market.leads()
        deals = sales.deals(market, customers)
        done = sales.activities(market, customers, contacts)
        planned = sales.plans(market, customers)
        steps: list[Callable[[], None]] = [
            self._organisation,
            self._catalogue,
            lambda: self._bulk("customers", map(self._customer, customers)),
            lambda: self._bulk("leads", map(self._lead, leads)),
            lambda: self._bulk("opportunities", map(self._deal, deals)),
            lambda: self._each(contacts, self._contact),
            lambda: self._by_owner(done, planned),
            lambda: self._each([lead for lead in leads if lead["verdict"]], self._judge),
        ]
        for at, step in enumerate(steps):
            self.progress(at, STEPS)
            step()
        figures_follow(self.client)
        self.progress(STEPS, STEPS)

    def _organisation(self) -> None:
        root = next(unit for unit in self.client.every("/api/v1/units") if unit["parent_id"] is None)
        self.ids[HEADQUARTERS] = root["id"]
        for branch in BRANCHES:
            row = {"code": branch.code, "name": branch.name, "kind": branch.kind, "parent_id": self.ids[branch.parent]}
            self._bulk("units", [row | _external(branch.code)])
        for person in people():
            membership = {"unit_id": self.ids[person.unit], "role": person.role, "primary": True}
            if person.manager:
                membership["manager_id"] = self.ids[person.manager]
            row = {"username": person.username, "name": person.name, "password": self.password}
            self._bulk("users", [row | {"memberships": [membership]} | _external(person.username)])

    def _catalogue(self) -> None:
        self._bulk("sources", [{"name": name, "kind": kind} | _external(name) for name, kind in SOURCES])
        priced = [
            {"name": name, "series": series, "list_price": _money(price)} | _external(name)
            for name, series, price in PRODUCTS
        ]
        self._bulk("products", priced)

    def _bulk(self, resource: str, rows: Iterable[Row], client: Client | None = None) -> None:
        """Raises Refusal with the first row that was refused."""
        rows = list(rows)
        for at in range(0, len(rows), ROUND):
            group = rows[at : at + ROUND]
            found = in_bulk(client or self.client, resource, group)
            for row, result in zip(group, found, strict=True):
                if "id" not in result:
                    raise RuntimeError(f"{resource} {row['external']['id']}: {result['problem']}")
                self.ids[row["external"]["id"]] = result["id"]

    def _customer(self, row: Row) -> Row:
        kept = {name: row[name] for name in ("name", "industry", "region", "class", "created_at", "lifecycle")}
        return kept | {"owner_id": self.ids[row["owner"]]} | _external(row["key"])

    def _lead(self, row: Row) -> Row:
        kept = {name: row[name] for name in ("company", "contact_name", "phone", "region", "created_at", "note")}
        found = {"source_id": self.ids[row["source"]], "owner_id": self.ids[row["owner"]]}
        return kept | found | _external(row["key"])

    def _deal(self, row: Row) -> Row:
        named = ("name", "stage", "opened_on", "entered_on", "closed_on", "expected_close_on", "factors", "competitor")
        kept = {name: row[name] for name in named if name in row}
        line = {"product_id": self.ids[row["product"]], "quantity": row["quantity"]}
        found = {"customer_id": self.ids[row["customer"]], "owner_id": self.ids[row["owner"]], "lines": [line]}
        return kept | found | {"amount": _money(row["amount"])} | _external(row["key"])

    def _contact(self, row: Row) -> None:
        kept = {name: row[name] for name in ("name", "title", "phone", "decision_maker")}
        self._once(self.client, f"/api/v1/customers/{self.ids[row['customer']]}/contacts", kept, row["key"])

    def _judge(self, row: Row) -> None:
        verdict: Row = {"outcome": row["verdict"]}
        if row["verdict"] == "opportunity":
            verdict["opportunity"] = {"name": f"{row['company'][2:6]}项目", "owner_id": self.ids[row["owner"]]}
        elif row["verdict"] == "invalid":
            verdict["reason"] = "没有需求"
        self._once(self.client, f"/api/v1/leads/{self.ids[row['key']]}/qualification", verdict, f"{row['key']}-verdict")

    def _by_owner(self, done: list[Row], planned: list[Row]) -> None:
        """What people did and promised they write down themselves."""
        diaries: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
        for row in done:
            diaries[row["owner"]][0].append(row)
        for row in planned:
            diaries[row["owner"]][1].append(row)
        self._each(list(diaries.items()), lambda diary: self._diary(diary[0], *diary[1]))

    def _diary(self, owner: str, done: list[Row], planned: list[Row]) -> None:
        client = Client(self.url, Credentials(username=owner, password=self.password))
        named = ("kind", "started_at", "minutes", "summary", "outcome", "decision_maker_met")
        self._bulk("activities", [_about(row, self.ids, named) | _external(row["key"]) for row in done], client)
        for row in planned:
            self._once(client, "/api/v1/plans", _about(row, self.ids, ("kind", "due_at", "summary")), row["key"])

    def _each(self, rows: list[Any], act: Callable[[Any], None]) -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="demo") as pool:
            list(pool.map(act, rows))

    def _once(self, client: Client, path: str, body: Row, key: str) -> None:
        """A resource without `external`: the key says that it is the same when the load is taken up again."""
        patiently(lambda: client.post(path, body, **{"Idempotency-Key": f"{SYSTEM}-{self.today}-{key}"}))


def in_background(load: Callable[[], None]) -> threading.Thread:
    """Load beside the server that answers already; the process need not wait for it to end."""
    thread = threading.Thread(target=load, name="demo", daemon=True)
    thread.start()
    return thread


def _external(key: str) -> Row:
    return {"external": {"system": SYSTEM, "id": key}}


def _about(row: Row, ids: dict[str, str], named: tuple[str, ...]) -> Row:
    return {name: row[name] for name in named} | {"customer_id": ids[row["customer"]]}


def _money(amount: object) -> Row:
    return {"amount": str(amount), "currency": "CNY"}
