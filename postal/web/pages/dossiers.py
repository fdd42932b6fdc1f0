"""A dossier for staff: its page, taking it back before dispatch, and issuing the citizen's copy again."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import dossiers, forms
from postal.queries.dossiers import DossierPage
from postal.services import registration
from postal.web import deps, errors, filters, render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting

router = APIRouter(include_in_schema=False)


class NoReason(Refused):
    """Taking a registration back says why."""

    code = "no_void_reason"
    vi = "Chưa ghi lý do. Ghi lý do để người kiểm tra và khách cùng biết."
    en = "Say why."


@router.get("/dossiers/{code}")
def show(
    request: Request,
    code: str,
    store: StoreDep,
    now: Now,
    actor: Annotated[Actor, acting(Permission.SEE_DOSSIERS)],
    new: bool = False,  # noqa: FBT001 - the URL's word
) -> Response:
    """Show a dossier to whoever's place takes part in it."""
    page = dossiers.dossier_page(store, _parsed(code), actor=actor, at=now, is_new=new)
    _note(store, page, actor=actor, at=now)
    printable = forms.addresses(store, page.code, actor=actor, at=now)
    return render.page(request, "dossiers/dossier.html", replace(page, forms=printable))


@router.post("/dossiers/{code}/void")
def void(
    request: Request,
    code: str,
    store: StoreDep,
    now: Now,
    actor: Annotated[Actor, acting(Permission.VOID)],
    typed: Typed,
) -> Response:
    """Take a registration back before anything left the counter, and say how much goes back to the citizen."""
    parsed = _parsed(code)
    before = dossiers.dossier_page(store, parsed, actor=actor, at=now)
    try:
        if not typed.get("reason"):
            raise NoReason
        registration.void(store, parsed, reason=typed["reason"], by=actor, at=now)
    except Refused as refused:
        return _again(request, before, step="void", refused=refused, typed=typed)
    said = f"Đã hủy hồ sơ. Trả lại khách giấy tờ và {filters.money(before.refund)}."
    return RedirectResponse(f"/dossiers/{parsed}?said={quote(said)}", status_code=303)


@router.post("/dossiers/{code}/reissue")
def reissue(
    request: Request,
    code: str,
    store: StoreDep,
    now: Now,
    below: Chance,
    actor: Annotated[Actor, acting(Permission.REISSUE_RECEIPT)],
    typed: Typed,
) -> Response:
    """Issue the citizen's copy again after an identity check; the old secret opens nothing from now on."""
    parsed = _parsed(code)
    before = dossiers.dossier_page(store, parsed, actor=actor, at=now)
    try:
        registration.reissue_receipt(
            store,
            parsed,
            reason=typed.get("reissue_reason", ""),
            identity_checked=bool(typed.get("identity_checked")),
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        return _again(request, before, step="reissue", refused=refused, typed=typed)
    said = "Đã cấp lại. Mã QR và mã PIN cũ hết hiệu lực. In liên giao khách."
    return RedirectResponse(f"/dossiers/{parsed}?said={quote(said)}", status_code=303)


def _again(request: Request, page: DossierPage, *, step: str, refused: Refused, typed: dict[str, str]) -> Response:
    again = dossiers.refused(page, step=step, sentence=str(refused), typed=typed)
    return render.page(request, "dossiers/dossier.html", again, status=errors.status_of(refused))


def _note(store: StoreDep, page: DossierPage, *, actor: Actor, at: Now) -> None:
    if page.sees_people:
        deps.note_view(store, actor=actor, subject=page.code, what="dossier_seen", at=at)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.DOSSIER).text
