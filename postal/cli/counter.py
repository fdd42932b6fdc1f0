"""The counter at the terminal: registering a file of dossiers, row by row, for an agent who brings thirty."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json
from postal.domain import calendars, codes, identity
from postal.domain.events import Payment, ReceptionMode, ReturnWay, Service
from postal.domain.people import Actor, Person
from postal.domain.refusals import Refused

if TYPE_CHECKING:
    from postal.services.registration import AtCounter, PaperEntry, Registration
    from postal.store import Store

E = TypeVar("E", bound=Enum)

TEXTS = (
    "why_incomplete", "seal", "postage_basis", "fees_basis", "return_place", "desk", "department", "postal_number",
    "official_code", "note", "label",
)  # fmt: skip
NUMBERS = ("weight_g", "postage", "fees")
PERSON = ("name", "identity_number", "passport", "tax_code", "birth", "sex", "phone", "email", "address", "commune")
PARTS = ("", "subject_", "return_")
"""What the columns of the sender, of whom it is about and of who gets the result begin with."""

OTHERS = ("service", "procedure", "case_commune", "return_way", "mode", "payment", "promised_at", "papers")
COLUMNS = frozenset({*TEXTS, *NUMBERS, *OTHERS, *(prefix + name for prefix in PARTS for name in PERSON)})


class UnreadableFile(Refused):
    """The file is no list of dossiers."""

    code = "unreadable_file"
    vi = "Không đọc được tệp {file}: {why}. Dùng tệp .json (một danh sách) hoặc .csv (UTF-8, dòng đầu là tên cột)."
    en = "The file {file} cannot be read: {why}."


class WrongCell(Refused):
    """A value that cannot be used."""

    code = "wrong_cell"
    vi = "Cột {column}: “{text}” không dùng được. {hint}"
    en = "Column {column}: “{text}” cannot be used."


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a row: the codes it got, or the refusal."""

    row: int
    dossier: str = ""
    item: str = ""
    error: str = ""
    code: str = ""


def register(
    file: Annotated[Path, typer.Argument(help="Tệp .json hoặc .csv, mỗi dòng một hồ sơ.", exists=True, dir_okay=False)],
    clerk: Annotated[str, typer.Option("--as", help="Tài khoản giao dịch viên đang phụ trách quầy.")],
    errors: Annotated[Path | None, typer.Option(help="Ghi các dòng lỗi ra tệp CSV, thêm cột “Lỗi”.")] = None,
    as_json: Json = False,
) -> None:
    """Nhận nhiều hồ sơ tại quầy từ một tệp; dòng lỗi không chặn dòng khác, chạy lại tệp cũ không nhận hai lần."""
    from postal.services import accounts

    content = file.read_bytes()
    rows = _rows(file, content)
    run = hashlib.sha256(content).hexdigest()[:32]
    with opening.store() as store:
        by = accounts.actor(store, clerk, device=TERMINAL)
        outcomes = [_register(store, row, number=n, by=by, request=f"{run}-{n}") for n, row in enumerate(rows, 1)]
    if errors is not None:
        answers.write(errors, _error_file(rows, outcomes))
    failed = [one for one in outcomes if one.error]
    answers.give(
        {"registered": len(outcomes) - len(failed), "failed": len(failed), "rows": outcomes},
        _report(outcomes),
        as_json=as_json,
    )
    if failed:
        raise typer.Exit(1)


TERMINAL = "terminal"


