"""The end of a postman's day: what was planned against what was done, and what each difference still needs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from postal.domain import cash, codes, reckoning
from postal.domain import money as books
from postal.domain.cash import CashHandover, CashState
from postal.domain.dossier import Dossier
from postal.domain.events import Event, ItemKind, MoneyLedger
from postal.domain.home_pickup import HomePickup, PickupState
from postal.domain.item import Custody, Item
from postal.domain.people import CustodianKind
from postal.domain.reckoning import Reckoning
from postal.domain.run import DeliveryRun
from postal.queries import needs, timeline
from postal.store import Reader, Store
from postal.store.tables import CashRow, ItemRow, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One kind of work: how much of it was planned, done, and is left, as people write it."""

    name: str
    planned: str
    done: str
    left: str
    is_even: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Something that is not done, with why, or what to do next. `stop` is its door, 0 for none."""

    what: str
    why: str
    stop: int
    is_explained: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """A run as it stands. `money` is what the postman carries, `offered` of it what waits for the counter, in đồng."""

    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]
    money: int
    offered: int


def envelope_to_mark(store: Store, code: str) -> str:
    """Return the code to write on the envelope of the papers that were got back with an item, empty for none."""
    with store.read() as reader:
        item = reader.thing(Item, code)
        found = envelopes_of_papers(reader, [item]) if item and item.recovered else []
        return found[-1].code if found else ""


def of_run(reader: Reader, run: DeliveryRun) -> Ending:
    """Return how a run stands."""
    return _Day(reader, run).ending()


class _Day:
    """A run with everything that happened to what was planned on it."""

    def __init__(self, reader: Reader, run: DeliveryRun) -> None:
        self.run = run
        self.items = reader.many(Item, [*run.items, *run.invitations])
        self.pickups = reader.many(HomePickup, run.pickups)
        on_it = [self.items[code] for code in run.items if code in self.items]
        self.dossiers = reader.many(Dossier, sorted({item.dossier for item in on_it}))
        self.done = reckoning.reckon(run, _happened(reader, [*self.items, *self.pickups, *self.dossiers]))
        self.envelopes = _envelopes(reader, run, self.done, items=self.items, pickups=self.pickups)
        self.money = sum(reader.books.balance(books.till(run.postman), ledger) for ledger in MoneyLedger)
        self.offered = _offered(reader, run.postman)
        self.stops = {code: s.number for s in run.stops for code in (*s.items, *s.invitations, *s.pickups)}

    def ending(self) -> Ending:
        """Return the table and the differences."""
        return Ending(
            rows=tuple(self._rows()),
            differences=tuple(self._differences()),
            money=self.money,
            offered=self.offered,
        )

    def _rows(self) -> Iterator[Row]:
        done = self.done
        undelivered = [self.items[c] for c in self.run.items if c in self.items and c not in done.delivered]
        to_bring = [*(item for item in undelivered if not item.is_final), *self.envelopes]
        in_hand = sum(_is_with(item, self.run.postman) for item in to_bring)
        yield from _counted("Giao bưu gửi", len(self.run.items), len(done.delivered))
        yield from _counted("Đưa về bưu cục", len(to_bring), len(to_bring) - in_hand)
        yield from _counted("Để giấy mời", len(self.run.invitations), len(done.invited))
        yield from _counted("Lấy giấy tờ tại nhà", len(self.run.pickups), len(done.picked_up))
        given_or_to_give = [i for i in self.items.values() if i.code in done.delivered or not i.is_final]
        wanted = sum(item.to_recover for item in given_or_to_give if item.code in self.run.items)
        yield from _counted("Thu hồi giấy tờ", wanted, done.recovered)
        owed = sum(amount for d in self._owing(undelivered) for _, amount in needs.sums_of(d))
        yield from _money("Thu tiền", owed + done.collected, done.collected)
        to_hand_in = max(done.cash, self.money)
        yield from _money("Giao tiền cho quầy", to_hand_in, to_hand_in - self.money)

    def _owing(self, undelivered: list[Item]) -> list[Dossier]:
        codes_ = {item.dossier for item in undelivered if not item.is_final}
        return [self.dossiers[code] for code in sorted(codes_) if code in self.dossiers]

    def _differences(self) -> Iterator[Difference]:
        for code in self.run.items:
            if code in self.items and code not in self.done.delivered:
                yield self._undelivered(self.items[code])
        for code in self.done.papers_less:
            yield self._difference(code, "Thu hồi thiếu giấy tờ, đã ghi lý do.", is_explained=True)
        for code in self.run.invitations:
            if code not in self.done.invited:
                yield self._difference(code, "Chưa để giấy mời. Ghé điểm này, hoặc để bưu cục xếp lại.")
        for code in self.run.pickups:
            if code in self.pickups and code not in self.done.picked_up:
                yield self._unfetched(self.pickups[code])
        if self.money > self.offered:
            why = "Còn trong tay. Giao cho quầy rồi kết thúc ngày."
            yield Difference(what=f"{cash.grouped(self.money - self.offered)} đ", why=why, stop=0, is_explained=False)

    def _undelivered(self, item: Item) -> Difference:
        reason = self.done.why_missed(item.code)
        if item.custody is Custody.DELIVERED:
            return self._difference(item.code, "Đã giao nơi khác, không phải trên chuyến này.", is_explained=True)
        if reason is not None:
            again = f", hẹn {item.next_attempt_on:%d/%m}" if item.next_attempt_on else ""
            why = f"Chưa giao được: {timeline.ATTEMPTS[reason]}{again}."
            return self._difference(item.code, why, is_explained=True)
        if _is_with(item, self.run.postman):
            return self._difference(item.code, "Chưa đến. Đến giao, hoặc bàn giao lại bưu cục.")
        return self._difference(item.code, "Ở bưu cục, chưa đến giao; xếp vào chuyến sau.", is_explained=True)

    def _unfetched(self, pickup: HomePickup) -> Difference:
        reason = self.done.why_missed(pickup.code)
        if pickup.state is PickupState.CANCELLED:
            return self._difference(pickup.code, "Người gửi đã hủy hẹn.", is_explained=True)
        if reason is not None:
            why = f"Chưa lấy được: {timeline.ATTEMPTS[reason]}, hẹn {pickup.day:%d/%m}."
            return self._difference(pickup.code, why, is_explained=True)
        return self._difference(pickup.code, "Chưa đến lấy. Ghé điểm này, hoặc ghi chưa lấy được.")

    def _difference(self, code: str, why: str, *, is_explained: bool = False) -> Difference:
        return Difference(what=codes.shown(code), why=why, stop=self.stops.get(code, 0), is_explained=is_explained)


def _happened(reader: Reader, streams: list[str]) -> reckoning.Happened:
    found: dict[str, list[Event]] = {}
    for stream, _, _, event in reader.events(streams):
        found.setdefault(stream, []).append(event)
    return found


def envelopes_of_papers(reader: Reader, items: Iterable[Item]) -> list[Item]:
    """Return the envelopes in which papers of these results travel back to the authority, oldest first."""
    dossiers = sorted({item.dossier for item in items})
    table = table_of(ItemRow)
    query = select(table.c.state).where(table.c.dossier.in_(dossiers), table.c.kind == ItemKind.RECOVERED.value)
    return sorted(reader.things(Item, query), key=lambda each: (each.registered_at, each.code))


def _envelopes(
    reader: Reader,
    run: DeliveryRun,
    done: Reckoning,
    *,
    items: Mapping[str, Item],
    pickups: Mapping[str, HomePickup],
) -> list[Item]:
    """Return what came into the postman's hands at doors: papers got back, and papers fetched."""
    got_back = envelopes_of_papers(reader, [items[code] for code in done.delivered if items[code].recovered])
    fetched = reader.many(Item, [pickups[code].item for code in done.picked_up])
    since = run.started_at or run.planned_at
    return [*(each for each in got_back if each.registered_at >= since), *fetched.values()]


def _offered(reader: Reader, postman: str) -> int:
    """Return what somebody handed on and nobody signed for yet, in đồng."""
    table = table_of(CashRow)
    waits = (table.c.giver_key == postman) & (table.c.cash_state == CashState.OFFERED.value)
    return sum(each.total for each in reader.things(CashHandover, select(table.c.state).where(waits)))


def _counted(name: str, planned: int, done: int) -> Iterator[Row]:
    if planned or done:
        yield Row(name=name, planned=str(planned), done=str(done), left=str(planned - done), is_even=planned == done)


def _money(name: str, planned: int, done: int) -> Iterator[Row]:
    if planned or done:
        written = [f"{cash.grouped(amount)} đ" for amount in (planned, done, planned - done)]
        yield Row(name=name, planned=written[0], done=written[1], left=written[2], is_even=planned == done)


def _is_with(item: Item, postman: str) -> bool:
    return item.custodian.kind is CustodianKind.PERSON and item.custodian.key == postman
