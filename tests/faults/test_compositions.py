"""A page made of several services while one of them is away."""

import contextlib
import os
import signal
from uuid import uuid4

import pytest


@contextlib.contextmanager
def hung(company, process):
    """The process and its workers stand still: the port takes connections, and nobody answers."""
    pid = company.children()[process]
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)


@pytest.mark.timeout(180)
def test_a_page_comes_without_the_service_that_hangs_and_not_at_all_without_the_essential_one(company):
    client = company.client()
    customer = client.post("/api/v1/customers", {"name": f"同舟 {uuid4().hex}"})["id"]
    overview = f"/api/v1/customers/{customer}/overview"
    whole = client.get(overview)
    assert whole["missing"] == []
    with hung(company, "serve activity"):
        partial = client.get(overview)
        home = client.get("/api/v1/home")
    assert partial == whole | {"activities": None, "plans": None, "missing": ["activity"]}
    assert home["missing"] == ["activity"]
    with hung(company, "serve customer"):
        status, _, _ = client._exchange("GET", overview, None, {"Authorization": f"Bearer {client._token}"})
    assert status == 503
    assert client.get(overview) == whole
