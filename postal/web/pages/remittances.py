"""Money on its way: what waits for a signature, lists for an authority, the papers both sides sign."""

import secrets
from dataclasses import replace
from datetime import time
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from labels import amount
from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.handover import SignedTooEarly
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import records
from postal.queries import money as money_queries
from postal.queries import remittances, tills
from postal.services import money
from postal.web import cosigning, deps, photos, printing, render
from postal.web.cosigning import Signature
from postal.web.deps import Chance, Now, Posted, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.forms import Form

router = APIRouter(include_in_schema=False)

HandingIn = Annotated[Actor, acting(Permission.HAND_IN_MONEY)]
Receiving = Annotated[Actor, acting(Permission.RECEIVE_MONEY)]
Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
SeeingPeople = Annotated[Actor, acting(Permission.SEE_PERSONAL_DATA)]

_PAPER_FIELDS: dict[type[Refused], str] = {
    SignedTooEarly: "signed_time",
    photos.NotAPhoto: "photo",
    photos.PhotoTooLarge: "photo",
}


@router.get("/money/in")
def incoming(request: Request, store: StoreDep, actor: Receiving) -> Response:
    """Show the money that waits for the actor's signature."""
    return render.page(request, "money/in.html", tills.incoming_page(store, actor=actor))


@router.get("/money/remit")
def to_remit(request: Request, store: StoreDep, actor: HandingIn, now: Now) -> Response:
    """Show the fees to hand to each authority."""
    page = remittances.remit_page(store, actor=actor, at=now, request=secrets.token_hex(8))
    return render.page(request, "money/remit.html", page)


