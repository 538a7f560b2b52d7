"""Each service on a database of its own, and a salesperson in it."""

import pytest

from tests.support.services import a_service, dispose


def _serving(name):
    @pytest.fixture(name=name)
    def serving(database_url, clock):
        service = a_service(name, database_url, clock)
        yield service
        dispose(service)

    return serving


customer, leads, activity, analytics = (_serving(name) for name in ("customer", "leads", "activity", "analytics"))


@pytest.fixture
def li(request):
    """A salesperson of EAST1 in the service after which the test's folder is named."""
    return request.getfixturevalue(request.path.parent.name).a_user("sales", "EAST1")
