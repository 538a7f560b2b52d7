"""Where leads come from, and what becomes of them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.work import Work
from services.analytics.domain.periods import spans
from services.analytics.domain.pipeline import rate
from services.analytics.queries.cubes import asked, freshness, known, names, source_cube, within

COUNTED = ("leads", "qualified", "won")


def sources(work: Work, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Leads by source, by the day they came in: how many, how many qualified, how many won."""
    cube = source_cube
    counted = [sa.cast(sa.func.sum(cube.c[name]), sa.BigInteger).label(name) for name in COUNTED]
    named = names("sources")
    query = (
        sa.select(cube.c.source_id, sa.func.max(named.c.name).label("name"), *counted)
        .select_from(cube.outerjoin(named, named.c.id == cube.c.source_id))
        .where(within(cube, spans(filters["from_"], filters["to"])), asked(work, cube, filters))
        .group_by(cube.c.source_id)
        .order_by(sa.desc("leads"), sa.text("name"))
    )
    with work.transaction() as tx:
        rows = tx.execute(query).all()
        as_of = tx.execute(sa.select(freshness.c.as_of)).scalar_one()
    items = [
        {
            "group": {"id": known(row.source_id), "name": row.name},
            **{name: getattr(row, name) for name in COUNTED},
            "conversion": rate(row.won, row.leads),
        }
        for row in rows
        if row.leads
    ]
    return {"items": items, "as_of": as_of.isoformat() if as_of else None}
