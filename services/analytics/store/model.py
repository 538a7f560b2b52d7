"""The read model's tables, live (`model`) or being rebuilt (`shadow`): rows under their locks, roll-ups by difference.

`schema` is one of the two names here, never anything from outside.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.store import Transaction
from services.analytics.domain.pipeline import Change, Deal
from services.analytics.domain.sources import LeadFact, SourceChange

Schema = Literal["model", "shadow"]

STUB_DEALS = """
INSERT INTO {schema}.deals (id, sequence, placed_sequence, stage, product_ids)
SELECT id, 0, 0, '', '{{}}' FROM unnest(%s::uuid[]) AS id ON CONFLICT DO NOTHING
"""
LOCK_DEALS = """
SELECT id, sequence, placed_sequence, stage, unit_id, manager_id, owner_id, lead_id, opened_on, closed_on, amount,
       currency, product_ids
FROM {schema}.deals WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
"""
KEEP_DEAL = """
UPDATE {schema}.deals AS deal SET sequence = new.sequence, placed_sequence = new.placed_sequence, stage = new.stage,
    unit_id = new.unit_id, manager_id = new.manager_id, owner_id = new.owner_id, lead_id = new.lead_id,
    opened_on = new.opened_on, closed_on = new.closed_on, amount = new.amount, currency = new.currency,
    product_ids = coalesce(string_to_array(nullif(new.product_ids, ''), ','), '{{}}')::uuid[]
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
            %s::date[], %s::date[], %s::numeric[], %s::text[], %s::text[])
    AS new (id, sequence, placed_sequence, stage, unit_id, manager_id, owner_id, lead_id, opened_on, closed_on, amount,
            currency, product_ids)
WHERE deal.id = new.id
"""
COUNT_DEALS = """
INSERT INTO {schema}.pipeline_cube AS cube
    (grain, day, product_id, unit_id, manager_id, owner_id, stage, currency, deals, revenue)
SELECT * FROM unnest(%s::"char"[], %s::date[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[],
                     %s::bigint[], %s::numeric[])
ON CONFLICT (grain, day, product_id, unit_id, manager_id, owner_id, stage, currency)
DO UPDATE SET deals = cube.deals + excluded.deals, revenue = cube.revenue + excluded.revenue
"""
COUNT_CYCLES = """
INSERT INTO {schema}.cycle_cube AS cube (grain, day, product_id, unit_id, manager_id, owner_id, stage, days, deals)
SELECT * FROM unnest(%s::"char"[], %s::date[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[],
                     %s::integer[], %s::bigint[])
ON CONFLICT (grain, day, product_id, unit_id, manager_id, owner_id, stage, days)
DO UPDATE SET deals = cube.deals + excluded.deals
"""
STUB_LEADS = """
INSERT INTO {schema}.lead_facts (id, sequence) SELECT id, 0 FROM unnest(%s::uuid[]) AS id ON CONFLICT DO NOTHING
"""
LOCK_LEADS = """
SELECT id, sequence, source_id, unit_id, owner_id, captured_on, qualified, won_deals
FROM {schema}.lead_facts WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
"""
KEEP_LEAD = """
UPDATE {schema}.lead_facts AS lead SET sequence = new.sequence, source_id = new.source_id, unit_id = new.unit_id,
    owner_id = new.owner_id, captured_on = new.captured_on, qualified = new.qualified, won_deals = new.won_deals
FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::date[], %s::boolean[], %s::integer[])
    AS new (id, sequence, source_id, unit_id, owner_id, captured_on, qualified, won_deals)
WHERE lead.id = new.id
"""
COUNT_LEADS = """
INSERT INTO {schema}.source_cube AS cube (grain, day, source_id, unit_id, owner_id, leads, qualified, won)
SELECT * FROM unnest(%s::"char"[], %s::date[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[],
                     %s::bigint[])
ON CONFLICT (grain, day, source_id, unit_id, owner_id)
DO UPDATE SET leads = cube.leads + excluded.leads, qualified = cube.qualified + excluded.qualified,
    won = cube.won + excluded.won
"""
FRESHEN = "UPDATE {schema}.freshness SET as_of = %(at)s WHERE as_of IS NULL OR as_of < %(at)s"


def lock_deals(tx: Transaction, schema: Schema, ids: Iterable[UUID]) -> dict[UUID, Deal]:
    """Each of these deals, blank where none of its events came yet; locked in the order of ids."""
    wanted = sorted(set(ids))
    tx.driver(STUB_DEALS.format(schema=schema), (wanted,))
    fields = Deal.__slots__
    rows = tx.driver(LOCK_DEALS.format(schema=schema), (wanted,))
    return {row[0]: Deal(**dict(zip(fields, (*row[:-1], tuple(row[-1])), strict=True))) for row in rows}


def keep_deals(tx: Transaction, schema: Schema, deals: Sequence[Deal]) -> None:
    columns = [[getattr(deal, name) for deal in deals] for name in Deal.__slots__[:-1]]
    products = [",".join(str(product_id) for product_id in deal.product_ids) for deal in deals]
    tx.driver(KEEP_DEAL.format(schema=schema), (*columns, products))


def count_deals(tx: Transaction, schema: Schema, change: Change) -> None:
    """Move the roll-ups, in the order of keys, so that two batches cannot wait for each other."""
    moved = sorted(key for key in change.deals if change.deals[key] or change.revenue[key])
    if moved:
        amounts = ([change.deals[key] for key in moved], [change.revenue[key] for key in moved])
        tx.driver(COUNT_DEALS.format(schema=schema), (*_columns(moved), *amounts))
    timed = sorted(key for key in change.cycles if change.cycles[key])
    if timed:
        tx.driver(COUNT_CYCLES.format(schema=schema), (*_columns(timed), [change.cycles[key] for key in timed]))


def lock_leads(tx: Transaction, schema: Schema, ids: Iterable[UUID]) -> dict[UUID, LeadFact]:
    """Each of these leads, blank where none of its events came yet; locked in the order of ids."""
    wanted = sorted(set(ids))
    tx.driver(STUB_LEADS.format(schema=schema), (wanted,))
    rows = tx.driver(LOCK_LEADS.format(schema=schema), (wanted,))
    return {row[0]: LeadFact(**dict(zip(LeadFact.__slots__, row, strict=True))) for row in rows}


def keep_leads(tx: Transaction, schema: Schema, leads: Sequence[LeadFact]) -> None:
    columns = [[getattr(lead, name) for lead in leads] for name in LeadFact.__slots__]
    tx.driver(KEEP_LEAD.format(schema=schema), columns)


def count_leads(tx: Transaction, schema: Schema, change: SourceChange) -> None:
    moved = sorted(key for key in change.leads if change.leads[key] or change.qualified[key] or change.won[key])
    if moved:
        amounts = ([counter[key] for key in moved] for counter in (change.leads, change.qualified, change.won))
        tx.driver(COUNT_LEADS.format(schema=schema), (*_columns(moved), *amounts))


def freshen(tx: Transaction, schema: Schema, at: datetime) -> None:
    """The model knows everything up to `at` that has come."""
    tx.driver(FRESHEN.format(schema=schema), {"at": at})


def _columns(keys: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*keys, strict=True)]
