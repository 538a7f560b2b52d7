"""Who may hear of an event: those to whom the API would show what it is about, and who had it until now.

A token gives its bearer ears, an event has a reach; both are sets of keys, and who shares one hears. What is not named
here reaches nobody: sessions and keys least of all.
"""

from uuid import UUID

import msgspec

from chassis.auth import Actor
from contracts.backbone import SERVICES
from contracts.base import InvalidEvent
from contracts.envelope import Envelope

RESOURCES = {
    "crm.organization.unit": "units",
    "crm.organization.user": "users",
    "crm.organization.handover": "handovers",
    "crm.customer.customer": "customers",
    "crm.customer.contact": "customers",
    "crm.customer.ownership": "customers",
    "crm.leads.product": "products",
    "crm.leads.source": "sources",
    "crm.leads.lead": "leads",
    "crm.leads.opportunity": "opportunities",
    "crm.activity.activity": "activities",
    "crm.activity.plan": "plans",
    **{f"crm.{service}.policy": "policies" for service in SERVICES},
}
"""What the API calls the things that events tell of."""
HEARD = tuple(f"{aggregate}.*" for aggregate in RESOURCES)
CATALOGUE = frozenset({"products", "sources", "policies"})
"""Open to whoever may read them, whatever his unit: what is ruled above him concerns him as well."""
ORGANISATION = frozenset({"units", "users"})
"""Seen by everybody who works there, whatever his role (`chassis.scope.units_within`)."""
MOVED = "crm.organization.unit.moved"


class _Member(msgspec.Struct):
    unit_id: UUID


class _Whose(msgspec.Struct):
    """What of an event's payload says who may see it."""

    owner_id: UUID | None = None
    from_owner_id: UUID | None = None
    from_unit_path: str | None = None
    user_id: UUID | None = None
    memberships: tuple[_Member, ...] = ()
    path: str = ""


_whose = msgspec.json.Decoder(_Whose)


def ears(actor: Actor) -> frozenset[str]:
    """The keys by which the bearer of a token hears."""
    keys: set[str] = set()
    for resource in set(RESOURCES.values()):
        for level, unit_id in actor.scope(f"{resource}:read").reach:
            keys |= {_key(resource, "anybody"), _key(resource, "own", actor.user_id.hex)}
            if level == "all":
                keys.add(_key(resource, "all"))
            if level == "subtree":
                keys.add(_key(resource, "below", unit_id.hex))
            if level == "unit" or resource in ORGANISATION:
                keys.add(_key(resource, "unit", unit_id.hex))
    return frozenset(keys)


class Audience:
    """Knows whom an event reaches, by the tree as it hangs now.

    An event carries its unit's path of the time when it happened. Whoever recorded it may have learned of a move later
    than we did, so a path that a unit itself announced counts for more.
    """

    def __init__(self) -> None:
        self._paths: dict[str, tuple[int, str]] = {}

    def reach(self, event: Envelope) -> frozenset[str]:
        """The keys of those who may hear of `event`. Raises InvalidEvent."""
        resource = RESOURCES.get(event.type.rpartition(".")[0])
        if resource is None:
            return frozenset()
        if resource in CATALOGUE:
            return frozenset({_key(resource, "anybody")})
        try:
            whose = _whose.decode(event.data)
        except msgspec.MsgspecError as error:
            raise InvalidEvent(str(error)) from None
        if resource == "units":
            self._learn(event, whose.path)
        keys = {_key(resource, "all")}
        for owner_id in (whose.owner_id, whose.from_owner_id, whose.user_id):
            if owner_id is not None:
                keys.add(_key(resource, "own", owner_id.hex))
        keys.update(_key(resource, "unit", membership.unit_id.hex) for membership in whose.memberships)
        for path in filter(None, (event.unitpath, whose.from_unit_path)):
            labels = self._present(path).split(".")
            keys.add(_key(resource, "unit", labels[-1]))
            keys.update(_key(resource, "below", label) for label in labels)
        return frozenset(keys)

    def _learn(self, event: Envelope, path: str) -> None:
        known, _ = self._paths.get(event.subject.hex, (0, ""))
        if event.sequence > known:
            self._paths[event.subject.hex] = (event.sequence, path)

    def _present(self, path: str) -> str:
        return self._paths.get(path.rpartition(".")[2], (0, path))[1]


def unit_id(event: Envelope) -> str | None:
    """The unit an event belongs to."""
    return str(UUID(hex=event.unitpath.rpartition(".")[2])) if event.unitpath else None


def _key(resource: str, how: str, whose: str = "") -> str:
    return f"{resource} {how} {whose}"
