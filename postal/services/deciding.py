"""Keeping who decides and how papers get there: lanes, delegations, and what became of units. Nothing is ever deleted.

A lane or a delegation is ended by its last day, so that what held on an earlier day can be told years later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, TypeVar

from postal.domain import calendars, delegations, lanes, lineage, permissions
from postal.domain.delegations import Delegation, WrongDelegation
from postal.domain.lineage import Succession
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import Era, Lane, UnitKey, UnknownPlace
from postal.domain.procedures import UnknownProcedure
from postal.domain.refusals import Refused
from postal.services import importing
from postal.services.catalogue import TERMINAL, Imported
from postal.services.importing import ImportReport, RowError
from postal.store import Ledger, Store

T = TypeVar("T", Lane, Delegation, Succession)


class UnknownEntry(Refused):
    """Nobody has entered this lane or delegation."""

    code = "unknown_way_entry"
    vi = "Chưa có {what} mã {entry}. Xem lại danh sách."
    en = "There is no {what} {entry}. Look at the list."


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLane:
    """A lane as somebody enters it; its code follows from its two ends."""

    origin: str
    destination: str
    carrier: str
    tier_days: int
    cutoff: time
    basis: str
    valid_from: date | None = None
    valid_to: date | None = None


# --- lanes ------------------------------------------------------------------------------------------------------------


def add_lane(store: Store, new: NewLane, *, by: Actor, at: datetime) -> Lane:
    """Enter a lane. Raises: Forbidden, WrongLane, LaneOverlaps."""
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_deciding()
        known = ledger.reference.lanes()
        code = _free_code(f"{_short(new.origin)}-{_short(new.destination)}", {lane.code for lane in known})
        lane = Lane(
            code=code,
            origin=new.origin,
            destination=new.destination,
            carrier=new.carrier,
            tier_days=new.tier_days,
            cutoff=new.cutoff,
            basis=new.basis,
            valid_from=new.valid_from,
            valid_to=new.valid_to,
        )
        lanes.check(lane, others=known, is_end=lambda end: _is_end(ledger, end, on=_day(at)))
        ledger.reference.put_lane(lane)
        _note(ledger, by, what="lane_added", subject=lane.code, detail=f"J+{lane.tier_days}, {lane.basis}")
        return lane


def end_lane(store: Store, code: str, *, last: date, by: Actor, at: datetime) -> Lane:
    """Give a lane its last day. Raises: Forbidden, UnknownEntry, WrongLane."""
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_deciding()
        found = ledger.reference.lane_named(code)
        if found is None:
            raise UnknownEntry(what="tuyến", entry=code)
        lane = lanes.ended(found, last=last)
        ledger.reference.put_lane(lane)
        _note(ledger, by, what="lane_ended", subject=code, detail=last.isoformat())
        return lane


def import_lanes(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Import lanes; a row of a known code replaces that lane. `by` is None at the terminal. Raises: Forbidden."""

    def check(ledger: Ledger, lane: Lane, known: Sequence[Lane]) -> None:
        lanes.check(lane, others=known, is_end=lambda end: _is_end(ledger, end, on=_day(at)))

    kept = _Kept(
        what="lanes_imported",
        all=lambda ledger: ledger.reference.lanes(),
        put=lambda ledger, lane: ledger.reference.put_lane(lane),
        check=check,
    )
    return _import(store, importing.read_lanes(text), kept, at=at, dry_run=dry_run, by=by)


# --- delegations ------------------------------------------------------------------------------------------------------


def add_delegation(store: Store, new: Delegation, *, by: Actor, at: datetime) -> Delegation:
    """Enter a delegation; it gets its code here. Raises: Forbidden, UnknownPlace, UnknownProcedure, WrongDelegation."""
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_deciding()
        known = ledger.reference.delegations()
        code = _free_code(f"UQ-{new.authority}"[:28], {each.code for each in known})
        delegation = replace(new, code=code)
        _check_delegation(ledger, delegation, known)
        ledger.reference.put_delegation(delegation)
        _note(ledger, by, what="delegation_added", subject=code, detail=f"{delegation.scope}: {delegation.basis}")
        return delegation


def end_delegation(store: Store, code: str, *, last: date, by: Actor, at: datetime) -> Delegation:
    """Give a delegation its last day. Raises: Forbidden, UnknownEntry, WrongDelegation."""
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_deciding()
        known = ledger.reference.delegations()
        found = next((each for each in known if each.code == code), None)
        if found is None:
            raise UnknownEntry(what="ủy quyền", entry=code)
        if found.valid_to is not None and found.valid_to < last:
            raise WrongDelegation(authority=found.authority, why=f"đã kết thúc ngày {found.valid_to:%d/%m/%Y}.")
        ended = replace(found, valid_to=last)
        _check_delegation(ledger, ended, known)
        ledger.reference.put_delegation(ended)
        _note(ledger, by, what="delegation_ended", subject=code, detail=last.isoformat())
        return ended


