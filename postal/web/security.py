"""What stands in front of every page: headers, a body limit, sessions, forged-request checks, limits on guessing."""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Request, Response
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from postal.domain import codes, scanning
from postal.domain.refusals import Refused

LARGEST_BODY = 12 * 1024 * 1024
LARGEST_STACK = scanning.LARGEST_FILE + 1024 * 1024
"""Bytes of a form with a scanner's file in it."""

STACKS = "/digitise"
"""Below it forms may carry a scanner's file."""

MAPS = "/runs/proposals/"
"""Below it pages have a map, whose background may come from the configured host."""

DEVICE_AGE = 400 * 24 * 3600
"""Seconds a browser keeps what proves its machine: the longest it may; each new enrolment begins anew."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_PICTURES = "img-src 'self' data: blob:"

CONTENT_POLICY = (
    f"default-src 'none'; style-src 'self'; script-src 'self'; {_PICTURES}; connect-src 'self'; "
    "font-src 'none'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


class ForgedRequest(Refused):
    """A request that did not come from our own page."""

    code = "forged_request"
    vi = "Trang này đã mở quá lâu hoặc yêu cầu không đến từ hệ thống. Tải lại trang rồi gửi lại."
    en = "This page was open for too long, or the request did not come from our own page. Reload and send it again."


class TooManyTries(Refused):
    """Somebody guesses."""

    code = "too_many_tries"
    vi = "Đã thử nhiều lần. Đợi 5 phút hoặc gọi {hotline}."
    en = "Too many tries. Wait 5 minutes or call {hotline}."


class TooLarge(Refused):
    """The body is larger than anything we ask for."""

    code = "too_large"
    vi = "Tệp gửi lên quá lớn. Chụp lại ảnh nhỏ hơn 10 MB rồi gửi."
    en = "What was sent is too large. Send a photo under 10 MB."


async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Set the security headers of every answer; what is not static is not kept by anybody."""
    response = await call_next(request)
    for name, value in (HEADERS | _with_tiles(request)).items():
        response.headers.setdefault(name, value)
    if not request.url.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.app.state.settings.is_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000")
    return response


def _with_tiles(request: Request) -> dict[str, str]:
    """Return the policy of a page with a map: pictures may come from the one host of its background too."""
    host = request.app.state.settings.tiles_host
    if not (host and request.url.path.startswith(MAPS)):
        return {}
    return {"Content-Security-Policy": CONTENT_POLICY.replace(_PICTURES, f"{_PICTURES} {host}")}


class StackTooLarge(TooLarge):
    """The file of a scanner is larger than what is taken at once."""

    code = "stack_too_large"

    vi = "Tệp quét quá lớn, mỗi lần nhận tối đa {most} MB. Tách tệp, hoặc quét ở 200 dpi, rồi gửi lại. Chưa lưu gì."
    en = "The scanner's file is too large; at most {most} MB are taken at once. Split it. Nothing was kept."


class BodyLimit:
    """Stops reading a body that is larger than it may be there, with or without a length in front."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count what it reads."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read, is_stack = 0, scope["path"].startswith(STACKS)
        most = LARGEST_STACK if is_stack else LARGEST_BODY

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise StackTooLarge(most=scanning.LARGEST_FILE // 1024**2) if is_stack else TooLarge()
            return message

        await self.app(scope, counted, send)


# --- sessions ---------------------------------------------------------------------------------------------------------


def cookie_name(request: Request) -> str:
    """Return the session cookie's name: `__Host-` wherever we are reached over TLS."""
    return "__Host-session" if request.app.state.settings.is_https else "session"


