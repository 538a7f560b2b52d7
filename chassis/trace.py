"""W3C trace context: the id that follows one request through every process and event."""

import re
import secrets

TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def continued(traceparent: str | None) -> str:
    """A traceparent of the same trace with a span of our own; of a new trace where none or a bad one came."""
    found = TRACEPARENT.fullmatch(traceparent or "")
    trace_id = found.group(1) if found else secrets.token_hex(16)
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"


def trace_id(traceparent: str) -> str:
    return traceparent[3:35]
