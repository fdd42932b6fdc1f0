"""Who spent the days: the life of a dossier cut into stretches, each with one party whose turn it was.

The stretches meet: every working minute from the first to the last belongs to exactly one party, so the parts add up to
the whole. It is one calendar for all of them, the state's, because a citizen has one calendar.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from postal.domain import status, supplements
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import ItemKind, Service
from postal.domain.item import Custody, Item
from postal.domain.people import CustodianKind, PositionKind, Side, parse_position


class Party(Enum):
    """Between whom the time is split."""

    POST = "post"
    DESK = "desk"
    DEPARTMENT = "department"
    CITIZEN = "citizen"


PARTY_NAMES: dict[Party, str] = {
    Party.POST: "Bưu điện",
    Party.DESK: "Một cửa",
    Party.DEPARTMENT: "Cơ quan giải quyết",
    Party.CITIZEN: "Người dân",
}


class Doing(Enum):
    """What the party whose turn it is does."""

    CARRYING_OUT = "carrying_out"
    CARRYING_SUPPLEMENT = "carrying_supplement"
    CARRYING_BACK = "carrying_back"
    RECEIVING = "receiving"
    WORKING = "working"
    ELSEWHERE = "elsewhere"
    GIVING_BACK = "giving_back"
    BRINGING = "bringing"
    SUPPLEMENTING = "supplementing"
    PAYING = "paying"
    COLLECTING = "collecting"


DOING_NAMES: dict[Doing, str] = {
    Doing.CARRYING_OUT: "chuyển hồ sơ đi",
    Doing.CARRYING_SUPPLEMENT: "chuyển giấy tờ bổ sung",
    Doing.CARRYING_BACK: "chuyển về cho người dân",
    Doing.RECEIVING: "tiếp nhận, chuyển cơ quan giải quyết",
    Doing.WORKING: "giải quyết",
    Doing.ELSEWHERE: "chờ liên thông với cơ quan khác",
    Doing.GIVING_BACK: "chờ giao kết quả, giấy tờ cho bưu điện",
    Doing.BRINGING: "chưa giao giấy tờ",
    Doing.SUPPLEMENTING: "chờ bổ sung giấy tờ",
    Doing.PAYING: "chờ nộp phí, lệ phí",
    Doing.COLLECTING: "đã mời, chờ đến nhận",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose turn it is, at which place, and what is being done."""

    party: Party
    doing: Doing
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """From this instant on it was somebody's turn; None says that nothing was left to do."""

    at: datetime
    turn: Turn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a dossier's life: `minutes` working minutes in which it was one party's turn."""

    since: datetime
    until: datetime
    turn: Turn
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The whole life of a dossier so far: `total` working minutes, and the stretches they are made of."""

    since: datetime
    until: datetime
    total: int
    stretches: tuple[Stretch, ...]

    def of(self, party: Party) -> int:
        """Return the working minutes of one party."""
        return sum(stretch.minutes for stretch in self.stretches if stretch.turn.party is party)

    def by_doing(self) -> dict[Turn, int]:
        """Return the working minutes by turn, the longest first."""
        found: dict[Turn, int] = {}
        for stretch in self.stretches:
            found[stretch.turn] = found.get(stretch.turn, 0) + stretch.minutes
        return dict(sorted(found.items(), key=lambda each: -each[1]))


def split(moments: Iterable[Moment], *, calendar: WorkCalendar, until: datetime) -> Split | None:
    """Cut the time from the first moment to `until`, or to the end, into stretches that add up exactly.

    Minutes are counted from the beginning to each cut, so that no part of a minute is lost between two stretches.
    Between two turns in which nothing was left to do, it is the citizen's. None when there is no moment.
    """
    ordered = sorted(moments, key=lambda moment: moment.at)
    if not ordered:
        return None
    since = ordered[0].at
    end = min(until, _ended(ordered) or until)
    cuts = [moment for moment in ordered if moment.at < end] or ordered[:1]
    edges = [moment.at for moment in cuts] + [max(end, since)]
    passed = [calendar.working_minutes(since, edge) for edge in edges]
    parts = (
        Stretch(since=begins, until=ends, turn=cut.turn or _IDLE, minutes=later - earlier)
        for cut, (begins, ends), (earlier, later) in zip(
            cuts, itertools.pairwise(edges), itertools.pairwise(passed), strict=True
        )
    )
    return Split(since=since, until=edges[-1], total=passed[-1], stretches=_joined(parts))


def within(found: Split, *, since: datetime, until: datetime, calendar: WorkCalendar) -> Split | None:
    """Return the part of a split between two instants; None when they do not meet."""
    begins, ends = max(since, found.since), min(until, found.until)
    if begins >= ends:
        return None
    kept = [stretch for stretch in found.stretches if stretch.until > begins and stretch.since < ends]
    moments = [Moment(at=max(stretch.since, begins), turn=stretch.turn) for stretch in kept]
    return split(moments, calendar=calendar, until=ends)


_IDLE = Turn(party=Party.CITIZEN, doing=Doing.COLLECTING)


def _ended(ordered: Sequence[Moment]) -> datetime | None:
    """Return from when on nothing was left to do for good."""
    last = None
    for moment in reversed(ordered):
        if moment.turn is not None:
            return last
        last = moment.at
    return last


