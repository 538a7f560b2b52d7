"""The demo company on paper: the same every time, and plausible."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.demo import deals
from crm.demo.market import Market
from crm.demo.people import SELLING, people

days = st.dates(date(2024, 1, 1), date(2031, 12, 31))


def told(day):
    market = Market(day)
    customers = market.customers()
    contacts = market.contacts(customers)
    leads, sold = market.leads(), deals.deals(market, customers)
    return customers, contacts, leads, sold, deals.activities(market, customers, contacts)


def test_people_are_about_forty_with_names_of_their_own():
    found = people()
    assert len(found) == 38
    assert len({person.username for person in found}) == len({person.name for person in found}) == 38
    assert {person.role for person in found} == {
        "executive", "finance", "auditor", "service", "marketing", "manager", "sales",
    }  # fmt: skip


@settings(max_examples=5, deadline=None)
@given(days)
def test_the_same_day_tells_the_same_company(day):
    assert told(day) == told(day)


@settings(max_examples=10, deadline=None)
@given(days)
def test_dates_follow_one_another_on_working_days(day):
    customers, _, leads, sold, done = told(day)
    assert all(date.fromisoformat(lead["created_at"][:10]) < day for lead in leads), "nobody comes in the future"
    since = {customer["key"]: date.fromisoformat(customer["created_at"][:10]) for customer in customers}
    for deal in sold:
        opened = date.fromisoformat(deal["opened_on"])
        assert day - timedelta(days=366) <= opened <= day
        if deal["stage"] in ("won", "lost"):
            closed = date.fromisoformat(deal["closed_on"])
            assert opened < closed < day
            assert closed.weekday() < 5
            assert deal["factors"]
            assert float(deal["amount"]) > 0
    for act in done:
        at = date.fromisoformat(act["started_at"][:10])
        assert since[act["customer"]] <= at < day
        assert at.weekday() < 5


@settings(max_examples=5, deadline=None)
@given(days)
def test_every_customer_belongs_to_somebody_of_the_branch_in_his_city(day):
    cities = {branch.code: branch.city for branch in SELLING}
    units = {person.username: person.unit for person in people()}
    for customer in told(day)[0]:
        assert cities[units[customer["owner"]]] == customer["region"]
        assert customer["name"].startswith(customer["region"])
