"""All clocks of a dossier as ledgers, with their steps: the limit, the legs, the slip, invitations, the apology."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, clocks, compensation, events, spans, status
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Due, Step
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind
from postal.domain.incident import Incident
from postal.domain.item import Custody, Item
from postal.domain.people import Side
from postal.domain.places import Lane, UnknownPlace
from postal.domain.procedures import UnknownProcedure
from postal.domain.spans import KEEPER_NAMES, RULES, ClockKind, ClockLedger, Keeper
from postal.queries import complaints, lateness, spent
from postal.queries.clocks import Rules
from postal.queries.lateness import Ways
from postal.store import Reader, passages
from postal.store.passages import Passage

LEGS: dict[ItemKind, ClockKind] = {
    ItemKind.OUTBOUND: ClockKind.LEG_OUT,
    ItemKind.SUPPLEMENT: ClockKind.LEG_SUPPLEMENT,
    ItemKind.SLIP: ClockKind.SLIP_RELAY,
    ItemKind.RESULT: ClockKind.LEG_BACK,
    ItemKind.RETURNED: ClockKind.LEG_RETURNED,
    ItemKind.RECOVERED: ClockKind.LEG_RECOVERED,
}
"""Which clock the way of an envelope is."""

_REACHED = (events.Delivered, events.AttemptFailed, events.HeldForPickup, events.InvitationLeft)
"""What ends the way to the citizen: the first delivery, or being told to come (TT 17/2017 Đ.7)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanLine:
    """A stretch in which a clock ran or stood, and why."""

    since: datetime
    until: datetime | None
    is_running: bool
    reason: str
    spoken: str
    counts: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockView:
    """A clock as people read it: what it may use, when it is due, its spans, its steps.

    `about` is an envelope, or the record of a complaint.
    """

    name: str
    about: str
    budget: str
    keeper: str
    starts: str
    ends: str
    basis: str
    due_at: datetime | None
    provisional: bool
    ended_at: datetime | None
    is_standing: bool
    is_late: bool
    used: str
    spans: tuple[SpanLine, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class IdleClock:
    """A clock that nothing has set going yet: what would."""

    name: str
    starts: str
    basis: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """The clocks of a dossier: those that run or ran, and those that nothing set going."""

    views: tuple[ClockView, ...]
    idle: tuple[IdleClock, ...]
    supplement_asked_late: bool


def of_dossier(reader: Reader, dossier: Dossier, items: Sequence[Item], *, at: datetime) -> Clocks:
    """Return all clocks of a dossier at an instant, each with its own calendar and basis."""
    case = _Case(reader, dossier, items, at=at)
    ledgers = tuple(case.ledgers())
    running = {ledger.kind for ledger in ledgers}
    return Clocks(
        views=tuple(case.view(ledger) for ledger in ledgers),
        idle=tuple(_idle(kind, ledgers) for kind in ClockKind if kind not in running),
        supplement_asked_late=case.is_supplement_late(),
    )


class _Case:
    """What the clocks of one dossier are read out of, in one snapshot."""

    def __init__(self, reader: Reader, dossier: Dossier, items: Sequence[Item], *, at: datetime) -> None:
        self.reader, self.dossier = reader, dossier
        self.items = [item for item in items if item.custody is not Custody.VOIDED]
        self.at = at
        self.rules, self.ways = Rules(reader, [dossier]), Ways(reader)
        self.told: Mapping[str, Sequence[Passage]] = passages.of_items(reader, [item.code for item in self.items])
        self.events = [event for *_, event in reader.events([dossier.code])]

    def ledgers(self) -> Iterator[ClockLedger]:
        """Yield the clocks in the order of a dossier's life."""
        legs = [ledger for item in self.items if (ledger := self._leg(item)) is not None]
        yield from (leg for leg in legs if leg.kind is ClockKind.LEG_OUT)
        yield from self._of_authority()
        yield from (leg for leg in legs if leg.kind is not ClockKind.LEG_OUT)
        yield from (ledger for item in self.items if (ledger := self._invitations(item)) is not None)
        yield from map(self._complaint, complaints.of_dossier(self.reader, self.dossier, self.items))

    def view(self, ledger: ClockLedger) -> ClockView:
        """Return a ledger as people read it."""
        a_day = self._calendar(ledger.rule.keeper).minutes_a_day
        return ClockView(
            name=ledger.rule.name,
            about=ledger.about,
            budget=ledger.budget,
            keeper=KEEPER_NAMES[ledger.rule.keeper],
            starts=ledger.rule.starts,
            ends=ledger.rule.ends,
            basis=ledger.rule.basis,
            due_at=ledger.due_at,
            provisional=ledger.provisional,
            ended_at=ledger.ended_at,
            is_standing=ledger.is_standing,
            is_late=ledger.is_late(at=self.at) and self._is_owed(ledger),
            used=spent.spoken(ledger.used_minutes, a_day=a_day),
            spans=tuple(
                SpanLine(
                    since=span.since,
                    until=span.until,
                    is_running=span.is_running,
                    reason=span.reason,
                    spoken=spent.spoken(span.minutes, a_day=a_day),
                    counts=span.counts,
                )
                for span in ledger.spans
            ),
            steps=ledger.steps,
        )

    def _is_owed(self, ledger: ClockLedger) -> bool:
        """Tell whether what a clock asks for is owed: an apology only where the limit is missed, or was moved."""
        if ledger.kind is not ClockKind.APOLOGY or self.dossier.extension is not None:
            return True
        statutory = self._statutory()
        return statutory is not None and statutory.is_late(at=self.at)

    def is_supplement_late(self) -> bool:
        """Tell whether papers were asked for more than three working days after reception."""
        return spans.supplement_asked_late(
            self._asked_at(), started_at=self.dossier.started_at, calendar=self.ways.state
        )

    def _calendar(self, keeper: Keeper) -> WorkCalendar:
        return self.ways.state if keeper is Keeper.STATE else self.ways.post

    # --- the authority ------------------------------------------------------------------------------------------------

    def _of_authority(self) -> Iterator[ClockLedger]:
        started = self.dossier.started_at
        if started is None:
            return
        statutory = self._statutory()
        if statutory is not None:
            yield statutory
        asked = self._supplement_request(started)
        if asked is not None:
            yield asked
        if self.dossier.department and self.dossier.department != self.dossier.desk:
            yield self._paper_leg(started)
        apology = spans.apology(statutory, self.dossier, calendar=self.ways.state, at=self.at) if statutory else None
        if apology is not None:
            yield apology

    def _statutory(self) -> ClockLedger | None:
        try:
            same_day = self.rules.version(self.dossier).same_day
        except (UnknownProcedure, UnknownPlace):
            return None
        return spans.statutory(self.dossier, same_day=same_day, calendar=self.ways.state, at=self.at)

    def _asked_at(self) -> list[datetime]:
        return [event.occurred_at for event in self.events if isinstance(event, events.SupplementAsked)]

    def _supplement_request(self, started: datetime) -> ClockLedger | None:
        """Return the three days for asking: while they run, or once papers were asked for."""
        asked = [at for at in self._asked_at() if at >= started]
        due = clocks.supplement_by(started, calendar=self.ways.state)
        if not asked and (self.at > due.due_at or self.dossier.is_over):
            return None
        return self._running(
            ClockKind.SUPPLEMENT_REQUEST, due, budget="03 ngày làm việc", since=started, until=min(asked, default=None)
        )

    def _paper_leg(self, started: datetime) -> ClockLedger:
        arrived = [*self._came_to_department(), *self._began_work()]
        until = max(started, min(arrived)) if arrived else self.dossier.clock_ended_at
        return spans.paper_leg(self.dossier, ended_at=until, calendar=self.ways.state, at=self.at)

    def _came_to_department(self) -> Iterator[datetime]:
        for item in self.items:
            if item.kind is ItemKind.OUTBOUND:
                told = (each for each in self.told[item.code] if each.item.custodian.place == self.dossier.department)
                yield from (each.event.occurred_at for each in told)

    def _began_work(self) -> Iterator[datetime]:
        """Yield when the department began, whoever noted it: a commune's desk does so for its people's committee."""
        yield from (event.occurred_at for event in self.events if isinstance(event, events.TakenIntoWork))

    # --- the post -----------------------------------------------------------------------------------------------------

    def _leg(self, item: Item) -> ClockLedger | None:
        is_turned = item.kind is ItemKind.OUTBOUND and item.destination.to_citizen
        kind = ClockKind.LEG_RETURNED if is_turned else LEGS[item.kind]
        since = self._began(item)
        lane = self._lane(item, since) if since else None
        if since is None or lane is None:
            return None
        return self._running(
            kind,
            self._due(kind, lane, since=since),
            budget=f"J+{lane.tier_days + (self._out_days(lane) if kind is ClockKind.SLIP_RELAY else 0)} ngày làm việc",
            since=since,
            until=self._arrived(item),
            about=item.code,
        )

    def _due(self, kind: ClockKind, lane: Lane, *, since: datetime) -> Due:
        if kind is ClockKind.SLIP_RELAY:
            return clocks.slip_relay(
                self._out_days(lane),
                lane.tier_days,
                accepted_at=self.dossier.opened_at,
                given_at=since,
                calendar=self.ways.post,
                basis=lane.basis,
            )
        return clocks.postal_leg(
            lane.tier_days, accepted_at=since, cutoff=lane.cutoff, calendar=self.ways.post, basis=lane.basis
        )

    def _out_days(self, back: Lane) -> int:
        """Return the tier of the way out, that of the way back where nobody knows it."""
        out = self.ways.lane(self.dossier.lane) if self.dossier.lane else None
        return out.tier_days if out else back.tier_days

    def _began(self, item: Item) -> datetime | None:
        """Return when a way began: at the counter on the way to the authority, else when the post took it."""
        told = self.told[item.code]
        if item.kind in (ItemKind.RESULT, ItemKind.RETURNED, ItemKind.SLIP):
            return passages.first_with_post(told)
        if item.kind is ItemKind.OUTBOUND and item.destination.to_citizen:
            return lateness.began_back(item, told)
        is_first = item.kind is ItemKind.OUTBOUND and self.dossier.expected_at_desk_on is not None
        return self.dossier.opened_at if is_first else item.registered_at

    def _lane(self, item: Item, since: datetime) -> Lane | None:
        if item.kind is ItemKind.OUTBOUND and not item.destination.to_citizen and self.dossier.lane:
            return self.ways.lane(self.dossier.lane)
        return self.ways.lane_of(item, on=calendars.local(since).date())

    def _arrived(self, item: Item) -> datetime | None:
        told = self.told[item.code]
        if status.comes_back(item) or item.kind is ItemKind.SLIP:
            return next((each.event.occurred_at for each in told if isinstance(each.event, _REACHED)), None)
        with_authority = (each for each in told if each.item.custodian.side is Side.AUTHORITY)
        return next((each.item.signed_over_at or each.event.occurred_at for each in with_authority), None)

    def _invitations(self, item: Item) -> ClockLedger | None:
        told = self.told[item.code]
        invited = [each.event.occurred_at for each in told if isinstance(each.event, events.HeldForPickup)]
        if not invited:
            return None
        over = (events.Delivered, events.DeclaredUndeliverable)
        ended = next((each.event.occurred_at for each in told if isinstance(each.event, over)), None)
        return spans.invitations(invited, ended_at=ended, calendar=self.ways.post, at=self.at, about=item.code)

    def _complaint(self, found: Incident) -> ClockLedger:
        """Return the clock of a complaint: it ends with what the citizen was answered, not with notes between staff."""
        due = complaints.due_of(self.reader, self.dossier, self.items, found)
        return self._running(
            ClockKind.COMPLAINT_ANSWER,
            due,
            budget="05 ngày làm việc trong tỉnh, 07 ngày liên tỉnh",
            since=found.opened_at,
            until=found.settled_at,
            about=found.code,
        )

    def _running(
        self, kind: ClockKind, due: Due, *, budget: str, since: datetime, until: datetime | None, about: str = ""
    ) -> ClockLedger:
        return spans.running(
            kind,
            due,
            budget=budget,
            started_at=since,
            ended_at=until,
            calendar=self._calendar(RULES[kind].keeper),
            at=self.at,
            about=about,
        )


def _idle(kind: ClockKind, ledgers: Sequence[ClockLedger]) -> IdleClock:
    rule = RULES[kind]
    note = _complaint_note(ledgers) if kind is ClockKind.COMPLAINT_ANSWER else ""
    return IdleClock(name=rule.name, starts=rule.starts, basis=rule.basis, note=note)


def _complaint_note(ledgers: Sequence[ClockLedger]) -> str:
    """Return until when the citizen may complain about the post: six months after the end of the last leg."""
    legs = [ledger.due_at for ledger in ledgers if ledger.kind in LEGS.values() and ledger.due_at]
    if not legs:
        return ""
    until: date = compensation.complaint_until(calendars.local(max(legs)).date())
    return f"Người dân được khiếu nại đến {calendars.written(until)}."
