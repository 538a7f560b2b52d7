"""What a newer JSON Schema of an event must not do to a released one."""


def breaks(released: dict, present: dict) -> list[str]:
    """One line for each field removed, made required, newly required or of another type."""
    found = []
    before, after = released.get("$defs", {}), present.get("$defs", {})
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            found.append(f"{name}: removed")
            continue
        old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
        found += [f"{field}: removed" for field in old_fields if field not in new_fields]
        found += [f"{field}: required now" for field in new.get("required", []) if field not in old.get("required", [])]
        found += [
            f"{field}: another type"
            for field in old_fields
            if field in new_fields and old_fields[field] != new_fields[field]
        ]
    return found
