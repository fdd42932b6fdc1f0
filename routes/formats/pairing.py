"""What problems of pickups and deliveries have in common: vehicles first, then the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routes.formats.lines import BadFile, Line
from routes.instance import Fleet, Instance, Node, Pair, Table


@dataclass(frozen=True, slots=True)
class Task:
    """A line of such a problem; the depot is the first."""

    line: Line
    number: int
    amount: int
    node: Node
    pickup: int
    delivery: int

    @staticmethod
    def of(line: Line, rest: Sequence[float], *, number: int, scale: int) -> Task:
        """Make a task of demand, window, service and the partners.

        Raises:
            BadFile: the window is over before it opens.
        """
        amount, opens, closes, service, pickup, delivery = rest[:6]
        if closes < opens:
            raise BadFile(f"task {number} closes at {closes:g}, before it opens at {opens:g}", line=line.number)
        node = Node(
            opens=round(opens * scale), closes=round(closes * scale), service=round(service * scale), name=str(number)
        )
        return Task(line, number, int(amount), node, int(pickup), int(delivery))


def problem(
    tasks: Sequence[Task],
    *,
    table: Table,
    count: int,
    capacity: int,
    scale: int,
    units: str,
    name: str,
    points: tuple[tuple[float, float], ...],
) -> Instance:
    """Return the problem of these tasks; a vehicle costs more than any way, so that fewer always win.

    Raises:
        BadFile: a task whose partner does not know it.
    """
    depot = tasks[0].node
    dearest = 1 + 2 * int(table.max(initial=0)) * len(tasks)
    fleet = Fleet(count=count, capacity=capacity, opens=depot.opens, closes=depot.closes, fixed_cost=dearest)
    return Instance(
        nodes=tuple(task.node for task in tasks),
        fleet=(fleet,),
        distances=(table,),
        durations=(table,),
        pairs=tuple(_pair(task, tasks) for task in tasks[1:] if task.delivery),
        scale=scale,
        units=units,
        name=name,
        points=points,
    )


def _pair(task: Task, tasks: Sequence[Task]) -> Pair:
    if not 0 < task.delivery < len(tasks):
        raise BadFile(f"task {task.number} is delivered at {task.delivery}, which is no task", line=task.line.number)
    other = tasks[task.delivery]
    if other.pickup != task.number or other.amount != -task.amount:
        raise BadFile(f"tasks {task.number} and {other.number} are not each other's partners", line=task.line.number)
    return Pair(pickup=task.number, delivery=other.number, amount=task.amount)
