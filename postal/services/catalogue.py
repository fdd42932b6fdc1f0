"""Keeping the catalogue: load what the product ships, import what others publish."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from postal.domain import calendars, permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import Place
from postal.domain.refusals import Refused
from postal.services import importing, shipped
from postal.services.importing import Counted, ImportReport, Plan, RowError
from postal.store import Ledger, Store

T = TypeVar("T")

TERMINAL = "terminal"
"""The account of who works at the terminal."""


class AlreadyApplied(Refused):
    """A file is imported once."""

    code = "already_applied"
    vi = "Tệp này đã nhập rồi. Xem kết quả trong danh mục, hoặc gửi tệp mới."
    en = "This file has been imported already. Look at the catalogue, or send another file."


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeded:
    """How many rows of each kind were new."""

    units: int
    places: int
    lanes: int
    territories: int
    procedures: int
    calendars: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import did, or would do when `dry_run`: rows new, changed, the same; errors kept their rows out.

    `merged` counts rows that belong to the procedure of another row; `sheets` are the parts of a file of procedures.
    """

    kind: str
    read: int
    added: int
    changed: int
    unchanged: int
    errors: tuple[RowError, ...]
    notes: tuple[RowError, ...]
    dry_run: bool
    merged: int = 0
    sheets: tuple[Counted, ...] = ()


def seed(store: Store, *, at: datetime) -> Seeded:
    """Load the reference data the product ships; what is there already stays as it is."""
    found = shipped.units()
    with store.begin(at=at) as ledger:
        register = ledger.reference
        return Seeded(
            units=register.add_units(found.units, aliases=found.aliases),
            places=register.add_places(shipped.places()),
            lanes=register.add_lanes(shipped.lanes()),
            territories=register.add_territories(shipped.territories()),
            procedures=register.add_procedures(shipped.procedures()),
            calendars=sum(register.add_calendar(key, content) for key, content in shipped.calendars().items()),
        )


def plan_procedures(store: Store, content: str | bytes, *, at: datetime) -> Plan:
    """Return what a file of procedures, papers or both would change; nothing is written."""
    read = importing.read_catalogue(content)
    with store.read() as reader:
        return importing.plan(read, reader.reference.all_versions(), on=calendars.local(at).date())


def import_procedures(
    store: Store,
    content: str | bytes,
    *,
    at: datetime,
    dry_run: bool = False,
    by: Actor | None = None,
    upload: str = "",
) -> Imported:
    """Import procedures, papers or both; a change makes a new version, the old one keeps its dossiers.

    `by` is None at the terminal; `upload` is the kept file this is, which is applied once. Raises: Forbidden,
    AlreadyApplied.
    """
    _must_manage(by)
    if dry_run:
        return _summed(plan_procedures(store, content, at=at), dry_run=True)
    read = importing.read_catalogue(content)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_procedures()
        if upload and not ledger.drafts.applied(upload, account=by.account if by else TERMINAL):
            raise AlreadyApplied
        planned = importing.plan(read, ledger.reference.all_versions(), on=calendars.local(at).date())
        ledger.reference.close_procedures(planned.closed)
        ledger.reference.add_procedures(planned.fresh)
        for sheet in planned.sheets:
            _note_sheet(ledger, by, sheet)
    return _summed(planned, dry_run=False)


def _summed(planned: Plan, *, dry_run: bool) -> Imported:
    """Return what became of a whole file, its sheets together."""
    sheets = planned.sheets
    return Imported(
        kind="+".join(sheet.kind for sheet in sheets),
        read=sum(sheet.read for sheet in sheets),
        added=sum(sheet.added for sheet in sheets),
        changed=sum(sheet.changed for sheet in sheets),
        unchanged=sum(sheet.unchanged for sheet in sheets),
        merged=sum(sheet.merged for sheet in sheets),
        errors=tuple(error for sheet in sheets for error in sheet.errors),
        notes=tuple(note for sheet in sheets for note in sheet.notes),
        dry_run=dry_run,
        sheets=sheets,
    )


