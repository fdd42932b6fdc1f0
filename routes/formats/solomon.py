"""Solomon's vehicle routing problems with time windows, and those of Gehring and Homberger in the same form.

A unit of the way is a unit of time. Source: Solomon, Operations Research 35 (1987) 254-265.
"""

from __future__ import annotations

from routes.formats import rounding
from routes.formats.lines import BadFile, Line, Lines
from routes.formats.rounding import Rounding
from routes.instance import Fleet, Instance, Node

_FIELDS = "number, x, y, demand, ready time, due date and service time"


def read(lines: Lines, convention: Rounding | None) -> Instance:
    """Read a problem; the way is its distance alone, one decimal cut off unless another convention is asked for."""
    by = convention or Rounding.TENTHS
    vehicles = lines.after("VEHICLE")
    if len(vehicles) < 2:
        raise BadFile("the file ends before the number of vehicles", line=lines.last)
    count, capacity = vehicles[1].integers(2, what="number and capacity of the vehicles")[:2]
    rows = lines.after("CUSTOMER")[1:]
    if not rows:
        raise BadFile("the file ends before the depot", line=lines.last)
    nodes, points = [], []
    for at, line in enumerate(rows):
        number, x, y, *rest = line.numbers(7, what=_FIELDS)
        if number != at:
            raise BadFile(f"customer {at} is expected, not {line.text.split()[0]}", line=line.number)
        nodes.append(_node(line, rest, scale=by.scale, name=str(at)))
        points.append((x, y))
    table = rounding.distances(tuple(points), rounding=by)
    depot = nodes[0]
    fleet = Fleet(count=count, capacity=capacity, opens=depot.opens, closes=depot.closes)
    return Instance(
        nodes=tuple(nodes),
        fleet=(fleet,),
        distances=(table,),
        durations=(table,),
        scale=by.scale,
        units=by.words,
        name=lines.all[0].text,
        points=tuple(points),
    )


def _node(line: Line, rest: list[float], *, scale: int, name: str) -> Node:
    demand, opens, closes, service = rest[:4]
    if closes < opens:
        raise BadFile(f"customer {name} closes at {closes:g}, before it opens at {opens:g}", line=line.number)
    times = {"opens": opens, "closes": closes, "service": service}
    return Node(demand=int(demand), name=name, **{key: round(value * scale) for key, value in times.items()})
