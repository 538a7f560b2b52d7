"""Add and edit what the company sells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.errors import Conflict
from chassis.store import Transaction
from chassis.work import Work
from contracts.leads import ProductChanged, ProductCreated
from services.leads.commands.announce import money
from services.leads.domain.opportunities import Money
from services.leads.problems import PROBLEMS
from services.leads.store import catalogue
from services.leads.store.tables import products

WRITE = "products:write"


@dataclass(frozen=True, kw_only=True)
class AddProduct:
    """Something to sell; its list price is for one unit."""

    name: str
    series: str | None = None
    list_price: Money | None = None
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)


def add_products(work: Work, requests: Sequence[AddProduct]) -> list[Outcome]:
    """Add each product, or bring the one of the same external id up to date."""
    return in_rounds(requests, lambda group: _add_round(work, group))


def add_product(work: Work, request: AddProduct) -> sa.Row[Any]:
    """Add one product."""
    with work.transaction() as tx:
        outcome = sole(add_products(work.within(tx), [request]))
        assert outcome.id is not None  # noqa: S101 -- what is not refused has an id
        return catalogue.get(tx, products, outcome.id)


def edit_product(work: Work, product_id: UUID, version: int, changes: Mapping[str, Any]) -> sa.Row[Any]:
    """Change what the caller names. Raises NotFound, Stale, Conflict."""
    with work.transaction() as tx:
        row = catalogue.get(tx, products, product_id, lock=True)
        work.require_version(version, row.version)
        return _change(tx, work, row, _columns(changes))


def _add_round(work: Work, requests: Sequence[AddProduct]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    with work.transaction() as tx:
        known = known_externals(tx, products, requests)
        for at, request in batch.pending():
            with batch.judging(at):
                if request.history:
                    work.actor.require("history:import")
                row = previous(known, request, WRITE)
                wanted = {"name": request.name, "series": request.series, "list_price": request.list_price}
                row_id = _change(tx, work, row, _columns(wanted)).id if row is not None else _add(tx, work, request)
                batch.done(at, row_id, created=row is None)
    return batch.outcomes


def _add(tx: Transaction, work: Work, request: AddProduct) -> UUID:
    wanted = {"name": request.name, "series": request.series, "list_price": request.list_price}
    row = catalogue.new(work, request.external, request.history) | _columns(wanted)
    if not catalogue.add(tx, products, row):
        raise _taken(request.name)
    tx.record(ProductCreated(product_id=row["id"], name=request.name, series=request.series,
                             list_price=money(request.list_price)))  # fmt: skip
    product_id: UUID = row["id"]
    return product_id


def _change(tx: Transaction, work: Work, row: sa.Row[Any], columns: Mapping[str, Any]) -> sa.Row[Any]:
    if all(getattr(row, name) == value for name, value in columns.items()):
        return row
    after = catalogue.change(tx, products, row, columns, work.clock.now())
    if after is None:
        raise _taken(columns["name"])
    price = None if after.list_price is None else Money(after.list_price, after.currency)
    tx.record(ProductChanged(product_id=after.id, name=after.name, series=after.series, list_price=money(price)))
    return after


def _columns(wanted: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in wanted.items() if name != "list_price"}
    if "list_price" in wanted:
        price = wanted["list_price"]
        columns |= {"list_price": price.amount if price else None, "currency": price.currency if price else None}
    return columns


def _taken(name: str) -> Conflict:
    return Conflict("name-taken", (f"产品 {name} 已存在", f"There is a product {name}"))
