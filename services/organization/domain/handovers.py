"""What becomes of what somebody holds when he leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

KINDS = ("customers", "leads", "opportunities", "plans")
POOLED = frozenset({"leads"})
"""What may go to nobody in particular: leads are routed again. Customers have no pool yet, deals and plans never."""


class AlreadyLeft(Exception):
    """The user is disabled, and his case was opened then."""


class StillLeaving(Exception):
    """His hand-over is under way: he cannot come back in the middle of it."""


class NobodyTakesOver(Exception):
    """No manager stands above him and there is no other administrator."""


class WrongHeir(Exception):
    """`field` names nobody who can take over; `why` is missing, unasked, himself, unknown or inactive."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why


class NoPool(Exception):
    """There is no pool for what `field` wants to put there."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class KindTwice(Exception):
    """`field` decides about a kind that an earlier rule decides about."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class DueInThePast(Exception):
    """A hand-over cannot be due before it began."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose one kind becomes, as asked: the heir is named where it goes to one."""

    kind: str
    to: str
    heir_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: one way for everything, `rules` for the kinds that go another."""

    to: str = "manager"
    heir_id: UUID | None = None
    rules: tuple[Rule, ...] = ()
    due_at: datetime | None = None

    def heirs(self) -> dict[str, UUID]:
        """Everybody named as an heir, by the field that names him."""
        named = {"heir_id": self.heir_id, **{_field(at, "heir_id"): rule.heir_id for at, rule in enumerate(self.rules)}}
        return {field: heir_id for field, heir_id in named.items() if heir_id is not None}


def require_sound(wish: Wish, leaver_id: UUID, now: datetime) -> None:
    """Raises WrongHeir, NoPool, KindTwice, DueInThePast."""
    _require_heir(wish.to, wish.heir_id, "heir_id")
    seen: set[str] = set()
    for at, rule in enumerate(wish.rules):
        if rule.kind in seen:
            raise KindTwice(_field(at, "kind"))
        seen.add(rule.kind)
        if rule.to == "pool" and rule.kind not in POOLED:
            raise NoPool(_field(at, "to"))
        _require_heir(rule.to, rule.heir_id, _field(at, "heir_id"))
    for field, heir_id in wish.heirs().items():
        if heir_id == leaver_id:
            raise WrongHeir(field, "himself")
    if wish.due_at is not None and wish.due_at <= now:
        raise DueInThePast


def require_able(wish: Wish, active: Mapping[UUID, bool]) -> None:
    """`active` says of each known user whether he is. Raises WrongHeir."""
    for field, heir_id in wish.heirs().items():
        if not active.get(heir_id, False):
            raise WrongHeir(field, "inactive" if heir_id in active else "unknown")


def decided(wish: Wish, manager_id: UUID) -> tuple[Rule, ...]:
    """One rule for each kind, with who gets it; None for the pool.

    Everything to the pool means what has one: the other kinds go to the manager, who gives them on.
    """
    special = {rule.kind: rule for rule in wish.rules}
    return tuple(_decided(special.get(kind, Rule(kind, wish.to, wish.heir_id)), manager_id) for kind in KINDS)


def _decided(rule: Rule, manager_id: UUID) -> Rule:
    if rule.to == "heir":
        return rule
    if rule.to == "pool" and rule.kind in POOLED:
        return Rule(rule.kind, "pool")
    return Rule(rule.kind, "manager", manager_id)


def _require_heir(to: str, heir_id: UUID | None, field: str) -> None:
    if to == "heir" and heir_id is None:
        raise WrongHeir(field, "missing")
    if to != "heir" and heir_id is not None:
        raise WrongHeir(field, "unasked")


def _field(at: int, name: str) -> str:
    return f"rules.{at}.{name}"
