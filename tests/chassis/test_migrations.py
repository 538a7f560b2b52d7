"""Versions of a service side by side, as during every upgrade: the database is migrated while the old one serves."""

import psycopg
import pytest

from chassis import migrate
from tests.support.services import a_service, dispose

NEWER = "9999"


@pytest.fixture
def leads(database_url, clock):
    service = a_service("leads", database_url, clock)
    yield service
    dispose(service)


def is_ready(service):
    return service.client.get("/health/ready").json["checks"]["database"]


def set_version(service, version):
    with psycopg.connect(service.url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", (version,))


def test_a_version_that_waits_for_its_migrations_is_not_ready(leads):
    assert is_ready(leads)
    set_version(leads, "leads_0001")
    assert not is_ready(leads)


def test_the_old_version_stays_ready_when_a_newer_one_has_migrated(leads):
    set_version(leads, NEWER)
    assert is_ready(leads)


def test_after_going_back_a_version_its_migrations_leave_the_newer_database_as_it_is(leads):
    set_version(leads, NEWER)
    migrate.upgrade("leads", leads.url)
    with psycopg.connect(leads.url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(NEWER,)]
