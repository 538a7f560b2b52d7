"""What is asked while the news that somebody left is just being written."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg

from tests.support.services import ServiceUnderTest, User

LEAVING = "UPDATE users SET active = false, sequence = sequence + 1 WHERE id = %s"


def meanwhile(service: ServiceUnderTest, user: User, act: Callable[[], Any]) -> Any:
    """What `act` answers when the news that `user` left is being written while it asks."""
    answers: list[Any] = []
    with psycopg.connect(service.url) as connection:
        connection.execute(LEAVING, (user.id,))
        asking = threading.Thread(target=lambda: answers.append(act()))
        asking.start()
        wait_for_locks(service)
        connection.commit()
    asking.join()
    return answers[0]


def wait_for_locks(service: ServiceUnderTest, seconds: float = 5) -> None:
    """Until somebody waits for a lock, so that the race is really run."""
    deadline = time.monotonic() + seconds
    with psycopg.connect(service.url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            if connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waited")


def own(user: User) -> User:
    """The same user, in a client that another thread may use."""
    client = user.service.client.application.test_client()
    return replace(user, service=replace(user.service, client=client))
