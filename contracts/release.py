"""`python -m contracts.release`: write the JSON Schema of every new event type and kind of policy."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from contracts import policies
from contracts.base import every

RELEASED = Path(__file__).parent / "released"
RELEASED_POLICIES = Path(__file__).parent / "policies" / "released"
OWNERS = ("backbone", "organization", "customer", "leads", "activity", "branch")


def release() -> None:
    for owner in OWNERS:
        import_module(f"contracts.{owner}")
    for declared in every():
        _write(RELEASED / f"{declared.name}.{declared.major}.json", declared.json_schema())
    for name in policies.names():
        _write(RELEASED_POLICIES / f"{name}.json", policies.find(name).json_schema())


def _write(path: Path, schema: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    release()
