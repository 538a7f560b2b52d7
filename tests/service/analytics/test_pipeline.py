"""The pipeline's figures, whatever way the events come."""

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.leads import Line, OpportunityChanged
from services.analytics.commands.facts import take_replayed
from services.analytics.store import rebuilds
from tests.service.analytics.conftest import closed, moved, pipeline, without_time
from tests.support.samples import opened

PERIOD = {"from": "2017-02-15", "to": "2017-03-10"}


def test_a_group_has_its_deals_outcomes_revenue_and_cycle(analytics, auditor):
    one, two, three = opened(), opened(), opened(opened_on=None)
    analytics.hears(one, two, three)
    analytics.hears(closed(one, on=date(2017, 3, 1), amount="1054.00"))
    analytics.hears(closed(two, "lost", on=date(2017, 1, 13), amount="0.00"))
    (group,) = pipeline(auditor, group_by="owner")["items"]
    assert group["by_stage"] == {"prospecting": 1, "won": 1, "lost": 1}
    assert (group["deals"], group["won"], group["lost"], group["win_rate"]) == (3, 1, 1, 0.5)
    assert group["revenue"] == {"amount": "1054.00", "currency": "USD"}
    assert (group["median_cycle_days_closed"], group["median_cycle_days_won"]) == (26.5, 50)


def test_a_period_bounds_the_closing_day_and_for_open_deals_the_opening_day(analytics, auditor):
    in_time, early, still_open, undated = (
        opened(),
        opened(),
        opened(opened_on=date(2017, 2, 15)),
        opened(opened_on=None),
    )
    analytics.hears(in_time, early, still_open, undated)
    analytics.hears(closed(in_time, on=date(2017, 3, 10)), closed(early, on=date(2017, 2, 14)))
    total = pipeline(auditor, group_by="unit", **PERIOD)["total"]
    assert total["by_stage"] == {"prospecting": 1, "won": 1}


def test_quarters_are_of_closing_and_open_deals_have_none(analytics, auditor):
    one, two = opened(), opened()
    analytics.hears(one, two)
    analytics.hears(closed(one, on=date(2017, 4, 1)))
    items = pipeline(auditor, group_by="quarter")["items"]
    assert [(item["group"]["id"], item["deals"]) for item in items] == [("2017-Q2", 1), (None, 1)]


def test_a_deal_with_several_products_counts_once_under_each_and_once_in_all(analytics, auditor):
    lines = tuple(Line(product_id=UUID(int=number), quantity="1") for number in (7, 8, 7))
    analytics.hears(opened(lines=lines))
    answer = pipeline(auditor, group_by="product")
    assert [item["deals"] for item in answer["items"]] == [1, 1]
    assert answer["total"]["deals"] == 1


def test_a_deal_without_products_counts_in_all_and_under_none(analytics, auditor):
    analytics.hears(opened(lines=()))
    answer = pipeline(auditor, group_by="product")
    assert (answer["items"], answer["total"]["deals"]) == ([], 1)


def test_who_was_responsible_at_closing_stays_responsible(analytics, auditor):
    deal = opened()
    analytics.hears(deal)
    analytics.hears(closed(deal))
    heir = uuid4()
    state = {name: getattr(closed(deal), name) for name in OpportunityChanged.__dataclass_fields__}
    analytics.hears(OpportunityChanged(**state | {"owner_id": heir}))
    (group,) = pipeline(auditor, group_by="owner")["items"]
    assert group["group"]["id"] == str(deal.owner_id)


def test_everybody_counts_what_he_may_see(analytics):
    li, wang = analytics.a_user("sales", "EAST1"), analytics.a_user("sales", "WEST")
    manager, executive = analytics.a_user("manager", "EAST"), analytics.a_user("executive", "HQ")
    analytics.hears(opened(owner_id=li.id, unit_id=li.unit.id), opened(owner_id=wang.id, unit_id=wang.unit.id))
    deals = [pipeline(user, group_by="unit")["total"]["deals"] for user in (li, wang, manager, executive)]
    assert deals == [1, 1, 1, 2]
    assert pipeline(executive, unit_id=manager.unit.id)["total"]["deals"] == 1


