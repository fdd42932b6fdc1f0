"""Digitised papers: what a dossier has and lacks, pages that wait or are held, and how much is digitised a month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select

from postal.domain import calendars, codes, contents, permissions, scan_places, scanning
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import PaperScanned
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.procedures import ProcedureVersion
from postal.domain.scanning import FileLost, Held, Offer, PagesGone, Scan
from postal.queries import access, dossiers
from postal.store import Reader, Store
from postal.store.registers import SealedFile, StoredFile
from postal.store.stacks import Sheet
from postal.store.tables import DossierRow, table_of

AT_A_TIME = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class PageToFile:
    """A page that waits: its id, its place in the scanner's file, whether a label stands on it."""

    file: str
    number: int
    begins: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferLine:
    """A paper the citizen gave before: from which dossier, digitised when, valid until when if it says so."""

    source: str
    dossier: str
    at: datetime
    pages: int
    valid_to: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineToScan:
    """A paper of the list: `why_not` says why it must not be digitised, `scan` is its file once it has one."""

    number: int
    name: str
    why_not: str
    scan: Scan | None
    from_dossier: str
    offer: OfferLine | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScansPage:
    """The papers of a dossier with their files, the pages that wait, and the line that comes next."""

    code: str
    procedure: str
    lines: tuple[LineToScan, ...]
    done: int
    wanted: int
    no_files_why: str
    waiting: tuple[PageToFile, ...]
    choices: tuple[tuple[str, str], ...]
    line: str
    valid_to: str
    can_digitise: bool
    is_closed: bool
    ticked: frozenset[str] = frozenset()
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingLine:
    """A dossier of which pages wait."""

    code: str
    procedure: str
    pages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanHome:
    """What waits at a place: dossiers with pages, and how many pages belong to nobody yet."""

    lines: tuple[WaitingLine, ...]
    held: int
    most_pages: int
    most_megabytes: int
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldStack:
    """Pages of one file of a scanner that follow each other and are held for one reason: when they came, and why.

    A label begins another such part, so that no press moves the pages of two dossiers.
    """

    id: str
    at: datetime
    pages: tuple[PageToFile, ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldPages:
    """Everything that is held at a place, the oldest first."""

    stacks: tuple[HeldStack, ...]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    error_at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """Papers of an office's dossiers of a month: to be digitised, digitised, of these used again, not to be digitised.

    `without_files` are papers to be digitised whose source system takes no files; `systems` names these systems.
    """

    place: str
    dossiers: int
    wanted: int
    done: int
    reused: int
    kept_out: int
    without_files: int
    done_without_files: int
    systems: tuple[str, ...]

    @property
    def share(self) -> str:
        """Return what part is digitised, in percent; empty where nothing was to be."""
        return _percent(self.done, self.wanted)

    @property
    def share_with_files(self) -> str:
        """Return the same among papers whose system takes files."""
        return _percent(self.done - self.done_without_files, self.wanted - self.without_files)


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioPage:
    """The ratios of a month, an office each; counted from the ledger, nobody types one."""

    month: str
    months: tuple[tuple[str, str], ...]
    rows: tuple[Ratio, ...]
    is_everything: bool


# --- a dossier --------------------------------------------------------------------------------------------------------


def scans_page(store: Store, code: str, *, actor: Actor, offers: Mapping[int, Offer] | None = None) -> ScansPage:
    """Return the papers of a dossier. Raises: UnknownCode, Forbidden, NotTakingPart."""
    with store.read() as reader:
        found = _seen(reader, code, actor=actor)
        version = dossiers.procedure_of(reader, found)
        names = _names(reader, [found])[code]
        lines = tuple(
            _line(found, number, names=names, version=version, offer=(offers or {}).get(number))
            for number in range(1, found.paper_lines + 1)
        )
        waiting = tuple(_page(sheet) for sheet in reader.stacks.sheets_of(code))
        is_here = actor.place in scan_places.of(found, reader.items_of(code))
    open_lines = [line for line in lines if not line.why_not]
    can_scan = permissions.may(actor, Permission.DIGITISE) and is_here and bool(lines)
    return ScansPage(
        code=code,
        procedure=version.name if version else found.procedure,
        lines=lines,
        done=sum(line.scan is not None for line in open_lines),
        wanted=len(open_lines),
        no_files_why=_no_files_why(version),
        waiting=waiting,
        choices=tuple((str(line.number), f"{line.number}. {line.name}") for line in open_lines),
        line=next((str(line.number) for line in open_lines if line.scan is None), ""),
        valid_to="",
        can_digitise=can_scan and found.may(PaperScanned),
        is_closed=can_scan and not found.may(PaperScanned),
    )


def scan_file(store: Store, code: str, line: int, *, actor: Actor) -> SealedFile:
    """Return the file of a paper as it is kept, for whoever may see the scans of the dossier.

    Raises: UnknownCode, Forbidden, NotTakingPart, FileLost.
    """
    with store.read() as reader:
        found = _seen(reader, code, actor=actor)
        scan = found.scan_of(line)
        kept = reader.files.of_content(code, scan.file) if scan else None
    if kept is None:
        raise FileLost
    return kept


def page_picture(store: Store, file: str, *, actor: Actor) -> StoredFile:
    """Return the small picture of a page that waits, for whoever may see it. Raises: PagesGone, NotTakingPart, ..."""
    with store.read() as reader:
        sheet = next(iter(reader.stacks.sheets([file])), None)
        if sheet is None:
            raise PagesGone
        if sheet.dossier:
            _seen(reader, sheet.dossier, actor=actor)
        elif sheet.place != actor.place:
            raise PagesGone
        picture = reader.files.get(sheet.picture)
    if picture is None:
        raise PagesGone
    return picture


def _seen(reader: Reader, code: str, *, actor: Actor) -> Dossier:
    """Return a dossier whose papers the actor may see. Raises: UnknownCode, Forbidden, NotTakingPart."""
    found = reader.thing(Dossier, code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    items = reader.items_of(code)
    access.must_see(actor, found, items)
    permissions.require(actor, Permission.SEE_SCANS)
    if not access.takes_part(actor, found, items):
        raise access.NotTakingPart(dossier=codes.shown(code))
    return found


def _line(
    found: Dossier, number: int, *, names: tuple[str, ...], version: ProcedureVersion | None, offer: Offer | None
) -> LineToScan:
    scan, name = found.scan_of(number), contents.name(names, number)
    return LineToScan(
        number=number,
        name=name,
        why_not=scanning.why_not(scanning.required_for(name, version)),
        scan=scan,
        from_dossier=scan.source.partition("/")[0] if scan else "",
        offer=_offer(offer) if offer and scan is None else None,
    )


def _offer(offer: Offer) -> OfferLine:
    given = offer.given
    return OfferLine(
        source=f"{given.dossier}/{given.scan.line}",
        dossier=given.dossier,
        at=given.scan.at,
        pages=given.scan.pages,
        valid_to=given.scan.valid_to,
    )


def _page(sheet: Sheet) -> PageToFile:
    return PageToFile(file=sheet.file, number=sheet.number, begins=sheet.begins)


def _no_files_why(version: ProcedureVersion | None) -> str:
    if version is None or version.source_takes_files is not False:
        return ""
    system = version.source_system or "của cơ quan"
    return f"Hệ thống {system} không nhận tệp số hóa."


def _names(reader: Reader, found: Sequence[Dossier]) -> dict[str, tuple[str, ...]]:
    texts = reader.texts.get([each.contents for each in found])
    return {each.code: contents.read(texts.get(each.contents, "")) for each in found}


# --- what waits -------------------------------------------------------------------------------------------------------


def home(store: Store, *, actor: Actor) -> ScanHome:
    """Return what waits at the actor's place."""
    with store.read() as reader:
        waiting = reader.stacks.waiting_at(actor.place)
        found = reader.many(Dossier, sorted(set(waiting) - {""}))
        lines = tuple(
            WaitingLine(code=code, procedure=_procedure(reader, each), pages=waiting[code])
            for code, each in sorted(found.items(), key=lambda pair: pair[1].opened_at)
        )
    return ScanHome(
        lines=lines,
        held=waiting.get("", 0),
        most_pages=scanning.MOST_PAGES,
        most_megabytes=scanning.LARGEST_FILE // 1024**2,
    )


def held(store: Store, *, actor: Actor) -> HeldPages:
    """Return the pages of the actor's place that belong to nobody yet."""
    with store.read() as reader:
        found = reader.stacks.held_at(actor.place)
    return HeldPages(stacks=tuple(map(_held_stack, _parts(found))))


def _parts(found: Sequence[Sheet]) -> list[list[Sheet]]:
    """Return held pages in parts: another one begins with a file, a reason, a gap, or a label."""
    parts: list[list[Sheet]] = []
    for sheet in found:
        if parts and not sheet.begins and _follows(sheet, parts[-1][-1]):
            parts[-1].append(sheet)
        else:
            parts.append([sheet])
    return parts


def _follows(sheet: Sheet, last: Sheet) -> bool:
    return (sheet.stack, sheet.held, sheet.number) == (last.stack, last.held, last.number + 1)


def _held_stack(own: Sequence[Sheet]) -> HeldStack:
    first = own[0]
    why = Held[first.held.upper()].value
    return HeldStack(id=f"{first.number}-{first.stack[:12]}", at=first.at, pages=tuple(map(_page, own)), why=why)


def _procedure(reader: Reader, found: Dossier) -> str:
    version = dossiers.procedure_of(reader, found)
    return version.name if version else found.procedure


# --- the ratio --------------------------------------------------------------------------------------------------------


def ratio(store: Store, *, actor: Actor, month: str, at: datetime) -> RatioPage:
    """Return how much of a month's papers is digitised, by office: all of them for who watches over all.

    `month` is YYYY-MM, the current one when it is none. Raises: Forbidden.
    """
    permissions.require(actor, Permission.SEE_DOSSIERS)
    first = _month(month) or calendars.local(at).date().replace(day=1)
    table = table_of(DossierRow)
    span = (_begins(first), _begins(_next(first)))
    query = select(table.c.state).where(table.c.opened_at >= span[0], table.c.opened_at < span[1])
    if not access.watches_all(actor):
        query = query.where(table.c.office == actor.place)
    with store.read() as reader:
        found = [each for each in reader.things(Dossier, query.order_by(table.c.office)) if _counts(each)]
        rows = [_ratio(reader, office, list(own)) for office, own in groupby(found, key=lambda each: each.office)]
        places = reader.reference.places({row.place for row in rows})
    named = (replace(row, place=places[row.place].name) if row.place in places else row for row in rows)
    return RatioPage(
        month=f"{first:%Y-%m}",
        months=_months(calendars.local(at).date()),
        rows=tuple(sorted(named, key=lambda row: row.place)),
        is_everything=access.watches_all(actor),
    )


def _counts(found: Dossier) -> bool:
    return found.paper_lines > 0 and found.status not in (AgencyStatus.VOIDED, AgencyStatus.TURNED_BACK)


def _ratio(reader: Reader, office: str, own: list[Dossier]) -> Ratio:
    versions = reader.reference.procedure_versions({(each.procedure, each.procedure_version) for each in own})
    of = {each.code: versions.get((each.procedure, each.procedure_version)) for each in own}
    choosy = [each for each in own if _keeps_papers_out(of[each.code])]
    names = {code: found for chunk in _chunks(choosy) for code, found in _names(reader, chunk).items()}
    counted = [_Counted.of(each, names.get(each.code, ()), of[each.code]) for each in own]
    blind = [each for each in counted if each.system]
    return Ratio(
        place=office,
        dossiers=len(own),
        wanted=sum(each.wanted for each in counted),
        done=sum(each.done for each in counted),
        reused=sum(each.reused for each in counted),
        kept_out=sum(each.kept_out for each in counted),
        without_files=sum(each.wanted for each in blind),
        done_without_files=sum(each.done for each in blind),
        systems=tuple(sorted({each.system for each in blind})),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counted:
    """The papers of one dossier, counted; `system` is set when its source system takes no files."""

    wanted: int
    done: int
    reused: int
    kept_out: int
    system: str

    @classmethod
    def of(cls, found: Dossier, names: tuple[str, ...], version: ProcedureVersion | None) -> "_Counted":
        wanted = set(scanning.lines_to_scan(names, lines=found.paper_lines, version=version))
        done = [scan for scan in found.scans if scan.line in wanted]
        return cls(
            wanted=len(wanted),
            done=len(done),
            reused=sum(bool(scan.source) for scan in done),
            kept_out=found.paper_lines - len(wanted),
            system=_no_files_why(version),
        )


def _keeps_papers_out(version: ProcedureVersion | None) -> bool:
    return version is not None and any(paper.digitise is False for paper in version.papers)


def _chunks(found: Sequence[Dossier]) -> Iterable[Sequence[Dossier]]:
    return (found[start : start + AT_A_TIME] for start in range(0, len(found), AT_A_TIME))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}".replace(".", ",") + " %" if whole else ""


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _next(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _begins(first: date) -> datetime:
    return datetime(first.year, first.month, 1, tzinfo=calendars.VIETNAM)


def _months(today: date) -> tuple[tuple[str, str], ...]:
    """Return the last twelve months, this one first."""
    found, first = [], today.replace(day=1)
    for _ in range(12):
        found.append((f"{first:%Y-%m}", f"tháng {first.month}/{first.year}"))
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    return tuple(found)
