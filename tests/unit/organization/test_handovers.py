"""What may be asked of a departure, and what it comes to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.organization.domain import handovers as domain
from services.organization.domain.handovers import KINDS, Rule, Wish

LI, WANG, BOSS = (UUID(int=number) for number in (1, 2, 3))
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_everything_goes_one_way_unless_a_rule_says_another():
    decided = domain.decided(Wish("heir", WANG, (Rule("leads", "pool"), Rule("plans", "manager"))), BOSS)
    assert [(rule.kind, rule.to, rule.heir_id) for rule in decided] == [
        ("customers", "heir", WANG),
        ("leads", "pool", None),
        ("opportunities", "heir", WANG),
        ("plans", "manager", BOSS),
    ]


def test_everything_to_the_pool_means_what_has_one_and_the_rest_goes_to_the_manager():
    decided = {rule.kind: (rule.to, rule.heir_id) for rule in domain.decided(Wish("pool"), BOSS)}
    assert decided == dict.fromkeys(KINDS, ("manager", BOSS)) | {"leads": ("pool", None)}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish("heir"), "heir_id"),
        (Wish("manager", WANG), "heir_id"),
        (Wish("heir", LI), "heir_id"),
        (Wish(rules=(Rule("leads", "heir"),)), "rules.0.heir_id"),
        (Wish(rules=(Rule("plans", "manager"), Rule("leads", "heir", LI))), "rules.1.heir_id"),
        (Wish(rules=(Rule("leads", "pool", WANG),)), "rules.0.heir_id"),
    ],
)
def test_a_wrong_heir_is_named_by_his_field(wish, field):
    with pytest.raises(domain.WrongHeir) as refused:
        domain.require_sound(wish, LI, NOW)
    assert refused.value.field == field


@pytest.mark.parametrize("kind", ["customers", "opportunities", "plans"])
def test_only_leads_have_a_pool(kind):
    domain.require_sound(Wish(rules=(Rule("leads", "pool"),)), LI, NOW)
    with pytest.raises(domain.NoPool):
        domain.require_sound(Wish(rules=(Rule(kind, "pool"),)), LI, NOW)


def test_a_kind_is_decided_once_and_the_due_time_lies_ahead():
    with pytest.raises(domain.KindTwice):
        domain.require_sound(Wish(rules=(Rule("leads", "pool"), Rule("leads", "manager"))), LI, NOW)
    with pytest.raises(domain.DueInThePast):
        domain.require_sound(Wish(due_at=NOW), LI, NOW)
    domain.require_sound(Wish(due_at=NOW + timedelta(hours=1)), LI, NOW)


@pytest.mark.parametrize(("active", "why"), [({}, "unknown"), ({WANG: False}, "inactive")])
def test_an_heir_must_be_there_and_active(active, why):
    with pytest.raises(domain.WrongHeir) as refused:
        domain.require_able(Wish("heir", WANG), active)
    assert refused.value.why == why
