"""Servers that know roads and addresses: which kind, at which address. What is asked there says where people live."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from postal.domain.refusals import Refused


class WrongMapServer(Refused):
    """A setting that names no server that may be asked."""

    code = "wrong_map_server"
    vi = "{name} không dùng được: {why}. Sửa thiết lập rồi chạy lại."
    en = "{name} cannot be used: {why}. Change the setting and start again."


class Roads(Enum):
    """What can tell the way from many places to many others."""

    OSRM = "osrm"
    VALHALLA = "valhalla"
    OPENROUTESERVICE = "ors"


class Gazetteer(Enum):
    """What can tell where an address is."""

    NOMINATIM = "nominatim"
    PHOTON = "photon"
    PELIAS = "pelias"


@dataclass(frozen=True, kw_only=True, slots=True)
class MapServer:
    """A server for ways. `most` is how many places it takes at once (0: what is usual for its kind).

    Without a `directory` what it told is kept in memory alone; `secret` keys the names of what is kept there.
    """

    kind: Roads
    url: str
    key: str = field(default="", repr=False)
    seconds: int = 10
    most: int = 0
    directory: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressServer:
    """A server for addresses, asked once in `pause` at most."""

    kind: Gazetteer
    url: str
    key: str = field(default="", repr=False)
    seconds: int = 10
    pause: timedelta = timedelta(seconds=2)


_ADDRESS = re.compile(r"(https?)://((?:[a-z0-9-]+\.)*[a-z0-9-]+|\[[0-9a-f:]+\])(:\d{1,5})?(/[\w./~-]*)?", re.IGNORECASE)
_HERE = ("127.0.0.1", "[::1]", "localhost")
_OF_EVERYBODY = (
    "nominatim.openstreetmap.org",
    "photon.komoot.io",
    "router.project-osrm.org",
    "valhalla1.openstreetmap.de",
)
"""Servers that anybody may try: not the place for the addresses of people."""


def roads(text: str, *, name: str) -> tuple[Roads, str] | None:
    """Return kind and address of `osrm:https://…`; None for what needs no server. Raises: WrongMapServer.

    >>> roads("osrm:http://127.0.0.1:5000", name="POSTAL_MATRIX")
    (<Roads.OSRM: 'osrm'>, 'http://127.0.0.1:5000')
    >>> roads("greatcircle", name="POSTAL_MATRIX") is None
    True
    """
    if text in ("", "greatcircle"):
        return None
    kind, url = _split(text, [each.value for each in Roads], name=name)
    return Roads(kind), url


def gazetteer(text: str, *, name: str) -> tuple[Gazetteer, str] | None:
    """Return kind and address of `nominatim:https://…`; None for nothing. Raises: WrongMapServer."""
    if not text:
        return None
    kind, url = _split(text, [each.value for each in Gazetteer], name=name)
    return Gazetteer(kind), url


def must_be_safe(url: str, *, name: str) -> None:
    """Refuse a server that others can listen to, or that belongs to everybody. Raises: WrongMapServer."""
    found = _ADDRESS.fullmatch(url)
    assert found is not None, "it was read before"
    host = found[2].lower()
    if host in _OF_EVERYBODY:
        raise WrongMapServer(name=name, why="máy chủ công cộng không phải nơi gửi địa chỉ của người dân")
    if found[1].lower() != "https" and host not in _HERE:
        raise WrongMapServer(name=name, why="địa chỉ phải bắt đầu bằng https://, hoặc http:// tới chính máy này")


def _split(text: str, kinds: list[str], *, name: str) -> tuple[str, str]:
    kind, _, url = text.partition(":")
    if kind not in kinds:
        raise WrongMapServer(name=name, why=f"cần {', '.join(kinds)}, rồi dấu hai chấm và địa chỉ máy chủ")
    if not _ADDRESS.fullmatch(url):
        raise WrongMapServer(
            name=name, why="sau loại máy chủ phải là địa chỉ http(s)://máy, không kèm mật khẩu, dấu hỏi"
        )
    return kind, url.rstrip("/")
