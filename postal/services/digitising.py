"""Digitising: a scanner's stack becomes waiting pages, waiting pages become the file of a paper.

Files are laid outside before the transaction that refers to them, and taken away after the one that forgets them: a
crash in between leaves something to sweep, never something missing.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from postal.domain import calendars, codes, contents, permissions, scan_places, scanning
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import PaperScanned
from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.procedures import ProcedureVersion, UnknownProcedure
from postal.domain.refusals import Refused
from postal.domain.scanning import (
    Forgotten,
    Given,
    Held,
    MustNotScan,
    NoConsent,
    NoPagesChosen,
    NotHere,
    NotReusable,
    Offer,
    PagesGone,
    Scan,
)
from postal.services import sheets, shelving
from postal.services.shelving import Shelf
from postal.store import Ledger, Reader, Store
from postal.store.registers import SealedFile
from postal.store.stacks import Sheet, Stack

WATCHED = ""
"""The account of what a watched folder brought."""


class NoPlaceKnown(Refused):
    """A stack from a common folder says by its labels where it belongs; this one says nothing."""

    code = "no_place_known"
    vi = (
        "Không trang nào có nhãn đọc được nên không biết tệp của bưu cục nào. "
        "Để tệp vào thư mục con mang mã bưu cục, hoặc tải lên ở trang Số hóa."
    )
    en = "No page has a readable label, so nobody knows which office the file is of. Use the folder of the office."


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of a stack: pages by dossier, how many are held. `is_known` says that it had come before."""

    stack: str
    pages: int = 0
    by_dossier: Mapping[str, int] | None = None
    held: int = 0
    is_known: bool = False


# --- a stack ----------------------------------------------------------------------------------------------------------


def take_in(
    store: Store, shelf: Shelf, content: bytes, *, place: str, account: str, at: datetime, default: str = ""
) -> Taken:
    """Take a scanner's file apart and let its pages wait, each with the dossier whose label came last, or held.

    The same file again changes nothing as long as its pages wait; a file from a watched folder counts once for ever.
    `default` is the dossier a person named for pages without a label. Raises: NoPlaceKnown, NotHere, ShelfUnreachable,
    and as `sheets.read`; then nothing is kept.
    """
    stack = store.fingerprint("scanned stack", f"{place}|{hashlib.sha256(content).hexdigest()}")
    if _is_known(store, stack, account=account):
        return _known(store, stack)
    leaves = sheets.read(content)
    with store.read() as reader:
        found = _found(reader, frozenset().union(*(leaf.labels for leaf in leaves)), place=place)
        if default:
            _must_be_known(reader, _must_be_here(reader, default, place=place))
        offices = {} if place else _offices_of(reader, found)
    places = scanning.split([leaf.labels for leaf in leaves], found, default=default)
    pages = [
        _laid(store, shelf, leaf, number=number, stack=stack, of=of, place=where, at=at)
        for number, (leaf, of, where) in enumerate(
            zip(leaves, places, _wheres(places, place=place, offices=offices), strict=True), start=1
        )
    ]
    try:
        with store.begin(at=at) as ledger:
            first = pages[0].sheet.place
            _keep(ledger, Stack(id=stack, place=first, account=account, pages=len(pages), at=at), pages)
    except Overtaken:
        return _known(store, stack)
    return _counted(stack, [page.sheet for page in pages])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Laid:
    sheet: Sheet
    file: SealedFile
    picture: bytes


def _laid(
    store: Store,
    shelf: Shelf,
    leaf: sheets.Leaf,
    *,
    number: int,
    stack: str,
    of: scanning.Place,
    place: str,
    at: datetime,
) -> _Laid:
    file = shelving.lay(
        store, shelf, leaf.pdf, media_type=sheets.PDF, dossier=of.dossier, owner=f"sheet {stack}/{number}"
    )
    sheet = Sheet(
        file=file.id,
        picture="",
        stack=stack,
        number=number,
        dossier=of.dossier,
        place=place,
        held=of.held.name.lower() if of.held else "",
        begins=of.begins,
        at=at,
    )
    return _Laid(sheet=sheet, file=file, picture=leaf.picture)


def _keep(ledger: Ledger, stack: Stack, pages: Sequence[_Laid]) -> None:
    ledger.files.add([page.file for page in pages])
    ledger.stacks.add(
        stack,
        [
            page.sheet.showing(ledger.files.put_picture(page.file, media_type=sheets.JPEG, content=page.picture))
            for page in pages
        ],
    )


