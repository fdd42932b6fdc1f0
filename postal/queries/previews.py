"""What a change of the catalogue would have done to last month's dossiers: due dates, authorities, fees, the post."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from postal.domain import calendars, catalogue_change, tariffs
from postal.domain.competence import NoCompetentPlace
from postal.domain.dossier import Dossier
from postal.domain.places import CommuneGone, Level, Place, UnknownPlace
from postal.domain.procedures import ProcedureStatus, ProcedureVersion
from postal.domain.tariffs import StateFee
from postal.queries import clocks
from postal.queries.clocks import Rules
from postal.store import Reader, Store
from postal.store.tables import DossierRow, table_of

MONTH = timedelta(days=31)
MOST_ROWS = 200
"""So many dossiers are listed; all are counted."""

Change = tuple[ProcedureVersion | None, ProcedureVersion]

_CLOCK_FIELDS = ("limit", "same_day", "pause_policy")
_NOWHERE = "chưa công bố cơ quan giải quyết"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What would differ in one respect: how it was, and how it would have been."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """A dossier for which something would have been different."""

    code: str
    href: str
    procedure: str
    opened_on: date
    turns: tuple[Turn, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What a change would have done to the dossiers of the last month.

    `looked_at` counts the dossiers of these procedures; `not_begun` those whose clock has not begun, so that no due
    date can differ yet. `rows` are the first of `touched`.
    """

    since: date
    until: date
    looked_at: int
    touched: int
    due_dates: int
    authorities: int
    fees: int
    carrying: int
    not_begun: int
    rows: tuple[Touched, ...]

    @property
    def left_out(self) -> int:
        """Return how many dossiers are counted and not listed."""
        return self.touched - len(self.rows)


def preview(store: Store, changes: Iterable[Change], *, at: datetime) -> Preview:
    """Return what would differ for the dossiers of the last month had these versions held then."""
    changed = {new.code: (old, new) for old, new in changes if old is not None}
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        dossiers = _last_month(reader, changed.keys(), at=at)
        looks = _Looks(reader, dossiers, changed, on=today)
        found = [(dossier, tuple(looks.turns(dossier, at=at))) for dossier in dossiers]
    touched = [_touched(dossier, turns, changed[dossier.procedure][1]) for dossier, turns in found if turns]
    return Preview(
        since=today - MONTH,
        until=today,
        looked_at=len(dossiers),
        touched=len(touched),
        due_dates=_count(touched, _DUE),
        authorities=_count(touched, _AUTHORITY),
        fees=_count(touched, _FEE),
        carrying=_count(touched, _CARRYING),
        not_begun=sum(dossier.started_at is None for dossier in dossiers),
        rows=tuple(touched[:MOST_ROWS]),
    )


_DUE, _AUTHORITY, _FEE, _CARRYING = "Hẹn trả", "Cơ quan giải quyết", "Phí, lệ phí", "Gửi qua bưu điện"


def _last_month(reader: Reader, codes: Iterable[str], *, at: datetime) -> list[Dossier]:
    """Return the dossiers of these procedures, the newest first; for many procedures all are read and sifted here."""
    table, wanted = table_of(DossierRow), set(codes)
    query = (
        select(table.c.state).where(table.c.opened_at >= at - MONTH).order_by(table.c.opened_at.desc(), table.c.code)
    )
    if len(wanted) <= MOST_ROWS:
        query = query.where(table.c.procedure.in_(sorted(wanted)))
    return [dossier for dossier in reader.things(Dossier, query) if dossier.procedure in wanted]