def test_a_wrong_question_is_told_what_is_wrong(analytics, auditor):
    for query, field in (("group_by=mood", "group_by"), ("from=yesterday", "from"), ("colour=red", "colour")):
        answer = auditor.get(f"/analytics/pipeline?{query}")
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


STORIES = st.lists(
    st.tuples(
        st.none() | st.dates(date(2017, 1, 1), date(2017, 2, 28)),
        st.integers(0, 60),
        st.sampled_from(["won", "lost", None]),
        st.sampled_from([UUID(int=10), UUID(int=11)]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories=STORIES, seed=st.integers())
def test_reversed_repeated_and_mixed_events_give_the_same_figures(analytics, auditor, clock, stories, seed):
    with analytics.transaction() as tx:
        for table in rebuilds.TABLES[:-2]:
            tx.driver(f"TRUNCATE model.{table}")
    bodies, expected = [], Counter()
    revenue = Decimal(0)
    for day, days, outcome, owner in stories:
        deal = opened(opened_on=day, owner_id=owner)
        told = [deal, moved(deal, "engaging", clock.now())]
        if outcome:
            close_on = date.fromordinal((day or date(2017, 1, 1)).toordinal() + days)
            told.append(closed(deal, outcome, on=close_on, amount="12.34"))
            revenue += Decimal("12.34") if outcome == "won" else 0
        expected[outcome or "engaging"] += 1
        bodies += [analytics.enveloped(event) for event in told]
    shuffled = list(reversed(bodies)) * 5
    random.Random(seed).shuffle(shuffled)
    for at in range(0, len(shuffled), 7):
        analytics.inbox.accept(shuffled[at : at + 7])
    total = pipeline(auditor, group_by="owner")["total"]
    assert total["by_stage"] == dict(expected)
    assert total["revenue"] == ({"amount": str(revenue), "currency": "USD"} if revenue else None)


def test_a_rebuild_beside_live_events_ends_with_the_same_figures(analytics, auditor):
    operator = analytics.a_user("admin", "HQ")
    history = [opened() for _ in range(5)]
    bodies = [analytics.enveloped(deal) for deal in history]
    analytics.inbox.accept(bodies)
    with analytics.transaction() as tx:
        tx.driver("UPDATE model.pipeline_cube SET deals = deals + 100")
    rebuild = operator.post("/analytics/rebuilds", {"source": "leads"}).json["id"]
    assert operator.post("/analytics/rebuilds", {"source": "leads"}).status_code == 409
    analytics.inbox.rebuild(bodies[:3], rebuild, take_replayed)
    analytics.hears(closed(history[0]), opened())
    assert operator.post(f"/analytics/rebuilds/{rebuild}/completion", {"expected": 5}).status_code == 409
    assert pipeline(auditor)["total"]["deals"] > 100
    analytics.inbox.rebuild(bodies, rebuild, take_replayed)
    assert operator.post(f"/analytics/rebuilds/{rebuild}/completion", {"expected": 5}).status_code == 200
    assert pipeline(auditor)["total"]["by_stage"] == {"prospecting": 5, "won": 1}
    analytics.hears(opened())
    assert pipeline(auditor)["total"]["deals"] == 7


def test_a_rebuild_given_up_leaves_the_live_model(analytics, auditor):
    operator = analytics.a_user("admin", "HQ")
    analytics.hears(opened())
    before = without_time(pipeline(auditor))
    rebuild = operator.post("/analytics/rebuilds", {"source": "leads"}).json["id"]
    assert operator.call("DELETE", f"/analytics/rebuilds/{rebuild}").status_code == 204
    assert without_time(pipeline(auditor)) == before
    assert operator.post("/analytics/rebuilds", {"source": "weather"}).status_code == 422
