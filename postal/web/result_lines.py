"""The lines of a list of results as somebody filled them in: from the fields of a form to what a service takes.

The fields of a line begin with its key. What is not typed has a default, so that an ordinary line needs no typing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import identity
from postal.domain.people import Person
from postal.domain.refusals import Refused
from postal.queries import results as result_queries
from postal.queries.results import DEFAULTS, LinesForm, ResultLine
from postal.services.registration import PaperEntry
from postal.services.results import LinesRefused, OwedBack, ResultEntry
from postal.store import Store
from postal.web import forms
from postal.web.forms import Form

MOST_PAPERS = 99


class ManyCommunes(Refused):
    """A name stands for several communes, or for none."""

    code = "many_communes"
    vi = "Chưa rõ xã, phường “{text}”. Gõ mã 5 số của một đơn vị: {choices}."
    en = "“{text}” may be several communes. Type the five-digit code of one: {choices}."


class NoName(Refused):
    """A receiver has a name."""

    code = "no_name"
    vi = "Nhập họ và tên người nhận kết quả {code_}."
    en = "Enter the full name of whoever receives result {code_}."


class ListChanged(Refused):
    """The list was changed after somebody looked at it."""

    code = "list_changed"
    vi = "Danh sách mã vừa đổi. Xem lại từng dòng bên dưới rồi bấm lại."
    en = "The list of codes has changed. Look at the lines below, then send again."


class WrongReceiver(Refused):
    """Something typed about the receiver cannot be used."""

    code = "wrong_receiver"
    vi = "Chưa ghi được người nhận. {why}"
    en = "The receiver was not recorded. {why}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """The lines to be taken, in order; `keys` name their fields, `errors` say by field what is wrong."""

    entries: tuple[ResultEntry, ...]
    keys: tuple[str, ...]
    errors: Mapping[str, str]

    def beside(self, refused: LinesRefused) -> dict[str, str]:
        """Return what the service said of lines, by the lines' fields."""
        return {f"{self.keys[number - 1]}-line": str(refusal) for number, refusal in refused.lines.items()}


def read(
    store: Store, lines: Sequence[ResultLine], typed: Mapping[str, str], *, at: datetime, asks_receiver: bool
) -> Taken:
    """Return every line that was not left out; a line with a problem is an error of its own."""
    form = Form(typed)
    wanted = [line for line in lines if not form.ticked(f"{line.key}-out")]
    reader = _Lines(store, form, at=at, asks_receiver=asks_receiver)
    entries = tuple(reader.entry(line) for line in wanted)
    return Taken(entries=entries, keys=tuple(line.key for line in wanted), errors=form.errors)


def must_be_as_seen(page: LinesForm, typed: Mapping[str, str]) -> None:
    """Refuse a list that was changed after its lines were shown. Raises: ListChanged."""
    if "seen" in typed and typed["seen"].split() != page.codes.split():
        raise ListChanged


def typed_person(store: Store, form: Form, prefix: str, *, at: datetime) -> Person | None:
    """Return whom the fields `PREFIX-person`, `-phone`, `-commune` and `-address` name; None when all are empty."""
    parts = {part: f"{prefix}-{part}" for part in ("person", "phone", "commune", "address")}
    if not any(form.typed.get(field) for field in parts.values()):
        return None
    return Person(
        name=form.text(parts["person"]),
        phone=form.parsed(parts["phone"], identity.parse_phone, default=""),
        commune=form.parsed(parts["commune"], lambda text: commune(store, text, at=at), default=""),
        address=form.text(parts["address"]),
    )


def commune(store: Store, text: str, *, at: datetime) -> str:
    """Return the code of the commune a name or a five-digit code means. Raises: ManyCommunes, CommuneGone."""
    found = result_queries.commune_for(store, text, at=at)
    if len(found) != 1:
        raise ManyCommunes(text=text, choices="; ".join(f"{c.code} {c.label}" for c in found) or "xem lại tên")
    return found[0].code


class _Lines:
    """Reads the fields of one line after the other."""

    def __init__(self, store: Store, form: Form, *, at: datetime, asks_receiver: bool) -> None:
        self.store = store
        self.form = form
        self.at = at
        self.asks_receiver = asks_receiver

    def entry(self, line: ResultLine) -> ResultEntry:
        """Return what is to be recorded for a line."""
        if line.problem:
            self.form.refuse(f"{line.key}-line", f"{line.typed}: {line.problem}")
        return ResultEntry(
            code=line.code,
            dossier=self.form.text(f"{line.key}-which") if line.choices else "",
            papers=(self._result(line),),
            owed=tuple(self._owed(line)),
            seal=self.form.text(f"{line.key}-seal"),
            by_authority=self.form.ticked(f"{line.key}-presealed"),
            receiver=self._receiver(line) if line.needs_receiver else None,
            fee=self.form.money(f"{line.key}-fee"),
            fee_basis=self.form.text(f"{line.key}-basis") or DEFAULTS["basis"],
            recover=self._recover(line),
        )

    def _result(self, line: ResultLine) -> PaperEntry:
        """Return the result itself: one original unless somebody counted otherwise."""
        originals = self._count(f"{line.key}-originals", default=1)
        copies = self._count(f"{line.key}-copies", default=0)
        if not originals + copies:
            self.form.refuse(f"{line.key}-originals", f"{line.typed}: phong bì có ít nhất 1 giấy tờ. Đếm lại.")
        return PaperEntry(
            name=self.form.text(f"{line.key}-what") or DEFAULTS["what"], originals=originals, copies=copies
        )

    def _owed(self, line: ResultLine) -> list[OwedBack]:
        """Return the originals inside: all that are owed unless somebody counted fewer."""
        return [
            OwedBack(source=owed.source, count=self._count(f"{line.key}-owed-{number}", default=owed.to_send))
            for number, owed in enumerate(line.owed, start=1)
        ]

    def _count(self, name: str, *, default: int) -> int:
        return self.form.parsed(name, lambda text: forms.count(text, most=MOST_PAPERS), default=default)

    def _recover(self, line: ResultLine) -> tuple[str, ...]:
        """Return the names of the papers to be got back, one a line."""
        field = f"{line.key}-recover"
        try:
            names = [forms.line(each) for each in self.form.typed.get(field, "").splitlines()]
        except Refused as refused:
            self.form.refuse(field, refused)
            return ()
        return tuple(name for name in names if name)

    def _receiver(self, line: ResultLine) -> Person | None:
        """Return who gets it; a desk must say so, at a take-over it may be said later."""
        person = typed_person(self.store, self.form, line.key, at=self.at)
        if self.asks_receiver and not (person and person.name):
            self.form.refuse(f"{line.key}-person", NoName(code_=line.typed))
        return person
