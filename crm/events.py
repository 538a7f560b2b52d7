"""`crm events`: what operators do with events, through the gateway."""

import time

import click
from tqdm import tqdm

from crm.client import Client
from crm.company import NAMES
from crm.options import client_command
from crm.report import table

LOOK_SECONDS = 0.3
STALLED_SECONDS = 120

service_option = click.option("--service", type=click.Choice(NAMES), required=True, help="Whose events.")


@click.group()
def events() -> None:
    """Look at events, try failed ones again, send history again."""


@events.command("list")
@service_option
@click.option("--type", "kind", help="Only this type.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200))
@client_command
def list_events(client: Client, service: str, kind: str | None, limit: int) -> None:
    """The newest events a service recorded, and whether they are sent."""
    page = client.get(f"/api/v1/operations/{service}/events", type=kind, limit=limit)
    rows = [
        [
            event["type"],
            event["subject"],
            str(event["sequence"]),
            event["recorded_at"],
            "yes" if event["sent"] else "no",
        ]
        for event in page["items"]
    ]
    click.echo(table([["type", "subject", "sequence", "recorded at", "sent"], *rows]))


@events.command()
@service_option
@click.option("--state", type=click.Choice(["parked", "waiting", "discarded"]), default="parked", show_default=True)
@client_command
def parked(client: Client, service: str, state: str) -> None:
    """Events a service could not apply."""
    failed = client.every(f"/api/v1/operations/{service}/failed-events", state=state)
    rows = [
        [event["id"], event["type"], str(event["attempts"]), event["field"] or "-", event["error"]] for event in failed
    ]
    click.echo(table([["id", "type", "attempts", "field", "error"], *rows]))


@events.command()
@service_option
@click.argument("event_ids", nargs=-1, required=True)
@client_command
def requeue(client: Client, service: str, event_ids: tuple[str, ...]) -> None:
    """Try parked events again."""
    for event_id in event_ids:
        client.post(f"/api/v1/operations/{service}/failed-events/{event_id}/requeue", None)
        click.echo(f"{event_id} requeued")


@events.command()
@service_option
@click.argument("event_ids", nargs=-1, required=True)
@client_command
def discard(client: Client, service: str, event_ids: tuple[str, ...]) -> None:
    """Give parked events up; they stay on record."""
    for event_id in event_ids:
        client.post(f"/api/v1/operations/{service}/failed-events/{event_id}/discard", None)
        click.echo(f"{event_id} discarded")


@events.command()
@click.option("--from", "source", type=click.Choice(NAMES), required=True, help="Whose history.")
@click.option("--to", "target", type=click.Choice(NAMES), required=True, help="Who hears it again.")
@click.option("--since", help="Only what was recorded since (RFC 3339).")
@click.option("--reset", is_flag=True, help="Build the read model anew beside the live one, then swap.")
@client_command
def replay(client: Client, source: str, target: str, since: str | None, reset: bool) -> None:
    """Send history again: fill gaps, or with --reset rebuild a read model while users work."""
    if reset and (target != "analytics" or since):
        raise click.UsageError("--reset rebuilds analytics from the whole history: --to analytics, without --since")
    rebuild = client.post("/api/v1/analytics/rebuilds", {"source": source})["id"] if reset else None
    try:
        asked = {"target": target, "since": since, "rebuild_id": rebuild}
        sent = _follow(client, source, client.post(f"/api/v1/operations/{source}/replays", asked)["id"])
        if rebuild is not None:
            _complete(client, rebuild, sent)
    except BaseException:
        if rebuild is not None:
            client.delete(f"/api/v1/analytics/rebuilds/{rebuild}")
        raise
    click.echo(f"{sent} events of {source} sent to {target} again" + (", read model swapped" if reset else ""))


def _follow(client: Client, source: str, replay_id: str) -> int:
    """Show how many events were sent until all are; how many that were."""
    with tqdm(desc="sent", unit=" events") as bar:
        while True:
            state = client.get(f"/api/v1/operations/{source}/replays/{replay_id}")
            bar.update(state["sent"] - bar.n)
            if state["state"] == "done":
                return int(state["sent"])
            time.sleep(LOOK_SECONDS)


def _complete(client: Client, rebuild: str, expected: int) -> None:
    """Swap the rebuilt model in once it holds every event; give up when it makes no headway. Raises Refusal."""
    moved_at, before = time.monotonic(), -1
    with tqdm(desc="applied", total=expected, unit=" events") as bar:
        while (applied := client.get(f"/api/v1/analytics/rebuilds/{rebuild}")["applied"]) < expected:
            bar.update(applied - bar.n)
            if applied != before:
                moved_at, before = time.monotonic(), applied
            if time.monotonic() - moved_at > STALLED_SECONDS:
                break
            time.sleep(LOOK_SECONDS)
        client.post(f"/api/v1/analytics/rebuilds/{rebuild}/completion", {"expected": expected})
        bar.update(expected - bar.n)
