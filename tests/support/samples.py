"""Things of the business as tests need them: as users make them, and as events tell of them."""

from datetime import date
from uuid import UUID, uuid4

from contracts.customer import CustomerCreated
from contracts.leads import Line, OpportunityOpened

REASONS = {"factors": [{"code": "price", "effect": "helped"}], "competitor": {"answer": "none"}}
"""What a deal is closed with besides its outcome, as the shipped policy asks for it."""
UNIT, MANAGER, OWNER, PRODUCT = (UUID(int=number) for number in (1, 2, 3, 4))


def a_customer(owner, **changes):
    """The news of a customer of `owner`."""
    state = {
        "customer_id": uuid4(), "name": "北京同舟", "kind": "company", "class_": "ordinary", "lifecycle": "potential",
        "credit_code": None, "industry": None, "region": None, "source_id": None, "parent_id": None,
        "unit_id": owner.unit.id, "owner_id": owner.id, "manager_id": None, "imported": False,
    }  # fmt: skip
    return CustomerCreated(**state | changes)


def opened(**changes):
    """The news of a deal."""
    state = {
        "opportunity_id": uuid4(), "name": "单", "customer_id": None, "lead_id": None, "pipeline": "default",
        "stage": "prospecting", "outcome": None, "lines": (Line(product_id=PRODUCT, quantity="1"),), "amount": None,
        "unit_id": UNIT, "owner_id": OWNER, "manager_id": MANAGER, "opened_on": date(2017, 1, 10),
        "expected_close_on": None, "closed_on": None, "imported": False,
    }  # fmt: skip
    return OpportunityOpened(**state | changes)


def a_deal(user, **changes):
    return user.post("/opportunities", {"name": "服务器扩容"} | changes)


def a_lead(user, source, **changes):
    return user.post("/leads", {"company": "同舟科技", "contact_name": "王芳", "source_id": source} | changes)


def a_visit(user, clock, **changes):
    body = {"kind": "visit", "started_at": clock.now().isoformat(), "minutes": 45, "summary": "拜访"}
    return user.post("/activities", body | changes)
