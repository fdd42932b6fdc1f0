"""Settings, read once from the environment. One table says what there is; a test compares it with the docs."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from postal.domain import map_servers
from postal.domain.map_servers import AddressServer, MapServer
from postal.domain.refusals import Refused

DEMO_SECRET = "chi-dung-de-chay-thu-khong-dung-that"  # noqa: S105 - refused in production, named so that everybody sees
PREFIX = "POSTAL_"
SHORTEST_SECRET = 32
_TILE_HOST = re.compile(r"(https?://[a-z0-9.-]+(:[0-9]+)?)?/[^/][^ \"'<>;]*", re.IGNORECASE)


class UnsafeSetting(Refused):
    """A setting that must not be used in production, or cannot be read."""

    code = "unsafe_setting"
    vi = "{name} không dùng được: {why}."
    en = "{name} cannot be used: {why}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Every setting with its default. `docs` of each stands in SETTINGS."""

    database_url: str = "sqlite:///var/postal.db"
    secret_key: str = DEMO_SECRET
    public_url: str = "http://127.0.0.1:8000"
    hotline: str = "1900 0000"
    host: str = "127.0.0.1"
    port: int = 8000
    production: bool = False
    sms_url: str = ""
    sms_token: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    quiet_hours: str = "21:00-07:00"
    demo: bool = False
    worker: bool = True
    solvers: int = 1
    solving_seconds: int = 60
    files: str = "var/files"
    files_key: str = ""
    files_secret: str = ""
    scan_folder: str = ""
    matrix: str = "greatcircle"
    matrix_key: str = ""
    matrix_seconds: int = 10
    matrix_places: int = 0
    matrix_cache: str = ""
    geocoder: str = ""
    geocoder_key: str = ""
    geocoder_seconds: int = 10
    tiles: str = ""
    tiles_credit: str = ""

    @property
    def is_https(self) -> bool:
        """Tell whether people reach us over TLS, so that cookies may be `__Host-`."""
        return self.public_url.startswith("https://")

    @property
    def map_server(self) -> MapServer | None:
        """Return the server that knows the ways, None when straight lines do. Raises: WrongMapServer."""
        found = map_servers.roads(self.matrix, name=environment_name("matrix"))
        if found is None:
            return None
        kind, url = found
        return MapServer(
            kind=kind,
            url=url,
            key=self.matrix_key,
            seconds=self.matrix_seconds,
            most=self.matrix_places,
            directory=self.matrix_cache,
            secret=self.secret_key,
        )

    @property
    def address_server(self) -> AddressServer | None:
        """Return the server that knows addresses, None when there is none. Raises: WrongMapServer."""
        found = map_servers.gazetteer(self.geocoder, name=environment_name("geocoder"))
        if found is None:
            return None
        kind, url = found
        return AddressServer(kind=kind, url=url, key=self.geocoder_key, seconds=self.geocoder_seconds)

    @property
    def tiles_host(self) -> str:
        """Return scheme and host of the background map, empty when it comes from here or there is none."""
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


