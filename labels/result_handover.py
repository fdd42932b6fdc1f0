"""Phiếu bàn giao kết quả: which results one unit gives to the next, A4 across, signed by both.

Fields: templates in use at one-stop desks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labels import official_form
from labels.official_form import SIGN, Block, Head, Piece

TITLE = "PHIẾU BÀN GIAO KẾT QUẢ GIẢI QUYẾT HỒ SƠ"
_COLUMNS: tuple[tuple[str, float], ...] = (
    ("TT", 9),
    ("Mã hồ sơ", 40),
    ("Nội dung", -1.3),
    ("Kết quả", -0.9),
    ("Chủ hồ sơ", -0.9),
    ("Địa chỉ", -1.2),
    ("Phí, lệ phí (X)", 17),
    ("Đăng ký trả qua bưu điện (X)", 24),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """One result that changes hands."""

    official_code: str
    what: str
    result: str
    owner: str
    address: str
    has_fee: bool = False
    by_post: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultHandover:
    """What both sides sign; `head.code` is that of the hand-over record."""

    head: Head
    giver: str
    receiver: str
    at: str = ""
    giver_person: str = ""
    receiver_person: str = ""
    lines: tuple[ResultLine, ...]


def result_handover_pdf(sheet: ResultHandover) -> bytes:
    """Return the list on A4 across. Raises: Unprintable, for a wrong code; ValueError, for a list without lines."""
    if not sheet.lines:
        raise ValueError("A hand-over of results names at least one.")
    return official_form.form_pdf("a4-across", [Piece(head=sheet.head, title=TITLE, blocks=tuple(_blocks(sheet)))])


def _blocks(sheet: ResultHandover) -> Iterator[Block]:
    yield official_form.facts(
        [("Bên giao", sheet.giver), ("Bên nhận", sheet.receiver)], [("Thời gian giao, nhận", sheet.at)]
    )
    heads, widths = zip(*_COLUMNS, strict=True)
    rows = [
        (
            str(number),
            line.official_code,
            line.what,
            line.result,
            line.owner,
            line.address,
            "X" if line.has_fee else "",
            "X" if line.by_post else "",
        )
        for number, line in enumerate(sheet.lines, start=1)
    ]
    yield official_form.table(heads, widths, rows, centred=(0, 6, 7), size=10.5)
    yield official_form.words(f"Tổng cộng: {len(sheet.lines)} kết quả.", "bold")
    yield official_form.signatures(
        ("NGƯỜI GIAO", SIGN, sheet.giver_person), ("NGƯỜI NHẬN", SIGN, sheet.receiver_person)
    )
