"""The register of a desk: its books by year, a month of one as a list, and everything in it for paper and files.

A book that was closed is told as it stood then: what was returned, extended or ended later is not in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, and_, func, select

from postal.domain import calendars, forms, permissions, register
from postal.domain.dossier import AGENCY_STATUS_NAMES, ENDED_WITHOUT_RESULT, Dossier
from postal.domain.events import ReturnWay
from postal.domain.forms import FormKind
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import Place, Unit
from postal.domain.register import Book, NoBook
from postal.queries import clocks, receivers
from postal.queries.clocks import Rules
from postal.store import Reader, Store, codec
from postal.store.tables import DossierRow, RegisterEntryRow, table_of

LINES_A_PAGE = 100
PEOPLE_AT_ONCE = 5000
ERASED = "(đã xóa)"
WAYS: dict[ReturnWay, str] = {
    ReturnWay.HOME: "Tận nhà",
    ReturnWay.POST_OFFICE: "Bưu cục",
    ReturnWay.DESK: "Một cửa",
}

_ENTRY = table_of(RegisterEntryRow)
_DOSSIER = table_of(DossierRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterRow:
    """A dossier in the register, as it is printed; what is not known is empty."""

    number: str
    dossier: str
    official_code: str
    what: str
    owner: str
    address: str
    phone: str
    authority: str
    received_on: str
    due_on: str
    returned_on: str
    way: str
    officer: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterPrint:
    """A book or a month of it, under the number its form had when the book was opened."""

    form: str
    basis: str
    authority: str
    desk: str
    subtitle: str
    closing: str
    signer: str
    lines: tuple[RegisterRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BookLine:
    """A book in the list of a year."""

    year: int
    serial: int
    name: str
    numbers: str
    count: int
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str
    is_past: bool
    """Its year is over, so it is to be closed."""
    is_shown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterPage:
    """The register of one desk: its years, the books of one, and a page of the lines."""

    desk: str
    desk_code: str
    years: tuple[int, ...]
    year: int
    months: tuple[tuple[int, int], ...]
    month: int
    books: tuple[BookLine, ...]
    book: BookLine | None
    lines: tuple[RegisterRow, ...]
    total: int
    first: int
    page: int
    pages: int
    query: str
    can_close: bool
    form: str
    basis: str
    errors: dict[str, str]

    @property
    def year_options(self) -> tuple[tuple[str, str], ...]:
        """Return the years as a form offers them."""
        return tuple((str(year), str(year)) for year in self.years)

    @property
    def book_options(self) -> tuple[tuple[str, str], ...]:
        """Return the books of the year as a form offers them."""
        return tuple((str(book.serial), f"{book.name} (số {book.numbers})") for book in self.books)

    @property
    def month_options(self) -> tuple[tuple[str, str], ...]:
        """Return the months in which something was entered as a form offers them."""
        return (("0", "Cả quyển"), *((str(month), f"Tháng {month:02d} ({count})") for month, count in self.months))


def register_page(
    store: Store,
    *,
    actor: Actor,
    at: datetime,
    year: int | None = None,
    month: int = 0,
    serial: int = 0,
    page: int = 1,
    errors: dict[str, str] | None = None,
) -> RegisterPage:
    """Return a part of the register of the actor's desk; `month` 0 is the whole year. Raises: Forbidden."""
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    with store.read(at=at) as reader:
        desk = reader.reference.place(actor.place)
        books = reader.register.books(actor.place)
        years = tuple(sorted({book.year for book in books}, reverse=True))
        shown = year if year in years else years[0] if years else register.year_of(at)
        of_year = [book for book in books if book.year == shown]
        book = next((book for book in of_year if book.serial == serial), of_year[-1] if of_year else None)
        part = _Part(reader, actor.place, book, month=month) if book else None
        months = tuple(_months(reader, actor.place, book)) if book else ()
        total = part.count() if part else 0
        pages = max(1, -(-total // LINES_A_PAGE))
        page = min(max(1, page), pages)
        names = receivers.names_of(reader, [each.closed_by for each in of_year if each.closed_by])
        told = [_book_line(each, names, at=at, is_shown=each is book) for each in of_year]
        shown_book = next((line for line in told if line.is_shown), None)
        on = calendars.local(book.opened_at if book else at).date()
        return RegisterPage(
            desk=desk.name,
            desk_code=desk.code,
            years=years or (shown,),
            year=shown,
            months=months,
            month=month,
            books=tuple(told),
            book=shown_book,
            lines=tuple(part.rows(page=page)) if part else (),
            total=total,
            first=(page - 1) * LINES_A_PAGE + 1,
            page=page,
            pages=pages,
            query=f"year={shown}&book={book.serial if book else 1}&month={month}",
            can_close=permissions.leads(actor) and shown_book is not None and shown_book.closed_at is None,
            form=forms.in_force(on).label(FormKind.REGISTER),
            basis=forms.in_force(on).basis,
            errors=errors or {},
        )


def register_print(
    store: Store, desk: str, *, actor: Actor, at: datetime, year: int, serial: int = 0, month: int = 0
) -> RegisterPrint:
    """Return a book, or a month of it, of the actor's own desk; `serial` 0 is the last book of the year.

    Raises: NoBook, Forbidden, UnknownPlace.
    """
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    with store.read(at=at) as reader:
        place = reader.reference.place(desk)
        books = [] if actor.place != desk else reader.register.books(desk, year)
        book = next((book for book in books if book.serial == serial), books[-1] if books and not serial else None)
        if book is None:
            raise NoBook(desk=place.name, year=year, book=register.written(serial or 1))
        lines = tuple(_Part(reader, desk, book, month=month).rows())
        in_force = forms.in_force(calendars.local(book.opened_at).date())
        return RegisterPrint(
            form=in_force.label(FormKind.REGISTER),
            basis=in_force.title,
            authority="",
            desk=place.name,
            subtitle=_subtitle(book, month=month),
            closing=_closing(book, lines, month=month),
            signer=receivers.names_of(reader, [book.closed_by]).get(book.closed_by, "") if book.is_closed else "",
            lines=lines,
        )


def _subtitle(book: Book, *, month: int) -> str:
    parts = [f"Năm {book.year}", f"Quyển số {register.written(book.serial)}"]
    return " · ".join([*parts, f"Tháng {month:02d}"] if month else parts)


def _closing(book: Book, lines: Sequence[RegisterRow], *, month: int) -> str:
    if not lines:
        return f"Tháng {month:02d} không có hồ sơ nào." if month else "Sổ chưa có hồ sơ nào."
    what = f"Tháng {month:02d}" if month else "Sổ này"
    told = f"{what} có {len(lines)} hồ sơ, từ số {lines[0].number} đến số {lines[-1].number}."
    if book.closed_at is None:
        return f"{told} Sổ chưa khóa."
    closed = calendars.local(book.closed_at)
    return f"{told} Sổ khóa lúc {closed:%H:%M ngày %d/%m/%Y}, số cuối {register.written(book.last)}."


def _months(reader: Reader, desk: str, book: Book) -> Iterator[tuple[int, int]]:
    """Yield the months in which something was entered, each with how many."""
    for month in range(1, 13):
        count = _Part(reader, desk, book, month=month).count()
        if count:
            yield month, count


def _book_line(book: Book, names: Mapping[str, str], *, at: datetime, is_shown: bool) -> BookLine:
    return BookLine(
        year=book.year,
        serial=book.serial,
        name=f"Quyển {register.written(book.serial)}",
        numbers=f"{register.written(book.first)}–{register.written(book.last)}",
        count=book.count,
        opened_at=book.opened_at,
        closed_at=book.closed_at,
        closed_by=names.get(book.closed_by, book.closed_by),
        is_past=book.year < register.year_of(at) and not book.is_closed,
        is_shown=is_shown,
    )


# --- lines ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the register with the dossier it is about."""

    number: int
    account: str
    dossier: Dossier


class _Part:
    """A book, or a month of it, read in one snapshot."""

    def __init__(self, reader: Reader, desk: str, book: Book, *, month: int) -> None:
        self.reader = reader
        self.book = book
        self.wanted: ColumnElement[bool] = and_(
            _ENTRY.c.desk == desk, _ENTRY.c.year == book.year, _ENTRY.c.serial == book.serial
        )
        if month:
            begins, ends = _month(book.year, month)
            self.wanted = and_(self.wanted, _ENTRY.c.at >= begins, _ENTRY.c.at < ends)

    def count(self) -> int:
        """Return how many lines it has."""
        found: int = self.reader.scalar(select(func.count()).select_from(_ENTRY).where(self.wanted))
        return found

    def rows(self, *, page: int = 0) -> Iterator[RegisterRow]:
        """Yield the lines in the order of their numbers, all or one page of them."""
        query = (
            select(_ENTRY.c.number, _ENTRY.c.account, _DOSSIER.c.state)
            .join_from(_ENTRY, _DOSSIER, _DOSSIER.c.code == _ENTRY.c.dossier)
            .where(self.wanted)
            .order_by(_ENTRY.c.number)
        )
        if page:
            query = query.limit(LINES_A_PAGE).offset((page - 1) * LINES_A_PAGE)
        lines = [_Line(row.number, row.account, codec.loads(row.state, Dossier)) for row in self.reader.rows(query)]
        yield from _Told(self.reader, lines, as_of=self.book.closed_at).rows()


class _Told:
    """Lines with the names, addresses and days they are told by, each kind read once for all of them."""

    def __init__(self, reader: Reader, lines: Sequence[_Line], *, as_of: datetime | None) -> None:
        self.reader = reader
        self.lines = lines
        self.as_of = as_of
        self.people = _people(reader, [line.dossier.code for line in lines])
        self.rules = Rules(reader, [line.dossier for line in lines])
        self.places: dict[str, Place] = reader.reference.places({line.dossier.department for line in lines})
        self.officers = receivers.names_of(reader, {line.account for line in lines})
        self.units: dict[date, dict[str, Unit]] = {}
        self.communes = {person.commune for person in self.people.values() if person.commune}
        self.addresses: dict[tuple[str, date], str] = {}

    def rows(self) -> Iterator[RegisterRow]:
        """Yield the lines as they are printed."""
        return map(self._row, self.lines)

    def _row(self, line: _Line) -> RegisterRow:
        dossier = line.dossier
        sender = self.people.get((dossier.code, "sender"))
        owner = self.people.get((dossier.code, "subject")) or sender
        return RegisterRow(
            number=register.written(line.number),
            dossier=dossier.code,
            official_code=dossier.official_code,
            what=self.rules.procedure_name(dossier),
            owner=owner.name if owner else ERASED,
            address=self._address(owner, on=calendars.local(dossier.opened_at).date()) if owner else "",
            phone=owner.phone.replace("+84", "0", 1) if owner else "",
            authority=self.places[dossier.department].name if dossier.department in self.places else "",
            received_on=_on(dossier.started_at),
            due_on=_on(self._due(dossier)),
            returned_on=_on(dossier.returned_at) if self._is_told(dossier.returned_at) else "",
            way=WAYS[dossier.return_way] if dossier.return_way else "",
            officer=self.officers.get(line.account, line.account),
            note=self._note(dossier),
        )

    def _is_told(self, at: datetime | None) -> bool:
        """Tell whether something had happened when the book was closed."""
        return at is not None and (self.as_of is None or at <= self.as_of)

    def _due(self, dossier: Dossier) -> datetime | None:
        """Return the day the citizen was given: on the slip, after a supplement, or with the apology."""
        if dossier.extension is not None and self._is_told(dossier.extension.signed_at):
            return dossier.extension.due_at
        pauses = tuple(pause for pause in dossier.pauses if self._is_told(pause.since))
        if dossier.promised_at is not None and not pauses:
            return dossier.promised_at
        as_it_stood = replace(dossier, pauses=pauses, extension=None)
        return clocks.due_view(as_it_stood, rules=self.rules, at=self.as_of or dossier.status_at).shown_at

    def _note(self, dossier: Dossier) -> str:
        has_ended = dossier.status in ENDED_WITHOUT_RESULT and self._is_told(dossier.status_at)
        return AGENCY_STATUS_NAMES[dossier.status] if has_ended else ""

    def _address(self, person: Person, *, on: date) -> str:
        above = self._above(person.commune, on=on)
        return ", ".join(part for part in (person.address, above) if part)

    def _above(self, commune: str, *, on: date) -> str:
        """Return commune and province as they were called on a day."""
        if not commune:
            return ""
        if (commune, on) not in self.addresses:
            units = self._units(on)
            unit = units.get(commune)
            province = units.get(unit.province_code) if unit else None
            self.addresses[commune, on] = ", ".join(each.name for each in (unit, province) if each)
        return self.addresses[commune, on]

    def _units(self, on: date) -> dict[str, Unit]:
        if on not in self.units:
            communes = self.reader.reference.units(self.communes, on=on)
            provinces = self.reader.reference.units({unit.province_code for unit in communes.values()}, on=on)
            self.units[on] = provinces | communes
        return self.units[on]


def _people(reader: Reader, dossiers: Sequence[str]) -> dict[tuple[str, str], Person]:
    found: dict[tuple[str, str], Person] = {}
    for start in range(0, len(dossiers), PEOPLE_AT_ONCE):
        found |= reader.people.of(dossiers[start : start + PEOPLE_AT_ONCE])
    return found


def _on(at: datetime | None) -> str:
    return f"{calendars.local(at):%d/%m/%Y}" if at is not None else ""


def _month(year: int, month: int) -> tuple[datetime, datetime]:
    """Return when a month begins and the next one does, by the clock of Vietnam."""
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    begins, ends = (datetime(*each, 1, tzinfo=calendars.VIETNAM) for each in ((year, month), following))
    return begins.astimezone(UTC), ends.astimezone(UTC)
