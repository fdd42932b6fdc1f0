"""What everybody at work shares: the store, chance, the staff, the calendar, and who has what to bring where."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from postal.domain import calendars, money
from postal.domain.calendars import VIETNAM, WorkCalendar
from postal.domain.cash import InTill
from postal.domain.dossier import Dossier
from postal.domain.events import DeclineReason, ItemKind
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian
from postal.domain.places import Territory
from postal.domain.procedures import ProcedureVersion
from postal.domain.run import DeliveryRun
from postal.services import custody
from postal.services.demonstration import pictures
from postal.services.demonstration.cases import Case, Homebound, Load, Plan, Stage
from postal.services.demonstration.staff import Staff, hire
from postal.store import Store

MOST_LINES = 50
"""Lines on one hand-over record: what two people count together at a time."""


@dataclass(kw_only=True)
class World:
    """Everything at work. `loads` are what each position has to bring on, by its key; `cases` what is not over yet.

    With `has_gaps` some cases go to a desk that has no account, and some results to a round that has no postman.
    """

    store: Store
    chance: random.Random
    staff: Staff
    calendar: WorkCalendar
    post_calendar: WorkCalendar
    territories: Sequence[Territory]
    procedures: Mapping[str, ProcedureVersion]
    has_gaps: bool = False
    loads: dict[str, list[Load]] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    homebound: dict[str, Homebound] = field(default_factory=dict)
    pickups: dict[str, Case] = field(default_factory=dict)
    strangers: list[Plan] = field(default_factory=list)
    runs: list[DeliveryRun] = field(default_factory=list)
    signatures: tuple[bytes, ...] = ()
    sheet: bytes = b""
    serials: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signatures = tuple(pictures.signature(self.chance) for _ in range(8))
        self.sheet = pictures.signed_sheet(self.chance)

    @property
    def below(self) -> Callable[[int], int]:
        """Return the random source for codes and secrets."""
        return self.chance.randrange

    def working_days_after(self, day: date, count: int) -> date:
        """Return the day on which something is due that takes `count` working days."""
        return self.calendar.add_working_days(day, min(count, 400)) if count else day

    def put(self, key: str, loads: Iterable[Load]) -> None:
        """Let a position have more to bring on."""
        self.loads.setdefault(key, []).extend(loads)

    def at(self, stage: Stage, *, due: date | None = None) -> list[Case]:
        """Return the cases of a stage, those due by a day if one is given."""
        return [case for case in self.cases if case.stage is stage and (due is None or case.due_on <= due)]

    def forget(self) -> None:
        """Drop the cases that are over."""
        self.cases = [case for case in self.cases if not case.is_over]

    def send_home(self, case: Case, *, code: str, kind: ItemKind, to: str, holder: str) -> None:
        """Let an envelope for the citizen begin its way at the position that holds it."""
        envelope = Homebound(code=code, kind=kind, case=case)
        case.envelopes.append(envelope)
        self.homebound[code] = envelope
        self.put(holder, [Load(code=code, to=to, case=case)])

    def dossier(self, case: Case) -> tuple[Dossier, list[Item]]:
        """Return a case as the ledger has it, with its envelopes."""
        with self.store.read() as reader:
            dossier = reader.many(Dossier, [case.dossier])[case.dossier]
            return dossier, reader.items_of(case.dossier)

    def take(self, key: str, wanted: Callable[[Load], bool]) -> list[Load]:
        """Take from what a position has to bring on whatever is wanted."""
        all_of_them = self.loads.get(key, [])
        taken = [load for load in all_of_them if wanted(load)]
        self.loads[key] = [load for load in all_of_them if not wanted(load)]
        return taken

    def hand_over(
        self,
        loads: Sequence[Load],
        *,
        to: Custodian,
        giver: Actor,
        receiver: Actor,
        at: datetime,
        declined: Mapping[str, DeclineReason] = custody.NOTHING_DECLINED,
    ) -> None:
        """Let two people sign for everything, a record for every fifty lines."""
        for number, some in enumerate(_parts(loads)):
            when = at + timedelta(minutes=2 * number)
            record = self.offer(some, to=to, giver=giver, at=when)
            no = {code: declined[code] for code in record.items if code in declined}
            custody.accept(self.store, record.code, by=receiver, at=when + timedelta(minutes=1), declined=no)

    def offer(self, loads: Sequence[Load], *, to: Custodian, giver: Actor, at: datetime) -> HandoverRecord:
        """Draw up a record that nobody has signed for yet."""
        lines = [load.code for load in loads]
        return custody.offer(self.store, lines, to=to, by=giver, at=at, below=self.below)

    def sign_on_paper(
        self,
        loads: Sequence[Load],
        *,
        to: Custodian,
        giver: Actor,
        at: datetime,
        confirmed_by: Actor | None = None,
        declined: Mapping[str, DeclineReason] = custody.NOTHING_DECLINED,
    ) -> None:
        """Let an officer sign the printed record, the carrier enter it, and the officer confirm it if he can."""
        for some in _parts(loads):
            record = self.offer(some, to=to, giver=giver, at=at)
            custody.sign_on_paper(
                self.store,
                record.code,
                signed_at=at + timedelta(minutes=9),
                signer="Cán bộ Một cửa (dữ liệu giả)",
                photo=self.sheet,
                media_type=pictures.MEDIA_TYPE,
                by=giver,
                at=at + timedelta(minutes=10),
                declined={code: declined[code] for code in record.items if code in declined},
            )
            if confirmed_by is not None:
                custody.confirm(self.store, record.code, by=confirmed_by, at=at + timedelta(minutes=30))

    def accept(self, record: str, *, by: Actor, at: datetime) -> None:
        """Let somebody sign for what he was offered."""
        custody.accept(self.store, record, by=by, at=at)

    def in_till(self, key: str) -> InTill:
        """Return what lies in a till by the books."""
        with self.store.read() as reader:
            return reader.books.in_till(money.till(key))

    def has_money(self, key: str) -> bool:
        """Tell whether there is anything in a till."""
        return self.in_till(key).total > 0

    def signature(self) -> bytes:
        """Return one of a few made-up signatures."""
        return self.chance.choice(self.signatures)

    def serial(self, series: str) -> int:
        """Return the next running number of a series, from 1."""
        self.serials[series] = self.serials.get(series, 0) + 1
        return self.serials[series]


def open_world(store: Store, *, chance: random.Random, at: datetime, has_gaps: bool = False) -> World:
    """Hire the staff and return the world they work in; the reference data must be there."""
    staff = hire(store, at=at)
    with store.read() as reader:
        return World(
            store=store,
            chance=chance,
            staff=staff,
            calendar=reader.reference.calendar("state"),
            post_calendar=reader.reference.calendar("post"),
            territories=reader.reference.territories(),
            procedures=reader.reference.procedures(on=calendars.local(at).date()),
            has_gaps=has_gaps,
        )


def clock(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a time of day in Vietnam."""
    return datetime.combine(day, time(hour, minute), VIETNAM)


def spread(at: datetime, *, minutes: int, count: int) -> Iterator[datetime]:
    """Yield `count` times one after the other within a stretch of minutes."""
    for number in range(count):
        yield at + timedelta(seconds=minutes * 60 * number // max(count, 1))


def _parts(loads: Sequence[Load]) -> Iterator[Sequence[Load]]:
    for start in range(0, len(loads), MOST_LINES):
        yield loads[start : start + MOST_LINES]


def by_destination(loads: Iterable[Load]) -> dict[str, list[Load]]:
    """Return what goes to each place."""
    sorted_out: dict[str, list[Load]] = {}
    for load in loads:
        sorted_out.setdefault(load.to, []).append(load)
    return sorted_out
