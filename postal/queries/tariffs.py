"""Price tables as people read them: in force, coming, past; and what a dossier costs by the table of its day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from postal.domain import calendars, tariffs
from postal.domain.events import Service
from postal.domain.places import NoLane, UnknownPlace
from postal.domain.tariffs import PostagePrice, Price, Quote, StateFee, Way
from postal.store import Reader, Store

IN_FORCE, COMING, PAST = "in_force", "coming", "past"

TITLES: dict[str, str] = {IN_FORCE: "Đang áp dụng", COMING: "Sắp áp dụng", PAST: "Đã hết hiệu lực"}


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceLine:
    """One line of a table: what it is for, and how much."""

    what: str
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TableView:
    """A table of one time. `key` names it where it may be withdrawn, empty where it may not."""

    name: str
    decision: str
    basis: str
    valid_from: date
    valid_to: date | None
    lines: tuple[PriceLine, ...]
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Tables that are in force, to come, or past."""

    title: str
    postage: tuple[TableView, ...]
    fees: tuple[TableView, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no table of this time."""
        return not (self.postage or self.fees)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowNote:
    """A sentence about a row of a file."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What a file would do: how many rows are new, changed, the same; and what is wrong or worth knowing.

    `content` is the file itself, which the page carries along so that what is entered is what was tried.
    """

    name: str
    kind: str
    content: str
    read: int
    added: int
    changed: int
    unchanged: int
    errors: tuple[RowNote, ...]
    notes: tuple[RowNote, ...]

    @property
    def can_be_entered(self) -> bool:
        """Tell whether the file is right and says something new."""
        return not self.errors and self.added + self.changed > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TariffPage:
    """Every price table. `missing` names the services for which no postage is in force today."""

    sections: tuple[Section, ...]
    missing: tuple[str, ...]
    tried: Tried | None = None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeesView:
    """What an authority takes for a procedure: the sum always due, and what is only due in some case."""

    due: Quote
    cases: tuple[StateFee, ...]


def tariff_page(store: Store, *, at: datetime) -> TariffPage:
    """Return the price tables as they stand on a day."""
    on = calendars.local(at).date()
    with store.read() as reader:
        postage, fees = reader.tariffs.all(PostagePrice), reader.tariffs.all(StateFee)
    return TariffPage(
        sections=tuple(_section(time, postage, fees, on=on) for time in TITLES),
        missing=tuple(
            name
            for service, name in tariffs.SERVICE_NAMES.items()
            if not any(each.service is service and tariffs.holds(each, on) for each in postage)
        ),
    )


def postage_quote(
    store: Store, *, service: Service, office: str, desk: str, weight_g: int | None, tier_days: int | None, at: datetime
) -> Quote:
    """Return what a table says that a dossier costs today; `desk` empty while nobody knows where it goes.

    `tier_days` is the lane's from the office to the desk; a result alone comes on the lane back.
    """
    on = calendars.local(at).date()
    with store.read() as reader:
        prices = reader.tariffs.all(PostagePrice)
        way = _way(reader, service, office=office, desk=desk, tier_days=tier_days, on=on) if prices and desk else None
    return tariffs.postage(prices, service=service, way=way, weight_g=weight_g, on=on)


def fees_view(store: Store, *, procedure: str, version: int, at: datetime) -> FeesView:
    """Return the fees of a procedure's version that are in force."""
    on = calendars.local(at).date()
    with store.read() as reader:
        found = tariffs.fees(reader.tariffs.all(StateFee), procedure=procedure, version=version, on=on)
    return FeesView(due=tariffs.fees_due(found), cases=tuple(each for each in found if each.case))


def _way(reader: Reader, service: Service, *, office: str, desk: str, tier_days: int | None, on: date) -> Way:
    places = reader.reference.places([office, desk])
    provinces = [places[code].province_code if code in places else None for code in (office, desk)]
    if service is Service.RECEIVE:
        tier_days = _tier_back(reader, office=office, desk=desk, on=on)
    return Way(tier_days=tier_days, is_inside=provinces[0] == provinces[1] if all(provinces) else None)


def _tier_back(reader: Reader, *, office: str, desk: str, on: date) -> int | None:
    try:
        place = reader.reference.place
        return reader.reference.lane(place(desk), place(office), on=on).tier_days
    except (NoLane, UnknownPlace):
        return None


def _section(time: str, postage: Sequence[PostagePrice], fees: Sequence[StateFee], *, on: date) -> Section:
    return Section(
        title=TITLES[time],
        postage=tuple(_views([each for each in postage if _time_of(each, on) == time], time=time)),
        fees=tuple(_views([each for each in fees if _time_of(each, on) == time], time=time)),
    )


def _time_of(price: Price, on: date) -> str:
    if tariffs.holds(price, on):
        return IN_FORCE
    return COMING if price.valid_from > on else PAST


def _views(prices: Sequence[Price], *, time: str) -> Iterator[TableView]:
    """Yield the tables, each with its steps from light to heavy."""
    in_order = sorted(prices, key=lambda each: (each.table, each.valid_from, _weight(each)))
    for (name, begins), group in groupby(in_order, key=attrgetter("table", "valid_from")):
        rows = list(group)
        first = rows[0]
        yield TableView(
            name=name,
            decision=first.decision,
            basis=first.basis,
            valid_from=begins,
            valid_to=first.valid_to,
            lines=tuple(PriceLine(what=_what(each), amount=each.amount) for each in rows),
            key=first.key if time == COMING else "",
        )


def _what(price: Price) -> str:
    return price.step if isinstance(price, PostagePrice) else price.case or "mọi trường hợp"


def _weight(price: Price) -> int:
    return price.over_g if isinstance(price, PostagePrice) else 0
