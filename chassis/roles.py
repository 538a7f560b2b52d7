"""What each role may do, and on whose rows: the shipped defaults."""

from typing import Final, Literal

Level = Literal["own", "unit", "subtree", "all"]
"""Whose rows a role reaches: the user's own, those of his unit, of his unit and all below it, or every one."""

LEVELS: Final[dict[str, Level]] = {
    "admin": "all",
    "executive": "all",
    "auditor": "all",
    "manager": "subtree",
    "marketing": "unit",
    "service": "unit",
    "finance": "unit",
    "sales": "own",
}

RESOURCES: Final = (
    "customers",
    "leads",
    "opportunities",
    "products",
    "sources",
    "activities",
    "plans",
    "analytics",
    "units",
    "users",
    "policies",
)
READ: Final = frozenset(f"{resource}:read" for resource in RESOURCES)
SELL: Final = frozenset({"customers:write", "leads:write", "opportunities:write", "activities:write", "plans:write"})
CATALOGUE: Final = frozenset({"products:write", "sources:write"})
ADMINISTER: Final = frozenset({"organization:manage", "handovers:read", "history:import", "events:operate"})
RULE: Final = frozenset({"policies:write"})
LEAD: Final = frozenset({"policies:acknowledge", "opportunities:override"})

PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    "admin": READ | SELL | CATALOGUE | ADMINISTER | RULE | {"opportunities:override"},
    "executive": READ | RULE,
    "auditor": READ,
    "manager": READ | SELL | CATALOGUE | LEAD,
    "marketing": READ | {"leads:write", "sources:write", "activities:write", "plans:write"},
    "service": READ | {"activities:write", "plans:write"},
    "finance": READ,
    "sales": READ | SELL,
}
