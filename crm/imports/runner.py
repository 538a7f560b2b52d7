"""Runs an import: section by section, in bulk; what fails is written down with its reason and the rest goes on."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from crm.client import Client, describe
from crm.imports.mapping import ImportMapping, Row, Section
from crm.imports.values import ABSENT, RowError, Waiting, made
from crm.patience import in_bulk

BATCH = 500
AT_ONCE = 2
NEEDED = "history:import"

Prepared = tuple[Row, dict[str, Any]]


@dataclass
class Tally:
    """What became of the rows of each resource."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failed: list[tuple[Row, str]] = field(default_factory=list)

    def fail(self, resource: str, row: Row, reason: str) -> None:
        self.counts[resource]["failed"] += 1
        self.failed.append((row, reason))


class Import:
    """One run. Nothing is remembered between runs: a row's key is its external id, so sending it again is harmless."""

    def __init__(self, client: Client, mapping: ImportMapping, folder: Path, *, dry_run: bool = False) -> None:
        self._client = client
        self._mapping = mapping
        self._folder = folder
        self._dry_run = dry_run
        self._ids: dict[str, dict[str, str]] = defaultdict(dict)
        self._coming: dict[str, set[str]] = defaultdict(set)
        self._there: dict[str, set[str]] = {}
        self._root = ""
        self.tally = Tally()

    def run(self) -> Tally:
        """Raises Refusal, CannotConnect, InvalidMapping."""
        me = self._client.get("/api/v1/me")
        if NEEDED not in me["permissions"]:
            raise RowError(f"{me['username']} lacks the permission {NEEDED}")
        units = self._client.every("/api/v1/units")
        self._root = next(unit["id"] for unit in units if unit["parent_id"] is None)
        for section in self._mapping.sections:
            rows = list(self._taken(section))
            self._coming[section.resource] = {row.key for row in rows}
            with tqdm(total=len(rows), desc=f"{section.resource} {section.file}", unit=" rows") as bar:
                self._section(section, rows, bar)
        return self.tally

    def _taken(self, section: Section) -> Iterator[Row]:
        """The rows of a section, each key once."""
        seen: set[str] = set()
        for row in section.rows(self._folder, self._mapping.csv):
            if not row.key:
                self.tally.fail(section.resource, row, "the key is empty")
            elif row.key not in seen:
                seen.add(row.key)
                yield row
            elif not section.distinct:
                self.tally.fail(section.resource, row, f"the key {row.key!r} came before")

    def _section(self, section: Section, rows: list[Row], bar: Any) -> None:
        """Send what is ready; what waits for other rows of its own file goes in the next round."""
        while rows:
            waiting: list[Row] = []
            ready = self._prepared(section, rows, waiting, bar)
            if self._dry_run:
                self._pretend(section.resource, ready, bar)
            else:
                self._send_all(section.resource, ready, bar)
            if len(waiting) == len(rows):
                for row in waiting:
                    self.tally.fail(section.resource, row, "refers to a row that failed or waits for this one")
                    bar.update()
                return
            rows = waiting

    def _prepared(self, section: Section, rows: Iterable[Row], waiting: list[Row], bar: Any) -> Iterator[Prepared]:
        for row in rows:
            try:
                item = made(section.fields, row.columns, self._find)
            except Waiting:
                waiting.append(row)
                continue
            except RowError as error:
                self.tally.fail(section.resource, row, str(error))
                bar.update()
                continue
            if section.resource == "units" and item.get("parent_id", ABSENT) is ABSENT:
                item["parent_id"] = self._root
            yield row, item | {"external": {"system": self._mapping.system, "id": row.key}}

    def _find(self, resource: str, key: str) -> str:
        found = self._ids[resource].get(key)
        if found is not None:
            return found
        if key in self._coming[resource]:
            raise Waiting
        raise RowError(f"no {resource} with the key {key!r}")

    def _send_all(self, resource: str, ready: Iterator[Prepared], bar: Any) -> None:
        """Send batches, AT_ONCE under way, without reading further ahead."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            under_way: list[Future[None]] = []
            while batch := list(islice(ready, BATCH)):
                under_way.append(pool.submit(self._send, resource, batch, bar))
                if len(under_way) >= AT_ONCE:
                    under_way.pop(0).result()
            for sending in under_way:
                sending.result()

    def _send(self, resource: str, batch: Sequence[Prepared], bar: Any) -> None:
        results = in_bulk(self._client, resource, [item for _, item in batch])
        for (row, _), result in zip(batch, results, strict=True):
            self._settle(resource, row, result)
            bar.update()

    def _settle(self, resource: str, row: Row, result: Mapping[str, Any]) -> None:
        if result["status"] in (200, 201):
            self._ids[resource][row.key] = result["id"]
            self.tally.counts[resource]["created" if result["status"] == 201 else "known"] += 1
        else:
            self.tally.fail(resource, row, describe(result.get("problem")) or str(result["status"]))

    def _pretend(self, resource: str, ready: Iterator[Prepared], bar: Any) -> None:
        """Say what sending would do: which rows the gateway knows, which are new."""
        if resource not in self._there:
            listed = self._client.every(f"/api/v1/{resource}")
            ours = (row["external"] for row in listed if row.get("external"))
            self._there[resource] = {external["id"] for external in ours if external["system"] == self._mapping.system}
        for row, _ in ready:
            self._ids[resource][row.key] = self._root
            self.tally.counts[resource]["known" if row.key in self._there[resource] else "created"] += 1
            bar.update()


def write_errors(path: Path, failed: Sequence[tuple[Row, str]]) -> None:
    """The rows that failed, as they were, each with its file, line and reason."""
    columns = list(dict.fromkeys(name for row, _ in failed for name in row.columns))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*columns, "file", "line", "reason"])
        writer.writeheader()
        for row, reason in failed:
            writer.writerow({**row.columns, "file": row.file, "line": row.line, "reason": reason})
