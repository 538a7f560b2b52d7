"""From a branch's file to headquarters' list: once, whatever is broken meanwhile, and nobody in another's name."""

import json
import signal
from uuid import uuid4

import amqp
import pytest
from msgspec import Raw, to_builtins
from msgspec.structs import replace

from branch.leads import read
from chassis.bus.rabbit import connect
from contracts.branch import EXCHANGE, routing_key
from contracts.customer import CustomerCreated
from contracts.envelope import parse
from contracts.samples import sample
from tests.faults.conftest import ask
from tests.support.runs import eventually

CAPTURED = "crm.branch.lead.captured"


@pytest.fixture
def listed(admin):
    """Waits until leads of these companies are on headquarters' list, one each; the leads by company."""

    def found(*companies):
        def look():
            of_them = [lead for lead in admin.every("/api/v1/leads") if lead["company"] in companies]
            return of_them if len(of_them) >= len(companies) else None

        leads = eventually(look)
        assert sorted(lead["company"] for lead in leads or []) == sorted(companies)
        return {lead["company"]: lead for lead in leads}

    return found


def a_name():
    return f"同舟 {uuid4().hex[:8]}"


def test_a_lead_of_a_branch_is_captured_within_its_unit_and_has_a_source(branch, listed, units, admin):
    name = a_name()
    done = branch().publish({"company": name, "contact_name": "王芳", "phone": "13800001111", "region": "浙江"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 new" in done.stdout
    assert "all sent" in done.stdout
    lead = listed(name)[name]
    assert (lead["unit_id"], lead["contact_name"], lead["state"]) == (units["EAST"], "王芳", "assigned")
    source = next(source for source in admin.every("/api/v1/sources") if source["id"] == lead["source_id"])
    assert (source["name"], source["kind"]) == ("杭州分公司", "branch")


def test_the_same_file_again_doubles_nothing_and_a_changed_line_brings_up_to_date(branch, listed):
    east, name, renamed = branch(), a_name(), a_name()
    east.publish({"id": "A-1", "company": name}, {"company": f"{name} 二"})
    listed(name, f"{name} 二")
    assert "0 new" in east.publish({"id": "A-1", "company": name}, {"company": f"{name} 二"}).stdout
    assert "1 new" in east.publish({"id": "A-1", "company": renamed}).stdout
    listed(renamed, f"{name} 二")


def test_a_lost_spool_doubles_nothing(branch, listed):
    east, name = branch(), a_name()
    east.publish({"company": name})
    for path in east.folder.glob("spool*"):
        path.unlink()
    assert "2 new" in east.publish({"company": name}, {"company": f"{name} 新"}).stdout
    listed(name, f"{name} 新")


def test_what_was_sent_but_not_marked_is_heard_once(branch, listed, company, cluster):
    """Killed between the broker's confirmation and the mark: it is sent again when it comes back."""
    east, name = branch(), a_name()
    east.publish({"company": name})
    listed(name)
    with east.spool._open() as connection:
        connection.execute("UPDATE events SET sent_at = NULL")
    assert east.waiting == 1
    assert east.run("send").returncode == 0
    east.publish({"company": f"{name} 后"})
    listed(name, f"{name} 后")
    assert ask(cluster, company, "leads", f"SELECT count(*) FROM leads WHERE company = '{name}'") == [(1,)]


def test_headquarters_down_it_is_stored_and_up_it_is_delivered_once(branch, listed, hub_broker):
    east, names = branch(), [a_name() for _ in range(3)]
    hub_broker.stop()
    try:
        done = east.publish(*({"company": name} for name in names), wait=1)
        assert done.returncode == 0
        assert "3 new" in done.stdout
        assert "3 wait in the spool" in done.stderr
        assert east.waiting == 3
    finally:
        hub_broker.start()
    assert east.run("send").returncode == 0
    listed(*names)


def test_the_agent_sends_what_is_stored_through_kills_and_outages(branch, listed, hub_broker):
    east, names = branch(), [a_name() for _ in range(4)]
    agent = east.start("run")
    try:
        assert east.publish({"company": names[0]}).returncode == 0
        hub_broker.stop()
        east.publish({"company": names[1]}, wait=0)
        agent.send_signal(signal.SIGKILL)
        agent.wait()
        agent = east.start("run")
        hub_broker.start()
        assert eventually(lambda: east.waiting == 0, 60)
        east.publish({"company": names[2]}, wait=0)
        assert eventually(lambda: east.waiting == 0, 60)
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(10) == 0
        east.publish({"company": names[3]})
    finally:
        agent.kill()
        agent.wait()
    listed(*names)


def test_nonsense_is_named_and_nothing_is_stored(branch):
    east = branch()
    done = east.publish({"company": "好"}, {"company": "坏", "tel": "1"}, {"company": 7})
    assert done.returncode == 2
    assert "leads.jsonl:2: Object contains unknown field `tel`" in done.stderr
    assert "leads.jsonl:3: company: Expected `str`, got `int`" in done.stderr
    assert east.spool.status().stored == 0


@pytest.mark.parametrize(
    ("code", "url", "said"),
    [
        ("EAST", "amqp://guest:guest@127.0.0.1", "must sign in as branch.EAST, not as guest"),
        ("EAST", "", "CRM_BRANCH_AMQP_URL"),
        ("E.AST", "amqp://branch.E.AST:x@127.0.0.1", "letters, digits"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_stored(branch, code, url, said):
    east = branch()
    east.code, east.url = code, url
    done = east.publish({"company": "甲"})
    assert done.returncode == 2
    assert said in done.stderr
    assert not (east.folder / "spool").exists()


def test_a_wrong_password_is_said_and_nothing_is_lost(branch):
    east = branch()
    east.url = east.url.replace("branch.EAST:", "branch.EAST:wrong")
    done = east.publish({"company": "甲"}, wait=3)
    assert done.returncode == 0
    assert done.stderr.count("ACCESS_REFUSED") == 1
    assert east.waiting == 1


def publish(url, key, body, exchange=EXCHANGE, **properties):
    """As whoever signs in at `url`; raises what the broker answers."""
    with connect(url) as connection:
        channel = connection.channel()
        channel.confirm_select()
        channel.basic_publish_confirm(amqp.Message(body, **properties), exchange, key, timeout=10)


def test_the_broker_lets_a_branch_speak_under_its_own_key_and_name_only(branch):
    url, key = branch().url, routing_key("EAST", CAPTURED)
    for exchange, forbidden in (
        (EXCHANGE, routing_key("WEST", CAPTURED)),
        ("crm.events", CAPTURED),
        ("crm.dead", "crm.leads"),
        ("", "crm.leads"),
    ):
        with pytest.raises(amqp.AMQPError, match="ACCESS_REFUSED"):
            publish(url, forbidden, b"{}", exchange)
    with pytest.raises(amqp.AMQPError, match="PRECONDITION_FAILED"):
        publish(url, key, b"{}", user_id="branch.WEST")
    with connect(url) as connection, pytest.raises(amqp.AMQPError, match="ACCESS_REFUSED"):
        connection.channel().basic_get("crm.leads")


def test_what_a_branch_says_in_anothers_name_is_not_believed_and_kept_on_record(branch, listed, company, cluster):
    east, west, name = branch(), branch("WEST"), a_name()
    west.spool.store(read([json.dumps({"company": "冒名"}).encode()], "WEST"))
    (forged,) = west.spool.waiting(1)
    claims = [forged.body, as_a_service(forged.body), b"nonsense"]
    for body in claims:
        publish(east.url, routing_key("EAST", CAPTURED), body, user_id="branch.EAST")
    publish(east.url, routing_key("EAST", CAPTURED), as_a_service(forged.body), expiration="0")
    assert east.publish({"company": name}).returncode == 0
    listed(name)
    recorded = "SELECT type, state FROM failed_events"
    assert eventually(lambda: ask(cluster, company, "leads", recorded) == 4 * [("forged", "discarded")])
    assert ask(cluster, company, "leads", "SELECT count(*) FROM leads WHERE company = '冒名'") == [(0,)]
    assert ask(cluster, company, "leads", "SELECT count(*) FROM customers WHERE name = '冒名'") == [(0,)]


def as_a_service(body):
    """The same said as if customer had said it."""
    kind, state = "crm.customer.customer.created", sample(CustomerCreated)
    told = replace(parse(body), type=kind, dataschema=f"{kind}/1", source="/services/customer")
    return replace(told, id=uuid4(), data=Raw(json.dumps({**to_builtins(state), "name": "冒名"}).encode())).to_json()
