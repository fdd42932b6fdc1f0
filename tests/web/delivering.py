"""Browsers of the people who deliver, and forms as they send them."""

import base64
import io
from collections.abc import Mapping
from typing import Any

from httpx2 import Response
from PIL import Image, ImageDraw
from sqlalchemy import select
from starlette.testclient import TestClient

from postal.store import Store
from postal.store.tables import AuditRow, table_of


def sent(browser: TestClient, path: str, *, page: Any = "", photo: Any = b"", **fields: object) -> Response:
    """Send a form from the page it stands on, by default the page at the same path."""
    data = {"csrf": token_of(browser, page or path), **fields}
    files = {"photo": ("a.jpg", photo, "image/jpeg")} if photo else None
    return browser.post(path, data=_texts(data), files=files)


def token_of(browser: TestClient, page: str) -> str:
    """Return what a form on a page must send back."""
    text = browser.get(page).text
    assert 'name="csrf" value="' in text, text[:2000]
    return text.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (320, 120)) -> bytes:
    """Return a small picture."""
    content = io.BytesIO()
    Image.new("RGB", size, "white").save(content, kind)
    return content.getvalue()


def signature() -> str:
    """Return a signature as the page's script sends it: ink on nothing."""
    drawn = Image.new("RGBA", (320, 120), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).line([(30, 60), (110, 30), (160, 90), (280, 50)], fill="black", width=4)
    return _data(drawn)


def blank_signature() -> str:
    """Return what the script sends when a finger only touched the glass: a canvas without a line."""
    return _data(Image.new("RGBA", (640, 240), (0, 0, 0, 0)))


def _data(drawn: Image.Image) -> str:
    content = io.BytesIO()
    drawn.save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def audited(store: Store) -> list[tuple[str, str, str]]:
    """Return who looked at what, oldest first."""
    table = table_of(AuditRow)
    with store.read() as reader:
        rows = reader.rows(select(table.c.account, table.c.what, table.c.subject).order_by(table.c.seq))
    return [(row.account, row.what, row.subject) for row in rows if row.what.endswith(("_seen", "_printed"))]


def _texts(data: Mapping[str, object]) -> dict[str, str | list[str]]:
    return {name: value if isinstance(value, list) else str(value) for name, value in data.items()}
