"""Frozen values with some fields changed, quickly: a story is often told again from its beginning."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def replace(value: T, **changes: Any) -> T:
    """Return a frozen value with some fields changed, as `dataclasses.replace` does, in a quarter of the time.

    Only for classes with slots and without a `__post_init__`: what a value was is taken over unseen.

    Raises: TypeError when there is no such field.
    """
    made: T = _maker(_hashable(type(value)), tuple(changes))(value, changes)
    return made


def _hashable(kind: object) -> Any:
    return kind  # a type is hashable; its type hint does not say so


@functools.cache
def _maker(kind: type, changed: tuple[str, ...]) -> Callable[[Any, dict[str, Any]], Any]:
    """Return a function that sets every field by name: a loop over the names would take most of the time."""
    names = [field.name for field in dataclasses.fields(kind)]
    for name in changed:
        if name not in names:
            raise TypeError(f"{kind.__name__} has no field {name!r}")
    setters = {f"set_{name}": getattr(kind, name).__set__ for name in names}
    parts = [f"set_{name}(made, {f'changes[{name!r}]' if name in changed else f'old.{name}'})" for name in names]
    source = f"def make(old, changes):\n made = new(kind)\n {'; '.join(parts)}\n return made\n"
    scope: dict[str, Any] = {**setters, "new": object.__new__, "kind": kind}
    exec(source, scope)  # noqa: S102 - made of the names of our own fields, nothing from outside
    made: Callable[[Any, dict[str, Any]], Any] = scope["make"]
    return made
