"""Frozen values with some fields changed, quickly: a story is often told again from its beginning."""

import dataclasses
import functools
import operator
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_Setter = Callable[[Any, Any], None]


def replace(value: T, **changes: Any) -> T:
    """Return a frozen value with some fields changed, as `dataclasses.replace` does, in half the time.

    Only for classes with slots and without a `__post_init__`: what a value was is taken over unseen.

    Raises: TypeError when there is no such field.
    """
    kind: Any = type(value)  # a type is hashable; its type hint does not say so
    read, setters, by_name = _parts(kind)
    made: T = object.__new__(kind)
    for set_field, old in zip(setters, read(value), strict=False):
        set_field(made, old)
    try:
        for name, new in changes.items():
            by_name[name](made, new)
    except KeyError as unknown:
        raise TypeError(f"{type(value).__name__} has no field {unknown}") from None
    return made


@functools.cache
def _parts(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], list[_Setter], dict[str, _Setter]]:
    names = [field.name for field in dataclasses.fields(kind)]
    setters: list[_Setter] = [getattr(kind, name).__set__ for name in names]
    return operator.attrgetter(*names), setters, dict(zip(names, setters, strict=True))
