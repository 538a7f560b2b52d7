"""What leads makes of what branches tell."""

from uuid import uuid4

import msgspec
import pytest

from contracts import branch
from contracts.branch import BranchLeadCaptured
from contracts.envelope import parse
from contracts.organization import UnitCreated


@pytest.fixture
def tells(leads):
    """Delivers a lead as the branch of this code tells it."""
    epoch, count = uuid4(), iter(range(1, 100))

    def tell(code, **lead):
        event = parse(leads.enveloped(BranchLeadCaptured(**{"lead_id": uuid4(), "company": "同舟"} | lead)))
        numbered = {"source": branch.source_of(code), "epoch": epoch, "sequence": next(count)}
        leads.inbox.accept([msgspec.structs.replace(event, **numbered).to_json()])

    return tell


def failed(leads):
    with leads.transaction() as tx:
        return [row[0] for row in tx.driver("SELECT state FROM failed_events")]


def test_a_lead_is_routed_in_turn_within_the_branch_with_deadlines_from_now(leads, admin, tells):
    people = {str(leads.a_user("sales", unit).id) for unit in ("EAST", "EAST1")}
    leads.a_user("sales", "WEST")
    for _ in range(2):
        tells("EAST")
    found = admin.get("/leads").json["items"]
    assert {lead["owner_id"] for lead in found} == people
    assert {lead["due"]["plan_by"] for lead in found} == {"2026-03-02T05:00:00+00:00"}
    assert not any(lead["imported"] for lead in found)


def test_told_again_it_is_brought_up_to_date_where_it_is(leads, admin, tells):
    li, lead_id = leads.a_user("sales"), uuid4()
    tells("EAST", lead_id=lead_id, phone="138")
    leads.a_user("sales")
    tells("EAST", lead_id=lead_id, company="同舟科技", phone="139", note="急")
    (lead,) = admin.get("/leads").json["items"]
    assert (lead["company"], lead["phone"], lead["note"], lead["owner_id"]) == ("同舟科技", "139", "急", str(li.id))
    assert leads.recorded("crm.leads.lead.changed")


def test_told_again_without_news_it_stays_as_it_is(leads, admin, tells):
    lead_id = uuid4()
    for _ in range(2):
        tells("EAST", lead_id=lead_id)
    (lead,) = admin.get("/leads").json["items"]
    assert lead["version"] == 1
    assert leads.recorded("crm.leads.lead.changed") == []


def test_each_branch_has_one_source_even_where_its_name_is_taken(leads, admin, tells):
    admin.post("/sources", {"name": "EAST", "kind": "event"})
    for code in ("EAST", "WEST", "EAST"):
        tells(code)
    of_branches = [source["name"] for source in admin.get("/sources").json["items"] if source["kind"] == "branch"]
    assert sorted(of_branches) == ["EAST EAST", "WEST"]
    assert len(leads.recorded("crm.leads.source.created")) == 3


def test_a_branch_nobody_knows_yet_waits_until_it_is_known(leads, admin, tells):
    tells("NORTH")
    assert failed(leads) == ["waiting"]
    top = leads.units["HQ"]
    unit = {"unit_id": uuid4(), "code": "NORTH", "name": "沈阳", "kind": "branch", "parent_id": top.id}
    leads.inbox.accept([leads.enveloped(UnitCreated(**unit, path=f"{top.path}.{unit['unit_id'].hex}"))])
    with leads.transaction() as tx:
        tx.driver("UPDATE failed_events SET next_attempt_at = '-infinity'")
    assert leads.inbox.retry()
    assert [lead["unit_id"] for lead in admin.get("/leads").json["items"]] == [str(unit["unit_id"])]


def test_a_region_is_no_branch(leads, admin, tells):
    tells("HQ")
    assert failed(leads) == ["waiting"]
    assert admin.get("/leads").json["items"] == []