@router.post("/money/remit")
def remit(
    request: Request, store: StoreDep, settings: SettingsDep, actor: HandingIn, now: Now, below: Chance, typed: Typed
) -> Response:
    """Draw up the list for one authority; its officer may sign on the same screen."""
    signature = Signature(username=typed.get("username", ""), password=typed.get("password", ""))
    giver_key, place = typed.get("giver", ""), typed.get("place", "")
    try:
        giver, receiver = remittances.remitting(store, giver_key=giver_key, place=place, actor=actor)
        second = None if signature.is_empty else cosigning.second_person(request, store, settings, signature)
        if second is not None:
            cosigning.must_act_for(second, receiver)
        paper = money.remit(
            store,
            giver=giver,
            receiver=receiver,
            signed_by=second,
            request=typed.get("request", "")[:64],
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        page = remittances.remit_page(store, actor=actor, at=now, request=secrets.token_hex(8))
        again = replace(page, errors={f"{giver_key}-{place}": str(refused)}, typed=typed)
        return render.page(request, "money/remit.html", again, status=status_of(refused))
    said = f"{second.name} đã ký nhận." if second else "Đã lập bảng kê. In ra, giao cùng tiền và liên 3 của biên lai."
    return RedirectResponse(f"/money/papers/{paper.code}?said={said}", status_code=303)


# --- one paper --------------------------------------------------------------------------------------------------------


@router.get("/money/papers/{code}.pdf")
def printed(code: str, store: StoreDep, actor: Seeing) -> Response:
    """Print the list for two signatures in ink."""
    page = remittances.cash_page(store, _parsed(code), actor=actor)
    return printing.answer(records.money_list_pdf(page), name=f"bang-ke-{page.code}")


@router.get("/money/papers/{code}")
def paper(request: Request, code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show what a B… code names: a receipt, or money that is handed on."""
    parsed = _parsed(code)
    if money_queries.is_receipt(store, parsed):
        value = money_queries.receipt_page(store, parsed, actor=actor)
        deps.note_view(store, actor=actor, subject=value.dossier, what="money_receipt_seen", at=now)
        words = amount.in_words(value.amount)
        return render.page(request, "money/receipt.html", replace(value, in_words=words[:1].upper() + words[1:]))
    return _paper(request, store, parsed, actor=actor, now=now)


@router.get("/money/papers/{code}/photo")
def photo(code: str, store: StoreDep, actor: SeeingPeople, now: Now) -> Response:
    """Show the photo of a list that was signed on paper."""
    parsed = _parsed(code)
    content, media_type = remittances.photo_of(store, parsed, actor=actor)
    deps.note_view(store, actor=actor, subject=parsed, what="money_photo_seen", at=now)
    return Response(content, media_type=media_type)


@router.post("/money/papers/{code}/accept")
def accept(request: Request, code: str, store: StoreDep, actor: Receiving, now: Now) -> Response:
    """Sign for the money that was counted."""
    parsed = _parsed(code)
    try:
        money.accept(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _paper(request, store, parsed, actor=actor, now=now, errors={"lines": str(refused)}, refused=refused)
    return RedirectResponse(f"/money/papers/{parsed}?said=Đã ký nhận đủ tiền.", status_code=303)


@router.post("/money/papers/{code}/recall")
def recall(request: Request, code: str, store: StoreDep, actor: HandingIn, now: Now) -> Response:
    """Take the money back before anybody signed."""
    parsed = _parsed(code)
    try:
        money.recall(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _paper(request, store, parsed, actor=actor, now=now, errors={"lines": str(refused)}, refused=refused)
    return RedirectResponse(f"/money/papers/{parsed}?said=Đã thu hồi. Tiền vẫn ở quỹ bên giao.", status_code=303)


@router.post("/money/papers/{code}/sign-on-paper")
def sign_on_paper(request: Request, code: str, store: StoreDep, actor: HandingIn, now: Now, posted: Posted) -> Response:
    """Enter what an authority, or the bank, signed in ink."""
    parsed = _parsed(code)
    form = Form({name: value for name, value in posted.items() if isinstance(value, str)})
    signer = form.required("signer", "Chưa có tên người nhận đã ký. Nhập họ tên ghi dưới chữ ký.")
    form.required("signed_time", "Chưa rõ giờ ký. Nhập đúng giờ ghi trên giấy, ví dụ 15:40.")
    form.required("signed_on", "Chưa rõ ngày ký. Nhập đúng ngày ghi trên giấy, ví dụ 28/11/2026.")
    signed_at = form.instant("signed_on", "signed_time", default=time())
    refused = None
    try:
        if form.is_good and signed_at is not None:
            money.sign_on_paper(
                store,
                parsed,
                signer=signer,
                signed_at=signed_at,
                photo=_photo(posted),
                media_type=photos.MEDIA_TYPE,
                by=actor,
                at=now,
            )
            return RedirectResponse(f"/money/papers/{parsed}?said=Đã nhập bảng kê ký trên giấy.", status_code=303)
    except Refused as said_no:
        refused = said_no
        form.refuse(_PAPER_FIELDS.get(type(said_no), "lines"), said_no)
    return _paper(request, store, parsed, actor=actor, now=now, errors=form.errors, typed=form.typed, refused=refused)


def _paper(
    request: Request,
    store: StoreDep,
    code: str,
    *,
    actor: Actor,
    now: Now,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    refused: Refused | None = None,
) -> Response:
    page = remittances.cash_page(store, code, actor=actor)
    if page.signer:
        deps.note_view(store, actor=actor, subject=code, what="money_signer_seen", at=now)
    typed = typed or {"signed_on": f"{calendars.local(now):%d/%m/%Y}"}
    status = status_of(refused) if refused else 422 if errors else 200
    return render.page(request, "money/paper.html", replace(page, errors=errors or {}, typed=typed), status=status)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.CASH).text


def _photo(posted: FormData) -> bytes:
    """Return the photo without anything but the picture, nothing when there is none."""
    upload = posted.get("photo")
    content = upload.file.read() if isinstance(upload, UploadFile) else b""
    return photos.reencoded(content) if content else b""
