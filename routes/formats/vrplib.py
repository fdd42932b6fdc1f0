"""VRPLIB files (`.vrp`): capacitated problems, with time windows and a bound on the duration where they have them.

Weights: EUC_2D, CEIL_2D, FLOOR_2D, EXACT_2D, or EXPLICIT as FULL_MATRIX or the rows or columns of a triangle. What a
file has besides makes another problem of it, so that it is refused rather than left out.
Source: the format of TSPLIB 95 and of CVRPLIB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routes.formats import rounding
from routes.formats.lines import BadFile, Line, Lines
from routes.formats.rounding import AS_GIVEN, Rounding
from routes.instance import Fleet, Instance, Node, Table

_ROUNDING = {
    "EUC_2D": Rounding.NEAREST,
    "CEIL_2D": Rounding.UP,
    "FLOOR_2D": Rounding.DOWN,
    "EXACT_2D": Rounding.THOUSANDTHS,
}
_HARMLESS = {"NAME", "COMMENT", "TYPE", "DIMENSION", "DISPLAY_DATA_TYPE", "NODE_COORD_TYPE", "EDGE_WEIGHT_FORMAT"}
_READ = _HARMLESS | {"CAPACITY", "VEHICLES", "DISTANCE", "SERVICE_TIME", "EDGE_WEIGHT_TYPE"}
_SECTIONS = {
    "NODE_COORD_SECTION",
    "DEMAND_SECTION",
    "DEPOT_SECTION",
    "EDGE_WEIGHT_SECTION",
    "TIME_WINDOW_SECTION",
    "SERVICE_TIME_SECTION",
    "DISPLAY_DATA_SECTION",
}


@dataclass(frozen=True, slots=True)
class _File:
    head: Mapping[str, Line]
    sections: Mapping[str, Sequence[Line]]
    last: int

    def whole(self, key: str) -> int:
        if key not in self.head:
            raise BadFile(f"the file ends without {key}", line=self.last)
        return self.head[key].integers(1, what=key)[0]

    def section(self, name: str) -> Sequence[Line]:
        if name not in self.sections:
            raise BadFile(f"the file ends without {name}", line=self.last)
        return self.sections[name]


def read(lines: Lines, convention: Rounding | None) -> Instance:
    """Read a problem; the rounding is the one its weights name unless another is asked for."""
    file = _parsed(lines)
    size = file.whole("DIMENSION")
    points = _points(file, size)
    table, scale, units = _weights(file, size, points, convention)
    depot = _depot(file, size)
    nodes = _nodes(file, size, scale)
    longest = file.whole("DISTANCE") * scale if "DISTANCE" in file.head else None
    fleet = Fleet(
        count=file.whole("VEHICLES") if "VEHICLES" in file.head else max(1, size - 1),
        capacity=file.whole("CAPACITY"),
        start=depot,
        end=depot,
        opens=nodes[depot].opens,
        closes=nodes[depot].closes,
        longest=longest,
    )
    name = file.head["NAME"].text if "NAME" in file.head else lines.name
    return Instance(
        nodes=nodes,
        fleet=(fleet,),
        distances=(table,),
        durations=(table,),
        scale=scale,
        units=units,
        name=name,
        points=points,
    )


def _parsed(lines: Lines) -> _File:
    head: dict[str, Line] = {}
    sections: dict[str, list[Line]] = {}
    current: list[Line] | None = None
    for line in lines.all:
        key, _, value = (part.strip() for part in line.text.partition(":"))
        if key == "EOF":
            break
        if key.endswith("_SECTION"):
            current = sections.setdefault(_known(key, _SECTIONS, line), [])
        elif current is None or (key[0].isalpha() and ":" in line.text):
            head[_known(key, _READ, line)] = Line(line.number, value)
        else:
            current.append(line)
    return _File(head, sections, lines.last)


def _known(key: str, known: set[str], line: Line) -> str:
    if key not in known:
        raise BadFile(f"{key} is not understood", line=line.number)
    return key


def _points(file: _File, size: int) -> tuple[tuple[float, float], ...] | None:
    if "NODE_COORD_SECTION" not in file.sections:
        return None
    return tuple((row[0], row[1]) for row in _by_number(file, "NODE_COORD_SECTION", size, fields=2))


def _by_number(file: _File, name: str, size: int, *, fields: int) -> Iterator[list[float]]:
    rows = file.section(name)
    if len(rows) != size:
        raise BadFile(f"{name} has {size} lines, here are {len(rows)}", line=rows[-1].number if rows else file.last)
    for expected, line in enumerate(rows, start=1):
        number, *values = line.numbers(fields + 1, what=name)
        if number != expected:
            raise BadFile(f"node {expected} is expected, not {line.text.split()[0]}", line=line.number)
        yield values


def _weights(
    file: _File, size: int, points: tuple[tuple[float, float], ...] | None, convention: Rounding | None
) -> tuple[Table, int, str]:
    if "EDGE_WEIGHT_TYPE" not in file.head:
        raise BadFile("the file ends without EDGE_WEIGHT_TYPE", line=file.last)
    kind = file.head["EDGE_WEIGHT_TYPE"]
    if kind.text == "EXPLICIT":
        if convention is not None:
            raise BadFile("the weights of this file are given: there is nothing to round", line=kind.number)
        return _explicit(file, size), 1, AS_GIVEN
    if kind.text not in _ROUNDING:
        raise BadFile(f"weights {kind.text!r} are not understood", line=kind.number)
    if points is None:
        raise BadFile("the file ends without NODE_COORD_SECTION", line=file.last)
    by = convention or _ROUNDING[kind.text]
    return rounding.distances(points, rounding=by), by.scale, by.words


def _explicit(file: _File, size: int) -> Table:
    head = file.head.get("EDGE_WEIGHT_FORMAT")
    places = _PLACES.get(head.text if head else "")
    if head is None or places is None:
        raise BadFile("EDGE_WEIGHT_FORMAT is missing or not understood", line=head.number if head else file.last)
    rows = file.section("EDGE_WEIGHT_SECTION")
    values = [value for line in rows for value in line.integers(1, what="weights")]
    at, to = places(size)
    if len(values) != len(at):
        last = rows[-1].number if rows else file.last
        raise BadFile(f"{head.text} of {size} nodes has {len(at)} weights, here are {len(values)}", line=last)
    table = np.zeros((size, size), dtype=np.int64)
    if head.text != "FULL_MATRIX":
        table[to, at] = values
    table[at, to] = values
    return table


_Places = tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.intp]]]


def _full(size: int) -> _Places:
    at, to = np.divmod(np.arange(size * size), size)
    return at, to


_PLACES: dict[str, Callable[[int], _Places]] = {
    "FULL_MATRIX": _full,
    "LOWER_ROW": lambda size: np.tril_indices(size, -1),
    "UPPER_COL": lambda size: np.tril_indices(size, -1),
    "UPPER_ROW": lambda size: np.triu_indices(size, 1),
    "LOWER_COL": lambda size: np.triu_indices(size, 1),
    "LOWER_DIAG_ROW": np.tril_indices,
    "UPPER_DIAG_ROW": np.triu_indices,
}


def _depot(file: _File, size: int) -> int:
    rows = [line for line in file.section("DEPOT_SECTION") if line.text != "-1"]
    if len(rows) != 1:
        line = rows[-1].number if rows else file.last
        raise BadFile(f"one depot is expected, here are {len(rows)}", line=line)
    depot = rows[0].integers(1, what="the depot")[0]
    if not 1 <= depot <= size:
        raise BadFile(f"the depot is node {depot}, which is not there", line=rows[0].number)
    return depot - 1


def _nodes(file: _File, size: int, scale: int) -> tuple[Node, ...]:
    demands = [int(row[0]) for row in _by_number(file, "DEMAND_SECTION", size, fields=1)]
    services = _services(file, size)
    windows = _windows(file, size)
    return tuple(
        Node(demand=demand, name=str(at + 1), service=round(service * scale), **window)
        for at, (demand, service, window) in enumerate(
            zip(demands, services, [_scaled(each, scale) for each in windows], strict=True)
        )
    )


def _services(file: _File, size: int) -> list[float]:
    if "SERVICE_TIME_SECTION" in file.sections:
        return [row[0] for row in _by_number(file, "SERVICE_TIME_SECTION", size, fields=1)]
    usual = file.whole("SERVICE_TIME") if "SERVICE_TIME" in file.head else 0
    depot = _depot(file, size)
    return [0 if at == depot else usual for at in range(size)]


def _windows(file: _File, size: int) -> list[list[float] | None]:
    if "TIME_WINDOW_SECTION" not in file.sections:
        return [None] * size
    windows: list[list[float] | None] = list(_by_number(file, "TIME_WINDOW_SECTION", size, fields=2))
    for line, window in zip(file.section("TIME_WINDOW_SECTION"), windows, strict=True):
        if window and window[1] < window[0]:
            raise BadFile(f"a window closes at {window[1]:g}, before it opens at {window[0]:g}", line=line.number)
    return windows


def _scaled(window: list[float] | None, scale: int) -> dict[str, int]:
    return {"opens": round(window[0] * scale), "closes": round(window[1] * scale)} if window else {}