def _is_known(store: Store, stack: str, *, account: str) -> bool:
    """Tell whether a file was taken before; a person may send one again once all of its pages are gone."""
    with store.read() as reader:
        if reader.stacks.get(stack) is None:
            return False
        return account == WATCHED or bool(reader.stacks.sheets_of_stack(stack))


def _known(store: Store, stack: str) -> Taken:
    """Return where the pages of a file wait that came before."""
    with store.read() as reader:
        return replace(_counted(stack, reader.stacks.sheets_of_stack(stack)), is_known=True)


def _found(reader: Reader, labels: Collection[str], *, place: str) -> dict[str, str | Held]:
    """Return for every label its dossier, or why nothing can be laid to it from here."""
    of_items = {code: item.dossier for code, item in reader.many(Item, sorted(labels)).items()}
    wanted = {code: of_items.get(code, code) for code in labels}
    known = reader.many(Dossier, sorted(set(wanted.values())))
    return {code: _where(reader, known.get(wanted[code]), place=place) for code in labels}


def _where(reader: Reader, found: Dossier | None, *, place: str) -> str | Held:
    if found is None:
        return Held.UNKNOWN
    if place and place not in scan_places.of(found, reader.items_of(found.code)):
        return Held.ELSEWHERE
    is_open = found.may(PaperScanned) and found.paper_lines and not _is_forgotten(reader, found)
    return found.code if is_open else Held.CLOSED


def _is_forgotten(reader: Reader, found: Dossier) -> bool:
    """Tell whether the people of a dossier were erased: it had a list of papers, and the list is gone."""
    return bool(found.contents) and found.contents not in reader.texts.get([found.contents])


def _offices_of(reader: Reader, found: Mapping[str, str | Held]) -> dict[str, str]:
    """Return the office of every dossier in a stack from the common folder. Raises: NoPlaceKnown when there is none."""
    ours = sorted({where for where in found.values() if isinstance(where, str)})
    if not ours:
        raise NoPlaceKnown
    return {code: each.office for code, each in reader.many(Dossier, ours).items()}


def _wheres(places: Sequence[scanning.Place], *, place: str, offices: Mapping[str, str]) -> list[str]:
    """Return where each page waits: where it was scanned, or with its dossier's office; a held one with the last."""
    if place:
        return [place] * len(places)
    where = next(offices[each.dossier] for each in places if each.dossier)
    found = []
    for each in places:
        where = offices.get(each.dossier, where)
        found.append(where)
    return found


def _counted(stack: str, found: Sequence[Sheet]) -> Taken:
    by_dossier: dict[str, int] = {}
    for sheet in found:
        if sheet.dossier:
            by_dossier[sheet.dossier] = by_dossier.get(sheet.dossier, 0) + 1
    held = len(found) - sum(by_dossier.values())
    return Taken(stack=stack, pages=len(found), by_dossier=by_dossier, held=held)


# --- waiting pages ----------------------------------------------------------------------------------------------------


def assign(store: Store, pages: Collection[str], *, code: str, by: Actor, at: datetime) -> int:
    """Let held pages belong to a dossier, by its code or that of its envelope; return how many.

    Raises: Forbidden, NoPagesChosen, PagesGone, NotHere, Forgotten, UnknownCode, NotNow, NothingToScan.
    """
    permissions.require(by, Permission.DIGITISE)
    if not pages:
        raise NoPagesChosen
    with store.begin(at=at) as ledger:
        found = _meant(ledger, code)
        found.must_have_line(1)
        found.must_allow(PaperScanned)
        with store.inside(ledger).read() as reader:
            _must_be_here(reader, found.code, place=by.place)
            _must_be_known(reader, found)
            held = reader.stacks.sheets(pages)
        if len(held) < len(set(pages)) or any(sheet.place != by.place for sheet in held):
            raise PagesGone
        if ledger.stacks.assign(pages, dossier=found.code) != len(set(pages)):
            raise PagesGone
        ledger.files.move([*pages, *(sheet.picture for sheet in held)], dossier=found.code)
        return len(held)


def drop(store: Store, shelf: Shelf, pages: Collection[str], *, by: Actor, at: datetime) -> int:
    """Forget waiting pages: blank ones, ones that must not be scanned; return how many. Leaves an audit line.

    Raises: Forbidden, NoPagesChosen, PagesGone, NotHere.
    """
    permissions.require(by, Permission.DIGITISE)
    if not pages:
        raise NoPagesChosen
    with store.begin(at=at) as ledger:
        with store.inside(ledger).read() as reader:
            found = reader.stacks.sheets(pages)
            for code in {sheet.dossier for sheet in found}:
                _must_be_own(reader, code, [sheet for sheet in found if sheet.dossier == code], place=by.place)
        blobs = _taken_away(ledger, found, wanted=pages)
        detail = f"{len(found)} trang"
        for code in sorted({sheet.dossier for sheet in found}):
            ledger.audit.note(account=by.account, place=by.place, what="pages_dropped", subject=code, detail=detail)
    shelving.clear(shelf, blobs)
    return len(found)


