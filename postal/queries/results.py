"""Before results are registered: each code on its own line, what is known of it, what is still to be said."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from postal.domain import calendars, codes, official
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, Resolved
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.refusals import Refused
from postal.queries import clocks, places
from postal.queries.places import CommuneFound
from postal.store import Reader, Store
from postal.store.tables import DossierRow, ItemRow, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultLine:
    """One code as typed, with what is known. `problem` says why it cannot be registered."""

    number: int
    typed: str
    code: str
    procedure: str
    goes_to: str
    owed: tuple[str, ...]
    needs_receiver: bool
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultsPage:
    """The form that registers results."""

    codes: str
    lines: tuple[ResultLine, ...]
    errors: dict[str, str]
    typed: dict[str, str]

    @property
    def can_be_saved(self) -> bool:
        """Tell whether at least one line stands and none has a problem."""
        return bool(self.lines) and not any(line.problem for line in self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredResult:
    """A result that was registered: its item, its dossier, where the post brings it."""

    item: str
    dossier: str
    official_code: str
    destination: str
    is_sealed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredPage:
    """What was registered just now."""

    lines: tuple[RegisteredResult, ...]


def results_form(
    store: Store,
    text: str,
    *,
    actor: Actor,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> ResultsPage:
    """Return the form for codes typed or scanned one a line."""
    wanted = list(dict.fromkeys(line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()))
    with store.read() as reader:
        lines = tuple(_line(reader, number, each, actor=actor) for number, each in enumerate(wanted, start=1))
    return ResultsPage(codes="\n".join(wanted), lines=lines, errors=errors or {}, typed=typed or {})


def registered(store: Store, items: list[str], *, actor: Actor) -> RegisteredPage:
    """Return items that were registered as results at the actor's place; others are left out."""
    with store.read() as reader:
        found = [item for item in reader.many(Item, items).values() if item.origin == actor.place]
        dossiers = reader.many(Dossier, [item.dossier for item in found])
    return RegisteredPage(
        lines=tuple(
            RegisteredResult(
                item=item.code,
                dossier=item.dossier,
                official_code=dossiers[item.dossier].official_code,
                destination=item.destination.name,
                is_sealed=bool(item.seal),
            )
            for item in found
        )
    )


def commune_for(store: Store, text: str, *, at: datetime) -> tuple[CommuneFound, ...]:
    """Return the communes a typed name or five-digit code may mean, best first."""
    on = calendars.local(at).date()
    if text.isdigit():
        with store.read() as reader:
            unit = reader.reference.commune(text, on=on)
        return places.search_communes(store, unit.name, on=on, limit=1, near=unit.province_code)
    return places.search_communes(store, text, on=on, limit=6)


def _line(reader: Reader, number: int, typed: str, *, actor: Actor) -> ResultLine:
    try:
        dossier = _dossier(reader, typed)
    except Refused as refused:
        return _empty(number, typed, problem=str(refused))
    if dossier is None:
        return _empty(number, typed, needs_receiver=True)
    return ResultLine(
        number=number,
        typed=typed,
        code=dossier.code,
        procedure=clocks.Rules(reader, [dossier]).procedure_name(dossier),
        goes_to=_goes_to(dossier),
        owed=_owed(reader, dossier),
        needs_receiver=False,
        problem=_problem(dossier, actor),
    )


def _empty(number: int, typed: str, *, problem: str = "", needs_receiver: bool = False) -> ResultLine:
    return ResultLine(
        number=number,
        typed=typed,
        code="",
        procedure="",
        goes_to="",
        owed=(),
        needs_receiver=needs_receiver,
        problem=problem,
    )


def _dossier(reader: Reader, typed: str) -> Dossier | None:
    """Return the dossier of our code or an official code, None for an official code nobody registered here."""
    table = table_of(DossierRow)
    if len(codes.squeezed(typed)) == codes.CODE_LENGTH:
        code = codes.parse(typed, kind=CodeKind.DOSSIER).text
        found = reader.thing(Dossier, code)
        if found is None:
            raise UnknownCode(thing=codes.shown(code))
        return found
    parsed = official.parse_official(typed).text
    same = select(table.c.state).where(table.c.official_code == parsed)
    return next(iter(reader.things(Dossier, same)), None)


def _problem(dossier: Dossier, actor: Actor) -> str:
    if actor.place not in (dossier.desk, dossier.department):
        return "Hồ sơ này do cơ quan khác giải quyết. Bỏ khỏi danh sách."
    if not dossier.may(Resolved):
        return "Hồ sơ chưa ở bước có kết quả. Mở hồ sơ để xem việc cần làm trước."
    return ""


def _goes_to(dossier: Dossier) -> str:
    return {"home": "Tận nhà", "post_office": "Tại bưu cục", "desk": "Tại Một cửa"}.get(
        dossier.return_way.value if dossier.return_way else "", ""
    )


def _owed(reader: Reader, dossier: Dossier) -> tuple[str, ...]:
    """Return the names of the originals that are owed back to the citizen."""
    table = table_of(ItemRow)
    out = (table.c.dossier == dossier.code) & (table.c.kind == ItemKind.OUTBOUND.value)
    names = json.loads(reader.texts.get([dossier.contents]).get(dossier.contents, "[]"))
    owed = [p for item in reader.things(Item, select(table.c.state).where(out)) for p in item.papers if p.to_return]
    return tuple(names[paper.line - 1] for paper in owed if paper.line <= len(names))
