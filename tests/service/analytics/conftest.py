"""The analytics service, and deals as events that reach it."""

from dataclasses import asdict
from datetime import date

import pytest

from contracts.base import Money
from contracts.leads import OpportunityLost, OpportunityStageChanged, OpportunityWon
from tests.support.samples import opened

OUTCOMES = {"won": OpportunityWon, "lost": OpportunityLost}


@pytest.fixture
def auditor(analytics):
    return analytics.a_user("auditor", "HQ")


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
