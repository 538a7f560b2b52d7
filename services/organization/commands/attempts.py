"""Patience with wrong passwords, by account and by address, and its end."""

from datetime import datetime
from uuid import UUID

from chassis import audit
from chassis.errors import TooMany
from chassis.store import Database, Transaction
from chassis.work import Origin
from services.organization.domain.sign_in import ACCOUNT, ADDRESS, network_of, wait_until
from services.organization.store.attempts import ACCOUNTS, ADDRESSES


def require_patience(tx: Transaction, username: str, origin: Origin, now: datetime) -> None:
    """Raises TooMany while the account or the address has to wait."""
    until = max(
        wait_until(ACCOUNT, *ACCOUNTS.of(tx, username, now)),
        wait_until(ADDRESS, *ADDRESSES.of(tx, network_of(origin.address), now)),
    )
    if until > now:
        raise TooMany(int((until - now).total_seconds()) + 1)


def failed(database: Database, username: str, origin: Origin, user_id: UUID | None, what: str = "password") -> None:
    """Count a failure, on record by itself: nothing that is refused afterwards takes it back.

    The name that was typed is not kept where there is no such user: it may well be a password.
    """
    now = database.clock.now()
    with database.transaction(address=origin.address) as tx:
        by_account = ACCOUNTS.count(tx, username, now)
        by_address = ADDRESSES.count(tx, network_of(origin.address), now)
        audit.record(tx, "sign-in.failed", ("user", user_id), reason=what)
        if ACCOUNT.locks_at(by_account):
            audit.record(tx, "sign-in.account-locked", ("user", user_id))
        if ADDRESS.locks_at(by_address):
            audit.record(tx, "sign-in.address-locked", ("address", None))


def succeeded(tx: Transaction, username: str, origin: Origin, now: datetime) -> None:
    """The account starts anew; an address, which many share, is forgiven one failure."""
    ACCOUNTS.forgive(tx, username, now)
    ADDRESSES.relent(tx, network_of(origin.address), now)
