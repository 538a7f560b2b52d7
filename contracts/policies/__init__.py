"""Policies: each kind of rule declared once, and the one function that says which rules are in force."""

from contracts.policies.base import BrokenPolicy, Kind, Order, find, names, policy, shipped
from contracts.policies.force import DEFAULT, MARKS, Mark, Origin, Standing, Version, breaches, in_force, strictest
from contracts.policies.kinds import Announcement, Gates, LeadRouting, Pipeline, Security

__all__ = [
    "DEFAULT",
    "MARKS",
    "Announcement",
    "BrokenPolicy",
    "Gates",
    "Kind",
    "LeadRouting",
    "Mark",
    "Order",
    "Origin",
    "Pipeline",
    "Security",
    "Standing",
    "Version",
    "breaches",
    "find",
    "in_force",
    "names",
    "policy",
    "shipped",
    "strictest",
]
