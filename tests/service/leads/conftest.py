"""The leads service with a source and a product."""

from uuid import uuid4

import pytest

from contracts.customer import CustomerCreated
from tests.support.services import a_service, dispose


@pytest.fixture
def leads(database_url, clock):
    service = a_service("leads", database_url, clock)
    yield service
    dispose(service)


@pytest.fixture
def admin(leads):
    return leads.a_user("admin", "HQ")


@pytest.fixture
def source(admin):
    return admin.post("/sources", {"name": "官网", "kind": "website"}).json["id"]


@pytest.fixture
def product(admin):
    price = {"amount": "550.00", "currency": "CNY"}
    return admin.post("/products", {"name": "GTX Basic", "list_price": price}).json["id"]


def a_customer(owner, **changes):
    state = {
        "customer_id": uuid4(), "name": "北京同舟", "kind": "company", "class_": "ordinary", "lifecycle": "potential",
        "credit_code": None, "industry": None, "region": None, "source_id": None, "parent_id": None,
        "unit_id": owner.unit.id, "owner_id": owner.id, "manager_id": None, "imported": False,
    }  # fmt: skip
    return CustomerCreated(**state | changes)


def a_deal(user, **changes):
    return user.post("/opportunities", {"name": "服务器扩容"} | changes)
