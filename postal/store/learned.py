"""What driven rounds taught, day by day, and where the usual figures were put in its stead. Nobody's name is in it."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, and_, delete, func, insert, select

from postal.domain.learned import Learned, Pinned
from postal.store import codec
from postal.store.tables import LearnedFiguresRow, PinnedFiguresRow, table_of

_LEARNED = table_of(LearnedFiguresRow)
_PINNED = table_of(PinnedFiguresRow)


class LearnedFigures:
    """The figures of rounds inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def keep(self, learned: Learned) -> None:
        """Keep what was learned by a day; the same day again takes the place of what it said before."""
        same = and_(
            _LEARNED.c.office == learned.office,
            _LEARNED.c.territory == learned.territory,
            _LEARNED.c.kind == learned.kind,
            _LEARNED.c.worked_on == learned.worked_on,
        )
        self._connection.execute(delete(_LEARNED).where(same))
        self._connection.execute(
            insert(_LEARNED).values(
                office=learned.office,
                territory=learned.territory,
                kind=learned.kind,
                worked_on=learned.worked_on,
                worked_at=self._at,
                content=codec.dumps(learned),
            )
        )

    def newest(self, offices: Collection[str], *, before: date | None = None) -> dict[tuple[str, str, str], Learned]:
        """Return the last word by office, territory (empty: the whole office) and kind; `before` a day if said."""
        key = (_LEARNED.c.office, _LEARNED.c.territory, _LEARNED.c.kind)
        last = select(*key, func.max(_LEARNED.c.worked_on).label("last_on")).where(_LEARNED.c.office.in_(offices))
        if before is not None:
            last = last.where(_LEARNED.c.worked_on < before)
        days = last.group_by(*key).subquery()
        same = and_(
            _LEARNED.c.office == days.c.office,
            _LEARNED.c.territory == days.c.territory,
            _LEARNED.c.kind == days.c.kind,
            _LEARNED.c.worked_on == days.c.last_on,
        )
        contents = self._connection.execute(select(_LEARNED.c.content).join(days, same)).scalars()
        found = [codec.loads(content, Learned) for content in contents]
        return {(each.office, each.territory, each.kind): each for each in found}

    def worked_on(self, office: str) -> date | None:
        """Return the last day on which something was learned for an office, None when it never was."""
        query = select(func.max(_LEARNED.c.worked_on)).where(_LEARNED.c.office == office)
        found: date | None = self._connection.execute(query).scalar()
        return found

    def pinned(self, offices: Collection[str]) -> dict[tuple[str, str], Pinned]:
        """Return where the usual figures stand in the stead of the learned ones, by office and kind."""
        rows = self._connection.execute(select(_PINNED).where(_PINNED.c.office.in_(offices)))
        found = [
            Pinned(office=row.office, kind=row.kind, account=row.account, since=row.since, reason=row.reason)
            for row in rows
        ]
        return {(each.office, each.kind): each for each in found}

    def pin(self, office: str, kind: str, *, account: str, reason: str) -> None:
        """Put the usual figures in the stead of the learned ones."""
        self.unpin(office, kind)
        values = {"account": account, "since": self._at, "reason": reason}
        self._connection.execute(insert(_PINNED).values(office=office, kind=kind, **values))

    def unpin(self, office: str, kind: str) -> None:
        """Let the learned figures stand again."""
        self._connection.execute(delete(_PINNED).where(_PINNED.c.office == office, _PINNED.c.kind == kind))
