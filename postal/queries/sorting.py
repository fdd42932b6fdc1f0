"""Results that came back to a delivery office: whose round they belong to, and which the citizen fetches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, clocks, doors, permissions, places
from postal.domain.dossier import Dossier
from postal.domain.events import ReturnWay
from postal.domain.item import CUSTODY_NAMES, Custody, Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import Territory
from postal.domain.run import RunState, rests_at_its_office
from postal.queries import runs, stops
from postal.queries.runs import RunLine
from postal.store import Reader, Store

ENOUGH_VISITS = 2
"""Visits in vain after which the citizen is rather invited to the office."""


OUTSIDE_STEP = "Giữ tại bưu cục và mời đến nhận, hoặc nhờ điều phối thêm thôn, đường, xã vào một tuyến."
NO_DOOR_STEP = "Thiếu địa chỉ người nhận. Hỏi cơ quan, mở bưu gửi rồi bổ sung người nhận."


@dataclass(frozen=True, kw_only=True, slots=True)
class SortingLine:
    """A result at the office; no names, only where it goes."""

    code: str
    dossier: str
    commune: str
    since: datetime
    holder: str
    visits: str
    note: str
    can_keep: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideLine:
    """A result whose door lies outside every territory of the office, and what to do with it."""

    line: SortingLine
    next_step: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunToHand:
    """A run of today: what the actor could hand to its postman, and what the postman has not signed for yet."""

    line: RunLine
    to_hand_over: int
    unsigned: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TerritoryShelf:
    """What lies ready for one round."""

    code: str
    name: str
    postman: str
    lines: tuple[SortingLine, ...]
    runs: tuple[RunToHand, ...]
    can_plan: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SortingPage:
    """The sorting table of a delivery office."""

    office: str
    today: date
    until: date
    shelves: tuple[TerritoryShelf, ...]
    outside: tuple[OutsideLine, ...]
    to_keep: tuple[SortingLine, ...]
    later: tuple[SortingLine, ...]
    may_plan: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing lies here."""
        on_shelves = any(shelf.lines or shelf.runs for shelf in self.shelves)
        return not (on_shelves or self.outside or self.to_keep or self.later)


