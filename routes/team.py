"""Drivers and stops as an array-level problem, and the tours that are found back as orders of stops.

A driver's own table of distances says more than metres: what leaves the order of areas, belongs to another's round or
was somebody else's until now costs metres on top, so that it happens where it is worth it and not otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routes import matrix as matrices
from routes.instance import FOREVER, Fleet, Instance, Node, Table
from routes.matrix import Matrix
from routes.model import Importance, Place, Stop, Vehicle
from routes.search.engine import Tour

WORTH: dict[Importance, int] = {
    Importance.USUAL: 1_000_000,
    Importance.PROMISED: 10_000_000,
    Importance.REPEAT: 40_000_000,
    Importance.LEGAL: 160_000_000,
}
"""Metres that serving a stop is worth: more than any way, so that none is left out to save it."""

NEVER = 2_000_000_000
"""Metres that nobody drives: what is not for a driver."""


@dataclass(frozen=True, slots=True)
class Burden:
    """Metres on top of the way: `first` to each stop from a depot, `between` from a stop (row) to another (column)."""

    first: NDArray[np.int64]
    between: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One driver: `burden` says what stops cost him on top of the way. Setting out at all costs `fixed_cost` metres."""

    vehicle: Vehicle
    matrix: Matrix
    burden: Callable[[Sequence[Stop]], Burden]
    fixed_cost: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """Members, the stops they could serve, and the same as an instance: depots first, then the stops in their order."""

    members: tuple[Member, ...]
    stops: tuple[Stop, ...]
    depots: tuple[Place, ...]
    instance: Instance

    def tours(self, paths: Sequence[Sequence[Stop]]) -> list[Tour]:
        """Return orders of stops, one a member, as tours."""
        node = {stop.key: len(self.depots) + at for at, stop in enumerate(self.stops)}
        return [
            Tour(fleet=number, nodes=tuple(node[stop.key] for stop in path))
            for number, path in enumerate(paths)
            if path
        ]

    def paths(self, tours: Sequence[Tour]) -> list[list[Stop]]:
        """Return the order of stops of each member; without the reloads, which the clock puts where they are needed."""
        found: list[list[Stop]] = [[] for _ in self.members]
        for tour in tours:
            found[tour.fleet] += [self.stops[at - len(self.depots)] for at in tour.nodes if at >= len(self.depots)]
        return found


def team(members: Sequence[Member], stops: Sequence[Stop]) -> Team:
    """Return the problem of so many drivers and stops; every stop must have a place.

    Times are seconds after the first shift begins. Breaks shorten the shift at its end: exact times are the clock's.
    """
    depots = tuple(dict.fromkeys(place for each in members for place in _ends(each.vehicle)))
    places = [*depots, *(stop.place for stop in stops if stop.place)]
    legs = {id(each.matrix): matrices.table_of(each.matrix, places) for each in members}
    zero = min(each.vehicle.shift.starts_at for each in members)
    tables = [legs[id(each.matrix)] for each in members]
    nodes = [Node() for _ in depots] + [_node(stop, zero=zero.timestamp()) for stop in stops]
    instance = Instance(
        nodes=tuple(nodes),
        fleet=tuple(
            _fleet(each, depots=depots, number=number, zero=zero.timestamp()) for number, each in enumerate(members)
        ),
        distances=tuple(
            table.metres.astype(np.int64) + _on_top(each, stops, depots=len(depots))
            for each, table in zip(members, tables, strict=True)
        ),
        durations=tuple(table.seconds.astype(np.int64) for table in tables),
    )
    return Team(members=tuple(members), stops=tuple(stops), depots=depots, instance=instance)


def _ends(vehicle: Vehicle) -> list[Place]:
    return [vehicle.start.place, (vehicle.end or vehicle.start).place]


def _on_top(member: Member, stops: Sequence[Stop], *, depots: int) -> Table:
    """Return what each way costs a member on top; ways back to a depot cost nothing more."""
    burden = member.burden(stops)
    found = np.zeros((depots + len(stops), depots + len(stops)), dtype=np.int64)
    found[:depots, depots:] = burden.first
    found[depots:, depots:] = burden.between
    np.fill_diagonal(found, 0)
    return found


def _node(stop: Stop, *, zero: float) -> Node:
    opens, closes = 0, FOREVER
    if stop.window is not None:
        opens = max(0, round(stop.window.opens.timestamp() - zero))
        closes = max(opens, round(stop.window.closes.timestamp() - zero))
    return Node(
        demand=stop.load,
        opens=opens,
        closes=closes,
        service=round(stop.service.total_seconds()),
        prize=WORTH[stop.importance],
        name=stop.key,
    )


def _fleet(member: Member, *, depots: Sequence[Place], number: int, zero: float) -> Fleet:
    vehicle, shift = member.vehicle, member.vehicle.shift
    start, end = (depots.index(place) for place in _ends(vehicle))
    pauses = round(sum(each.duration.total_seconds() for each in vehicle.breaks))
    opens = round(shift.starts_at.timestamp() - zero)
    return Fleet(
        count=1,
        capacity=vehicle.capacity,
        start=start,
        end=end,
        opens=opens,
        closes=max(opens, round(shift.ends_at.timestamp() - zero) - pauses),
        longest=round(shift.longest.total_seconds()),
        fixed_cost=member.fixed_cost,
        duration_cost=1,
        reloads=vehicle.reloads,
        table=number,
    )
