"""Bodies whose length is in doubt, or that come too slowly, before any server's own rules."""

import io

import pytest

from chassis.errors import Refused
from gateway.bodies import BODY_SECONDS, read_body


class Slow:
    """A caller's socket and body in one: nothing comes before the time is over."""

    def __init__(self):
        self.asked = []

    def settimeout(self, seconds):
        self.asked.append(seconds)

    def read(self, size):
        raise TimeoutError


def refusal(**environ):
    with pytest.raises(Refused) as refused:
        read_body({"PATH_INFO": "/api/v1/leads", "wsgi.input": io.BytesIO(b"abc"), **environ})
    return refused.value.problem.status


def test_chunks_need_a_server_that_knows_where_they_end():
    assert refusal(HTTP_TRANSFER_ENCODING="chunked") == 411


def test_two_lengths_at_once_are_refused_whatever_the_server_makes_of_them():
    assert refusal(HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="3") == 400
    assert refusal(HTTP_TRANSFER_ENCODING="gzip, chunked") == 400
    for length in ("٣", "1e1", "0x3", "-3"):
        assert refusal(CONTENT_LENGTH=length) == 400
    assert refusal(CONTENT_LENGTH="9" * 5000) == 413


def test_a_body_that_comes_too_slowly_is_given_up_and_the_connection_waits_as_before():
    caller = Slow()
    assert refusal(**{"CONTENT_LENGTH": "3", "wsgi.input": caller, "gunicorn.socket": caller}) == 408
    assert caller.asked == [BODY_SECONDS, None]
