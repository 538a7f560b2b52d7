"""How promising a lead looks: points for what is known of it, 0 to 100, each with its reason."""

from dataclasses import dataclass

KIND_POINTS = {
    "referral": 40,
    "existing": 40,
    "tender": 30,
    "partner": 30,
    "visit": 25,
    "event": 20,
    "phone": 20,
    "website": 15,
    "branch": 15,
    "media": 10,
}


@dataclass(frozen=True)
class Signals:
    """What the score looks at."""

    source_kind: str
    has_phone: bool
    has_email: bool
    has_contact: bool
    products: int


def score(signals: Signals) -> int:
    """Points of `signals`: source up to 40, ways to reach somebody up to 40, interest in products 20."""
    points = KIND_POINTS[signals.source_kind]
    points += 20 * signals.has_phone + 10 * signals.has_email + 10 * signals.has_contact
    points += 20 * (signals.products > 0)
    return points
