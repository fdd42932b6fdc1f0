"""Li and Lim's pickup and delivery problems with time windows: vehicles first, then distance.

Source: Li and Lim, ICTAI 2001. A line is: task, x, y, demand, opens, closes, service, its pickup, its delivery.
"""

from __future__ import annotations

from routes.formats import pairing, rounding
from routes.formats.lines import BadFile, Lines
from routes.formats.rounding import Rounding
from routes.instance import Instance

_HEAD = "number, capacity and speed of the vehicles"
_FIELDS = "task, x, y, demand, window, service, pickup and delivery"


def read(lines: Lines, convention: Rounding | None) -> Instance:
    """Read a problem; distances have three decimals unless another convention is asked for."""
    by = convention or Rounding.THOUSANDTHS
    count, capacity = lines.all[0].integers(3, what=_HEAD)[:2]
    tasks, points = [], []
    for at, line in enumerate(lines.all[1:]):
        number, x, y, *rest = line.numbers(9, what=_FIELDS)
        if number != at:
            raise BadFile(f"task {at} is expected, not {line.text.split()[0]}", line=line.number)
        tasks.append(pairing.Task.of(line, rest, number=at, scale=by.scale))
        points.append((x, y))
    if not tasks:
        raise BadFile("the file ends before the depot", line=lines.last)
    table = rounding.distances(tuple(points), rounding=by)
    return pairing.problem(
        tasks,
        table=table,
        count=count,
        capacity=capacity,
        scale=by.scale,
        units=by.words,
        name=lines.name,
        points=tuple(points),
    )