def import_delegations(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Import delegations; a row of a known code replaces it. `by` is None at the terminal. Raises: Forbidden."""
    kept = _Kept(
        what="delegations_imported",
        all=lambda ledger: ledger.reference.delegations(),
        put=lambda ledger, delegation: ledger.reference.put_delegation(delegation),
        check=_check_delegation,
    )
    return _import(store, importing.read_delegations(text), kept, at=at, dry_run=dry_run, by=by)


def _check_delegation(ledger: Ledger, delegation: Delegation, known: Sequence[Delegation]) -> None:
    wanted = [code for code in (delegation.authority, delegation.delegate, delegation.desk) if code]
    found = ledger.reference.places(wanted)
    for code in wanted:
        if code not in found:
            raise UnknownPlace(place=code)
    if delegation.procedure and not ledger.reference.versions(delegation.procedure):
        raise UnknownProcedure(procedure=delegation.procedure)
    delegations.check(delegation, others=known, named=found[delegation.authority].name)


# --- lineage ----------------------------------------------------------------------------------------------------------


def add_succession(store: Store, new: Succession, *, by: Actor, at: datetime) -> Succession:
    """Enter what became of a commune. Raises: Forbidden, UnknownPlace, WrongSuccession."""
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_deciding()
        known = ledger.reference.successions()
        succession = replace(new, code=_free_code(f"KT-{new.unit}", {each.code for each in known}))
        _check_succession(ledger, succession, known, on=_day(at))
        ledger.reference.put_succession(succession, on=_day(at))
        detail = f"{succession.fate.value}: {' '.join(succession.successors) or succession.name}"
        _note(ledger, by, what="succession_added", subject=succession.code, detail=detail)
        return succession


def import_successions(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Import what became of communes; a row of a known code replaces it. `by` is None at the terminal.

    Raises: Forbidden.
    """
    kept = _Kept(
        what="successions_imported",
        all=lambda ledger: ledger.reference.successions(),
        put=lambda ledger, succession: ledger.reference.put_succession(succession, on=_day(at)),
        check=lambda ledger, succession, known: _check_succession(ledger, succession, known, on=_day(at)),
    )
    return _import(store, importing.read_successions(text), kept, at=at, dry_run=dry_run, by=by)


def _check_succession(ledger: Ledger, succession: Succession, known: Sequence[Succession], *, on: date) -> None:
    unit = ledger.reference.unit(UnitKey(era=Era.SINCE_2025, code=succession.unit), on=on)
    communes = ledger.reference.commune_provinces()
    lineage.check(succession, unit=unit, known=known, has_unit=communes.__contains__)


# --- all of them ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """How one kind of entry is listed, checked and kept."""

    what: str
    all: Callable[[Ledger], Sequence[Any]]
    put: Callable[[Ledger, Any], None]
    check: Callable[[Ledger, Any, Sequence[Any]], None]


def _import(
    store: Store, report: ImportReport[T], kept: _Kept, *, at: datetime, dry_run: bool, by: Actor | None
) -> Imported:
    """Keep the rows of a file that stand beside what is there and beside the rows before them."""
    if by is not None:
        permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_deciding()
        before = {each.code: each for each in kept.all(ledger)}
        now, errors = dict(before), list(report.errors)
        for number, row in zip(report.lines, report.rows, strict=True):
            try:
                kept.check(ledger, row, list(now.values()))
                now[row.code] = row
            except Refused as refused:
                errors.append(RowError(row=number, column="", message=str(refused)))
        fresh = [each for each in now.values() if before.get(each.code) != each]
        if not dry_run:
            for each in fresh:
                kept.put(ledger, each)
            _note(ledger, by, what=kept.what, subject=report.kind, detail=f"{len(fresh)} rows, {len(errors)} errors")
    added = sum(each.code not in before for each in fresh)
    return Imported(
        kind=report.kind,
        read=report.read,
        added=added,
        changed=len(fresh) - added,
        unchanged=report.read - len(fresh) - len(errors),
        errors=tuple(sorted(errors, key=lambda error: error.row)),
        notes=report.notes,
        dry_run=dry_run,
    )


def _is_end(ledger: Ledger, end: str, *, on: date) -> bool:
    """Tell whether a lane may begin or end there: a place, a province, everywhere."""
    if end == "*":
        return True
    if end.startswith("province:"):
        code = end.removeprefix("province:")
        return len(code) == 2 and code in ledger.reference.units([code], on=on)
    return end in ledger.reference.places([end])


def _short(end: str) -> str:
    return "VN" if end == "*" else end.removeprefix("province:")


def _free_code(wanted: str, taken: set[str]) -> str:
    """Return a code nobody has: the wanted one, or that with the next number."""
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (wanted, *numbered) if code not in taken)


def _day(at: datetime) -> date:
    return calendars.local(at).date()


def _note(ledger: Ledger, by: Actor | None, *, what: str, subject: str, detail: str) -> None:
    account, place = (by.account, by.place) if by else (TERMINAL, "")
    ledger.audit.note(account=account, place=place, what=what, subject=subject, detail=detail[:200])
