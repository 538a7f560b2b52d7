"""The pipeline dashboard at 10,000 and 100,000 deals."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from bench.measure import Figure, percentile
from chassis import migrate
from chassis.auth import Actor, Grant
from chassis.clock import SystemClock
from chassis.postgres import Cluster
from chassis.store import Database, open_engine
from chassis.work import Work
from contracts.base import Money
from contracts.leads import Line, OpportunityWon
from services.analytics.commands.facts import take
from services.analytics.queries.pipeline import pipeline
from tests.support.servers import RabbitNode

SIZES = (10_000, 100_000)
ASKED = ("unit", "manager", "owner", "product", "stage", "quarter")


class Told:
    """As much of an envelope as the read model looks at."""

    type = "crm.leads.opportunity.won"
    sequence = 1
    time = datetime(2026, 1, 1, tzinfo=UTC)

    def __init__(self, subject: UUID) -> None:
        self.id = uuid4()
        self.subject = subject


def measure(cluster: Cluster, rabbit: RabbitNode, folder: Path) -> list[Figure]:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench_analytics WITH (FORCE)")
    url = cluster.ensure_database("bench_analytics", "bench")
    migrate.upgrade("analytics", url)
    database = Database(open_engine(url), SystemClock(), "/services/analytics")
    chance, figures, there = random.Random(1), [], 0
    actor = Actor(uuid4(), "auditor", uuid4(), (Grant(uuid4(), "auditor", True),))
    for size in SIZES:
        began = time.perf_counter()
        _fill(database, chance, size - there)
        applied = (size - there) / (time.perf_counter() - began)
        there = size
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")  # what autovacuum does within a minute
        taken = [seconds for _ in range(5) for seconds in _ask(Work(database, actor))]
        figures.append(Figure(f"read model fed, up to {size} deals", applied, "events/s"))
        figures.append(Figure(f"dashboard p95 at {size} deals", percentile(taken, 0.95) * 1000, "ms", target="≤ 100"))
    return figures


def _ask(work: Work) -> list[float]:
    taken = []
    for group_by in ASKED:
        for first, last in ((None, None), (date(2016, 2, 10), date(2018, 7, 20))):
            began = time.perf_counter()
            pipeline(work, {"group_by": group_by, "unit_id": None, "from_": first, "to": last})
            taken.append(time.perf_counter() - began)
    return taken


def _fill(database: Database, chance: random.Random, count: int) -> None:
    for _ in range(count // 200):
        with database.transaction() as tx:
            take(tx, [_deal(chance) for _ in range(200)])  # type: ignore[misc]


def _deal(chance: random.Random) -> tuple[Told, OpportunityWon]:
    opened = date(2016, 1, 1) + timedelta(days=chance.randrange(900))
    owner = chance.randrange(200)
    subject = uuid4()
    return Told(subject), OpportunityWon(
        opportunity_id=subject, name="x", customer_id=None, lead_id=None, pipeline="default", stage="won",
        outcome="won",
        lines=(Line(product_id=UUID(int=chance.randrange(1, 20)), quantity="1"),), amount=Money("100.00", "CNY"),
        unit_id=UUID(int=1 + owner // 20), owner_id=UUID(int=1000 + owner), manager_id=UUID(int=500 + owner // 10),
        opened_on=opened, expected_close_on=None, closed_on=opened + timedelta(days=chance.randrange(140)),
        imported=True,
    )  # fmt: skip