def file_pages(
    store: Store,
    shelf: Shelf,
    code: str,
    line: int,
    *,
    pages: Sequence[str],
    by: Actor,
    at: datetime,
    valid_to: date | None = None,
) -> Dossier:
    """Let waiting pages be the digitised copy of a line, in their order.

    `valid_to` is the last day the paper itself states.

    Raises: Forbidden, NoPagesChosen, PagesGone, MustNotScan, NotHere,
    NotNow, NothingToScan, NoSuchLine, FileLost, ShelfUnreachable, UnreadableFile.
    """
    permissions.require(by, Permission.DIGITISE)
    if not pages:
        raise NoPagesChosen
    with store.read() as reader:
        case = _Case.read(reader, code, place=by.place)
        case.must_take(line)
        wanted = reader.stacks.sheets(pages)
        if len(wanted) < len(set(pages)) or any(sheet.dossier != code for sheet in wanted):
            raise PagesGone
        kept = {file.id: file for file in reader.files.kept_all(pages)}
    content = sheets.joined([shelving.fetched(store, shelf, kept[sheet.file]).content for sheet in wanted])
    scan = _scan(content, line=line, pages=len(wanted), valid_to=valid_to, at=at)
    file = shelving.lay(store, shelf, content, media_type=sheets.PDF, dossier=code)
    with store.begin(at=at) as ledger:
        blobs = _taken_away(ledger, wanted, wanted=pages)
        ledger.files.add([file])
        found = ledger.dossier(code)
        after = ledger.append(found, found.scan(scan, left=case.left_after(found, line), by=by))
    shelving.clear(shelf, blobs)
    return after


def _scan(content: bytes, *, line: int, pages: int, valid_to: date | None, at: datetime) -> Scan:
    digest = hashlib.sha256(content).hexdigest()
    return Scan(line=line, file=digest, pages=pages, size=len(content), kind=sheets.PDF, at=at, valid_to=valid_to)


def _taken_away(ledger: Ledger, found: Sequence[Sheet], *, wanted: Collection[str]) -> list[str]:
    """Let pages wait no longer and forget them. Raises: PagesGone when somebody was first."""
    if not found or ledger.stacks.take(wanted) != len(set(wanted)):
        raise PagesGone
    return ledger.files.remove([id_ for sheet in found for id_ in (sheet.file, sheet.picture)])


# --- a paper given before ---------------------------------------------------------------------------------------------


def reuse(
    store: Store,
    shelf: Shelf,
    code: str,
    line: int,
    *,
    source: str,
    is_agreed: bool,
    by: Actor,
    at: datetime,
) -> Dossier:
    """Let a paper the same person gave before count for a line; the file is copied, each dossier has its own.

    `source` is the offer that was shown, "dossier/line".

    Raises: Forbidden, NoConsent, NotReusable, MustNotScan, NotHere, NotNow,
    NothingToScan, NoSuchLine, FileLost, ShelfUnreachable.
    """
    permissions.require(by, Permission.DIGITISE)
    if not is_agreed:
        raise NoConsent
    with store.read() as reader:
        case = _Case.read(reader, code, place=by.place)
        case.must_take(line)
        offer = case.offers(reader, on=calendars.local(at).date()).get(line)
        kept = reader.files.of_content(offer.given.dossier, offer.given.scan.file) if offer else None
    if offer is None or kept is None or source_of(offer) != source:
        raise NotReusable(line=line)
    content = shelving.fetched(store, shelf, kept).content
    file = shelving.lay(store, shelf, content, media_type=kept.media_type, dossier=code)
    with store.begin(at=at) as ledger:
        ledger.files.add([file])
        found = ledger.dossier(code)
        left = case.left_after(found, line)
        return ledger.append(found, found.reuse(offer, basis=scanning.REUSE_BASIS, left=left, by=by, at=at))


def source_of(offer: Offer) -> str:
    """Return how an offer is named on a form: "dossier/line"."""
    return f"{offer.given.dossier}/{offer.given.scan.line}"


