"""Every metric of the backbone, declared once; what a process serves over HTTP is measured in `chassis.web.observe`."""

import sqlalchemy as sa
from prometheus_client import Counter, Gauge, Histogram

SENT = Counter("crm_events_sent_total", "Events confirmed by the broker", ("service",))
REFUSED = Counter("crm_events_refused_total", "Events returned as unroutable or refused by the broker", ("service",))
LISTEN_LOST = Counter("crm_relay_listen_lost_total", "Times the relay lost its LISTEN and polled", ("service",))
OUTBOX_DEPTH = Gauge("crm_outbox_depth", "Events recorded and not yet sent", ("service",))
OUTBOX_AGE = Gauge("crm_outbox_age_seconds", "Age of the oldest unsent event, from SQL", ("service",))
CONSUMED = Counter("crm_events_consumed_total", "Events taken that were new here", ("service",))
DUPLICATES = Counter("crm_inbox_duplicates_total", "Events that had been accepted before", ("service",))
FORGED = Counter("crm_events_forged_total", "Events refused because their sender may not tell them", ("service",))
BRANCH_HEARD = Gauge("crm_branch_heard_timestamp_seconds", "When a branch was heard last", ("service", "branch"))
FAILED = Gauge("crm_events_failed", "Events stored because they could not be applied", ("service", "state"))
LAG = Histogram(
    "crm_consumer_lag_seconds",
    "From when an event happened until it was applied here",
    ("service",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
TIMER_FAILURES = Counter("crm_timer_failures_total", "Runs of a timer that failed", ("service", "timer"))
HANDED_OVER = Counter("crm_handed_over_total", "Rows that went from who left to others", ("service", "kind"))
HANDOVER_FAILURES = Counter("crm_handover_failures_total", "Times a hand-over did not succeed", ("service", "kind"))
RELAY_LED = Gauge("crm_relay_led", "1 while some process holds the relay's lease, from SQL", ("service",))
POOL_IN_USE = Gauge("crm_database_connections_in_use", "Database connections at work now", ("service", "part"))
POOL_ALLOWED = Gauge("crm_database_connections_allowed", "Database connections there may be", ("service", "part"))


def watch_pool(service: str, part: str, engine: sa.Engine) -> None:
    """Tell of the pool of `engine` whenever somebody looks; `part` is web or worker."""
    pool = engine.pool
    if isinstance(pool, sa.QueuePool):
        POOL_IN_USE.labels(service, part).set_function(pool.checkedout)
        POOL_ALLOWED.labels(service, part).set(pool.size())
