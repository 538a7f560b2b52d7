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
PERSONAL: Final = frozenset({"personal:read"})
"""The field group of phone numbers and e-mail addresses: who may read a row and not these sees them masked."""
AUDIT: Final = frozenset({"audit:read"})
ADMINISTER: Final = frozenset({"organization:manage", "handovers:read", "history:import", "events:operate"})
RULE: Final = frozenset({"policies:write"})
LEAD: Final = frozenset({"policies:acknowledge", "opportunities:override"})

PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    "admin": READ | PERSONAL | SELL | CATALOGUE | AUDIT | ADMINISTER | RULE | {"opportunities:override"},
    "executive": READ | PERSONAL | AUDIT | RULE,
    "auditor": READ | AUDIT,
    "manager": READ | PERSONAL | SELL | CATALOGUE | LEAD,
    "marketing": READ | PERSONAL | {"leads:write", "sources:write", "activities:write", "plans:write"},
    "service": READ | PERSONAL | {"activities:write", "plans:write"},
    "finance": READ | PERSONAL,
    "sales": READ | PERSONAL | SELL,
}
