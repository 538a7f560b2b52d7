"""The analytics service, and deals as events that reach it."""

from dataclasses import asdict
from datetime import date
from uuid import UUID, uuid4

import pytest

from contracts.base import Money
from contracts.leads import Line, OpportunityLost, OpportunityOpened, OpportunityStageChanged, OpportunityWon
from tests.support.services import a_service, dispose

OUTCOMES = {"won": OpportunityWon, "lost": OpportunityLost}
UNIT, MANAGER, OWNER, PRODUCT = (UUID(int=number) for number in (1, 2, 3, 4))


@pytest.fixture
def analytics(database_url, clock):
    service = a_service("analytics", database_url, clock)
    yield service
    dispose(service)


@pytest.fixture
def auditor(analytics):
    return analytics.a_user("auditor", "HQ")


def opened(**changes):
    state = {
        "opportunity_id": uuid4(), "name": "单", "customer_id": None, "lead_id": None, "pipeline": "default",
        "stage": "prospecting", "outcome": None, "lines": (Line(product_id=PRODUCT, quantity="1"),), "amount": None,
        "unit_id": UNIT, "owner_id": OWNER, "manager_id": MANAGER, "opened_on": date(2017, 1, 10),
        "expected_close_on": None, "closed_on": None, "imported": False,
    }  # fmt: skip
    return OpportunityOpened(**state | changes)


def closed(deal, outcome="won", on=date(2017, 3, 1), amount="100.00", **changes):
    state = {name: getattr(deal, name) for name in asdict(opened())}
    how = {"stage": outcome, "outcome": outcome, "closed_on": on, "amount": Money(amount, "USD")}
    return OUTCOMES[outcome](**state | how | changes)


def moved(deal, stage, entered_at):
    state = {name: getattr(deal, name) for name in asdict(opened())}
    return OpportunityStageChanged(**state | {"stage": stage}, from_stage=deal.stage, entered_at=entered_at)


def pipeline(user, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = user.get(f"/analytics/pipeline?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


def without_time(answer):
    return {name: value for name, value in answer.items() if name != "as_of"}
