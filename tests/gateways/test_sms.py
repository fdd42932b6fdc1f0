"""The message gateway against a server on this machine that answers as recorded."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from postal.domain.sending import NeverTaken, NotTaken
from postal.gateways.sms import Answer, ConsoleSms, HttpSms, UnsafeGateway, meaning

TO, TEXT, REFERENCE = "+84500123456", "Buu dien: ho so 7K2M4-9RTBQ da giao ket qua.", "50ca7b80"


@dataclass
class Recorded:
    """A server that gives these answers one after the other and keeps what it was sent."""

    answers: list[tuple[int, dict[str, str], bytes]]
    url: str = ""
    asked: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def gateway() -> Iterator[Recorded]:
    """Return a gateway on this machine; a test says what it answers."""
    recorded = Recorded(answers=[])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            recorded.asked.append((dict(self.headers), json.loads(body)))
            status, headers, answer = recorded.answers.pop(0)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    recorded.url = f"http://127.0.0.1:{server.server_port}/messages"
    yield recorded
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nonsense() -> Iterator[str]:
    """Return the address of something on this machine that answers with no HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as asking:
                asking.recv(4096)
                asking.sendall(b"220 ready\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


def test_a_message_that_is_taken_was_sent_as_one_json_object_with_its_reference(gateway: Recorded) -> None:
    gateway.answers = [(202, {"Content-Type": "application/json"}, b'{"id":"a1","status":"queued"}')]
    HttpSms(gateway.url, token="secret").send(to=TO, text=TEXT, reference=REFERENCE)
    headers, body = gateway.asked[0]
    assert body == {"to": TO, "text": TEXT, "reference": REFERENCE}
    assert headers["Idempotency-Key"] == REFERENCE
    assert headers["Authorization"] == "Bearer secret"


def test_a_message_that_is_there_already_counts_as_sent(gateway: Recorded) -> None:
    gateway.answers = [(409, {}, b'{"error":"duplicate"}')]
    HttpSms(gateway.url).send(to=TO, text=TEXT, reference=REFERENCE)


@pytest.mark.parametrize(
    "answer",
    [
        (429, {"Retry-After": "30"}, b'{"error":"rate"}'),
        (401, {}, b'{"error":"key"}'),
        (404, {}, b"<html>not here</html>"),
        (500, {}, b"<html>oops</html>"),
        (503, {}, b""),
    ],
    ids=lambda answer: str(answer[0]),
)
def test_a_gateway_that_is_busy_or_broken_or_not_ours_is_asked_again(
    gateway: Recorded, answer: tuple[int, dict[str, str], bytes]
) -> None:
    gateway.answers = [answer]
    with pytest.raises(NotTaken, match=str(answer[0])) as refused:
        HttpSms(gateway.url).send(to=TO, text=TEXT, reference=REFERENCE)
    assert not isinstance(refused.value, NeverTaken)
    assert TO not in str(refused.value)
    assert TEXT not in str(refused.value)


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_number_the_gateway_refuses_is_not_asked_about_again(gateway: Recorded, status: int) -> None:
    gateway.answers = [(status, {}, b'{"error":"number"}')]
    with pytest.raises(NeverTaken, match=str(status)) as refused:
        HttpSms(gateway.url).send(to=TO, text=TEXT, reference=REFERENCE)
    assert TO not in str(refused.value)


def test_a_gateway_that_talks_nonsense_is_asked_again(nonsense: str) -> None:
    with pytest.raises(NotTaken, match="ngắt giữa chừng") as refused:
        HttpSms(nonsense).send(to=TO, text=TEXT, reference=REFERENCE)
    assert not isinstance(refused.value, NeverTaken)


def test_a_redirect_takes_no_phone_number_elsewhere(gateway: Recorded) -> None:
    gateway.answers = [(307, {"Location": gateway.url}, b""), (202, {}, b"")]
    with pytest.raises(NotTaken, match="307"):
        HttpSms(gateway.url).send(to=TO, text=TEXT, reference=REFERENCE)
    assert len(gateway.asked) == 1


def test_a_gateway_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(OSError, match="refused"):
        HttpSms("http://127.0.0.1:9/messages", seconds=1).send(to=TO, text=TEXT, reference=REFERENCE)


@pytest.mark.parametrize("url", ["http://sms.example.vn/send", "ftp://127.0.0.1/send", "file:///etc/passwd", "sms"])
def test_phone_numbers_leave_the_machine_encrypted_or_not_at_all(url: str) -> None:
    with pytest.raises(UnsafeGateway):
        HttpSms(url)


@pytest.mark.parametrize(("status", "answer"), [(418, Answer.REFUSED), (502, Answer.BROKEN), (302, Answer.BROKEN)])
def test_an_unlisted_status_follows_its_class(status: int, answer: Answer) -> None:
    assert meaning(status) is answer


def test_the_console_writes_what_would_be_sent() -> None:
    written: list[str] = []
    ConsoleSms(written.append).send(to=TO, text=TEXT, reference=REFERENCE)
    assert written == [f"[tin nhắn tới {TO}, số {REFERENCE}] {TEXT}"]
