"""How a kind of policy is declared: one frozen dataclass, from which check, JSON Schema and shipped rules follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

import msgspec

T = TypeVar("T")

Body = Mapping[str, Any]
"""Rules as they are stored and sent: top-level fields by name. One left out leaves what units above say."""

Order = Literal["higher", "lower", "more"]
"""Which way a field is tightened: by a higher or a lower value (true is higher than false), or by naming more."""


class BrokenPolicy(ValueError):
    """A body that breaks the schema of its kind; `field` is the path of what is wrong."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Kind:
    """One declared kind; its rules' defaults are the shipped ones, `spoken` are fields that every version must say."""

    name: str
    rules: type
    spoken: tuple[str, ...] = ()

    @property
    def orders(self) -> dict[str, Order | None]:
        """The fields, each with the way it is tightened; None where one value is as tight as another."""
        return {each.name: each.metadata.get("tighter") for each in fields(self.rules)}

    def shipped(self) -> dict[str, Any]:
        """What holds where nothing was published."""
        made: dict[str, Any] = _plain(self.rules())
        return made

    def checked(self, body: Body) -> dict[str, Any]:
        """`body` as it is stored, with the fields it names. Raises BrokenPolicy."""
        for name in body:
            if name not in self.orders:
                raise BrokenPolicy("unknown field", name)
        for name in self.spoken:
            if body.get(name, "") == "":
                raise BrokenPolicy("missing", name)
        self._refuse_unknown(body)
        return {name: value for name, value in _plain(self.read(body)).items() if name in body}

    def read(self, body: Body) -> Any:
        """`body` as an instance of `rules`, defaults where it is silent. Raises BrokenPolicy."""
        try:
            return msgspec.convert(body, self.rules)
        except msgspec.ValidationError as error:
            reason, _, path = str(error).partition(" - at `")
            raise BrokenPolicy(reason, _dotted(path.rstrip("`"))) from None

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a body, each top-level field with the way it is tightened (`x-tighter`)."""
        schema: dict[str, Any] = _plain(msgspec.json.schema(self.rules))
        properties = schema["$defs"][self.rules.__name__]["properties"]
        for name, order in self.orders.items():
            if order is not None:
                properties[name]["x-tighter"] = order
        schema["$defs"][self.rules.__name__]["required"] = list(self.spoken)
        return schema

    def _refuse_unknown(self, body: Body) -> None:
        """msgspec passes over the unknown fields of dataclasses; a policy that says more than it can is a mistake."""
        shipped = self.shipped()
        for name, value in body.items():
            if isinstance(value, Mapping) and isinstance(shipped[name], Mapping):
                for inner in value:
                    if inner not in shipped[name]:
                        raise BrokenPolicy("unknown field", f"{name}.{inner}")


_kinds: dict[str, Kind] = {}


def policy(name: str, *, spoken: tuple[str, ...] = ()) -> Callable[[type[T]], type[T]]:
    """Declare the decorated frozen dataclass as the rules of kind `name`."""

    def declare(rules: type[T]) -> type[T]:
        if name in _kinds:
            raise TypeError(f"policy {name} is declared twice")
        kind = Kind(name, rules, spoken)
        kind.shipped()
        _kinds[name] = kind
        return rules

    return declare


def shipped(default: Any, tighter: Order | None = None) -> Any:
    """A field with its shipped value and the way it is tightened."""
    return field(default=default, metadata={"tighter": tighter})


def find(name: str) -> Kind:
    """The kind of this name. Raises KeyError."""
    return _kinds[name]


def names() -> tuple[str, ...]:
    return tuple(sorted(_kinds))


def _dotted(path: str) -> str:
    """`$.gates.won[0]` as our answers name fields: `gates.won.0`."""
    return path.removeprefix("$.").replace("[", ".").replace("]", "") or "$"


def _plain(rules: object) -> Any:
    """As it is in JSON, where there are no tuples."""
    return msgspec.json.decode(msgspec.json.encode(rules))
