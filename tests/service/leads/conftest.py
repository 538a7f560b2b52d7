"""The leads service with a source and a product."""

import pytest


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
