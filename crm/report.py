"""`crm report`: the figures as a table, or as the API answered."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import click

from crm.client import Client
from crm.options import client_command

GROUPS = ("unit", "manager", "owner", "product", "stage", "quarter")
FIGURES = ("deals", "won", "lost", "win_rate", "revenue", "median_cycle_days_closed", "median_cycle_days_won")
TITLES = ("deals", "won", "lost", "win rate", "revenue", "cycle", "cycle won")


@click.group()
def report() -> None:
    """Figures for managers."""


@report.command()
@click.option("--by", "group_by", type=click.Choice(GROUPS), default="unit", show_default=True)
@click.option("--from", "first", help="First day, YYYY-MM-DD.")
@click.option("--to", "last", help="Last day, YYYY-MM-DD.")
@click.option("--unit", "unit_id", help="Only this unit and all below it (id).")
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer.")
@client_command
def pipeline(
    client: Client, group_by: str, first: str | None, last: str | None, unit_id: str | None, as_json: bool
) -> None:
    """Deals, outcomes, revenue and cycle."""
    query = {"group_by": group_by, "from": first, "to": last, "unit_id": unit_id}
    answer = client.get("/api/v1/analytics/pipeline", **query)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    rows = [[item["group"]["name"] or "-", *_figures(item)] for item in answer["items"]]
    click.echo(table([[group_by, *TITLES], *rows, ["total", *_figures(answer["total"])]]))
    click.echo(f"as of {answer['as_of'] or '-'}")


@report.command()
@click.option("--from", "first", help="First day, YYYY-MM-DD.")
@click.option("--to", "last", help="Last day, YYYY-MM-DD.")
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer.")
@client_command
def sources(client: Client, first: str | None, last: str | None, as_json: bool) -> None:
    """Leads by source."""
    answer = client.get("/api/v1/analytics/sources", **{"from": first, "to": last})
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    names = ("leads", "qualified", "won")
    rows = [[item["group"]["name"] or "-", *(str(item[name]) for name in names)] for item in answer["items"]]
    click.echo(table([["source", *names], *rows]))


def table(rows: Sequence[Sequence[str]]) -> str:
    """`rows` aligned: the first column to the left, figures to the right; Chinese characters are two wide."""
    widths = [max(width(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for row in rows:
        first = row[0] + " " * (widths[0] - width(row[0]))
        rest = (" " * (widths[at] - width(row[at])) + row[at] for at in range(1, len(row)))
        lines.append("  ".join((first, *rest)))
    lines.insert(1, "-" * max(width(line) for line in lines))
    return "\n".join(lines)


def width(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _figures(item: dict[str, Any]) -> list[str]:
    return [_shown(name, item[name], item) for name in FIGURES]


def _shown(name: str, value: Any, item: dict[str, Any]) -> str:
    if name == "revenue":
        return " + ".join(f"{money['amount']} {money['currency']}" for money in item["revenue_by_currency"]) or "-"
    if value is None:
        return "-"
    return f"{value:.2%}" if name == "win_rate" else str(value)
