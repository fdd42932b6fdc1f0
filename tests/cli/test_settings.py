"""Settings: the table, the page and the example file say the same, and production refuses what is unsafe."""

import re
from pathlib import Path

import pytest

from postal import settings
from postal.domain.map_servers import AddressServer, Gazetteer, MapServer, Roads, WrongMapServer
from postal.settings import DEMO_SECRET, SETTINGS, Settings, UnsafeSetting

ROOT = Path(__file__).resolve().parent.parent.parent
SAFE = {
    "POSTAL_PRODUCTION": "1",
    "POSTAL_SECRET_KEY": "x" * 40,
    "POSTAL_PUBLIC_URL": "https://hoso.example.vn",
}


def shown(value: str | int | bool) -> str:
    """Return a default as the environment would have it."""
    return str(int(value)) if isinstance(value, bool) else str(value)


DEFAULTS = {settings.environment_name(name): shown(getattr(Settings(), name)) for name in SETTINGS}


def test_every_setting_is_in_the_table() -> None:
    assert list(SETTINGS) == list(Settings.__dataclass_fields__)


def test_the_page_of_settings_says_what_the_code_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*?)\|(.*?)\|$", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    page = {name: (default.strip(" `"), meaning.strip()) for name, default, meaning in rows}
    code = {settings.environment_name(name): meaning for name, meaning in SETTINGS.items()}
    assert page == {name: (DEFAULTS[name], meaning) for name, meaning in code.items()}


def test_the_example_file_has_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert {name: value.strip('"') for name, value in example.items()} == DEFAULTS


def test_nothing_set_is_the_default() -> None:
    assert settings.read({}) == Settings()


def test_the_address_people_open_follows_host_and_port_unless_it_is_told() -> None:
    assert settings.read({"POSTAL_PORT": "8001"}).public_url == "http://127.0.0.1:8001"
    assert settings.read({"POSTAL_HOST": "::"}).public_url == "http://127.0.0.1:8000"
    told = {"POSTAL_PORT": "8001", "POSTAL_PUBLIC_URL": "https://hoso.example.vn"}
    assert settings.read(told).public_url == "https://hoso.example.vn"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n", encoding="utf-8")
    assert settings.read({"POSTAL_SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "from a file"


def test_production_takes_what_is_safe() -> None:
    assert settings.read(SAFE).production


@pytest.mark.parametrize(
    "unsafe",
    [
        {"POSTAL_SECRET_KEY": DEMO_SECRET},
        {"POSTAL_SECRET_KEY": "short"},
        {"POSTAL_PUBLIC_URL": "http://hoso.example.vn"},
        {"POSTAL_DEMO": "1"},
        {"POSTAL_PORT": "eighty"},
    ],
    ids=lambda unsafe: next(iter(unsafe.items()))[0],
)
def test_production_refuses_what_is_unsafe_by_its_name(unsafe: dict[str, str]) -> None:
    with pytest.raises(UnsafeSetting, match=next(iter(unsafe))):
        settings.read({**SAFE, **unsafe})


def test_production_does_not_start_at_an_address_nobody_told() -> None:
    with pytest.raises(UnsafeSetting, match="POSTAL_PUBLIC_URL"):
        settings.read({name: value for name, value in SAFE.items() if name != "POSTAL_PUBLIC_URL"})


@pytest.mark.parametrize(
    "tiles",
    ["https://ban-do.example.vn/{z}/{x}/{y}.png", "/nen/{z}/{x}/{y}.png", "https://m.example.vn:8443/{z}/{x}/{y}"],
)
def test_a_background_map_comes_over_tls_or_from_here(tiles: str) -> None:
    assert settings.read({**SAFE, "POSTAL_TILES": tiles}).tiles == tiles


@pytest.mark.parametrize(
    ("tiles", "why"),
    [
        ("https://ban-do.example.vn/tiles.png", "{z}"),
        ("https://{s}.example.vn/{z}/{x}/{y}.png", "không có {s}"),
        ("https://a.example.vn; script-src *//{z}/{x}/{y}.png", "dạng https"),
        ("//ban-do.example.vn/{z}/{x}/{y}.png", "dạng https"),
        ("ftp://ban-do.example.vn/{z}/{x}/{y}.png", "dạng https"),
        ("http://ban-do.example.vn/{z}/{x}/{y}.png", "https"),
    ],
)
def test_a_background_map_that_cannot_be_used_is_refused(tiles: str, why: str) -> None:
    with pytest.raises(UnsafeSetting, match="POSTAL_TILES") as refused:
        settings.read({**SAFE, "POSTAL_TILES": tiles})
    assert why in str(refused.value)


def test_only_production_asks_for_tls_of_the_background_map() -> None:
    at_home = settings.read({"POSTAL_TILES": "http://127.0.0.1:8080/{z}/{x}/{y}.png"})
    assert at_home.tiles_host == "http://127.0.0.1:8080"
    assert settings.read({"POSTAL_TILES": "/nen/{z}/{x}/{y}.png"}).tiles_host == ""


# --- servers for ways and addresses -----------------------------------------------------------------------------------


def test_without_a_map_server_straight_lines_do() -> None:
    assert Settings().map_server is None
    assert Settings().address_server is None


def test_servers_are_read_with_what_belongs_to_them() -> None:
    told = {
        "POSTAL_MATRIX": "ors:https://duong.example.vn/ors/",
        "POSTAL_MATRIX_KEY": "a-key",
        "POSTAL_MATRIX_PLACES": "200",
        "POSTAL_GEOCODER": "photon:http://127.0.0.1:2322",
    }
    known = settings.read({**SAFE, **told})
    assert known.map_server == MapServer(
        kind=Roads.OPENROUTESERVICE,
        url="https://duong.example.vn/ors",
        key="a-key",
        most=200,
        secret=SAFE["POSTAL_SECRET_KEY"],
    )
    assert known.address_server == AddressServer(kind=Gazetteer.PHOTON, url="http://127.0.0.1:2322")
    assert "a-key" not in repr(known.map_server), "no secret in a log"
    assert SAFE["POSTAL_SECRET_KEY"] not in repr(known.map_server)


@pytest.mark.parametrize(
    "told",
    [
        {"POSTAL_MATRIX": "google:https://maps.example"},
        {"POSTAL_MATRIX": "osrm"},
        {"POSTAL_MATRIX": "osrm:maps.example"},
        {"POSTAL_MATRIX": "osrm:https://name:secret@maps.example"},
        {"POSTAL_MATRIX": "osrm:https://maps.example/?key=1"},
        {"POSTAL_MATRIX": "osrm:file:///etc/passwd"},
        {"POSTAL_GEOCODER": "https://maps.example"},
    ],
    ids=lambda told: next(iter(told.values())),
)
def test_a_server_that_cannot_be_understood_is_refused_at_the_start(told: dict[str, str]) -> None:
    with pytest.raises(WrongMapServer, match=next(iter(told))):
        settings.read(told)


@pytest.mark.parametrize(
    "told",
    [
        {"POSTAL_MATRIX": "osrm:http://maps.example"},
        {"POSTAL_MATRIX": "osrm:https://router.project-osrm.org"},
        {"POSTAL_GEOCODER": "nominatim:http://10.0.0.7"},
        {"POSTAL_GEOCODER": "nominatim:https://nominatim.openstreetmap.org"},
    ],
    ids=lambda told: next(iter(told.values())),
)
def test_production_sends_addresses_to_no_server_that_others_hear(told: dict[str, str]) -> None:
    assert settings.read(told).production is False
    with pytest.raises(WrongMapServer, match=next(iter(told))):
        settings.read({**SAFE, **told})
