"""The only place that turns a refusal into HTTP: a page with the sentence, or problem+json for programs (RFC 9457)."""

import logging
import secrets
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from postal.domain.board import AlreadyAccepted, MovedMeanwhile
from postal.domain.item import NotAddressee, NotCustodian
from postal.domain.lifecycle import NotNow, Overtaken, UnknownCode
from postal.domain.permissions import Forbidden
from postal.domain.places import UnknownPlace
from postal.domain.points import DoorElsewhere
from postal.domain.procedures import ProcedureAbolished, UnknownProcedure
from postal.domain.proposal import AlreadyPlanned, ChangedMeanwhile, UnknownProposal
from postal.domain.refusals import Refused
from postal.domain.scanning import FileLost, NotHere, PagesGone, ReadersBusy, ShelfUnreachable
from postal.domain.solving import AlreadySolving, BoardChanged, NothingToApply, UnknownSolving
from postal.domain.week import UnknownWeek, WeekGone
from postal.queries.access import NotTakingPart
from postal.queries.prints import LabelElsewhere, NotPrintedHere
from postal.queries.quarantine import NothingSuch
from postal.services.accounts import WrongSignIn
from postal.services.devices import UnknownDevice
from postal.services.entries import UnknownEntry
from postal.services.registration import OtherOffice
from postal.store.drafts import UnknownDraft
from postal.web import render, security
from postal.web.deps import NotSignedIn
from postal.web.lookup import TrackMissed
from postal.web.security import ForgedRequest, TooLarge, TooManyTries

log = logging.getLogger("postal.web")

STATUS: dict[type[Refused], int] = {
    Forbidden: 403,
    ForgedRequest: 403,
    NotTakingPart: 403,
    OtherOffice: 403,
    DoorElsewhere: 403,
    NotPrintedHere: 403,
    LabelElsewhere: 403,
    WrongSignIn: 403,
    UnknownCode: 404,
    UnknownPlace: 404,
    ProcedureAbolished: 409,
    UnknownProcedure: 404,
    UnknownDraft: 404,
    UnknownProposal: 404,
    UnknownWeek: 404,
    UnknownSolving: 404,
    UnknownDevice: 404,
    UnknownEntry: 404,
    NothingSuch: 404,
    NotCustodian: 409,
    NotAddressee: 409,
    NotNow: 409,
    Overtaken: 409,
    ChangedMeanwhile: 409,
    AlreadyPlanned: 409,
    WeekGone: 409,
    MovedMeanwhile: 409,
    AlreadyAccepted: 409,
    AlreadySolving: 409,
    BoardChanged: 409,
    NothingToApply: 409,
    TooLarge: 413,
    TooManyTries: 429,
    TrackMissed: 404,
    NotHere: 403,
    PagesGone: 409,
    FileLost: 404,
    ShelfUnreachable: 503,
    ReadersBusy: 503,
}
"""HTTP status by refusal; anything else is 422, what was sent cannot be done as it stands."""


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return next((STATUS[kind] for kind in type(refused).__mro__ if kind in STATUS), 422)


def install(app: FastAPI) -> None:
    """Let the application answer refusals, misses and faults with a sentence."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(HTTPException, _missed)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return answer(request, status_of(error), code=error.code, vi=str(error), en=error.in_english())


def _not_signed_in(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotSignedIn)
    if _is_program(request) or _is_our_script(request):
        return answer(
            request, 401, code="not_signed_in", vi="Chưa đăng nhập. Đăng nhập rồi thử lại.", en="Not signed in."
        )
    return RedirectResponse(f"/sign-in?next={quote(error.next_path)}", status_code=303)


def _missed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    vi = "Không có trang này. Xem lại địa chỉ, hoặc về trang đầu." if error.status_code == 404 else "Không mở được."
    return answer(request, error.status_code, code="http", vi=vi, en=str(error.detail))


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [{"field": ".".join(map(str, each["loc"][1:])), "detail": each["msg"]} for each in error.errors()]
    vi = "Dữ liệu gửi lên chưa đúng. Xem lại các ô: " + ", ".join(each["field"] for each in fields) + "."
    return answer(request, 422, code="unreadable", vi=vi, en="What was sent cannot be read.", errors=fields)


def _fault(request: Request, error: Exception) -> Response:
    """Answer a fault of ours; the log has the trace, the page a number to tell on the phone, and no detail."""
    number = secrets.token_hex(4)
    log.error("fault %s at %s %s", number, request.method, security.without_secrets(request.url.path), exc_info=error)
    hotline = request.app.state.settings.hotline
    vi = f"Máy chủ báo lỗi (mã {number}). Dữ liệu chưa mất. Thử lại; nếu lặp lại, gọi {hotline}."
    response = answer(request, 500, code="fault", vi=vi, en=f"Server error ({number}). Nothing is lost. Try again.")
    response.headers.update(security.HEADERS)  # this handler stands outside the middleware that sets them
    return response


def answer(
    request: Request, status: int, *, code: str, vi: str, en: str, errors: list[dict[str, str]] | None = None
) -> Response:
    """Return a sentence as a page, or as problem+json for programs."""
    if not _is_program(request):
        return render.page(request, "error.html", {"sentence": vi, "english": en}, status=status)
    problem: dict[str, object] = {
        "type": f"urn:postal:{code}",
        "title": en,
        "status": status,
        "detail": vi,
        "detail_en": en,
    }
    if errors is not None:
        problem["errors"] = errors
    return JSONResponse(problem, status_code=status, media_type="application/problem+json")


def _is_our_script(request: Request) -> bool:
    """Tell whether a script of ours asks, which has to know that the session is over to keep what was typed."""
    return request.url.path.startswith("/offline/") or "x-outbox" in request.headers


def _is_program(request: Request) -> bool:
    return request.url.path.startswith("/api/")