def offers(store: Store, code: str, *, by: Actor, at: datetime) -> dict[int, Offer]:
    """Return what need not be scanned again, by line. Raises: NotHere, UnknownCode."""
    with store.read() as reader:
        return _Case.read(reader, code, place=by.place).offers(reader, on=calendars.local(at).date())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """A dossier with what decides about its papers: their names, the procedure's list, whose papers they are."""

    dossier: Dossier
    names: tuple[str, ...]
    version: ProcedureVersion | None
    owner: str

    @classmethod
    def read(cls, reader: Reader, code: str, *, place: str) -> "_Case":
        found = _must_be_here(reader, code, place=place)
        text = reader.texts.get([found.contents]).get(found.contents, "")
        people = reader.people.of([code])
        return cls(
            dossier=found,
            names=contents.read(text),
            version=_version(reader, found),
            owner=_owner(people, code),
        )

    def must_take(self, line: int) -> None:
        """Refuse a line that is not there or must not be scanned. Raises: NotNow, NothingToScan, NoSuchLine, ..."""
        self.dossier.must_have_line(line)
        self.dossier.must_allow(PaperScanned)
        if self.dossier.contents and not self.names:
            raise Forgotten(dossier=codes.shown(self.dossier.code))
        name = contents.name(self.names, line)
        why = scanning.why_not(scanning.required_for(name, self.version))
        if why:
            raise MustNotScan(paper=name, why=why)

    def left_after(self, found: Dossier, line: int) -> int:
        """Return how many lines still wait for a file once `line` has one."""
        wanted = scanning.lines_to_scan(self.names, lines=found.paper_lines, version=self.version)
        done = {line, *(scan.line for scan in found.scans)}
        return sum(each not in done for each in wanted)

    def offers(self, reader: Reader, *, on: date) -> dict[int, Offer]:
        wanted = scanning.lines_to_scan(self.names, lines=self.dossier.paper_lines, version=self.version)
        open_ones = [line for line in wanted if self.dossier.scan_of(line) is None]
        if not self.owner or not open_ones or not self.dossier.may(PaperScanned):
            return {}
        given = _given(reader, owner=self.owner, but=self.dossier.code)
        return scanning.offers(self.names, wanted=open_ones, given=given, on=on)


def _given(reader: Reader, *, owner: str, but: str) -> list[Given]:
    """Return what a person's earlier dossiers have digitised; files that were erased are absent."""
    found = [each for each in reader.people.find(identity=owner) if each != but]
    people = reader.people.of(found)
    own = [code for code in found if _owner(people, code) == owner]
    dossiers = [each for each in reader.many(Dossier, own).values() if each.status is not AgencyStatus.VOIDED]
    texts = reader.texts.get([each.contents for each in dossiers])
    return [
        Given(dossier=each.code, name=contents.name(contents.read(texts.get(each.contents, "")), scan.line), scan=scan)
        for each in dossiers
        if each.contents in texts
        for scan in each.scans
        if reader.files.of_content(each.code, scan.file) is not None
    ]


def _owner(people: Mapping[tuple[str, str], Person], code: str) -> str:
    """Return the number of whom a dossier's papers are about: its subject, else who handed it in; empty for nobody."""
    subject, sender = people.get((code, "subject")), people.get((code, "sender"))
    whose = subject if subject is not None else sender
    return whose.proves_by if whose is not None else ""


def _version(reader: Reader, found: Dossier) -> ProcedureVersion | None:
    try:
        return reader.reference.procedure_version(found.procedure, found.procedure_version)
    except UnknownProcedure:
        return None


# --- where ------------------------------------------------------------------------------------------------------------


def _meant(ledger: Ledger, code: str) -> Dossier:
    """Return the dossier of its own code or of an envelope's. Raises: UnknownCode, WrongCode."""
    parsed = codes.parse(code)
    if parsed.kind is codes.CodeKind.ITEM:
        return ledger.dossier(ledger.item(parsed.text).dossier)
    return ledger.dossier(codes.parse(code, kind=codes.CodeKind.DOSSIER).text)


def _must_be_here(reader: Reader, code: str, *, place: str) -> Dossier:
    found = reader.thing(Dossier, code)
    if found is None or place not in scan_places.of(found, reader.items_of(code)):
        raise NotHere(dossier=codes.shown(code))
    return found


def _must_be_known(reader: Reader, found: Dossier) -> None:
    if _is_forgotten(reader, found):
        raise Forgotten(dossier=codes.shown(found.code))


def _must_be_own(reader: Reader, code: str, found: Sequence[Sheet], *, place: str) -> None:
    """Refuse pages of another place: held ones belong to where they were scanned, others to the dossier's places."""
    if code:
        _must_be_here(reader, code, place=place)
    elif any(sheet.place != place for sheet in found):
        raise PagesGone
