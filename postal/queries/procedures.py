"""Looking up procedures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, select

from postal.domain import search
from postal.domain.procedures import PaperRequired, ProcedureAbolished, ProcedureStatus, ProcedureVersion
from postal.store import Store
from postal.store.reference import holds
from postal.store.tables import table_of
from postal.store.tables_reference import ProcedureRow

UNVERIFIED = "chưa xác minh, đối chiếu Cổng Dịch vụ công"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureFound:
    """A procedure in a list of suggestions."""

    code: str
    version: int
    name: str
    level: str
    limit: str
    may_be_sent: bool
    may_be_returned: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedurePage:
    """A procedure as the clerk sees it: every doubt in words."""

    version: ProcedureVersion
    limit: str
    papers: tuple[PaperRequired, ...]
    papers_note: str
    sending_note: str
    fee_note: str
    may_be_sent: bool
    may_be_returned: bool


def search_procedures(store: Store, words: str, *, limit: int = 10, on: date) -> tuple[ProcedureFound, ...]:
    """Return the procedures somebody may mean, best first: by short name, code, or words of the name."""
    wanted = search.words(words)
    if not wanted:
        return ()
    with store.read() as reader:
        keys = reader.rows(_keys(wanted, limit=limit, on=on))
        versions = [reader.reference.procedure_version(row.code, row.version) for row in keys]
    return tuple(map(_found, versions))


def abolished(store: Store, words: str, *, on: date) -> str:
    """Return since when and by what the procedure that somebody means is abolished; empty where it is none or many."""
    wanted = search.words(words)
    if not wanted:
        return ""
    with store.read() as reader:
        found = reader.rows(_keys(wanted, limit=2, on=on, is_abolished=True))
        if len(found) != 1:
            return ""
        try:
            reader.reference.procedure(found[0].code, on=on)
        except ProcedureAbolished as refused:
            return str(refused)
    return ""


def _keys(wanted: Sequence[str], *, limit: int, on: date, is_abolished: bool = False) -> Any:
    table = table_of(ProcedureRow)
    newest = select(table.c.code, func.max(table.c.version).label("version")).where(holds(on)).group_by(table.c.code)
    last = newest.subquery()
    query = select(table.c.code, table.c.version).join(
        last, and_(last.c.code == table.c.code, last.c.version == table.c.version)
    )
    gone = table.c.status == ProcedureStatus.ABOLISHED.value
    return query.where(has_all(wanted), gone if is_abolished else ~gone).order_by(*rank(wanted)).limit(limit)


def rank(wanted: Sequence[str]) -> tuple[Any, ...]:
    """Return the order of what was found: by code, short name, and words that stand together first."""
    table = table_of(ProcedureRow)
    typed = " ".join(wanted)
    short = table.c.short_names.contains(f"|{typed}|", autoescape=True)
    starts = table.c.short_names.contains(f"|{typed}", autoescape=True)
    in_name = table.c.folded.contains(f" {typed}", autoescape=True)
    best = case((table.c.code == typed, 0), (short, 1), (starts, 2), (in_name, 3), else_=4)
    known_first = case((table.c.short_names == "||", 1), else_=0)
    return best, known_first, func.length(table.c.folded), table.c.code


def has_all(wanted: Sequence[str]) -> Any:
    """Return the condition that each word begins a word of a procedure's name, code or short names."""
    table = table_of(ProcedureRow)
    return and_(*(table.c.folded.contains(f" {word}", autoescape=True) for word in wanted))


def _found(version: ProcedureVersion) -> ProcedureFound:
    return ProcedureFound(
        code=version.code,
        version=version.version,
        name=version.name,
        level=version.level,
        limit=limit_in_words(version),
        may_be_sent=version.carriable is not False,
        may_be_returned=version.result_carriable is not False,
    )


def procedure(store: Store, code: str, *, on: date) -> ProcedurePage:
    """Return a procedure as it stands on a day. Raises: UnknownProcedure."""
    with store.read() as reader:
        return _page(reader.reference.procedure(code, on=on))


def procedure_version(store: Store, code: str, version: int) -> ProcedurePage:
    """Return the version a dossier was received under. Raises: UnknownProcedure."""
    with store.read() as reader:
        return _page(reader.reference.procedure_version(code, version))


def limit_in_words(version: ProcedureVersion) -> str:
    """Return the time limit as a clerk reads it; what could not be read as a number stays in its own words."""
    if version.same_day and version.limit_text:
        return version.limit_text
    return str(version.limit or version.limit_text or f"Thời hạn {UNVERIFIED}")


def _page(version: ProcedureVersion) -> ProcedurePage:
    return ProcedurePage(
        version=version,
        limit=limit_in_words(version),
        papers=version.papers,
        papers_note="" if version.papers_verified else f"Danh sách giấy tờ {UNVERIFIED}",
        sending_note=_sending_note(version),
        fee_note=version.fee_basis if version.fee is not None else f"Lệ phí {UNVERIFIED}",
        may_be_sent=version.carriable is not False,
        may_be_returned=version.result_carriable is not False,
    )


def _sending_note(version: ProcedureVersion) -> str:
    if version.carriable is False:
        return f"Không gửi qua bưu điện: {version.why_not}"
    return "" if version.carriable else f"Việc gửi qua bưu điện {UNVERIFIED}"
