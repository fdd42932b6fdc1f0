"""Keeping the catalogue: load what the product ships, import what others publish."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from postal.domain import calendars, permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import Place
from postal.domain.procedures import ProcedureVersion
from postal.services import importing, shipped
from postal.services.importing import ImportReport, RowError
from postal.store import Ledger, Store

T = TypeVar("T")

_COMPARED_LESS = {"basis", "version", "valid_from", "valid_to"}


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
    """What an import did, or would do when `dry_run`: rows new, changed, the same; errors kept their rows out."""

    kind: str
    read: int
    added: int
    changed: int
    unchanged: int
    errors: tuple[RowError, ...]
    notes: tuple[RowError, ...]
    dry_run: bool


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


def import_procedures(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Import procedures from a file; a change makes a new version from today on, the old one keeps its dossiers.

    `by` is None at the terminal. Raises: Forbidden.
    """
    _must_manage(by)
    report = importing.read_procedures(text)
    on = calendars.local(at).date()
    with store.begin(at=at) as ledger:
        current = ledger.reference.procedures(on=on)
        merged = [(current.get(row.code), _merged(current.get(row.code), row, report.fields)) for row in report.rows]
        added = [new for old, new in merged if old is None]
        changed = [(old, new) for old, new in merged if old is not None and new is not old]
        if not dry_run:
            ledger.reference.add_procedures([*added, *_next_versions(ledger, changed, on=on)])
            _note(ledger, by, what="procedures_imported", report=report)
    notes = (*report.notes, *_kept_refusals(merged, report))
    return _imported(report, added=len(added), changed=len(changed), notes=notes, dry_run=dry_run)


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


def _merged(old: ProcedureVersion | None, new: ProcedureVersion, fields: frozenset[str]) -> ProcedureVersion:
    """Return the old version itself if the file says nothing new; else the old one with what the file says.

    A blank in the file overwrites nothing, and what the law keeps off the post stays off whatever a list says.
    """
    if old is None:
        return new
    said = {name: getattr(new, name) for name in fields - _COMPARED_LESS if getattr(new, name) not in (None, "", ())}
    for name in ("carriable", "result_carriable"):
        if name in said and getattr(old, name) is False:
            said.pop(name)
    if "competence" in said and old.competence is not None and fields != _OWN_FIELDS:
        said.pop("competence")
    differing = {name: value for name, value in said.items() if value != getattr(old, name)}
    if not differing:
        return old
    if "limit_text" in differing and "limit" in fields:
        differing["limit"] = new.limit
    if fields != _OWN_FIELDS and not differing.keys().isdisjoint(("limit", "limit_text", "level", "name")):
        differing["verified"] = False
    return replace(old, **differing, basis=new.basis)


_OWN_FIELDS = frozenset(ProcedureVersion.__dataclass_fields__) - {"code", "version", "papers"}


def _next_versions(
    ledger: Ledger, changed: list[tuple[ProcedureVersion, ProcedureVersion]], *, on: date
) -> Iterator[ProcedureVersion]:
    for old, new in changed:
        ledger.reference.close_procedure(replace(old, valid_to=on - timedelta(days=1)))
        yield replace(new, version=old.version + 1, valid_from=on, valid_to=None)


def _kept_refusals(
    merged: list[tuple[ProcedureVersion | None, ProcedureVersion]], report: ImportReport[ProcedureVersion]
) -> Iterator[RowError]:
    """Yield a note for each procedure the list sends by post but the law does not."""
    listed = {row.code for row in report.rows if row.carriable}
    for old, _ in merged:
        if old is not None and old.carriable is False and old.code in listed:
            message = (
                f"{old.code}: danh sách ghi kênh bưu chính, nhưng {old.why_not} Giữ nguyên: không gửi qua bưu điện."
            )
            yield RowError(row=1, column="channel", message=message)


def _note(ledger: Ledger, by: Actor | None, *, what: str, report: ImportReport[T]) -> None:
    ledger.audit.note(
        account=by.account if by else "terminal",
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
