"""`crm import`."""

import sys
import time
from pathlib import Path

import click

from crm.client import Client
from crm.imports.mapping import RESOURCES, load
from crm.imports.runner import Import, Tally, write_errors
from crm.imports.settling import figures_follow
from crm.imports.values import InvalidMapping, RowError
from crm.options import client_command
from crm.report import table


@click.command("import")
@click.option("--mapping", "mapping_path", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option(
    "--errors", type=click.Path(path_type=Path, dir_okay=False), default="import-errors.csv", show_default=True
)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@client_command
def import_(client: Client, mapping_path: Path, dry_run: bool, errors: Path, path: Path) -> None:
    """Bring in the export in PATH, a folder of CSV files, as the mapping says.

    The same run again doubles nothing, also after it was broken off.
    """
    began = time.monotonic()
    try:
        folder = path if path.is_dir() else path.parent
        tally = Import(client, load(mapping_path), folder, dry_run=dry_run).run()
    except (InvalidMapping, RowError) as error:
        click.echo(f"crm: {error}", err=True)
        sys.exit(2)
    click.echo(_summary(tally, time.monotonic() - began, dry_run))
    if not dry_run:
        followed = figures_follow(client)
        click.echo("the figures are up to date" if followed else "the figures still follow; a report tells as of when")
    if tally.failed:
        write_errors(errors, tally.failed)
        click.echo(f"{len(tally.failed)} rows failed; they are in {errors} with their reasons")
        sys.exit(1)


def _summary(tally: Tally, seconds: float, dry_run: bool) -> str:
    rows = [["", "would create" if dry_run else "created", "known", "failed"]]
    for resource in RESOURCES:
        if resource in tally.counts:
            count = tally.counts[resource]
            rows.append([resource, *(str(count[fate]) for fate in ("created", "known", "failed"))])
    total = sum(sum(count.values()) for count in tally.counts.values())
    return f"{table(rows)}\n{total} rows in {seconds:.1f} s ({total / seconds:.0f} rows/s)"
