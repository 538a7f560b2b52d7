"""What a fresh company starts with: one root unit, one administrator, one key."""

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.store import Database, Transaction
from contracts.organization import UnitCreated, UserCreated
from contracts.policies import Security
from services.organization.commands import keys
from services.organization.domain.passwords import long_enough
from services.organization.domain.users import Membership
from services.organization.store import keyring, passwords, people, tree

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('crm.founding', 0))"


def found(database: Database, settings: Settings) -> None:
    """Make what is not there yet; several processes at once make it once. Raises InvalidSettings."""
    with database.transaction() as tx:
        tx.driver(ALONE)
        root = tx.driver("SELECT id, path::text FROM units WHERE parent_id IS NULL")
        if not root:
            settings.require("admin_password")
            _first(tx, settings.admin_password, database.clock)
        settings.require("secret_key")
        if not keyring.usable(tx, settings.secret_key, database.clock.now()):
            keys.rotate(tx, settings.secret_key)


def _first(tx: Transaction, password: str, clock: Clock) -> None:
    now, unit_id = clock.now(), new_id()
    row = {"code": "HQ", "name": "总部", "kind": "headquarters", "parent_id": None, "path": unit_id.hex}
    tree.add(tx, {"id": unit_id, "version": 1, "created_at": now, "updated_at": now} | row)
    tx.record(UnitCreated(unit_id=unit_id, **row), unitpath=unit_id.hex)  # type: ignore[arg-type]
    user_id = new_id()
    user = {
        "id": user_id,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "username": "admin",
        "name": "管理员",
        "email": None,
        "locale": "zh-CN",
        "active": True,
        "password_hash": passwords.hashed(long_enough("admin", password, Security().shortest_password)),
    }
    held = (Membership(unit_id, "admin", None, primary=True),)
    people.add(tx, [user], {user_id: held})
    tx.record(UserCreated(**people.state(user, held)), unitpath=unit_id.hex)
