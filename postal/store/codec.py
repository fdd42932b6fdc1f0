"""Frozen values to JSON and back, driven by their type hints. What goes in comes out equal.

Every field is written, also one that equals its default: a stored fact must not change when a default does. A field
that is not there was added later, so it has its default. A field that nobody knows was written by a newer version;
dropping it would lose what happened, so it is refused.
"""

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Callable
from datetime import date, datetime, time
from enum import Enum
from typing import Any

Convert = Callable[[Any], Any]


class UnknownField(ValueError):
    """What is stored was written by a newer version of the product."""


def dumps(value: object) -> str:
    """Return a frozen dataclass as JSON text."""
    data = _encoder(_hashable(type(value)))(value)
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


T = typing.TypeVar("T")


def loads(text: str, kind: type[T]) -> T:
    """Return the frozen dataclass that `dumps` wrote.

    Raises: UnknownField.
    """
    value: T = _decoder(_hashable(kind))(json.loads(text))
    return value


def _hashable(kind: object) -> Any:
    return kind  # a type is hashable; its type hint does not say so


def _same(value: Any) -> Any:
    return value


@functools.cache
def _encoder(kind: Any) -> Convert:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _optional(_encoder(_only(kind)))
    if origin is tuple:
        return _tuple_converter(kind, _encoder, as_tuple=False)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_encoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    if kind in (datetime, date, time):
        return lambda value: value.isoformat()
    if kind in (str, int, bool, float):
        return _same
    raise TypeError(f"no JSON form for {kind}")


@functools.cache
def _decoder(kind: Any) -> Convert:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _optional(_decoder(_only(kind)))
    if origin is tuple:
        return _tuple_converter(kind, _decoder, as_tuple=True)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind in (datetime, date, time):
        return typing.cast(Convert, kind.fromisoformat)
    if kind in (str, int, bool, float):
        return _same
    raise TypeError(f"no JSON form for {kind}")


def _only(kind: Any) -> Any:
    """Return X of X | None; other unions have no JSON form."""
    members = [member for member in typing.get_args(kind) if member is not types.NoneType]
    if len(members) != 1:
        raise TypeError(f"no JSON form for {kind}")
    return members[0]


def _optional(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _tuple_converter(kind: Any, of: Callable[[Any], Convert], *, as_tuple: bool) -> Convert:
    members = typing.get_args(kind)
    made = tuple if as_tuple else list
    if len(members) == 2 and members[1] is Ellipsis:
        each = of(members[0])
        return lambda values: made(each(value) for value in values)
    converters = [of(member) for member in members]
    return lambda values: made(c(v) for c, v in zip(converters, values, strict=True))


def _dataclass_encoder(kind: type) -> Convert:
    hints = typing.get_type_hints(kind)
    fields = [(field.name, _encoder(hints[field.name])) for field in dataclasses.fields(kind)]
    return lambda value: {name: convert(getattr(value, name)) for name, convert in fields}


def _dataclass_decoder(kind: type) -> Convert:
    hints = typing.get_type_hints(kind)
    converters = {f.name: _decoder(hints[f.name]) for f in dataclasses.fields(kind)}

    def decode(data: dict[str, Any]) -> Any:
        try:
            return kind(**{name: converters[name](value) for name, value in data.items()})
        except KeyError as unknown:
            raise UnknownField(f"{kind.__name__} has no field {unknown}: install the version that wrote it") from None

    return decode
