"""What the forms of the one-stop circulars share: the state's head, who asks, and blocks one below the other.

A text that is empty is a dotted line: what the product does not know is written by hand, never made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from labels import payload, qr, typesetting

Block = dict[str, typesetting.Json]

SIGN = "(Ký, ghi rõ họ tên)"
SEAL = "(Ký tên, đóng dấu)"
DAY_TO_WRITE = "......, ngày ...... tháng ...... năm ........"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which form it is, whose, and of which dossier."""

    form: str
    """Such as “Mẫu số 01”, by the set that was in force."""
    basis: str = ""
    """The circular it comes from."""
    authority: str = ""
    desk: str
    place_and_day: str = ""
    code: str
    """Ours: ten symbols, with or without hyphen; the QR symbol carries it and nothing else."""
    official_code: str = ""
    book: str = ""
    """Quyển số of the register."""
    entry: str = ""
    """Số thứ tự in it."""
    is_record: bool = False
    """The code is that of a record of many dossiers, so there is no one mã hồ sơ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Whose dossier it is, and who handed it in."""

    owner: str = ""
    submitter: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One copy of a form."""

    head: Head
    title: str
    subtitle: str = ""
    has_register_marks: bool = False
    """Quyển số and Số thứ tự stand in its head."""
    blocks: Sequence[Block]


def form_pdf(paper: str, pieces: Sequence[Piece]) -> bytes:
    """Return the copies one after the other, each with page numbers of its own; `paper` is a5, a4 or a4-across.

    Raises: Unprintable, for a wrong code; ValueError, if there is no copy.
    """
    if not pieces:
        raise ValueError("There is no copy to print.")
    name = f"{pieces[0].title} {payload.shown(pieces[0].head.code)}"
    return typesetting.pdf("official-form", {"paper": paper, "name": name, "pieces": [_piece(each) for each in pieces]})


def fact(name: str, value: str = "") -> Block:
    """Return a named value on a line of its own."""
    return facts([(name, value)])


def facts(*rows: Sequence[tuple[str, str]]) -> Block:
    """Return lines of named values, several to a line where they are given together."""
    return {"kind": "facts", "rows": [[list(pair) for pair in row] for row in rows]}


def table(
    heads: Sequence[str],
    widths: Sequence[float],
    rows: Sequence[Sequence[str | Sequence[str]]],
    *,
    centred: Sequence[int],
    size: float = 11,
) -> Block:
    """Return a table whose header is repeated; widths in mm, below 0 a share of the rest; `size` in points."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    return {
        "kind": "table",
        "heads": list(heads),
        "widths": [str(width) for width in widths],
        "rows": cells,
        "centred": list(centred),
        "size": str(size),
    }


def words(content: str, style: str = "plain") -> Block:
    """Return a paragraph; `style` is plain, bold, italic, small, centred or boxed."""
    return {"kind": "text", "text": content, "style": style}


def notes(*texts: str) -> Block:
    """Return small print that stays together."""
    return {"kind": "notes", "texts": list(texts)}


def lines(count: int) -> Block:
    """Return dotted lines to write on."""
    return {"kind": "lines", "count": count}


def ticks(name: str, options: Sequence[tuple[str, bool]]) -> Block:
    """Return boxes, some of them ticked."""
    return {"kind": "ticks", "name": name, "options": [list(option) for option in options]}


def signatures(*sides: tuple[str, str, str]) -> Block:
    """Return where each side signs: its title, how, and the name below."""
    return {"kind": "sign", "sides": [list(side) for side in sides]}


def contact(website: str, officer: str, phone: str, *, hotline: str) -> Block:
    """Return where to read on, and whom to ask (forms 02 and 03)."""
    return facts(
        [("Website", website), ("Tổng đài", hotline)],
        [("Cán bộ hướng dẫn", officer), ("Số điện thoại", phone)],
    )


def who(applicant: Applicant) -> Block:
    """Return whose dossier it is, with the address and where to reach him."""
    return facts(
        [("Hồ sơ của (chủ hồ sơ)", applicant.owner)],
        [("Địa chỉ", applicant.address)],
        [("Số điện thoại", applicant.phone), ("Email", applicant.email)],
    )


def _cell(cell: str | Sequence[str]) -> typesetting.Json:
    return cell if isinstance(cell, str) else {"lines": list(cell)}


def _piece(piece: Piece) -> dict[str, typesetting.Json]:
    foot = (piece.head.form, payload.shown(piece.head.code), piece.subtitle.strip("()"))
    return {
        "head": _head(piece.head, marked=piece.has_register_marks),
        "title": piece.title,
        "subtitle": piece.subtitle,
        "blocks": list(piece.blocks),
        "foot": " · ".join(part for part in foot if part),
    }


def _head(head: Head, *, marked: bool) -> dict[str, typesetting.Json]:
    marks = [["Quyển số:", head.book], ["Số thứ tự:", head.entry]] if marked else []
    return {
        "form": head.form,
        "basis": head.basis,
        "authority": head.authority,
        "desk": head.desk,
        "place-and-day": head.place_and_day or DAY_TO_WRITE,
        "code": payload.shown(head.code),
        "qr": typesetting.picture(qr.symbol(payload.item_code(head.code))),
        "marks": [] if head.is_record else [*marks, ["Mã hồ sơ:", head.official_code]],
    }