def _joined(parts: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return stretches of which no two neighbours are of the same turn, and none is a mere instant."""
    found: list[Stretch] = []
    for part in parts:
        if found and found[-1].turn == part.turn:
            before = found.pop()
            minutes = before.minutes + part.minutes
            found.append(Stretch(since=before.since, until=part.until, turn=part.turn, minutes=minutes))
        elif part.until > part.since:
            found.append(part)
    return tuple(found)


# --- whose turn -------------------------------------------------------------------------------------------------------

_OVER = frozenset({AgencyStatus.RETURNED, AgencyStatus.VOIDED, AgencyStatus.TURNED_BACK})
_WORKING = frozenset({AgencyStatus.NEW, AgencyStatus.RECEIVED, AgencyStatus.IN_WORK})


def turn(dossier: Dossier, items: Sequence[Item]) -> Turn | None:
    """Return whose turn it is with a dossier as it stands; None when nothing is left to do."""
    if dossier.status in _OVER or dossier.closed_at is not None:
        return None
    if dossier.status is AgencyStatus.SUPPLEMENT:
        return _while_supplementing(dossier, items)
    if dossier.status is AgencyStatus.PAYMENT and dossier.fees.owed > 0:
        return Turn(party=Party.CITIZEN, doing=Doing.PAYING)
    leading = status.leading(items)
    if leading is None:
        return _without_envelope(dossier)
    if leading.custodian.side is Side.POST:
        return _with_post(leading)
    if leading.custodian.side is Side.CITIZEN:
        return None if leading.custody is Custody.DELIVERED else _IDLE
    return _with_authority(dossier, leading)


def _while_supplementing(dossier: Dossier, items: Sequence[Item]) -> Turn:
    """Return whose turn it is while papers are asked for: the citizen's until all are brought, then the carrier's."""
    if supplements.still_missing(dossier, items):
        return Turn(party=Party.CITIZEN, doing=Doing.SUPPLEMENTING)
    brought = list(supplements.brought(dossier, items).values())
    carried = [item for item in brought if item.custodian.side is Side.POST]
    if carried:
        return Turn(party=Party.POST, doing=Doing.CARRYING_SUPPLEMENT, place=carried[0].custodian.place)
    at_desk = [item for item in brought if _is_at_desk(item)]
    if at_desk:
        return Turn(party=Party.DESK, doing=Doing.RECEIVING, place=at_desk[0].custodian.place)
    return _at_work(dossier)


def _without_envelope(dossier: Dossier) -> Turn:
    """Return whose turn it is where the post has no envelope: nobody fetched the papers, or they are not its affair."""
    if dossier.service is Service.RECEIVE or dossier.status is not AgencyStatus.NEW:
        return _at_work(dossier)
    return Turn(party=Party.CITIZEN, doing=Doing.BRINGING)


def _with_post(leading: Item) -> Turn:
    if leading.pickup_until is not None and not leading.goes_back:
        return Turn(party=Party.CITIZEN, doing=Doing.COLLECTING)
    doing = Doing.CARRYING_BACK if status.comes_back(leading) else Doing.CARRYING_OUT
    return Turn(party=Party.POST, doing=doing, place=leading.custodian.place)


def _with_authority(dossier: Dossier, leading: Item) -> Turn:
    place = leading.custodian.place
    if dossier.status in _WORKING or dossier.status is AgencyStatus.PAYMENT:
        if place not in (dossier.desk, dossier.department):
            return Turn(party=Party.DEPARTMENT, doing=Doing.ELSEWHERE, place=place)
        if _is_at_desk(leading) and dossier.status is not AgencyStatus.IN_WORK:
            return Turn(party=Party.DESK, doing=Doing.RECEIVING, place=place)
        return _at_work(dossier)
    party = Party.DESK if _is_at_desk(leading) else Party.DEPARTMENT
    is_collected_there = leading.kind is ItemKind.RESULT and not leading.destination.to_citizen
    if is_collected_there and leading.is_at_destination:
        return Turn(party=Party.CITIZEN, doing=Doing.COLLECTING)
    return Turn(party=party, doing=Doing.GIVING_BACK, place=place)


def _at_work(dossier: Dossier) -> Turn:
    """Return the turn of whoever decides: the department, or the desk where there is none or it has not begun."""
    has_begun = dossier.status is not AgencyStatus.NEW
    if has_begun and dossier.department and dossier.department != dossier.desk:
        return Turn(party=Party.DEPARTMENT, doing=Doing.WORKING, place=dossier.department)
    doing = Doing.WORKING if has_begun else Doing.RECEIVING
    return Turn(party=Party.DESK, doing=doing, place=dossier.desk)


def _is_at_desk(item: Item) -> bool:
    is_position = item.custodian.kind is CustodianKind.POSITION
    return is_position and parse_position(item.custodian.key).kind is PositionKind.DESK


# --- the story --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a dossier or one of its envelopes stood after something happened."""

    at: datetime
    dossier: Dossier | None = None
    item: Item | None = None


def moments(story: Mapping[str, Sequence[Told]]) -> list[Moment]:
    """Return whose turn it became when, out of what happened to a dossier and its envelopes, stream by stream.

    Within one stream the order is that of its fold: what a device tells with an earlier time does not undo what was
    known. Before the dossier exists it is nobody's turn.
    """
    dossier: Dossier | None = None
    items: dict[str, Item] = {}
    found: list[Moment] = []
    for told in sorted(itertools.chain(*map(_in_order, story.values())), key=lambda each: each.at):
        dossier = told.dossier or dossier
        if told.item is not None:
            items[told.item.code] = told.item
        if dossier is not None:
            found.append(Moment(at=told.at, turn=turn(dossier, list(items.values()))))
    return found


def _in_order(stream: Sequence[Told]) -> Iterable[Told]:
    reached: datetime | None = None
    for told in stream:
        reached = told.at if reached is None else max(reached, told.at)
        yield Told(at=reached, dossier=told.dossier, item=told.item)
