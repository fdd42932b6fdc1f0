"""Before results are taken: each code on a line, what is known of it, what is still to be said; and what was made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from sqlalchemy import select

from postal.domain import calendars, codes, garbling, permissions, scans
from postal.domain.codes import Code
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, Resolved, ReturnWay, Service
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.official import OfficialCode
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import clocks, counter, originals, places
from postal.queries.originals import OriginalLine
from postal.queries.places import CommuneFound
from postal.store import Reader, Store
from postal.store.tables import DossierRow, table_of

MOST_LINES = 50
"""Lines of one list; a form has no more fields than a browser may send."""

ANOTHER = "another"
"""The choice “another dossier of the same code” (`services.results.ANOTHER`)."""


class TooManyLines(Refused):
    """A list that nobody can count at once."""

    code = "too_many_lines"
    vi = "Danh sách có {count} mã, mỗi lần nhiều nhất {most}. Chia thành nhiều lần, mỗi lần một biên bản."
    en = "The list has {count} codes, at most {most} at a time."


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierChoice:
    """A dossier that a code may mean."""

    value: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultLine:
    """One code as typed, with what is known. `problem` says why it cannot be taken; `key` begins its fields' names."""

    number: int
    key: str
    typed: str
    code: str
    dossier: str
    desk: str
    procedure: str
    goes_to: str
    owed: tuple[OriginalLine, ...]
    needs_receiver: bool
    choices: tuple[DossierChoice, ...]
    problem: str

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Return the dossiers it may mean, as a form offers them."""
        return tuple((choice.value, choice.name) for choice in self.choices)

    @property
    def is_known(self) -> bool:
        """Tell whether the post carried this dossier, or was asked to bring its result."""
        return bool(self.dossier)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultList:
    """The lines of a list, each dossier once; `twice` are the codes that came more than once."""

    codes: str
    lines: tuple[ResultLine, ...]
    twice: tuple[str, ...]


_FOLDED = (
    "what",
    "originals",
    "copies",
    "fee",
    "basis",
    "recover",
    "presealed",
    "person",
    "phone",
    "commune",
    "address",
)
"""The fields of a line that are folded away until somebody needs them."""

DEFAULTS: Mapping[str, str] = {
    "what": "Kết quả",
    "originals": "1",
    "copies": "0",
    "basis": "Phí, lệ phí theo giấy của cơ quan",
}
"""What a field of a line says before anybody typed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LinesForm:
    """A form over a list of results: its lines, what was typed, and what is wrong by field."""

    codes: str
    lines: tuple[ResultLine, ...]
    twice: tuple[str, ...]
    asks_receiver: bool
    request: str
    errors: Mapping[str, str]
    typed: Mapping[str, str]

    def with_codes(self, text: str) -> Self:
        """Return the form with another text in the box of codes."""
        return replace(self, codes=text)

    def default(self, part: str) -> str:
        """Return what a field of a line says before anybody typed."""
        return DEFAULTS.get(part, "")

    def has_extra(self, key: str) -> bool:
        """Tell whether something that is folded away was filled in, or is wrong."""
        return any(
            f"{key}-{part}" in self.errors or self.typed.get(f"{key}-{part}", "") not in ("", DEFAULTS.get(part, ""))
            for part in _FOLDED
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultsPage(LinesForm):
    """The form that registers results at a desk."""

    @property
    def can_be_saved(self) -> bool:
        """Tell whether there is a line that can be taken."""
        return any(not line.problem for line in self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredResult:
    """A result that was registered: its item, its dossier, where the post brings it, what is to be done with it."""

    item: str
    dossier: str
    official_code: str
    destination: str
    is_sealed: bool
    lacks_receiver: bool
    fee: int
    to_recover: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredPage:
    """What was registered just now."""

    lines: tuple[RegisteredResult, ...]

    @property
    def items(self) -> str:
        """Return the codes of all envelopes, as the address of a print names them."""
        return ",".join(line.item for line in self.lines)


def results_form(
    store: Store,
    text: str,
    *,
    actor: Actor,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    request: str = "",
) -> ResultsPage:
    """Return the form for codes typed or scanned one a line. Raises: TooManyLines."""
    with store.read() as reader:
        found = result_list(reader, text, desk=actor.place, actor=actor, typed=typed or {})
    return ResultsPage(
        codes=found.codes,
        lines=found.lines,
        twice=found.twice,
        asks_receiver=True,
        request=request,
        errors=errors or {},
        typed=typed or {},
    )


def registered(store: Store, items: Sequence[str], *, actor: Actor) -> RegisteredPage:
    """Return items that were registered as results at the actor's place; others are left out."""
    with store.read() as reader:
        found = reader.many(Item, items)
        return RegisteredPage(lines=_registered(reader, [i for i in found.values() if i.origin == actor.place]))


def taken(reader: Reader, items: Sequence[str]) -> tuple[RegisteredResult, ...]:
    """Return the results of a record, in its order."""
    found = reader.many(Item, items)
    return _registered(reader, [found[code] for code in items if code in found])


def commune_for(store: Store, text: str, *, at: datetime) -> tuple[CommuneFound, ...]:
    """Return the communes a typed name or five-digit code may mean, best first."""
    on = calendars.local(at).date()
    if text.isdigit():
        with store.read() as reader:
            unit = reader.reference.commune(text, on=on)
        return places.search_communes(store, unit.name, on=on, limit=1, near=unit.province_code)
    return places.search_communes(store, text, on=on, limit=6)


# --- the lines of a list ----------------------------------------------------------------------------------------------


def result_list(
    reader: Reader, text: str, *, desk: str, actor: Actor, typed: Mapping[str, str], for_the_post: bool = False
) -> ResultList:
    """Return a line for every code, each dossier once, as the desk `desk` gives them. Raises: TooManyLines."""
    wanted = _parts(text)
    read = {part: _read(part) for part in wanted}
    if len({_name(part, read[part]) for part in wanted}) > MOST_LINES:
        raise TooManyLines(count=len(wanted), most=MOST_LINES)
    lines = _Lines(reader, desk=desk, actor=actor, typed=typed, for_the_post=for_the_post)
    seen: dict[str, ResultLine] = {}
    twice: list[str] = []
    for part in wanted:
        line = lines.line(len(seen) + 1, part, read[part])
        name = line.dossier or _name(part, read[part])
        if name in seen:
            twice.append(part)
        else:
            seen[name] = line
    return ResultList(
        codes="\n".join(line.typed for line in seen.values()),
        lines=tuple(seen.values()),
        twice=tuple(dict.fromkeys(twice)),
    )


def known_dossiers(reader: Reader, text: str) -> list[Dossier]:
    """Return the dossiers that the codes of a list may mean."""
    meant = [each for each in map(_read, _parts(text)) if not isinstance(each, Refused)]
    ours = [each.text for each in meant if isinstance(each, Code)]
    theirs = [twin for each in meant if isinstance(each, OfficialCode) for twin in garbling.twins(each.text)]
    table = table_of(DossierRow)
    wanted = table.c.code.in_(ours) | table.c.official_code.in_(theirs)
    return reader.things(Dossier, select(table.c.state).where(wanted)) if meant else []


def _parts(text: str) -> list[str]:
    return [part for part in (line.strip() for line in text.replace(",", "\n").splitlines()) if part]


Meant = Code | OfficialCode | Refused


def _read(text: str) -> Meant:
    try:
        return scans.read_dossier(text)
    except Refused as refused:
        return refused


def _name(text: str, meant: Meant) -> str:
    return text if isinstance(meant, Refused) else meant.text


_WHICH = "Mã này có thể là hồ sơ khác. Chọn đúng hồ sơ ở dòng này."
"""Two authorities gave the same code, or a keyboard wrote CC as CH."""


def _with_code(known: Dossier, code: str) -> str:
    """Return the official code of a dossier where it is not the one on the line."""
    return "" if known.official_code == code else f", mã {known.official_code},"


class _Lines:
    """Looks up what is known of each code, for one desk that gives the results."""

    def __init__(
        self, reader: Reader, *, desk: str, actor: Actor, typed: Mapping[str, str], for_the_post: bool
    ) -> None:
        self.reader = reader
        self.desk = desk
        self.typed = typed
        self.for_the_post = for_the_post
        self.sees_names = permissions.may(actor, Permission.SEE_PERSONAL_DATA)

    def line(self, number: int, typed: str, meant: Meant) -> ResultLine:
        """Return the line of one code."""
        name = _name(typed, meant)
        empty = self._empty(number, typed, name)
        if isinstance(meant, Refused):
            return empty(problem=str(meant))
        known = self._known(meant)
        if isinstance(meant, Code) and not known:
            return empty(problem=str(UnknownCode(thing=codes.shown(name))))
        is_unclear = isinstance(meant, OfficialCode) and self._is_unclear(known, name)
        choices = self._choices(known, name) if is_unclear else ()
        chosen = self.typed.get(f"{_key(name)}-which", "")
        if choices and chosen not in {choice.value for choice in choices}:
            return empty(choices=choices, problem=_WHICH)
        if choices:
            known = [each for each in known if each.code == chosen]
        if not known:
            return empty(choices=choices, needs_receiver=True)
        return self._of(known[0], empty, choices)

    def _empty(self, number: int, typed: str, name: str) -> "_Begun":
        return _Begun(number=number, key=_key(name), typed=typed, code=name)

    def _known(self, meant: Code | OfficialCode) -> list[Dossier]:
        if isinstance(meant, Code):
            found = self.reader.thing(Dossier, meant.text)
            return [found] if found else []
        table = table_of(DossierRow)
        same = table.c.official_code.in_(garbling.twins(meant.text))
        return self.reader.things(Dossier, select(table.c.state).where(same).order_by(table.c.code))

    def _is_here(self, known: Dossier) -> bool:
        return self.desk in (known.desk, known.department)

    def _is_unclear(self, known: Sequence[Dossier], code: str) -> bool:
        """Tell whether an official code may mean several dossiers, or one of another authority or of a like code."""
        return len(known) > 1 or not all(self._is_here(each) and each.official_code == code for each in known)

    def _choices(self, known: Sequence[Dossier], code: str) -> tuple[DossierChoice, ...]:
        names = self.reader.reference.places([each.desk for each in known])
        choices = [
            DossierChoice(
                value=each.code,
                name=f"Hồ sơ {codes.shown(each.code)}{_with_code(each, code)} của "
                f"{names[each.desk].name if each.desk in names else each.desk}",
            )
            for each in known
        ]
        if any(each.desk == self.desk and each.official_code == code for each in known):
            return tuple(choices)
        return (*choices, DossierChoice(value=ANOTHER, name="Hồ sơ khác, chưa qua bưu điện"))

    def _of(self, dossier: Dossier, empty: "_Begun", choices: tuple[DossierChoice, ...]) -> ResultLine:
        items = counter.items_by_dossier(self.reader, [dossier.code])[dossier.code]
        return empty(
            dossier=dossier.code,
            desk=dossier.desk,
            procedure=clocks.Rules(self.reader, [dossier]).procedure_name(dossier),
            goes_to=self._goes_to(dossier),
            owed=tuple(
                each
                for each in originals.lines(self.reader, dossier, items, sees_names=self.sees_names)
                if each.to_send
            ),
            choices=choices,
            problem=self._problem(dossier, items),
        )

    def _problem(self, dossier: Dossier, items: Sequence[Item]) -> str:
        made = next((i for i in items if i.kind is ItemKind.RESULT and i.custody is not Custody.VOIDED), None)
        if made is not None:
            return f"Hồ sơ đã có kết quả {codes.shown(made.code)}. Bỏ dòng này ra."
        if not self._is_here(dossier):
            return self._elsewhere(dossier)
        if not dossier.may(Resolved):
            return "Hồ sơ chưa ở bước có kết quả. Mở hồ sơ để xem việc cần làm trước."
        if self.for_the_post and _stays_at_the_desk(dossier):
            return "Người dân đến Một cửa nhận kết quả này. Để lại cho cơ quan."
        return ""

    def _elsewhere(self, dossier: Dossier) -> str:
        """Return whose dossier it is, and what to do with its result here."""
        place = self.reader.reference.places([dossier.desk]).get(dossier.desk)
        name = place.name if place else "cơ quan khác"
        if self.for_the_post:
            return f"Hồ sơ này của {name}. Chọn đúng cơ quan giao, hoặc đánh dấu “Để lại”."
        return f"Hồ sơ này của {name}. Bỏ khỏi danh sách."

    def _goes_to(self, dossier: Dossier) -> str:
        """Return where the post brings it, without naming anybody."""
        if _stays_at_the_desk(dossier):
            return "Người dân nhận tại Một cửa"
        if dossier.return_way is ReturnWay.POST_OFFICE:
            office = dossier.return_place or dossier.office
            found = self.reader.reference.places([office]).get(office)
            return f"Tại {found.name}" if found else "Tại bưu cục"
        commune = self.reader.reference.units([dossier.return_commune], on=dossier.opened_at.date())
        names = [unit.name for unit in commune.values()]
        return f"Phát tận nhà, {names[0]}" if names else "Phát tận nhà"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Begun:
    """A line of which only the code is known; called with what else is known it gives the line."""

    number: int
    key: str
    typed: str
    code: str

    def __call__(
        self,
        *,
        dossier: str = "",
        desk: str = "",
        procedure: str = "",
        goes_to: str = "",
        owed: tuple[OriginalLine, ...] = (),
        needs_receiver: bool = False,
        choices: tuple[DossierChoice, ...] = (),
        problem: str = "",
    ) -> ResultLine:
        return ResultLine(
            number=self.number,
            key=self.key,
            typed=self.typed,
            code=self.code,
            dossier=dossier,
            desk=desk,
            procedure=procedure,
            goes_to=goes_to,
            owed=owed,
            needs_receiver=needs_receiver,
            choices=choices,
            problem=problem,
        )


def _key(name: str) -> str:
    """Return what the names of a line's fields begin with; it stays when lines before it come or go."""
    return re.sub(r"[^0-9A-Za-z]+", "-", codes.capitals(name))[:40]


def _stays_at_the_desk(dossier: Dossier) -> bool:
    return dossier.return_way is ReturnWay.DESK or dossier.service is Service.SEND


# --- what was made ----------------------------------------------------------------------------------------------------


def _registered(reader: Reader, items: Sequence[Item]) -> tuple[RegisteredResult, ...]:
    dossiers = reader.many(Dossier, [item.dossier for item in items])
    return tuple(
        RegisteredResult(
            item=item.code,
            dossier=item.dossier,
            official_code=dossiers[item.dossier].official_code,
            destination=item.destination.name,
            is_sealed=bool(item.seal),
            lacks_receiver=dossiers[item.dossier].lacks_receiver,
            fee=dossiers[item.dossier].fees.owed,
            to_recover=item.to_recover,
        )
        for item in items
    )
