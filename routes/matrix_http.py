"""One question to a map server: a whole answer in time, of a size that can be true, from the address that was meant."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from routes.matrix import Fault

_PART = 65_536
_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class Unusable(Exception):
    """A server gave no answer that can be used: why, and whether the same question may be answered a moment later."""

    def __init__(self, fault: Fault, *, is_worth_again: bool = False, is_about_places: bool = False) -> None:
        self.fault = fault
        self.is_worth_again = is_worth_again
        self.is_about_places = is_about_places
        super().__init__(fault.value)


class WrongAddress(ValueError):
    """An address that is no http(s)://host of a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the path after the server's address, and a JSON body when it is posted."""

    path: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Breaker:
    """Leaves a server alone that fails: `failures` in a row, since when, and until when it is not asked."""

    most: int = 3
    pause: timedelta = timedelta(minutes=1)
    failures: int = 0
    since: datetime | None = None
    not_before: datetime | None = None

    def lets_ask(self, *, at: datetime) -> bool:
        """Tell whether the server may be asked: it works, or the pause is over and it is tried again."""
        return self.not_before is None or at >= self.not_before

    def failed(self, *, at: datetime, at_once: bool = False) -> None:
        """Note a failure; enough of them in a row, or one that is sure to come again, begin a pause."""
        self.failures += 1
        self.since = self.since or at
        if at_once or self.failures >= self.most:
            self.not_before = at + self.pause

    def worked(self) -> None:
        """Forget the failures."""
        self.failures, self.since, self.not_before = 0, None, None


class Server:
    """A server at one address. What it says is kept to that address: no proxy, no redirect.

    `seconds` is the time for a whole answer, connection included; it is kept also by a server that sends a byte now and
    then. One question at a time.
    """

    def __init__(self, url: str, *, seconds: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise WrongAddress(f"{parts.scheme}://{parts.hostname} is no address of a server")
        self.url = url.rstrip("/")
        self._base = parts.path.rstrip("/")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=seconds)
        self._seconds = seconds

    def ask(self, question: Question, *, most_bytes: int, until: float | None = None) -> object:
        """Return the JSON of an answer; a connection that broke or a server that is busy is asked once more.

        `until` is a moment of the monotonic clock at which it must be over. Raises: Unusable.
        """
        try:
            return self._asked(question, most_bytes=most_bytes, seconds=self._left(until))
        except Unusable as unusable:
            if not unusable.is_worth_again:
                raise
        return self._asked(question, most_bytes=most_bytes, seconds=self._left(until))

    def _left(self, until: float | None) -> float:
        """Return the seconds for one try. Raises: Unusable when there are none."""
        seconds = self._seconds if until is None else min(self._seconds, until - time.monotonic())
        if seconds <= 0:
            raise Unusable(Fault.HANGS)
        return seconds

    def close(self) -> None:
        """Let go of the connection; the next question makes a new one."""
        self._connection.close()

    def _asked(self, question: Question, *, most_bytes: int, seconds: float) -> object:
        ended = threading.Event()
        watch = threading.Timer(seconds, self._cut, args=(ended,))
        watch.daemon = True
        self._connection.timeout = seconds
        watch.start()
        try:
            return _read(self._content(question, most_bytes=most_bytes))
        except (OSError, http.client.HTTPException, ValueError, Unusable) as error:
            self.close()
            if ended.is_set() or isinstance(error, TimeoutError):
                raise Unusable(Fault.HANGS, is_worth_again=True) from error
            if isinstance(error, Unusable):
                raise
            raise Unusable(Fault.AWAY, is_worth_again=True) from error
        finally:
            watch.cancel()

    def _cut(self, ended: threading.Event) -> None:
        """End a connection whose time is over, wherever it waits."""
        ended.set()
        held = self._connection.sock
        if held is not None:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def _content(self, question: Question, *, most_bytes: int) -> bytes:
        body = None if question.body is None else json.dumps(question.body).encode()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **question.headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        method = "GET" if body is None else "POST"
        self._connection.request(method, self._base + question.path, body=body, headers=headers)
        with self._connection.getresponse() as answer:
            _must_be_taken(answer.status)
            return _whole(answer, most_bytes=most_bytes)


def _must_be_taken(status: int) -> None:
    """Raises: Unusable for every status but 200."""
    if status == HTTPStatus.OK:
        return
    if 300 <= status < 400:
        raise Unusable(Fault.MOVED)
    if status in _BUSY or status >= 500:
        raise Unusable(Fault.REFUSES, is_worth_again=True)
    raise Unusable(Fault.REFUSES, is_about_places=status == HTTPStatus.BAD_REQUEST)


def _whole(answer: http.client.HTTPResponse, *, most_bytes: int) -> bytes:
    """Return all of an answer, part by part. Raises: Unusable when it is longer than it may be, or ends too early."""
    if answer.length is not None and answer.length > most_bytes:
        raise Unusable(Fault.TOO_LARGE)
    found = bytearray()
    while part := answer.read1(_PART):
        found += part
        if len(found) > most_bytes:
            raise Unusable(Fault.TOO_LARGE)
    if answer.length:
        raise Unusable(Fault.AWAY, is_worth_again=True)
    return bytes(found)


def _read(content: bytes) -> object:
    """Return the JSON of an answer; a number that is none is refused. Raises: Unusable."""
    try:
        found: object = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unusable(Fault.GARBAGE) from error
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