def session_token(request: Request) -> str:
    """Return the token of the session cookie, or of an `Authorization: Bearer` header; empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.cookies.get(cookie_name(request), "")


def set_session(request: Request, response: Response, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(request),
        token,
        secure=request.app.state.settings.is_https,
        httponly=True,
        samesite="strict",
        path="/",
    )


def clear_session(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        cookie_name(request), secure=request.app.state.settings.is_https, httponly=True, samesite="strict", path="/"
    )


def device_cookie_name(request: Request) -> str:
    """Return the name of the cookie by which a machine proves which one it is."""
    return "__Host-device" if request.app.state.settings.is_https else "device"


def device_credential(request: Request) -> str:
    """Return what a machine proves itself by, empty for one that nobody enrolled."""
    return request.cookies.get(device_cookie_name(request), "")


def set_device(request: Request, response: Response, credential: str) -> None:
    """Give the browser what proves its machine; it stays when people sign out."""
    response.set_cookie(
        device_cookie_name(request),
        credential,
        max_age=DEVICE_AGE,
        secure=request.app.state.settings.is_https,
        httponly=True,
        samesite="strict",
        path="/",
    )


def new_token() -> str:
    """Return 256 random bits for a session."""
    return secrets.token_urlsafe(32)


# --- forged requests --------------------------------------------------------------------------------------------------


def csrf_token(request: Request) -> str:
    """Return what a form must send back: derived from the session, so that nobody else can know it."""
    token = session_token(request)
    return hmac.digest(token.encode(), b"csrf", hashlib.sha256).hex() if token else ""


async def must_be_own(request: Request) -> AsyncIterator[None]:
    """Refuse an unsafe request that another site caused or that lacks the form's token.

    A bearer token is never sent by a browser on its own, so such requests need no form token. The form that was read
    for its token is closed in the end, also when nobody is signed in.

    Raises: ForgedRequest.
    """
    try:
        await _must_be_own(request)
        yield
    finally:
        await request.close()


async def _must_be_own(request: Request) -> None:
    if request.method in SAFE_METHODS or "authorization" in request.headers:
        return
    must_come_from_here(request)
    sent = request.headers.get("x-csrf-token") or str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest(sent.encode(), csrf_token(request).encode()):
        raise ForgedRequest


def must_come_from_here(request: Request) -> None:
    """Refuse a request that another site caused. Raises: ForgedRequest."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForgedRequest
    origin = request.headers.get("origin")
    if origin not in (None, "null") and origin.split("//", 1)[-1] != request.headers.get("host"):
        raise ForgedRequest


# --- guessing ---------------------------------------------------------------------------------------------------------


class Tries:
    """Counts tries by key in this process; `most` within `seconds`, then wait."""

    def __init__(self, *, most: int, seconds: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerSecond(most, seconds)

    def must_be_left(self, *key: str, hotline: str) -> None:
        """Refuse when there were too many tries. Raises: TooManyTries."""
        if not self._limiter.test(self._limit, *key):
            raise TooManyTries(hotline=hotline)

    def count(self, *key: str) -> None:
        """Count one try."""
        self._limiter.hit(self._limit, *key)

    def take(self, *key: str, hotline: str) -> None:
        """Count one try before it is made, so that many at once get no more than one by one. Raises: TooManyTries."""
        if not self._limiter.hit(self._limit, *key):
            raise TooManyTries(hotline=hotline)

    def forget(self, *key: str) -> None:
        """Begin to count anew after a right answer."""
        self._limiter.clear(self._limit, *key)


SIGN_IN_TRIES = Tries(most=10, seconds=300)
"""Counts wrong passwords, for pages and programs together."""


def caller(request: Request) -> str:
    """Return the address a request came from."""
    return request.client.host if request.client else ""


# --- logs -------------------------------------------------------------------------------------------------------------

_SECRET_IN_PATH = re.compile(rf"(?<![{codes.ALPHABET}])[{codes.ALPHABET}]{{29}}(?![{codes.ALPHABET}])", re.IGNORECASE)
_QUERY_IN_PATH = re.compile(r"\?[^ \"]*")


def without_secrets(path: str) -> str:
    """Return a path as a log may keep it: no secret of a receipt, and nothing of what somebody searched for."""
    return _SECRET_IN_PATH.sub("…", _QUERY_IN_PATH.sub("?…", path))


class HideSecrets(logging.Filter):
    """Keeps secrets and searched names and numbers out of the server's log of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the texts of a line; no line is dropped."""
        if isinstance(record.args, tuple):
            record.args = tuple(without_secrets(each) if isinstance(each, str) else each for each in record.args)
        return True


def hide_secrets_in_logs() -> None:
    """Put the filter in front of the server's log of requests, once."""
    log = logging.getLogger("uvicorn.access")
    if not any(isinstance(each, HideSecrets) for each in log.filters):
        log.addFilter(HideSecrets())
