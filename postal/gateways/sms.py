"""Text messages: an HTTP gateway, and a console for trying the product out.

The gateway is sent one JSON object, `{"to", "text", "reference"}`, with the reference as `Idempotency-Key` as well: the
same message may come twice when an answer was lost, and must be sent to the phone once.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from postal.domain.refusals import Refused
from postal.domain.sending import NeverTaken, NotTaken

SECONDS = 10
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Sms(Protocol):
    """Sends a text message. `reference` names the message, so that a repeated one is recognised."""

    def send(self, *, to: str, text: str, reference: str) -> None:
        """Send a message.

        Raises: NeverTaken when asking again is useless; NotTaken, and any other OSError, when it must be tried again.
        """
        ...


class UnsafeGateway(Refused):
    """Phone numbers and PINs travel encrypted, or do not leave the machine."""

    code = "unsafe_gateway"
    vi = "POSTAL_SMS_URL phải bắt đầu bằng https://, hoặc http:// tới chính máy này. Sửa rồi chạy lại."
    en = "POSTAL_SMS_URL must begin with https://, or lead to this machine."


class Answer(Enum):
    """What an answer of the gateway means for the message."""

    TAKEN = "đã nhận"
    BUSY = "đang bận"
    UNKNOWN_TO_US = "không nhận khóa của ta"
    REFUSED = "không nhận tin này"
    BROKEN = "đang hỏng"


ANSWERS: dict[int, Answer] = {
    HTTPStatus.OK: Answer.TAKEN,
    HTTPStatus.CREATED: Answer.TAKEN,
    HTTPStatus.ACCEPTED: Answer.TAKEN,
    HTTPStatus.NO_CONTENT: Answer.TAKEN,
    HTTPStatus.CONFLICT: Answer.TAKEN,
    HTTPStatus.UNAUTHORIZED: Answer.UNKNOWN_TO_US,
    HTTPStatus.FORBIDDEN: Answer.UNKNOWN_TO_US,
    HTTPStatus.NOT_FOUND: Answer.BROKEN,
    HTTPStatus.METHOD_NOT_ALLOWED: Answer.BROKEN,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: Answer.BROKEN,
    HTTPStatus.REQUEST_TIMEOUT: Answer.BUSY,
    HTTPStatus.TOO_EARLY: Answer.BUSY,
    HTTPStatus.TOO_MANY_REQUESTS: Answer.BUSY,
    HTTPStatus.SERVICE_UNAVAILABLE: Answer.BUSY,
}
"""What each status says; 409 means that the message is there already, 404 that the address is no gateway's."""


def meaning(status: int) -> Answer:
    """Return what an HTTP status of the gateway means; an unlisted one follows its class, 3xx counts as broken."""
    if status in ANSWERS:
        return ANSWERS[status]
    return Answer.REFUSED if 400 <= status < 500 else Answer.BROKEN


class HttpSms:
    """A gateway on the network. Redirects are not followed: phone numbers go to the address that was configured."""

    def __init__(self, url: str, *, token: str = "", seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if parts.scheme != "https" and not is_here:
            raise UnsafeGateway
        self._url = url
        self._token = token
        self._seconds = seconds
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def send(self, *, to: str, text: str, reference: str) -> None:
        """Send a message.

        Raises: NeverTaken when asking again is useless; NotTaken, and any other OSError, when it must be tried again.
        """
        status = self._status(self._request(to=to, text=text, reference=reference))
        answer = meaning(status)
        if answer is Answer.REFUSED:
            raise NeverTaken(f"Cổng tin nhắn {answer.value} (HTTP {status}): số điện thoại có thể sai.")
        if answer is not Answer.TAKEN:
            raise NotTaken(f"Cổng tin nhắn {answer.value} (HTTP {status}).")

    def _request(self, *, to: str, text: str, reference: str) -> urllib.request.Request:
        body = json.dumps({"to": to, "text": text, "reference": reference}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": reference}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return urllib.request.Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310 - scheme checked above

    def _status(self, request: urllib.request.Request) -> int:
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except http.client.HTTPException as error:
            raise NotTaken("Cổng tin nhắn ngắt giữa chừng.") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: the status is the answer."""


class ConsoleSms:
    """Writes messages to a screen, for trying the product out."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def send(self, *, to: str, text: str, reference: str) -> None:
        """Write a message."""
        self._write(f"[tin nhắn tới {to}, số {reference[:8]}] {text}")
