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
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from enum import Enum
from typing import Any

import msgspec

Convert = Callable[[Any], Any]

_PLAIN = (str, int, bool)
_TIMES = (datetime, date, time)


class UnknownField(ValueError):
    """What is stored was written by a newer version of the product."""


def dumps(value: object) -> str:
    """Return a frozen dataclass as JSON text. Raises: ValueError for a number that JSON cannot write."""
    if _may_hold_no_number(_hashable(type(value))):
        _must_be_finite(value)
    return _encode(value).decode()


def dumps_all(values: Sequence[object]) -> list[str]:
    """Return many of one kind at once, as `dumps` does each."""
    if values and _may_hold_no_number(_hashable(type(values[0]))):
        for value in values:
            _must_be_finite(value)
    return _encode_lines(values).decode().split("\n")[: len(values)]


T = typing.TypeVar("T")


def loads(text: str, kind: type[T]) -> T:
    """Return the frozen dataclass that `dumps` wrote.

    Written again it must be the same text: then nothing in it was unknown. Where it is not, every field is looked at.

    Raises: UnknownField.
    """
    raw = text.encode()
    try:
        value: T = _quick_decoder(_hashable(kind)).decode(raw)
    except msgspec.MsgspecError:  # an older form, or a newer one
        return _carefully(text, kind)
    again = _encode(value)
    is_whole = again == raw or again == in_todays_form(text).encode()
    return value if is_whole else _carefully(text, kind)


def loads_all(texts: Sequence[str], kind: type[T]) -> list[T]:
    """Return many of one kind at once, as `loads` does each. Raises: UnknownField."""
    raw = "\n".join([*texts, ""]).encode()
    try:
        values: list[T] = _quick_decoder(_hashable(kind)).decode_lines(raw)
    except msgspec.MsgspecError:
        values = []
    return values if _encode_lines(values) == raw else [loads(text, kind) for text in texts]


def in_todays_form(text: str) -> str:
    """Return a text with its times as they are written today, should it be of the days when they ended in +00:00."""
    return text.replace('+00:00"', 'Z"')


def _carefully(text: str, kind: type[T]) -> T:
    value: T = _decoder(_hashable(kind))(json.loads(text))
    return value


_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines


def _hashable(kind: object) -> Any:
    return kind  # a type is hashable; its type hint does not say so


@functools.cache
def _quick_decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    _may_hold_no_number(kind)  # a kind without a JSON form is noticed here too
    return msgspec.json.Decoder(kind)


# --- what has a JSON form ---------------------------------------------------------------------------------------------


@functools.cache
def _may_hold_no_number(kind: Any) -> bool:
    """Tell whether a value of a kind may hold a number that is none. Raises: TypeError where there is no JSON form."""
    if dataclasses.is_dataclass(kind):
        return True in [_may_hold_no_number(hint) for hint in typing.get_type_hints(kind).values()]
    if _is_optional(kind):
        return _may_hold_no_number(_only(kind))
    if typing.get_origin(kind) is tuple:
        members = (each for each in typing.get_args(kind) if each is not Ellipsis)
        return True in [_may_hold_no_number(each) for each in members]
    if kind in (*_PLAIN, *_TIMES, float) or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind is float
    raise TypeError(f"no JSON form for {kind}")


def _must_be_finite(value: Any) -> None:
    if isinstance(value, float):
        _finite(value)
    elif isinstance(value, tuple):
        for each in value:
            _must_be_finite(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _must_be_finite(getattr(value, field.name))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("Out of range float values are not JSON compliant")
    return value


def _is_optional(kind: Any) -> bool:
    return typing.get_origin(kind) in (types.UnionType, typing.Union)


def _only(kind: Any) -> Any:
    """Return X of X | None; other unions have no JSON form."""
    members = [member for member in typing.get_args(kind) if member is not types.NoneType]
    if len(members) != 1:
        raise TypeError(f"no JSON form for {kind}")
    return members[0]


# --- the careful way --------------------------------------------------------------------------------------------------


@functools.cache
def _decoder(kind: Any) -> Convert:
    if _is_optional(kind):
        return _optional(_decoder(_only(kind)))
    if typing.get_origin(kind) is tuple:
        return _tuple_decoder(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind in _TIMES:
        return typing.cast(Convert, kind.fromisoformat)
    if kind in _PLAIN:
        return _same
    if kind is float:
        return _finite
    raise TypeError(f"no JSON form for {kind}")


def _same(value: Any) -> Any:
    return value


def _optional(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _tuple_decoder(kind: Any) -> Convert:
    members = typing.get_args(kind)
    if len(members) == 2 and members[1] is Ellipsis:
        each = _decoder(members[0])
        return lambda values: tuple(each(value) for value in values)
    converters = [_decoder(member) for member in members]
    return lambda values: tuple(c(v) for c, v in zip(converters, values, strict=True))


def _dataclass_decoder(kind: type) -> Convert:
    hints = typing.get_type_hints(kind)
    converters = {f.name: _decoder(hints[f.name]) for f in dataclasses.fields(kind)}

    def decode(data: dict[str, Any]) -> Any:
        try:
            return kind(**{name: converters[name](value) for name, value in data.items()})
        except KeyError as unknown:
            raise UnknownField(f"{kind.__name__} has no field {unknown}: install the version that wrote it") from None

    return decode
