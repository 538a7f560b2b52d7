"""Which rules are in force for a unit at a moment: computed here and nowhere else, by every service alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from contracts.policies.base import Body, Kind, Order

Mark = Literal["free", "tighten_only", "fixed"]
"""What units below may do with a field: set it, set it only tighter, or leave it as it is."""
MARKS: Final[tuple[Mark, ...]] = ("free", "tighten_only", "fixed")
DEFAULT: Final = 0
"""The number of the shipped rules, which no version has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published version of a unit's policy; it never changes, but may be withdrawn from a moment on."""

    policy_id: UUID
    unit_id: UUID
    number: int
    effective_from: datetime
    body: Body
    marks: Mapping[str, Mark]
    withdrawn_from: datetime | None = None

    def stands(self, at: datetime) -> bool:
        return self.effective_from <= at and (self.withdrawn_from is None or at < self.withdrawn_from)


@dataclass(frozen=True, slots=True)
class Origin:
    """A version that has a part in what is in force."""

    policy_id: UUID
    unit_id: UUID
    number: int
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The rules in force somewhere at some moment; `clamped` are fields a unit wanted looser than is allowed above.

    `origins` are the versions that apply, from the top of the tree down: the last one is what a decision refers to.
    """

    kind: Kind
    body: Body
    marks: Mapping[str, Mark]
    clamped: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()

    @property
    def policy_id(self) -> UUID | None:
        return self.origins[-1].policy_id if self.origins else None

    @property
    def number(self) -> int:
        return self.origins[-1].number if self.origins else DEFAULT

    @property
    def effective_from(self) -> datetime | None:
        return self.origins[-1].effective_from if self.origins else None

    @property
    def rules(self) -> Any:
        """The body as an instance of the kind's dataclass."""
        return self.kind.read(self.body)


def in_force(kind: Kind, versions: Iterable[Version], path: Sequence[UUID], at: datetime) -> Standing:
    """What holds at `at` in the last unit of `path`, which leads there from the root, given every version of `kind`.

    A unit's newest version that stands overrides those above it field by field, as far as their marks let it; fields
    that only a newer release knows are passed over.
    """
    standing = Standing(kind, kind.shipped(), {})
    known = list(versions)
    for unit_id in path:
        own = [version for version in known if version.unit_id == unit_id and version.stands(at)]
        if own:
            standing = _below(standing, max(own, key=lambda version: (version.effective_from, version.number)))
    return standing


def breaches(above: Standing, body: Body) -> list[str]:
    """The fields of `body` that move where units above do not allow it."""
    return [name for name, value in body.items() if not _allowed(above, name, value)]


def strictest(one: Mark, other: Mark) -> Mark:
    return max(one, other, key=MARKS.index)


def _below(above: Standing, version: Version) -> Standing:
    known = {name: value for name, value in version.body.items() if name in above.body}
    kept = breaches(above, known)
    said = {name: value for name, value in known.items() if name not in kept}
    marks = {
        name: strictest(above.marks.get(name, "free"), version.marks.get(name, "free"))
        for name in {*above.marks, *version.marks}
    }
    clamped = {name for name in above.clamped if name not in said} | set(kept)
    origin = Origin(version.policy_id, version.unit_id, version.number, version.effective_from)
    return Standing(above.kind, {**above.body, **said}, marks, tuple(sorted(clamped)), (*above.origins, origin))


def _allowed(above: Standing, name: str, value: Any) -> bool:
    mark = above.marks.get(name, "free")
    if mark == "free" or value == above.body[name]:
        return True
    order = above.kind.orders[name]
    return mark == "tighten_only" and order is not None and _as_tight(order, value, above.body[name])


def _as_tight(order: Order, value: Any, bound: Any) -> bool:
    """Whether `value` is at least as tight as `bound`; a body's inner part that is not named is left as shipped."""
    if order == "more" and isinstance(bound, Mapping):
        return all(set(bound[name]) <= set(value.get(name, ())) for name in bound)
    if order == "more":
        return set(bound) <= set(value)
    return bool(value >= bound if order == "higher" else value <= bound)
