"""Servers that know addresses: what they are asked, what their answers say, and what is no answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from postal.domain.geocoding import AddressAsked, AddressFound
from postal.domain.map_servers import AddressServer, Gazetteer
from postal.domain.sending import NotTaken
from postal.gateways import geocoding

ASKED = AddressAsked(address="15 Bạch Đằng", commune="Phường Hải Châu", province="Thành phố Đà Nẵng")

# As the servers answer; the box of a house, a street, a whole commune.
NOMINATIM = {
    "lat": "16.0712",
    "lon": "108.2243",
    "display_name": "15, Bạch Đằng",
    "addresstype": "house",
    "boundingbox": ["16.0711", "16.0713", "108.2242", "108.2244"],
}
PHOTON = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [108.2243, 16.0712]},
    "properties": {"type": "street", "name": "Bạch Đằng", "extent": [108.2220, 16.0760, 108.2250, 16.0660]},
}
PELIAS = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [108.2243, 16.0712]},
    "properties": {"layer": "address", "name": "15 Bạch Đằng"},
}


class Addresses:
    """A server on this machine that answers always the same."""

    def __init__(self) -> None:
        self.answer: Any = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.url = ""


@pytest.fixture
def server() -> Iterator[Addresses]:
    told = Addresses()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Answer."""
            parts = urlsplit(self.path)
            told.asked.append((parts.path, parse_qs(parts.query)))
            content = told.answer if isinstance(told.answer, bytes) else json.dumps(told.answer).encode()
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{running.server_address[1]}"
    yield told
    running.shutdown()
    running.server_close()
    thread.join()


def find(server: Addresses, kind: Gazetteer = Gazetteer.NOMINATIM, *, key: str = "") -> AddressFound | None:
    return geocoding.geocoder(AddressServer(kind=kind, url=server.url, key=key, seconds=2)).find(ASKED)


@pytest.mark.parametrize(
    ("kind", "answer", "question", "accuracy"),
    [
        (Gazetteer.NOMINATIM, [NOMINATIM], ("/search", "q"), 16),
        (Gazetteer.PHOTON, {"features": [PHOTON]}, ("/api", "q"), 579),
        (Gazetteer.PELIAS, {"features": [PELIAS]}, ("/v1/search", "text"), 30),
    ],
)
def test_a_server_is_asked_for_the_address_alone_and_says_how_sure_it_is(
    server: Addresses, kind: Gazetteer, answer: object, question: tuple[str, str], accuracy: int
) -> None:
    server.answer, (path, named) = answer, question
    assert find(server, kind) == AddressFound(lat=16.0712, lon=108.2243, accuracy_m=accuracy)
    ((asked_path, query),) = server.asked
    assert asked_path == path
    assert query[named] == ["15 Bạch Đằng, Phường Hải Châu, Thành phố Đà Nẵng, Việt Nam"]


def test_the_key_goes_to_the_server_that_has_one(server: Addresses) -> None:
    server.answer = {"features": [PELIAS]}
    find(server, Gazetteer.PELIAS, key="a-key")
    assert server.asked[0][1]["api_key"] == ["a-key"]


def test_a_whole_commune_is_no_better_than_its_middle(server: Addresses) -> None:
    server.answer = [{**NOMINATIM, "boundingbox": ["16.03", "16.09", "108.19", "108.24"]}]
    found = find(server)
    assert found is not None
    assert found.accuracy_m > 3000


@pytest.mark.parametrize("box", [["a", "b", "c", "d"], ["17", "16", "108", "109"], [1, 2], None])
def test_a_box_that_is_none_says_nothing_of_the_size(server: Addresses, box: object) -> None:
    server.answer = [{**NOMINATIM, "boundingbox": box}]
    found = find(server)
    assert found is not None
    assert found.accuracy_m == 30


@pytest.mark.parametrize("kind", [Gazetteer.NOMINATIM, Gazetteer.PHOTON])
def test_an_address_nobody_knows_is_no_fault(server: Addresses, kind: Gazetteer) -> None:
    server.answer = [] if kind is Gazetteer.NOMINATIM else {"features": []}
    assert find(server, kind) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[" * 50_000,
        b'"x"',
        b"17",
        b'[{"lat": "here"}]',
        b'[{"lat": "nan", "lon": "108", "display_name": ""}]',
        b" " * 1_000_001,
    ],
    ids=["html", "deep", "text", "number", "no point", "off the earth", "too long"],
)
def test_garbage_is_no_answer(server: Addresses, answer: bytes) -> None:
    server.answer = answer
    with pytest.raises(NotTaken):
        find(server)


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500])
def test_a_server_that_refuses_or_sends_us_on_is_asked_later(server: Addresses, status: int) -> None:
    server.status, server.headers = status, {"Location": "http://192.0.2.1/"}
    with pytest.raises(NotTaken):
        find(server)
    assert len(server.asked) == 1


def test_a_server_that_is_away_is_asked_later_and_the_fault_names_no_address() -> None:
    away = AddressServer(kind=Gazetteer.NOMINATIM, url="http://127.0.0.1:9", seconds=1)
    with pytest.raises(NotTaken) as fault:
        geocoding.geocoder(away).find(ASKED)
    assert "Bạch Đằng" not in str(fault.value)
