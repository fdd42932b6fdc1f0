"""What is put off to another day, the last word on each thing, and the weeks that were proposed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from postal.domain import codes
from postal.domain.lifecycle import Overtaken
from postal.domain.week import PutOff, WeekPlan
from postal.store import codec
from postal.store.tables import PutOffRow, WeekPlanRow, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptWeek:
    """A proposed week under its number; who accepted it and when, empty and None while nobody has."""

    id: str
    plan: WeekPlan
    accepted_by: str
    accepted_at: datetime | None


class Weeks:
    """The days of things, and proposed weeks, inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def put_off(self, things: Sequence[str], *, day: date, by: str, reason: str, until: date | None = None) -> None:
        """Put things off to a day; what was said of them before is kept and counts no more.

        Raises: Overtaken when somebody puts one of them off at the same moment.
        """
        numbers = self._numbers(things)
        rows = [
            {
                "thing": thing,
                "number": numbers.get(thing, 0) + 1,
                "day": day,
                "until": until,
                "put_by": by,
                "put_at": self._at,
                "reason": reason,
            }
            for thing in sorted(set(things))
        ]
        if not rows:
            return
        try:
            self._connection.execute(insert(table_of(PutOffRow)), rows)
        except (IntegrityError, OperationalError) as error:
            if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) != "40P01":
                raise
            raise Overtaken(thing=", ".join(map(codes.shown, sorted(things)[:3]))) from error

    def days_of(self, things: Collection[str]) -> dict[str, PutOff]:
        """Return by thing the last word on its day; what was never put off is absent."""
        table = table_of(PutOffRow)
        last = select(table.c.thing, func.max(table.c.number).label("number"))
        newest = last.where(table.c.thing.in_(sorted(set(things)))).group_by(table.c.thing).subquery()
        same = and_(table.c.thing == newest.c.thing, table.c.number == newest.c.number)
        rows = self._connection.execute(select(table).join(newest, same)).all()
        return {
            row.thing: PutOff(
                thing=row.thing, day=row.day, until=row.until, by=row.put_by, at=row.put_at, reason=row.reason
            )
            for row in rows
        }

    # --- proposed weeks -----------------------------------------------------------------------------------------------

    def keep_plan(self, number: str, plan: WeekPlan) -> None:
        """Keep a proposed week under a number, until somebody accepts it."""
        values = {"place": plan.place, "first_on": plan.days[0], "made_at": self._at, "accepted_by": ""}
        content = codec.dumps(plan)
        self._connection.execute(insert(table_of(WeekPlanRow)).values(id=number, content=content, **values))

    def plan(self, number: str) -> KeptWeek | None:
        """Return a proposed week, None when nobody knows it."""
        table = table_of(WeekPlanRow)
        return _kept(self._connection.execute(select(table).where(table.c.id == number)).first())

    def last_plan(self, place: str) -> KeptWeek | None:
        """Return the newest proposed week of a place, None when there is none."""
        table = table_of(WeekPlanRow)
        newest = select(table).where(table.c.place == place).order_by(table.c.made_at.desc(), table.c.id).limit(1)
        return _kept(self._connection.execute(newest).first())

    def accept_plan(self, number: str, *, by: str) -> bool:
        """Note who accepted a proposed week, once; tell whether it was this time."""
        table = table_of(WeekPlanRow)
        is_open = and_(table.c.id == number, table.c.accepted_by == "")
        done = self._connection.execute(update(table).where(is_open).values(accepted_by=by, accepted_at=self._at))
        return done.rowcount == 1

    def _numbers(self, things: Collection[str]) -> dict[str, int]:
        table = table_of(PutOffRow)
        wanted = select(table.c.thing, func.max(table.c.number)).where(table.c.thing.in_(sorted(set(things))))
        return {row[0]: row[1] for row in self._connection.execute(wanted.group_by(table.c.thing))}


def _kept(row: Any) -> KeptWeek | None:
    if row is None:
        return None
    plan = codec.loads(row.content, WeekPlan)
    return KeptWeek(id=row.id, plan=plan, accepted_by=row.accepted_by, accepted_at=row.accepted_at)
