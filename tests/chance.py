"""Random values of the domain, built from type hints: what a property test tries."""

import dataclasses
import functools
import types
import typing
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from postal.domain import events
from postal.domain.clocks import Limit, Unit
from postal.domain.events import Event

EVENT_KINDS: tuple[type[Event], ...] = tuple(
    kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
)
"""Every kind of event. `Event.__subclasses__()` would also give the classes that `slots=True` replaced."""

_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    int: st.integers(min_value=-(2**40), max_value=2**40),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    datetime: st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the zone is drawn apart
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(-timedelta(hours=3, minutes=30))]),
    ),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a type hint: scalars, enums, `X | None`, tuples, dataclasses of these."""
    origin, members = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([st.none() if member is types.NoneType else values(member) for member in members])
    if origin is tuple and len(members) == 2 and members[1] is Ellipsis:
        return st.lists(values(members[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(values(member) for member in members))
    if kind in _PICKY:
        return _PICKY[kind]
    if dataclasses.is_dataclass(kind):
        return things(typing.cast(type, kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    return _SIMPLE[kind]


_PICKY: dict[Any, st.SearchStrategy[Any]] = {
    Limit: st.builds(Limit, amount=st.integers(min_value=1, max_value=400), unit=st.sampled_from(Unit)),
}
"""Classes that refuse some values of the right type."""


@functools.cache
def _fields(kind: type) -> dict[str, st.SearchStrategy[Any]]:
    hints = typing.get_type_hints(kind)
    return {field.name: values(hints[field.name]) for field in dataclasses.fields(kind)}


@st.composite
def things(draw: st.DrawFn, kind: type) -> Any:
    """Draw a dataclass with every field chosen, also those that have a default."""
    return kind(**{name: draw(strategy) for name, strategy in _fields(kind).items()})


@st.composite
def histories(draw: st.DrawFn, *kinds: type[Event]) -> list[Event]:
    """Draw a sequence of events of any kind; those given come more often."""
    chosen = st.one_of([st.sampled_from(drawn) for drawn in (kinds, EVENT_KINDS) if drawn])
    return [draw(things(kind)) for kind in draw(st.lists(chosen, max_size=12))]
