"""Keep what every service puts on record."""

import msgspec

from chassis import trace
from chassis.store import Transaction
from contracts.backbone import AuditRecorded
from contracts.envelope import Envelope
from services.organization.store import audit


def keep(tx: Transaction, event: Envelope, recorded: AuditRecorded) -> None:
    """Add an entry to the trail, under the names that people and units have now."""
    names = audit.called(tx, (recorded.actor_id, recorded.subject_id))
    actor = names.get(recorded.actor_id) if recorded.actor_id else None
    subject = names.get(recorded.subject_id) if recorded.subject_id else None
    changes = msgspec.to_builtins(recorded.changes)
    changed = [text for change in changes for text in change.values()]
    words = [recorded.action, actor, subject, recorded.address, recorded.reason, *changed]
    audit.add(tx, {
        "id": recorded.audit_id, "at": recorded.at, "service": recorded.service, "action": recorded.action,
        "actor_id": recorded.actor_id, "actor_name": actor, "address": recorded.address,
        "subject_kind": recorded.subject_kind, "subject_id": recorded.subject_id, "subject_name": subject,
        "changes": changes, "reason": recorded.reason,
        "trace_id": trace.trace_id(event.traceparent) if event.traceparent else "",
        "words": " ".join(word.lower() for word in words if word),
    })  # fmt: skip
