"""Set passwords."""

import sqlalchemy as sa

from chassis import audit
from chassis.errors import RuleNotMet
from chassis.work import Work
from contracts.policies import Security
from services.organization.commands import attempts, security
from services.organization.domain.passwords import WeakPassword, long_enough, require_strength
from services.organization.store import passwords, people, sessions
from services.organization.store.tables import users

WRONG = ("当前密码不正确", "This is not your present password")


def accepted(username: str, name: str, password: str, rules: Security) -> str:
    """The hash of `password`, when it is strong enough for somebody of this name. Raises WeakPassword."""
    long_enough(username, password, rules.shortest_password)
    require_strength(passwords.strength(password, (username, name)))
    return passwords.hashed(password)


def change_own(work: Work, current: str, new: str) -> None:
    """Exchange the caller's password; his other sessions end. Raises RuleNotMet, WeakPassword, TooMany."""
    require_own(work, "current", current)
    now = work.clock.now()
    with work.transaction() as tx:
        row = tx.execute(sa.select(users).where(users.c.id == work.actor.user_id).with_for_update()).one()
        rules = security.of(tx, people.held_by(tx, [row.id]).get(row.id, ()))
        changed = {"password_hash": _new(row.username, row.name, new, rules), "updated_at": now}
        tx.execute(sa.update(users).where(users.c.id == row.id).values(**changed, version=row.version + 1))
        sessions.revoke_all(tx, now, row.id, kept=work.actor.session_id)
        attempts.succeeded(tx, row.username, work.origin, now)
        audit.record(tx, "password.changed", ("user", row.id))


def _new(username: str, name: str, password: str, rules: Security) -> str:
    try:
        return accepted(username, name, password, rules)
    except WeakPassword as weak:
        weak.field = "new"
        raise


def require_own(work: Work, field: str, password: str) -> None:
    """Raises RuleNotMet for what is not the caller's password, which counts as a failed sign-in; then TooMany."""
    username, now = work.actor.username, work.clock.now()
    with work.transaction() as tx:
        attempts.require_patience(tx, username, work.origin, now)
        stored = tx.execute(sa.select(users.c.password_hash).where(users.c.id == work.actor.user_id)).scalar_one()
    if not passwords.matches(stored or passwords.NOBODY, password):
        attempts.failed(work.database, username, work.origin, work.actor.user_id)
        raise RuleNotMet("wrong-password", WRONG, {field: [WRONG]})