class _Looks:
    """Compares one dossier under the version it was received by with what it would be under the new one."""

    def __init__(
        self,
        reader: Reader,
        dossiers: Sequence[Dossier],
        changed: dict[str, tuple[ProcedureVersion, ProcedureVersion]],
        *,
        on: date,
    ) -> None:
        self._reader = reader
        self._changed = changed
        self._fees = reader.tariffs.all(StateFee)
        self._on = on
        self._as_was = Rules(reader, dossiers)
        self._as_would_be = _WouldBe(reader, dossiers, {code: new for code, (_, new) in changed.items()})
        self._places = reader.reference.places(
            code for dossier in dossiers for code in (dossier.department, dossier.desk)
        )

    def turns(self, dossier: Dossier, *, at: datetime) -> Iterator[Turn]:
        old, new = self._changed[dossier.procedure]
        if any(getattr(old, name) != getattr(new, name) for name in _CLOCK_FIELDS):
            yield from self._due(dossier, new, at=at)
        if old.competence != new.competence:
            yield from self._authority(dossier, new)
        before, after = self._fee(old, old.version), self._fee(new, old.version + 1)
        if before != after:
            yield Turn(label=_FEE, before=before, after=after)
        if old.status is not new.status and new.status is ProcedureStatus.ABOLISHED:
            yield Turn(label=_CARRYING, before="được nhận", after="đã bãi bỏ, không nhận")
        elif old.carriable is not False and new.carriable is False:
            yield Turn(label=_CARRYING, before="được gửi", after=f"không gửi: {new.why_not}")

    def _fee(self, version: ProcedureVersion, number: int) -> str:
        """Return what a counter would propose: the fees of the table in force stand before the catalogue's."""
        found = tariffs.fees(self._fees, procedure=version.code, version=number, on=self._on)
        due = tariffs.fees_due(found)
        if due.amount is None:
            return _said(version, "fee")
        return f"{catalogue_change.said(replace(version, fee=due.amount), 'fee')} (bảng phí, lệ phí)"

    def _due(self, dossier: Dossier, new: ProcedureVersion, *, at: datetime) -> Iterator[Turn]:
        if dossier.started_at is None:
            return
        would = replace(
            dossier,
            limit=None if new.same_day else new.limit,
            policy=new.pause_policy,
            promised_at=None,
            extension=None,
        )
        before = clocks.due_view(dossier, rules=self._as_was, at=at).due_at
        after = clocks.due_view(would, rules=self._as_would_be, at=at).due_at
        if before != after:
            yield Turn(label=_DUE, before=_instant(before), after=_instant(after))

    def _authority(self, dossier: Dossier, new: ProcedureVersion) -> Iterator[Turn]:
        decides = self._places.get(dossier.department)
        before = decides.name if decides else _NOWHERE
        after = self._would_decide(dossier, new)
        if before != after:
            yield Turn(label=_AUTHORITY, before=before, after=after)

    def _would_decide(self, dossier: Dossier, new: ProcedureVersion) -> str:
        places = (self._places.get(dossier.department), self._places.get(dossier.desk))
        commune = next((place.unit for place in places if place and _is_of(place, new)), None)
        if commune is None:
            return "theo xã, phường của vụ việc (hồ sơ không ghi)"
        on = calendars.local(dossier.opened_at).date()
        try:
            return self._reader.reference.competent(new, case_commune=commune, on=on).authority.name
        except (NoCompetentPlace, CommuneGone, UnknownPlace):
            return _NOWHERE


class _WouldBe(Rules):
    """The rules by which dossiers would have been counted under new versions."""

    def __init__(self, reader: Reader, dossiers: Sequence[Dossier], versions: dict[str, ProcedureVersion]) -> None:
        super().__init__(reader, dossiers)
        self._new = versions

    def version(self, dossier: Dossier) -> ProcedureVersion:
        return self._new[dossier.procedure]


def _is_of(place: Place, new: ProcedureVersion) -> bool:
    """Tell whether a place's commune says where the case belongs: any commune does for an authority of the province."""
    at_commune = new.competence is not None and new.competence.level is Level.COMMUNE
    return place.unit is not None and (place.level is Level.COMMUNE or not at_commune)


def _said(version: ProcedureVersion, name: str) -> str:
    return catalogue_change.said(version, name)


def _instant(at: datetime | None) -> str:
    return f"{calendars.local(at):%H:%M %d/%m/%Y}" if at else "chưa tính được"


def _touched(dossier: Dossier, turns: tuple[Turn, ...], version: ProcedureVersion) -> Touched:
    return Touched(
        code=dossier.code,
        href=f"/dossiers/{dossier.code}",
        procedure=version.name,
        opened_on=calendars.local(dossier.opened_at).date(),
        turns=turns,
    )


def _count(touched: Iterable[Touched], label: str) -> int:
    return sum(any(turn.label == label for turn in each.turns) for each in touched)