def _rows(file: Path, content: bytes) -> list[Mapping[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
        rows: Any = json.loads(text) if file.suffix == ".json" else list(csv.DictReader(io.StringIO(text)))
    except ValueError as error:
        raise UnreadableFile(file=file.name, why=str(error)) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableFile(file=file.name, why="không phải danh sách hồ sơ")
    unknown = sorted({str(name) for row in rows for name in row} - COLUMNS)
    if unknown:
        raise UnreadableFile(file=file.name, why=f"không biết cột {', '.join(unknown)}")
    return rows


def _register(store: "Store", row: Mapping[str, Any], *, number: int, by: Actor, request: str) -> Outcome:
    from postal.services import registration

    try:
        form = read(row, request=request)
        made: AtCounter = registration.register(store, form, by=by, at=opening.now(), below=opening.below)
    except Refused as refused:
        return Outcome(row=number, error=str(refused), code=refused.code)
    return Outcome(row=number, dossier=made.dossier.code, item=made.item.code if made.item else "")


def read(row: Mapping[str, Any], *, request: str) -> "Registration":
    """Return a row as the counter's form.

    Raises: WrongCell, and what identity and codes refuse.
    """
    from postal.services.registration import Registration

    sender = _person(row, "")
    if sender is None:
        raise WrongCell(column="name", text="", hint="Nhập họ tên người gửi.")
    return Registration(
        service=_choice(row, "service", Service, default=Service.BOTH),
        procedure=_text(row, "procedure"),
        sender=sender,
        case_commune=_text(row, "case_commune"),
        return_way=_choice(row, "return_way", ReturnWay, default=ReturnWay.HOME),
        mode=_choice(row, "mode", ReceptionMode, default=ReceptionMode.A),
        payment=_choice(row, "payment", Payment, default=Payment.CASH),
        promised_at=_instant(row, "promised_at"),
        papers=tuple(_papers(row.get("papers") or "")),
        subject=_person(row, "subject_"),
        return_person=_person(row, "return_"),
        why_incomplete=_text(row, "why_incomplete"),
        seal=_text(row, "seal"),
        postage_basis=_text(row, "postage_basis"),
        fees_basis=_text(row, "fees_basis"),
        return_place=_text(row, "return_place"),
        desk=_text(row, "desk"),
        department=_text(row, "department"),
        postal_number=_text(row, "postal_number"),
        official_code=_text(row, "official_code"),
        note=_text(row, "note"),
        label=_text(row, "label"),
        request=request,
        weight_g=_number(row, "weight_g"),
        postage=_number(row, "postage") or 0,
        fees=_number(row, "fees") or 0,
    )


def _person(row: Mapping[str, Any], prefix: str) -> Person | None:
    values = {name: _text(row, prefix + name) for name in PERSON}
    if not values["name"]:
        return None
    readers = {
        "identity_number": identity.parse_identity_number,
        "passport": identity.parse_passport,
        "tax_code": identity.parse_tax_code,
        "phone": identity.parse_phone,
    }
    parsed = {name: str(reader(values[name])) for name, reader in readers.items() if values[name]}
    return Person(**{**values, **parsed}, kind="organisation" if values["tax_code"] else "person")


def _papers(value: str | list[Mapping[str, Any]]) -> "Iterator[PaperEntry]":
    """Yield paper lines: a JSON list, or `Tên: 1/0/2` (bản chính, chứng thực, bản sao) with `;` between them."""
    from postal.services.registration import PaperEntry

    if isinstance(value, list):
        for entry in value:
            many = {name: _number(entry, name) or 0 for name in ("originals", "certified", "copies")}
            yield PaperEntry(name=_text(entry, "name"), to_return=bool(entry.get("to_return")), **many)
        return
    for part in filter(None, (piece.strip() for piece in value.split(";"))):
        name, _, counts = part.rpartition(":")
        numbers = [number.strip() for number in counts.split("/")]
        if not name or len(numbers) != 3 or not all(number.isdecimal() for number in numbers):
            raise WrongCell(column="papers", text=part, hint="Viết như “Tờ khai: 1/0/0; Sổ hộ khẩu: 0/0/2”.")
        originals, certified, copies = map(int, numbers)
        yield PaperEntry(name=name.strip(), originals=originals, certified=certified, copies=copies)


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _number(row: Mapping[str, Any], column: str) -> int | None:
    text = _text(row, column)
    if not text:
        return None
    if not text.isdecimal():
        raise WrongCell(column=column, text=text, hint="Nhập số nguyên, không dấu chấm.")
    return int(text)


def _instant(row: Mapping[str, Any], column: str) -> datetime | None:
    text = _text(row, column)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WrongCell(column=column, text=text, hint="Viết như 2026-11-20T17:00:00+07:00.") from None
    return at.replace(tzinfo=calendars.VIETNAM) if at.tzinfo is None else at


def _choice(row: Mapping[str, Any], column: str, kind: type[E], *, default: E) -> E:
    text = _text(row, column)
    if not text:
        return default
    for member in kind:
        if member.value == text:
            return member
    raise WrongCell(column=column, text=text, hint=f"Chọn {', '.join(str(m.value) for m in kind)}.")


def _error_file(rows: list[Mapping[str, Any]], outcomes: list[Outcome]) -> bytes:
    """Return the rows that were kept out with their sentence, as CSV that a spreadsheet opens."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, [*names, "Lỗi"])
    writer.writeheader()
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome.error:
            writer.writerow({**{name: _guarded(row.get(name)) for name in names}, "Lỗi": outcome.error})
    return out.getvalue().encode("utf-8-sig")


def _guarded(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _report(outcomes: list[Outcome]) -> Iterator[str]:
    for one in outcomes:
        if one.error:
            yield f"Dòng {one.row}: {one.error}"
        else:
            yield f"Dòng {one.row}: hồ sơ {codes.shown(one.dossier)}" + (
                f", nhãn {codes.shown(one.item)}" * bool(one.item)
            )
    failed = sum(bool(one.error) for one in outcomes)
    yield f"Đã nhận {len(outcomes) - failed} hồ sơ, {failed} dòng lỗi."
