"""Frozen values to JSON and back, driven by their type hints. What goes in comes out equal.

Every field is written, also one that equals its default: a stored fact must not change when a default does. A field
that is not there was added later, so it has its default. A field that nobody knows was written by a newer version;
dropping it would lose what happened, so it is refused.
"""

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Callable
from datetime import date, datetime, time
from enum import Enum
from typing import Any

import pydantic_core

Convert = Callable[[Any], Any]

_PLAIN = (str, int, bool)


class UnknownField(ValueError):
    """What is stored was written by a newer version of the product."""


def dumps(value: object) -> str:
    """Return a frozen dataclass as JSON text. Raises: ValueError for a number that JSON cannot write."""
    return pydantic_core.to_json(_encoder(_hashable(type(value)))(value)).decode()


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


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("Out of range float values are not JSON compliant")
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
    if kind in _PLAIN:
        return _same
    if kind is float:
        return _finite
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
    if kind in _PLAIN:
        return _same
    if kind is float:
        return _finite
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
    """Return a function that looks every field up by name: a loop over the names would take most of the time."""
    hints = typing.get_type_hints(kind)
    names: dict[str, Any] = {}
    parts = [f"{f.name!r}: {_encoded(f'v.{f.name}', hints[f.name], names)}" for f in dataclasses.fields(kind)]
    return _compiled(f"lambda v: {{{', '.join(parts)}}}", names)


def _encoded(value: str, kind: Any, names: dict[str, Any]) -> str:
    """Return the expression that encodes a value; what it calls goes into `names`."""
    if kind in _PLAIN:
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"{value}._value_"
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return f"None if {value} is None else {_encoded(value, _only(kind), names)}"
    name = f"c{len(names)}"
    names[name] = _encoder(kind)
    return f"{name}({value})"


def _dataclass_decoder(kind: type) -> Convert:
    """Return a function that takes every field by name, and looks closer where one is missing or not known."""
    hints = typing.get_type_hints(kind)
    names: dict[str, Any] = {"kind": kind}
    fields = [f.name for f in dataclasses.fields(kind)]
    parts = [f"{name}={_decoded(f'd[{name!r}]', hints[name], names)}" for name in fields]
    whole, count = _compiled(f"lambda d: kind({', '.join(parts)})", names), len(fields)
    loosely = _loose_decoder(kind)

    def decode(data: dict[str, Any]) -> Any:
        if len(data) == count:
            try:
                return whole(data)
            except KeyError:  # another field, or a word of an enum that nobody knows
                pass
        return loosely(data)

    return decode


def _decoded(value: str, kind: Any, names: dict[str, Any]) -> str:
    """Return the expression that decodes a value; what it calls goes into `names`."""
    if kind in _PLAIN:
        return value
    name = f"c{len(names)}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        names[name] = {member.value: member for member in kind}
        return f"{name}[{value}]"
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return f"None if {value} is None else {_decoded(value, _only(kind), names)}"
    names[name] = _decoder(kind)
    return f"{name}({value})"


def _compiled(source: str, names: dict[str, Any]) -> Convert:
    """Return the function that an expression made of our own type hints is."""
    made: Convert = eval(source, names)  # noqa: S307 - made of the names of our own fields, nothing from outside
    return made


def _loose_decoder(kind: type) -> Convert:
    hints = typing.get_type_hints(kind)
    converters = {f.name: _decoder(hints[f.name]) for f in dataclasses.fields(kind)}

    def decode(data: dict[str, Any]) -> Any:
        try:
            return kind(**{name: converters[name](value) for name, value in data.items()})
        except KeyError as unknown:
            raise UnknownField(f"{kind.__name__} has no field {unknown}: install the version that wrote it") from None

    return decode
