"""One salesperson's rows in each service, and the people around him: who may see them, and who may not."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import SetClock
from contracts.leads import LeadCaptured
from services.organization.commands.founding import found
from tests.support.policies import published
from tests.support.samples import a_customer, a_deal, a_lead, a_visit, opened
from tests.support.services import ServiceUnderTest, Unit, User, a_service

SEEING = (("manager", "EAST"), ("manager", "HQ"), ("auditor", "HQ"), ("executive", "HQ"))
COLLEAGUE = ("sales", "EAST")
STRANGERS = (("sales", "WEST"), ("manager", "WEST"), ("marketing", "WEST"), ("manager", "EAST1"))
KNOWN_TO_COLLEAGUES = ("organization",)
"""Where a row is a person or a unit, which those who work there know."""
FOUNDING = {"secret_key": b"0" * 32, "admin_password": "correct horse"}


@dataclass
class World:
    """`ids` are those of the owner's rows, by the names that routes give them; `below` are of units under his."""

    service: ServiceUnderTest
    owner: User
    seeing: list[User]
    others: list[User]
    below: list[User]
    ids: dict[str, str]

    def filled(self, rule: str) -> str:
        """The path of `rule`, below /api/v1, that leads to the owner's row."""
        path = rule.removeprefix("/api/v1")
        for name, value in self.ids.items():
            path = path.replace(f"<uuid:{name}>", value)
        assert "<" not in path, f"no row of the owner leads to {rule}"
        return path


def a_world(name: str, database_url: str, clock: SetClock) -> World:
    """`name` with a salesperson of EAST who has one row of everything."""
    service = an_organization(database_url, clock) if name == "organization" else a_service(name, database_url, clock)
    owner, colleague = (service.a_user(*COLLEAGUE) for _ in range(2))
    seeing = [owner, *(service.a_user(*who) for who in SEEING)]
    others = [service.a_user(*who) for who in STRANGERS]
    (seeing if name in KNOWN_TO_COLLEAGUES else others).append(colleague)
    below = [user for user in others if user.unit.path.startswith(f"{owner.unit.path}.")]
    return World(service, owner, seeing, others, below, ROWS[name](service, owner))


class OrganizationUnderTest(ServiceUnderTest):
    """The owner of units and users does not hear of them: its administrator adds them."""

    @property
    def _admin(self) -> User:
        with self.transaction() as tx:
            ((user_id,),) = tx.driver("SELECT id FROM users WHERE username = 'admin'")
        return User(user_id, "admin", self.units["HQ"], "admin", self)

    def a_unit(self, code: str, parent: str | None = None) -> Unit:
        body = {"code": code, "name": code, "kind": "branch", "parent_id": str(self.units[parent].id)}
        made = self._admin.post("/units", body).json
        self.units[code] = Unit(UUID(made["id"]), made["path"])
        return self.units[code]

    def a_user(self, role: str, unit: str = "EAST", manager: User | None = None) -> User:
        held = [{"unit_id": str(self.units[unit].id), "role": role}]
        username = f"{role}.{uuid4().hex[:8]}"
        made = _made(self._admin.post("/users", {"username": username, "name": "张三", "memberships": held}))
        return User(UUID(made), username, self.units[unit], role, self)


def an_organization(database_url: str, clock: SetClock) -> OrganizationUnderTest:
    """A fresh company with the units that the other services hear of."""
    service = OrganizationUnderTest(**vars(a_service("organization", database_url, clock, **FOUNDING)))
    found(service.database, service.client.application.extensions["crm"].settings)
    with service.transaction() as tx:
        ((root, path),) = tx.driver("SELECT id, path::text FROM units")
    service.units["HQ"] = Unit(root, path)
    for code, parent in (("EAST", "HQ"), ("WEST", "HQ"), ("EAST1", "EAST")):
        service.a_unit(code, parent)
    return service


def _organization(service: ServiceUnderTest, owner: User) -> dict[str, str]:
    rule = published(service.a_user("admin", "HQ"), owner.unit.id)["id"]
    return {"unit_id": str(owner.unit.id), "user_id": str(owner.id), "policy_id": rule}


def _customer(service: ServiceUnderTest, owner: User) -> dict[str, str]:
    customer = _made(owner.post("/customers", {"name": "同舟"}))
    return {
        "customer_id": customer,
        "contact_id": _made(owner.post(f"/customers/{customer}/contacts", {"name": "王芳"})),
    }


def _leads(service: ServiceUnderTest, owner: User) -> dict[str, str]:
    admin = service.a_user("admin", "HQ")
    source = _made(admin.post("/sources", {"name": "官网", "kind": "website"}))
    lead = _made(a_lead(owner, source, owner_id=str(owner.id)))
    return {"lead_id": lead, "opportunity_id": _made(a_deal(owner))}


def _activity(service: ServiceUnderTest, owner: User) -> dict[str, str]:
    known = a_customer(owner)
    service.hears(known)
    plan = {"kind": "call", "due_at": service.clock.now().isoformat(), "summary": "回电"}
    return {
        "activity_id": _made(a_visit(owner, service.clock)),
        "plan_id": _made(owner.post("/plans", plan | {"customer_id": str(known.customer_id)})),
    }


def _analytics(service: ServiceUnderTest, owner: User) -> dict[str, str]:
    whose = {"unit_id": owner.unit.id, "owner_id": owner.id, "manager_id": None}
    lead = LeadCaptured(
        lead_id=UUID(int=1), company="同舟", contact_name=None, phone=None, email=None, source_id=UUID(int=2),
        state="assigned", imported=False, captured_at=service.clock.now(), **whose,
    )  # fmt: skip
    service.hears(opened(**whose), lead)
    return {}


def _made(answer: Any) -> str:
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


ROWS = {
    "organization": _organization,
    "customer": _customer,
    "leads": _leads,
    "activity": _activity,
    "analytics": _analytics,
}
