"""Postage that is owed back because the post was late: derived from the journal, with the reasons step by step."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from postal.domain import calendars, compensation, late_post, permissions
from postal.domain.dossier import Dossier
from postal.domain.events import Event
from postal.domain.item import Item, Trouble
from postal.domain.late_post import LateLeg
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import answerable
from postal.store import Reader, Store, legs
from postal.store.tables import DossierRow, ItemRow, table_of

MOST_ROWS = 500
LOOKS_BACK = timedelta(days=220)
"""A complaint has six months after the last day of the way, so older ways are not looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LatePostage:
    """What a dossier gets back because the post was late; `amount` 0 where nothing is left of what was taken."""

    legs: tuple[LateLeg, ...]
    amount: int
    refunded_on: date | None

    @property
    def is_owed(self) -> bool:
        """Tell whether postage waits to be given back."""
        return self.amount > 0 and self.refunded_on is None

    @property
    def days(self) -> int:
        """Return how many working days the latest of the ways was late."""
        return max(leg.days for leg in self.legs)

    @property
    def claim_until(self) -> date:
        """Return the last day of a complaint about any of the ways."""
        return max(leg.claim_until for leg in self.legs)


@dataclass(frozen=True, kw_only=True, slots=True)
class LostLine:
    """An envelope nobody finds, and what the law says of its compensation."""

    item: str
    text: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundRow:
    """A dossier whose postage is owed back."""

    code: str
    official_code: str
    late: LatePostage


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundsPage:
    """The dossiers of an office whose postage is owed back, the latest first. `left_out` are not shown."""

    rows: tuple[RefundRow, ...]
    total: int
    left_out: int
    checked_at: datetime


def of_dossier(reader: Reader, dossier: Dossier, *, at: datetime) -> LatePostage | None:
    """Return what a dossier gets back for lateness, None where the post was never late."""
    late = legs.late_of(reader, [dossier], at=at).get(dossier.code, ())
    if not late:
        return None
    happened = [event for *_, event in reader.events([dossier.code])]
    return LatePostage(legs=late, amount=dossier.postage.balance, refunded_on=late_post.refunded_on(happened))


def lost(reader: Reader, items: Iterable[Item], *, at: datetime) -> tuple[LostLine, ...]:
    """Return the least compensation of every envelope that is missing, as the record of its loss says it too."""
    missing = [item for item in items if item.trouble is Trouble.MISSING]
    return tuple(
        LostLine(item=item.code, text=fact.text, source=fact.source)
        for item in missing
        for fact in answerable.facts(reader, item, at=at)
        if fact.name == compensation.LOSS
    )


def refunds_page(store: Store, *, actor: Actor, at: datetime) -> RefundsPage:
    """Return what the actor's office owes back, as long as somebody may still claim it. Raises: Forbidden."""
    permissions.require(actor, Permission.REFUND)
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        paid = {each.code: each for each in _of_office(reader, actor.place, at=at) if each.postage.balance > 0}
        late = legs.late_of(reader, list(paid.values()), at=at)
        done = _refunded(reader, sorted(late))
    rows = [
        RefundRow(
            code=code,
            official_code=paid[code].official_code,
            late=LatePostage(legs=own, amount=paid[code].postage.balance, refunded_on=done[code]),
        )
        for code, own in late.items()
    ]
    owed = [row for row in rows if row.late.is_owed and row.late.claim_until >= today]
    owed.sort(key=lambda row: (-row.late.days, row.late.claim_until, row.code))
    return RefundsPage(
        rows=tuple(owed[:MOST_ROWS]),
        total=sum(row.late.amount for row in owed),
        left_out=max(0, len(owed) - MOST_ROWS),
        checked_at=at,
    )


def _of_office(reader: Reader, office: str, *, at: datetime) -> list[Dossier]:
    """Return the dossiers of an office that something moved for not too long ago."""
    dossiers, items = table_of(DossierRow), table_of(ItemRow)
    moved = select(items.c.dossier).where(items.c.dossier == dossiers.c.code, items.c.last_at >= at - LOOKS_BACK)
    query = select(dossiers.c.state).where(dossiers.c.office == office, moved.exists())
    return reader.things(Dossier, query)


def _refunded(reader: Reader, codes: list[str]) -> dict[str, date | None]:
    happened: dict[str, list[Event]] = {code: [] for code in codes}
    for stream, _, _, event in reader.events(codes) if codes else ():
        happened[stream].append(event)
    return {code: late_post.refunded_on(events) for code, events in happened.items()}
