"""What somebody who has not signed in may see of a dossier, at the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json
from postal.domain import calendars, codes, status
from postal.domain.refusals import Refused

if TYPE_CHECKING:
    from postal.queries.tracking import Tracked


class NotFound(Refused):
    """An unknown code and a wrong PIN are the same miss."""

    code = "not_found"
    vi = "Mã tra cứu hoặc mã PIN chưa đúng."
    en = "The code or the PIN is not right."


def track(
    code: Annotated[str, typer.Argument(help="Mã hồ sơ, mã trên nhãn, hoặc 29 ký tự trong mã QR của phiếu gửi.")],
    pin: Annotated[str, typer.Option(help="Mã PIN 6 số; có PIN thì xem được nhiều hơn.")] = "",
    as_json: Json = False,
) -> None:
    """Tra cứu như người dân: chỉ những gì người không đăng nhập được xem."""
    from postal.queries import tracking

    text = codes.squeezed(code)
    with opening.store() as store:
        at = opening.now()
        if len(text) > codes.CODE_LENGTH:
            found = tracking.by_secret(store, text[-codes.SECRET_LENGTH :], at=at)
            found = tracking.by_code(store, codes.parse(found.code), at=at, pin=pin) if found and pin else found
        else:
            found = tracking.by_code(store, codes.parse(text), at=at, pin=pin)
    if found is None:
        raise NotFound
    answers.give(found, _lines(found), as_json=as_json)


def _lines(found: "Tracked") -> Iterator[str]:
    step = f", {status.STEPS[found.step - 1][0]}" if found.step else ""
    yield f"{codes.shown(found.code)}: bước {found.step}/{len(status.STEPS)}{step}."
    if found.status is not None:
        yield f"Trạng thái: {status.WORDS[found.status].staff.format(place=found.place)}."
    if found.expected is not None:
        rough = " (tạm tính)" if found.expected.provisional else ""
        yield f"Dự kiến: {calendars.written(found.expected.on)}{rough}."
    if found.late is not None:
        yield f"Trễ {found.late.days} ngày làm việc."
    if found.moved is not None:
        was, new = calendars.written(found.moved.was_on), calendars.written(found.moved.new_on)
        yield f"{found.moved.place or 'Cơ quan'} xin lỗi và hẹn lại {new}, thay cho {was}."
        yield f"Lý do: {found.cause}." if found.cause else "Lý do: thêm --pin để xem."
    yield from _asked(found)
    if found.procedure:
        yield f"Thủ tục: {found.procedure}."


def _asked(found: "Tracked") -> Iterator[str]:
    if found.asked_papers:
        yield f"Cần bổ sung {found.asked_papers} giấy tờ."
        yield from (f"- {paper}" for paper in found.papers)
    if found.asked_amount:
        yield f"Cần nộp {found.asked_amount:,} đ.".replace(",", ".")