def sorting_page(store: Store, *, actor: Actor, at: datetime) -> SortingPage:
    """Return what lies at the sorting table and the counters of the actor's office."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        shelf = _Shelf(reader, actor=actor, today=today)
        return SortingPage(
            office=reader.reference.place(actor.place).name,
            today=today,
            until=clocks.held_until(today, reader.reference.calendar("post")),
            shelves=tuple(shelf.of(territory) for territory in shelf.territories),
            outside=shelf.outside(),
            to_keep=shelf.lines(shelf.to_keep()),
            later=shelf.lines(shelf.later()),
            may_plan=permissions.may(actor, Permission.PLAN_RUN),
        )


class _Shelf:
    """What an office holds for citizens, put on piles; each result lies on exactly one."""

    def __init__(self, reader: Reader, *, actor: Actor, today: date) -> None:
        self.reader = reader
        self.actor = actor
        self.today = today
        self.everywhere = reader.reference.territories()
        self.territories = [round_ for round_ in self.everywhere if round_.office == actor.place]
        self.runs = runs.runs_of_day(reader, actor.place, day=today)
        self.run_lines = runs.run_lines(reader, self.runs)
        held = [(i, d) for i, d in runs.results_at(reader, actor.place) if rests_at_its_office(i)]
        taken = reader.rounds.spoken_for([i.code for i, _ in held], on=today)
        self.resting = [(i, d) for i, d in held if i.code not in taken and i.pickup_until is None]
        self.people = reader.people.of(sorted({d.code for _, d in self.resting}))
        self.communes = reader.reference.units([d.return_commune for _, d in self.resting], on=today)

    def of(self, territory: Territory) -> TerritoryShelf:
        """Return the pile of a round, with the runs it already has today."""
        here = [pair for pair in self._for_doors() if self._round_of(pair) == territory.code]
        names = dict(stops.postmen_of(self.reader, territory.office))
        return TerritoryShelf(
            code=territory.code,
            name=territory.name,
            postman=names.get(territory.driver(self.today) or "", ""),
            lines=self.lines(here),
            runs=tuple(self._runs_of(territory)),
            can_plan=any(item.custody is Custody.HELD and item.trouble is None for item, _ in here),
        )

    def outside(self) -> tuple[OutsideLine, ...]:
        """Return what goes to doors that no round of this office visits, and what to do with each."""
        return tuple(self._outside(pair) for pair in self._for_doors() if not self._round_of(pair))

    def _outside(self, pair: tuple[Item, Dossier]) -> OutsideLine:
        if pair[1].lacks_receiver:
            return OutsideLine(line=self._line(*pair), next_step=NO_DOOR_STEP)
        commune, address = self._door_of(pair)
        other = places.territory_for_address(self.everywhere, commune, address, on=self.today)
        office = self.reader.reference.place(other.office).name if other else ""
        step = f"Tuyến {other.name} của {office} đi qua: chuyển tiếp đến {office}." if other else OUTSIDE_STEP
        return OutsideLine(line=self._line(*pair), next_step=step)

    def _round_of(self, pair: tuple[Item, Dossier]) -> str:
        commune, address = self._door_of(pair)
        found = places.territory_for_address(self.territories, commune, address, on=self.today)
        return found.code if found else ""

    def _door_of(self, pair: tuple[Item, Dossier]) -> tuple[str, str]:
        item, dossier = pair
        person = doors.receiver_of(self.people, item.dossier)
        return dossier.return_commune, person.address if person else ""

    def to_keep(self) -> list[tuple[Item, Dossier]]:
        """Return what the citizen fetches here."""
        return [pair for pair in self.resting if pair[1].return_way is not ReturnWay.HOME]

    def later(self) -> list[tuple[Item, Dossier]]:
        """Return what the citizen wants on another day."""
        return [pair for pair in self.resting if pair[1].return_way is ReturnWay.HOME and self._is_later(pair[0])]

    def lines(self, pairs: Iterable[tuple[Item, Dossier]]) -> tuple[SortingLine, ...]:
        """Return results as lines of the page."""
        return tuple(self._line(item, dossier) for item, dossier in pairs)

    def _for_doors(self) -> list[tuple[Item, Dossier]]:
        return [pair for pair in self.resting if pair[1].return_way is ReturnWay.HOME and not self._is_later(pair[0])]

    def _is_later(self, item: Item) -> bool:
        return item.next_attempt_on is not None and item.next_attempt_on > self.today

    def _runs_of(self, territory: Territory) -> Iterable[RunToHand]:
        for found, line in zip(self.runs, self.run_lines, strict=True):
            if found.territory == territory.code:
                items = self.reader.many(Item, found.items).values()
                handable = [] if found.state is RunState.CLOSED else runs.to_hand_over(items, self.actor)
                unsigned = sum(i.offered_to is not None and i.offered_to.key == found.postman for i in items)
                yield RunToHand(line=line, to_hand_over=len(handable), unsigned=unsigned)

    def _line(self, item: Item, dossier: Dossier) -> SortingLine:
        commune = self.communes.get(dossier.return_commune)
        return SortingLine(
            code=item.code,
            dossier=item.dossier,
            commune=commune.name if commune else "",
            since=item.last_at,
            holder=str(item.custodian),
            visits=f"đã đến {item.attempts} lần" if item.attempts else "",
            note=self._note(item),
            can_keep=self._can_keep(item) and not dossier.lacks_receiver,
        )

    def _can_keep(self, item: Item) -> bool:
        return self.actor.acts_for(item.custodian) and item.custody is Custody.HELD and item.trouble is None

    def _note(self, item: Item) -> str:
        if item.trouble is not None:
            return "có sự cố, xem bưu gửi"
        if item.custody is Custody.OFFERED:
            return f"{CUSTODY_NAMES[item.custody]}: {item.offered_to}"
        if self._is_later(item):
            return f"hẹn ngày {item.next_attempt_on:%d/%m}"
        return "nên mời đến bưu cục" if item.attempts >= ENOUGH_VISITS else ""
