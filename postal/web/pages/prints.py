"""What comes out of the printers: labels, both copies of the phiếu gửi, guidance."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import papers
from postal.queries import prints
from postal.web import deps, printing
from postal.web.deps import Now, SettingsDep, StoreDep, acting

router = APIRouter(include_in_schema=False)

PER_SHEET = 21


class WrongPosition(Refused):
    """A sheet has 21 labels."""

    code = "wrong_sheet_position"
    vi = "Tờ nhãn có 21 ô. Vị trí bắt đầu phải từ 1 đến 21, đang là {start}."
    en = "A sheet has positions 1 to 21, not {start}."


class NothingToPrint(Refused):
    """There is no envelope to label."""

    code = "nothing_to_print"
    vi = "Không có bưu gửi nào ở quầy để in nhãn. Nhận hồ sơ trước, hoặc mở bưu gửi cần in."
    en = "There is no item at the counter to print a label for."


@router.get("/dossiers/{code}/receipt.pdf")
def receipt(
    code: str,
    store: StoreDep,
    settings: SettingsDep,
    now: Now,
    actor: Annotated[Actor, acting(Permission.REPRINT)],
    copy: str = "both",
) -> Response:
    """Print the phiếu gửi: both copies, or `copy=post` for the post's alone, which has no secret."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    value = prints.receipt(store, parsed, actor=actor, at=now, for_citizen=copy != "post")
    deps.note_view(store, actor=actor, subject=parsed, what="receipt_printed", at=now)
    return printing.answer(papers.receipt_pdf(value, settings=settings), name=f"phieu-gui-{parsed}")


@router.get("/dossiers/{code}/guidance.pdf")
def guidance(
    code: str, store: StoreDep, settings: SettingsDep, now: Now, actor: Annotated[Actor, acting(Permission.REPRINT)]
) -> Response:
    """Print the guidance of a citizen who was turned back."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    value = prints.guidance(store, parsed, actor=actor)
    deps.note_view(store, actor=actor, subject=parsed, what="guidance_printed", at=now)
    return printing.answer(papers.guidance_pdf(value, settings=settings), name=f"huong-dan-{parsed}")


@router.get("/items/{code}/label.pdf")
def label(code: str, store: StoreDep, actor: Annotated[Actor, acting(Permission.HAND_OVER)]) -> Response:
    """Print the label of an envelope, 50 x 30 mm."""
    parsed = codes.parse(code, kind=CodeKind.ITEM).text
    value = prints.label(store, parsed, actor=actor)
    return printing.answer(papers.label_pdf((value,)), name=f"nhan-{parsed}")


@router.get("/labels/sheet.pdf")
def sheet(
    store: StoreDep, actor: Annotated[Actor, acting(Permission.HAND_OVER)], items: str = "", start: int = 1
) -> Response:
    """Print labels on A4 sheets: those asked for, separated by commas, or all that are still at the counter."""
    if not 1 <= start <= PER_SHEET:
        raise WrongPosition(start=start)
    wanted = [codes.parse(each, kind=CodeKind.ITEM).text for each in items.split(",") if each.strip()]
    found = prints.labels(store, wanted, actor=actor) if wanted else prints.labels_at_counter(store, actor=actor)
    if not found:
        raise NothingToPrint
    return printing.answer(papers.sheet_pdf(found, start=start), name="nhan-a4")


@router.get("/commands.pdf")
def command_sheet(_: Annotated[Actor, acting(Permission.HAND_OVER)]) -> Response:
    """Print the sheet of commands that hangs beside a scanner; it is the same for everybody."""
    return printing.answer(papers.command_sheet_pdf(), name="to-lenh-quet")
