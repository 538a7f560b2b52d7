"""Who hears of hand-overs."""

from dataclasses import replace
from uuid import uuid4

import msgspec
import pytest

from chassis.auth import Actor, Grant
from chassis.clock import SystemClock
from contracts.activity import PlanReassigned
from contracts.backbone import PROGRESS
from contracts.base import type_of
from contracts.envelope import Envelope
from contracts.organization import HandoverRequested
from contracts.samples import sample
from gateway.audience import Audience, ears

HQ, EAST, WEST = (uuid4() for _ in range(3))
PATHS = {unit: ".".join(each.hex for each in (HQ, unit)) for unit in (EAST, WEST)}


def told(payload, unitpath):
    declared = type_of(payload)
    return Envelope(
        id=uuid4(), source="/services/test", type=declared.name, subject=declared.subject_of(payload),
        time=SystemClock().now(), dataschema=declared.dataschema, sequence=1, actor="test", unitpath=unitpath,
        data=msgspec.Raw(declared.encode(payload)),
    )  # fmt: skip


def somebody(role, unit_id):
    return Actor(uuid4(), role, uuid4(), (Grant(unit_id, role, True),))


def hears(actor, event):
    return bool(ears(actor) & Audience().reach(event))


@pytest.mark.parametrize("payload", [HandoverRequested, PROGRESS["organization"]])
def test_hand_overs_are_told_to_those_who_may_read_them(payload):
    event = told(sample(payload), PATHS[EAST])
    assert hears(somebody("admin", HQ), event)
    for role in ("manager", "executive", "sales"):
        assert not hears(somebody(role, HQ), event)


def test_how_a_service_comes_on_is_told_by_organization_only():
    assert not hears(somebody("admin", HQ), told(sample(PROGRESS["customer"]), PATHS[EAST]))


def test_a_plan_that_went_over_is_told_where_it_was_and_where_it_is():
    plan = replace(sample(PlanReassigned), from_unit_path=PATHS[WEST])
    event = told(plan, PATHS[EAST])
    assert hears(somebody("manager", EAST), event)
    assert hears(somebody("manager", WEST), event)
    assert not hears(somebody("manager", uuid4()), event)
