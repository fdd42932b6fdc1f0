"""What is put off to another day, the last word on each thing, and the weeks that were proposed."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from postal.domain import codes
from postal.domain.lifecycle import Overtaken
from postal.domain.week import PutOff
from postal.store.tables import PutOffRow, table_of


class Weeks:
    """The days of things inside one transaction or snapshot."""

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

    def _numbers(self, things: Collection[str]) -> dict[str, int]:
        table = table_of(PutOffRow)
        wanted = select(table.c.thing, func.max(table.c.number)).where(table.c.thing.in_(sorted(set(things))))
        return {row[0]: row[1] for row in self._connection.execute(wanted.group_by(table.c.thing))}
