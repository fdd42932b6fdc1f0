"""How a command answers: lines for people, one JSON value for machines, progress on the error stream of a terminal."""

import dataclasses
import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum, IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Trả lời bằng một giá trị JSON cho máy đọc.")]


def give(value: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print an answer: its lines, or as JSON the value."""
    if as_json:
        print(json.dumps(plain(value), ensure_ascii=False, indent=2))
        return
    for line in lines:
        print(line)


def plain(value: Any) -> Any:
    """Return a value as JSON has it; instants and days as ISO 8601, what a dataclass holds by its names."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, IntEnum) else value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(plain(key)): plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(held) for held in value]
    return value


def progress(what: str, *, total: int) -> "Progress":
    """Return a progress line for a person at a terminal; silent when nobody watches."""
    return Progress(what, total=total, watched=sys.stderr.isatty())


class Progress:
    """Rewrites one line of the error stream."""

    def __init__(self, what: str, *, total: int, watched: bool) -> None:
        self._what = what
        self._total = total
        self._watched = watched

    def __call__(self, done: int) -> None:
        """Tell how much is done."""
        if self._watched:
            end = "\n" if done >= self._total else ""
            print(f"\r{self._what}: {done}/{self._total}", end=end, file=sys.stderr, flush=True)


def write(path: Path, content: bytes) -> None:
    """Write a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
