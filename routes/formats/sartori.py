"""Sartori and Buriol's pickup and delivery problems on real roads: vehicles first, then minutes on the way.

Source: Sartori and Buriol, Computers & Operations Research 123 (2020) 105065. Their files do not bound the number of
vehicles: one for each pair is always enough.
"""

from __future__ import annotations

import numpy as np

from routes.formats import pairing
from routes.formats.lines import BadFile, Line, Lines
from routes.formats.rounding import AS_GIVEN, Rounding
from routes.instance import Instance, Table

_FIELDS = "number, latitude, longitude, demand, window, service, pickup and delivery"


def read(lines: Lines, convention: Rounding | None) -> Instance:
    """Read a problem; its minutes are whole numbers already, so that no convention applies.

    Raises:
        BadFile: a convention of rounding is asked for, or a line cannot be understood.
    """
    if convention is not None:
        raise BadFile("the ways of this format are whole numbers: there is nothing to round", line=1)
    size, capacity = (_head(lines, name) for name in ("SIZE", "CAPACITY"))
    rows = _rows(lines, "NODES", size)
    tasks, points = [], []
    for at, line in enumerate(rows):
        number, lat, lon, *rest = line.numbers(9, what=_FIELDS)
        if number != at:
            raise BadFile(f"node {at} is expected, not {line.text.split()[0]}", line=line.number)
        tasks.append(pairing.Task.of(line, rest, number=at, scale=1))
        points.append((lon, lat))
    return pairing.problem(
        tasks,
        table=_table(_rows(lines, "EDGES", size), size),
        count=max(1, (size - 1) // 2),
        capacity=capacity,
        scale=1,
        units=AS_GIVEN,
        name=lines.name,
        points=tuple(points),
    )


def _head(lines: Lines, name: str) -> int:
    for line in lines.all:
        key, _, value = line.text.partition(":")
        if key.strip() == name:
            return Line(line.number, value).integers(1, what=name)[0]
    raise BadFile(f"the file ends without {name}", line=lines.last)


def _rows(lines: Lines, heading: str, size: int) -> tuple[Line, ...]:
    rows = lines.after(heading)[:size]
    if size < 1 or len(rows) < size:
        raise BadFile(f"{heading} are {size} lines, here are {len(rows)}", line=lines.last)
    return rows


def _table(rows: tuple[Line, ...], size: int) -> Table:
    values = [line.integers(size, what="the ways of a node") for line in rows]
    for line, row in zip(rows, values, strict=True):
        if len(row) != size:
            raise BadFile(f"the ways of a node are {size} numbers, here are {len(row)}", line=line.number)
    return np.array(values, dtype=np.int64)
