"""The catalogue as a list: searched, filtered, page by page."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import and_, case, func, select

from postal.domain import permissions, search
from postal.domain.catalogue_change import BOUNDARY_NAMES, STATUS_NAMES
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.procedures import ProcedureStatus, ProcedureVersion
from postal.queries import procedures as procedure_queries
from postal.store import Reader, Store
from postal.store.reference import holds
from postal.store.tables import table_of
from postal.store.tables_reference import ProcedureRow

PER_PAGE = 50

CARRIABLE_NAMES = {"yes": "gửi được", "no": "không gửi được", "unknown": "chưa xác minh"}
_STORED = {"unknown": ""}
"""How a filter's choice stands in a row, where it is another word."""

_FILTERED = ("field", "level", "status", "carriable", "boundary")
_TABLE = table_of(ProcedureRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What somebody looks for in the catalogue; an empty field filters nothing."""

    words: str = ""
    field: str = ""
    level: str = ""
    status: str = ""
    carriable: str = ""
    boundary: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether everything is shown."""
        return self == Filters()


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A procedure in the list, as it stands on the day or, if none of its versions does, as it stood last."""

    code: str
    href: str
    name: str
    field: str
    level: str
    limit: str
    carriable: str
    status: str
    tone: str
    versions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CataloguePage:
    """A page of the list. `options` are the choices of each filter, `before` and `after` the neighbouring pages."""

    filters: Filters
    options: dict[str, tuple[tuple[str, str], ...]]
    rows: tuple[Listed, ...]
    total: int
    first: int
    last: int
    before: str
    after: str
    may_manage: bool
    drafts: int


def catalogue_page(store: Store, filters: Filters, *, page: int, on: date, actor: Actor) -> CataloguePage:
    """Return a page of the list. Raises: Forbidden."""
    permissions.require(actor, Permission.SEE_DOSSIERS)
    wanted = _conditions(filters)
    skip = max(0, page - 1) * PER_PAGE
    with store.read() as reader:
        shown = _shown(on).where(*wanted)
        total = int(reader.scalar(select(func.count()).select_from(shown.subquery())) or 0)
        keys = reader.rows(shown.order_by(*_order(filters)).limit(PER_PAGE).offset(skip))
        versions = reader.reference.procedure_versions((row.code, row.version) for row in keys)
        return CataloguePage(
            filters=filters,
            options=_options(reader),
            rows=tuple(_listed(versions[row.code, row.version], count=row.versions) for row in keys),
            total=total,
            first=skip + 1 if total else 0,
            last=min(skip + PER_PAGE, total),
            before=_link(filters, page - 1) if skip else "",
            after=_link(filters, page + 1) if skip + PER_PAGE < total else "",
            may_manage=permissions.may(actor, Permission.MANAGE_CATALOGUE),
            drafts=len(reader.drafts.open()),
        )


def _shown(on: date) -> Any:
    """Return each procedure's version of the day, or its last one where none holds, with how many it has."""
    of_day = func.max(case((holds(on), _TABLE.c.version)))
    number = func.coalesce(of_day, func.max(_TABLE.c.version)).label("version")
    last = select(_TABLE.c.code, number, func.count().label("versions")).group_by(_TABLE.c.code).subquery()
    return select(_TABLE.c.code, _TABLE.c.version, last.c.versions).join(
        last, and_(last.c.code == _TABLE.c.code, last.c.version == _TABLE.c.version)
    )


def _conditions(filters: Filters) -> list[Any]:
    words = search.words(filters.words)
    chosen = {name: getattr(filters, name) for name in _FILTERED if getattr(filters, name)}
    conditions = [_TABLE.c[name] == _STORED.get(value, value) for name, value in chosen.items()]
    return [*conditions, procedure_queries.has_all(words)] if words else conditions


def _order(filters: Filters) -> tuple[Any, ...]:
    words = search.words(filters.words)
    return (*(procedure_queries.rank(words) if words else ()), _TABLE.c.code)


def _options(reader: Reader) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        "field": _all_of(reader, "field"),
        "level": _all_of(reader, "level"),
        "status": tuple((status.value, name) for status, name in STATUS_NAMES.items()),
        "carriable": tuple(CARRIABLE_NAMES.items()),
        "boundary": (*((each.value, name) for each, name in BOUNDARY_NAMES.items()), ("unknown", "chưa xác minh")),
    }


def _all_of(reader: Reader, name: str) -> tuple[tuple[str, str], ...]:
    column = _TABLE.c[name]
    found = reader.rows(select(column).where(column != "").distinct().order_by(column))
    return tuple((str(value), str(value)) for (value,) in found)


def _link(filters: Filters, page: int) -> str:
    chosen = {name: getattr(filters, name) for name in Filters.__dataclass_fields__ if getattr(filters, name)}
    if "words" in chosen:
        chosen["q"] = chosen.pop("words")
    return "/procedures?" + urlencode({**chosen, "page": page})


def _listed(version: ProcedureVersion, *, count: int) -> Listed:
    abolished = version.status is ProcedureStatus.ABOLISHED
    return Listed(
        code=version.code,
        href=f"/procedures/{version.code}",
        name=version.name,
        field=version.field,
        level=version.level,
        limit=_limit(version),
        carriable=CARRIABLE_NAMES[{True: "yes", False: "no", None: "unknown"}[version.carriable]],
        status=STATUS_NAMES[version.status],
        tone="problem" if abolished else "moving" if version.status is ProcedureStatus.UNKNOWN else "done",
        versions=count,
    )


def _limit(version: ProcedureVersion) -> str:
    """Return the limit as short as a list wants it."""
    if version.same_day:
        return "trong ngày; sau 15:00: ngày làm việc tiếp theo"
    return str(version.limit or version.limit_text or "chưa xác minh")
