"""Secrets as they are handed out: everybody may do his own work with them, and nothing else."""

import contextlib
import json
import urllib.request

import psycopg
import pytest

from chassis.bus.rabbit import connect
from chassis.settings import InvalidSettings, Settings
from tests.support.runs import eventually


def test_a_service_may_do_its_own_work_in_the_broker_and_nothing_else(once, secrets, broker):
    once("gateway", "broker", "broker", "setup")
    with connect((secrets / "leads" / "amqp-url").read_text()) as connection:
        for forbidden in (
            lambda channel: channel.basic_get("crm.customer"),
            lambda channel: channel.queue_declare("crm.leads.more", durable=True),
            lambda channel: channel.queue_delete("crm.leads"),
        ):
            with pytest.raises(Exception, match="ACCESS_REFUSED"):
                forbidden(connection.channel())
        connection.channel().basic_get("crm.leads")


def test_the_scaler_reads_the_length_of_queues_and_changes_nothing(once, secrets, broker):
    once("gateway", "broker", "broker", "setup")
    user, password = (secrets / "keda" / "http-url").read_text().removeprefix("http://").split("@")[0].split(":")
    keychain = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    address = f"http://127.0.0.1:{broker.management}/api/queues/%2F/crm.leads"
    keychain.add_password(None, address, user, password)
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(keychain))

    def length():
        with contextlib.suppress(OSError):
            return json.load(opener.open(address)).get("messages") is not None

    assert eventually(length)
    with pytest.raises(OSError, match=r"40[13]"):
        opener.open(urllib.request.Request(address, method="DELETE"))


def test_a_service_cannot_read_anothers_database(secrets, database):
    url = (secrets / "leads" / "database-url").read_text()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("crm_leads", "crm_leads")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url.replace("/crm_leads?", "/crm_customer?"))


@pytest.fixture
def hand_out(images, python):
    def run(folder, **given):
        python.run(images["gateway"].folder, "-m", "crm", "secrets", str(folder), **given)
        return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}

    return run


def test_secrets_once_made_up_stay_and_no_two_deployments_have_the_same(hand_out, tmp_path):
    first = hand_out(tmp_path / "one")
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0
    again, other = hand_out(tmp_path / "one"), hand_out(tmp_path / "other")
    salted = "rabbitmq/definitions.json"
    assert {name for name in first if again[name] != first[name]} == {salted}
    assert not [name for name in first if other[name] == first[name]]


def test_the_administrators_password_may_be_chosen(hand_out, tmp_path):
    assert hand_out(tmp_path, CRM_ADMIN_PASSWORD="chosen")["organization/admin-password"] == "chosen"


def test_a_secret_lies_in_a_file_or_in_the_environment_but_not_in_both(tmp_path):
    path = tmp_path / "url"
    path.write_text("postgresql://from-a-file\n")
    named = {"CRM_DATABASE_URL_FILE": str(path)}
    assert Settings.from_environment(named).database_url == "postgresql://from-a-file"
    with pytest.raises(InvalidSettings, match="both"):
        Settings.from_environment({**named, "CRM_DATABASE_URL": "postgresql://another"})
    with pytest.raises(InvalidSettings, match="CRM_AMQP_URL_FILE"):
        Settings.from_environment({"CRM_AMQP_URL_FILE": str(tmp_path / "nothing")})