def _note_sheet(ledger: Ledger, by: Actor | None, sheet: Counted) -> None:
    ledger.audit.note(
        account=by.account if by else TERMINAL,
        place=by.place if by else "",
        what="procedures_imported",
        subject=sheet.kind,
        detail=f"{sheet.read} dòng: {sheet.added} mới, {sheet.changed} thay đổi, {len(sheet.errors)} lỗi",
    )


def import_offices(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Import post offices from a file; the public list never overwrites an office that is there.

    `by` is None at the terminal. Raises: Forbidden.
    """
    return _import_places(store, text, importing.read_offices, what="offices_imported", at=at, dry_run=dry_run, by=by)


def import_authorities(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Import desks and departments from a file: new ones, and who continues the work of one that ended.

    `by` is None at the terminal. Raises: Forbidden.
    """
    read = importing.read_authorities
    return _import_places(store, text, read, what="authorities_imported", at=at, dry_run=dry_run, by=by)


def import_territories(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Import postmen's rounds from a file; a row of a known code replaces that round from now on.

    `by` is None at the terminal. Raises: Forbidden.
    """
    _must_manage(by)
    with store.begin(at=at) as ledger:
        register = ledger.reference
        communes = register.commune_provinces()
        report = importing.read_territories(
            text, communes=communes, is_office=lambda code: bool(register.places([code]))
        )
        known = {round_.code: round_ for round_ in register.territories()}
        added = [round_ for round_ in report.rows if round_.code not in known]
        changed = [round_ for round_ in report.rows if known.get(round_.code, round_) != round_]
        if not dry_run:
            register.add_territories(added)
            for round_ in changed:
                register.put_territory(round_)
            _note(ledger, by, what="territories_imported", report=report)
    return _imported(report, added=len(added), changed=len(changed), notes=report.notes, dry_run=dry_run)


def _import_places(
    store: Store,
    text: str | bytes,
    read: Callable[..., ImportReport[Place]],
    *,
    what: str,
    at: datetime,
    dry_run: bool,
    by: Actor | None,
) -> Imported:
    _must_manage(by)
    with store.begin(at=at) as ledger:
        register = ledger.reference
        report = read(text, communes=register.commune_provinces())
        known = register.places(place.code for place in report.rows)
        added = [place for place in report.rows if place.code not in known]
        continued = [_continued(place, known[place.code]) for place in report.rows if place.code in known]
        changed = [place for place in continued if report.kind in _OWN_PLACES and place != known[place.code]]
        if not dry_run:
            register.add_places(added)
            for place in changed:
                register.put_place(place)
            _note(ledger, by, what=what, report=report)
    return _imported(report, added=len(added), changed=len(changed), notes=report.notes, dry_run=dry_run)


_OWN_PLACES = frozenset({"offices", "authorities"})
"""The formats of our own, which say everything of a place; the public list never overwrites one."""


def _continued(place: Place, known: Place) -> Place:
    """Return a place as the file says it is; a file that names no successor takes none away."""
    return replace(place, successor=place.successor or known.successor)


def _must_manage(by: Actor | None) -> None:
    if by is not None:
        permissions.require(by, Permission.MANAGE_CATALOGUE)


def _note(ledger: Ledger, by: Actor | None, *, what: str, report: ImportReport[T]) -> None:
    ledger.audit.note(
        account=by.account if by else TERMINAL,
        place=by.place if by else "",
        what=what,
        subject=report.kind,
        detail=f"{len(report.rows)} rows, {len(report.errors)} errors",
    )


def _imported(
    report: ImportReport[T],
    *,
    added: int,
    changed: int,
    notes: tuple[RowError, ...],
    dry_run: bool,
) -> Imported:
    return Imported(
        kind=report.kind,
        read=report.read,
        added=added,
        changed=changed,
        unchanged=len(report.rows) - added - changed,
        errors=report.errors,
        notes=notes,
        dry_run=dry_run,
    )
