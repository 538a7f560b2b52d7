"""`python -m contracts.release`: write the JSON Schema of every new type to contracts/released."""

import json
from importlib import import_module
from pathlib import Path

from contracts.base import every

RELEASED = Path(__file__).parent / "released"
OWNERS = ("backbone", "organization", "customer", "leads", "activity", "branch")


def release() -> None:
    for owner in OWNERS:
        import_module(f"contracts.{owner}")
    RELEASED.mkdir(exist_ok=True)
    for declared in every():
        path = RELEASED / f"{declared.name}.{declared.major}.json"
        if not path.exists():
            path.write_text(json.dumps(declared.json_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    release()
