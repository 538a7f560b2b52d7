"""Events as services publish them, told straight to the broker."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import msgspec

from chassis.bus import Fate, Message
from chassis.bus.rabbit import RabbitPublisher, connect
from chassis.bus.topology import EVENTS, setup
from chassis.clock import SystemClock
from chassis.ids import new_id
from contracts.base import type_of
from contracts.envelope import Envelope
from contracts.samples import sample


class Teller:
    """Publishes events on `crm.events` as the relay does."""

    def __init__(self, amqp_url: str) -> None:
        with connect(amqp_url) as connection:
            setup(connection, [])
        self._publisher = RabbitPublisher(amqp_url, EVENTS)
        self._sequences: Counter[UUID] = Counter()

    def tells(self, kind: type, unitpath: str = "", *, times: int = 1, copies: int = 1, **fields: Any) -> UUID:
        """Publish a sample of `kind` with these fields, about a subject of its own unless they name it; the subject.

        There are as many events as `times`, each sent in as many `copies`.
        """
        told = replace(sample(kind), **fields)
        declared = type_of(told)
        if declared.subject not in fields:
            told = replace(told, **{declared.subject: uuid4()})
        envelopes = [self._enveloped(told, unitpath) for _ in range(times)]
        self.publish([Message(event.id, event.type, event.to_json()) for event in envelopes for _ in range(copies)])
        return declared.subject_of(told)

    def publish(self, messages: list[Message]) -> list[Fate]:
        return self._publisher.publish(messages)

    def close(self) -> None:
        self._publisher.close()

    def _enveloped(self, told: Any, unitpath: str) -> Envelope:
        declared = type_of(told)
        subject = declared.subject_of(told)
        self._sequences[subject] += 1
        return Envelope(
            id=new_id(), source="/services/test", type=declared.name, subject=subject, time=SystemClock().now(),
            dataschema=declared.dataschema, sequence=self._sequences[subject],
            data=msgspec.Raw(declared.encode(told)), actor="test", unitpath=unitpath,
        )  # fmt: skip


@contextmanager
def telling(amqp_url: str) -> Iterator[Teller]:
    teller = Teller(amqp_url)
    try:
        yield teller
    finally:
        teller.close()