SETTINGS: dict[str, str] = {
    "database_url": "sqlite:///đường/dẫn.db hoặc postgresql://người:mật-khẩu@máy/tên",
    "secret_key": "Khóa mã hóa dữ liệu cá nhân và tạo mã tra cứu; ít nhất 32 ký tự; mất khóa là mất dữ liệu cá nhân",
    "public_url": "Địa chỉ người dân mở, in trong mã QR của phiếu gửi",
    "hotline": "Số điện thoại hỗ trợ in trên phiếu và trang của người dân",
    "host": "Địa chỉ máy chủ lắng nghe",
    "port": "Cổng máy chủ lắng nghe",
    "production": "1 khi chạy thật: từ chối khóa chạy thử, bắt buộc https",
    "sms_url": "Địa chỉ cổng gửi tin nhắn; để trống thì in ra màn hình",
    "sms_token": "Khóa gửi kèm tới cổng tin nhắn (Authorization: Bearer …)",
    "smtp_url": "Máy chủ thư: smtp+starttls://người:mật-khẩu@máy:587 hoặc smtps://…; để trống thì in ra màn hình",
    "mail_from": "Địa chỉ gửi thư điện tử, ví dụ khong-tra-loi@buudien.example.vn",
    "quiet_hours": "Giờ không gửi tin (cấu hình, không phải luật định), trừ mã PIN; để trống thì gửi cả ngày",
    "demo": "1 để hiện tài khoản chạy thử trên trang đăng nhập",
    "worker": "0 để không gửi tin nhắn trong tiến trình máy chủ",
    "solvers": "Số phương án chia chuyến được tính cùng lúc, mỗi phương án một tiến trình; 0 để không tính tiếp",
    "solving_seconds": "Số giây tính tiếp một phương án khi không ai bấm dừng",
    "files": "Nơi để tệp đã số hóa (đã mã hóa): thư mục, hoặc s3://tên-kho/nhánh?endpoint=https://máy&region=vùng",
    "files_key": "Tên khóa của kho S3 (access key id)",
    "files_secret": "Khóa bí mật của kho S3",
    "scan_folder": "Thư mục máy quét để tệp vào, việc nền xem mỗi vài giây; để trống thì không xem",
    "matrix": "Đường đi giữa các điểm phát: greatcircle (đường chim bay), osrm:URL, valhalla:URL hoặc ors:URL",
    "matrix_key": "Khóa gửi kèm tới máy chủ đường đi (OpenRouteService)",
    "matrix_seconds": "Số giây chờ một câu trả lời của máy chủ đường đi",
    "matrix_places": "Số điểm máy chủ đường đi nhận mỗi lần hỏi; 0 là mức thường của loại máy chủ",
    "matrix_cache": "Thư mục giữ đường đi đã hỏi (không ghi tọa độ); để trống thì chỉ giữ trong bộ nhớ",
    "geocoder": "Máy chủ tìm tọa độ của đơn vị: nominatim:URL, photon:URL hoặc pelias:URL; để trống thì không hỏi",
    "geocoder_key": "Khóa gửi kèm tới máy chủ tìm tọa độ (Pelias)",
    "geocoder_seconds": "Số giây chờ một câu trả lời của máy chủ tìm tọa độ",
    "tiles": "Bản đồ nền của bảng tuyến: https://máy/{z}/{x}/{y}.png hoặc /đường/dẫn/…; để trống thì không có",
    "tiles_credit": "Lời ghi nguồn bản đồ nền, in ở góc bản đồ như giấy phép của nguồn yêu cầu",
}
"""What each setting means. The name in the environment is POSTAL_ and the name in capitals; `…_FILE` reads a file."""


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of an environment, by default this process's.

    Raises: UnsafeSetting.
    """
    env = os.environ if environment is None else environment
    given = {field.name: text for field in fields(Settings) if (text := _text(env, field.name)) is not None}
    parsed: dict[str, Any] = {name: _parsed(name, text) for name, text in given.items()}
    settings = _with_own_address(Settings(**parsed), given)
    _must_be_safe(settings)
    return settings


def _with_own_address(settings: Settings, given: Mapping[str, str]) -> Settings:
    """Return the settings with the address they listen at, unless people reach us by another one."""
    if "public_url" in given:
        return settings
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not listened at
    return replace(settings, public_url=f"http://{host}:{settings.port}")


def environment_name(name: str) -> str:
    """Return the name of a setting in the environment."""
    return PREFIX + name.upper()


def _text(env: Mapping[str, str], name: str) -> str | None:
    key = environment_name(name)
    if f"{key}_FILE" in env:
        return Path(env[f"{key}_FILE"]).read_text(encoding="utf-8").strip()
    return env.get(key)


def _parsed(name: str, text: str) -> str | int | bool:
    kind = type(getattr(Settings(), name))
    if kind is bool:
        return text.strip().lower() in ("1", "true", "yes")
    if kind is int:
        return _number(name, text)
    return text.strip()


def _number(name: str, text: str) -> int:
    if not text.strip().isdigit():
        raise UnsafeSetting(name=environment_name(name), why=f"“{text}” không phải là số")
    return int(text)


def _must_be_safe(settings: Settings) -> None:
    _must_be_tiles(settings)
    _must_be_servers(settings)
    if not settings.production:
        return
    if settings.secret_key == DEMO_SECRET or len(settings.secret_key) < SHORTEST_SECRET:
        why = f"chạy thật cần khóa riêng, ít nhất {SHORTEST_SECRET} ký tự"
        raise UnsafeSetting(name=environment_name("secret_key"), why=why)
    if not settings.is_https:
        raise UnsafeSetting(name=environment_name("public_url"), why="chạy thật cần địa chỉ bắt đầu bằng https://")
    if settings.demo:
        raise UnsafeSetting(name=environment_name("demo"), why="chạy thật không hiện tài khoản chạy thử")


def _must_be_servers(settings: Settings) -> None:
    """Refuse a server for ways or addresses that is none, or one others hear, which is told where people live."""
    servers = {"matrix": settings.map_server, "geocoder": settings.address_server}
    for name, server in servers.items():
        if server is not None and settings.production:
            map_servers.must_be_safe(server.url, name=environment_name(name))


def _must_be_tiles(settings: Settings) -> None:
    """Refuse an address of tiles that is none, or one that sends what people look at over an open line."""
    if not settings.tiles:
        return
    has_places = all(place in settings.tiles for place in ("{z}", "{x}", "{y}")) and "{s}" not in settings.tiles
    if not (has_places and _TILE_HOST.fullmatch(settings.tiles)):
        why = "cần một địa chỉ dạng https://máy/{z}/{x}/{y}.png, có {z}, {x}, {y} và không có {s}"
        raise UnsafeSetting(name=environment_name("tiles"), why=why)
    if settings.production and settings.tiles_host.startswith("http://"):
        raise UnsafeSetting(name=environment_name("tiles"), why="chạy thật cần bản đồ nền qua https:// hoặc từ máy này")
