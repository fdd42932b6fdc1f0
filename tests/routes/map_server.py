"""A map server on this machine, for tests: it answers like the real ones, or as badly as it is told to."""

import json
import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from routes import matrix
from routes.model import Place

Behave = Callable[["Handler"], None]
"""Answers a request in another way than well."""


class MapServer:
    """What the server does and what it was asked. Its roads are `longer` than straight, driven at 10 m/s."""

    def __init__(self) -> None:
        self.longer = 1.5
        self.behave: Behave | None = None
        self.lost: Place | None = None
        self.asked: list[tuple[str, int, int]] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()
        self.url = ""

    def ways(self, origins: list[Place], destinations: list[Place]) -> tuple[list[list[float]], list[list[float]]]:
        """Return metres and seconds."""
        metres = [[self.longer * matrix.straight(here, there) for there in destinations] for here in origins]
        return metres, [[each / 10 for each in row] for row in metres]


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    map: MapServer

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """OSRM."""
        found = re.fullmatch(r"/table/v1/(\w+)/([^/]*)", urlsplit(self.path).path)
        assert found
        query = dict(part.split("=") for part in urlsplit(self.path).query.split("&"))
        assert query["annotations"] == "duration,distance"
        spots = [Place(float(lat), float(lon)) for lon, lat in (each.split(",") for each in found[2].split(";"))]
        rows = [spots[int(number)] for number in query["sources"].split(";")]
        columns = [spots[int(number)] for number in query["destinations"].split(";")]
        self.answer(found[1], rows, columns, lambda m, s: {"code": "Ok", "distances": m, "durations": s})

    def do_POST(self) -> None:
        """Valhalla and OpenRouteService."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/sources_to_targets":
            rows, columns = ([Place(e["lat"], e["lon"]) for e in body[name]] for name in ("sources", "targets"))
            self.answer(body["costing"], rows, columns, self._valhalla)
            return
        found = re.fullmatch(r"/v2/matrix/([\w-]+)", self.path)
        assert found
        spots = [Place(lat, lon) for lon, lat in body["locations"]]
        rows, columns = ([spots[int(number)] for number in body[name]] for name in ("sources", "destinations"))
        self.answer(found[1], rows, columns, lambda m, s: {"distances": m, "durations": s})

    def answer(self, profile: str, rows: list[Place], columns: list[Place], form: Callable[[Any, Any], object]) -> None:
        """Answer well, unless something else is wanted."""
        self.map.asked.append((profile, len(rows), len(columns)))
        self.map.headers.append(dict(self.headers))
        if self.map.behave is not None:
            self.map.behave(self)
        elif self.map.lost in (*rows, *columns):
            self.say({"error": "No suitable edges near location"}, status=400)
        else:
            self.say(form(*self.map.ways(rows, columns)))

    def say(self, answer: object, *, status: int = 200) -> None:
        """Send JSON, or bytes as they are."""
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @staticmethod
    def _valhalla(metres: list[list[float]], seconds: list[list[float]]) -> object:
        kilometres = [[each / 1000 for each in row] for row in metres]
        return {"units": "kilometers", "sources_to_targets": {"distances": kilometres, "durations": seconds}}


@contextmanager
def running() -> Iterator[MapServer]:
    """Run a map server on a free port of this machine."""
    found = MapServer()
    handler = type("Own", (Handler,), {"map": found})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield found
    finally:
        found.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


# --- bad manners ------------------------------------------------------------------------------------------------------


def saying(content: bytes, *, status: int = 200) -> Behave:
    """Answer always the same."""
    return lambda handler: handler.say(content, status=status)


def hang(handler: Handler) -> None:
    """Take the question and say nothing."""
    handler.map.released.wait(20)
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """Send a byte now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while not handler.map.released.wait(0.03):
            handler.wfile.write(b" ")
            handler.wfile.flush()
    except OSError:
        handler.close_connection = True


def promise_a_gigabyte(handler: Handler) -> None:
    """Announce more than anybody wants."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(2**30))
    handler.end_headers()
    handler.close_connection = True


def flood(handler: Handler) -> None:
    """Send without end, without saying how much."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    try:
        while not handler.map.released.is_set():
            handler.wfile.write(b"[" * 65_536)
    except OSError:
        return


def break_off(handler: Handler) -> None:
    """Send half of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"code": "Ok", "dist')
    handler.close_connection = True


def send_away(handler: Handler) -> None:
    """Point to another host."""
    handler.send_response(302)
    handler.send_header("Location", "http://192.0.2.1/table")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def table_of(value: object, *, rows: int = 2, columns: int = 2) -> bytes:
    """Return an OSRM answer with one value everywhere."""
    matrix_ = [[value] * columns for _ in range(rows)]
    text = json.dumps({"code": "Ok", "distances": matrix_, "durations": matrix_})
    return text.encode()


NOT_A_NUMBER = math.nan
