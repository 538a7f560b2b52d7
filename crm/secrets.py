"""Secrets a run lacks are made up once and kept in its data folder, readable by its owner only."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Secrets:
    """`folder`/secrets.json: the key organization encrypts with, and a password for each who needs one."""

    folder: Path

    def key(self) -> str:
        """32 bytes, base64url."""
        return os.environ.get("CRM_SECRET_KEY") or self._kept("secret_key", _new_key)

    def password(self, whose: str) -> str:
        return self._kept(f"password.{whose}", lambda: secrets.token_urlsafe(24))

    def passwords(self) -> list[str]:
        """Whose passwords there are."""
        return sorted(name.removeprefix("password.") for name in self._all() if name.startswith("password."))

    def _kept(self, name: str, make: object) -> str:
        kept = self._all()
        if name not in kept:
            kept[name] = make()  # type: ignore[operator]
            partial = self._path.with_suffix(".new")
            partial.touch(mode=0o600)
            partial.write_text(json.dumps(kept, indent=1))
            partial.rename(self._path)
        return kept[name]

    def _all(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return found

    @property
    def _path(self) -> Path:
        return self.folder / "secrets.json"


def admin_password() -> tuple[str, bool]:
    """The administrator's password for a fresh company, and whether it was made up here."""
    given = os.environ.get("CRM_ADMIN_PASSWORD")
    return (given, False) if given else (secrets.token_urlsafe(12), True)


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
