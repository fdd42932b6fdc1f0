"""Lists, ways and figures to take along: what stands in them, and who gets names and doors."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pypdfium2
import pytest
from starlette.testclient import TestClient

from postal.domain.run import DeliveryRun
from postal.queries import charts
from postal.services import planning
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam
from tests.web import delivering

Open = Callable[[str], TestClient]


@pytest.fixture
def run(office: Store) -> DeliveryRun:
    """Return a planned run with two doors, one of which deliveries taught."""
    with office.begin(at=cast.monday) as ledger:
        ledger.points.teach(hanh.commune, hanh.address, lat=16.0712, lon=108.2243, accuracy_m=9)
    arrivals.arrived(office, replace(hanh, name="=1+1"), tam)
    return arrivals.planned(office)


@pytest.fixture
def proposed(office: Store) -> str:
    """Return the address of a proposed day with two doors."""
    arrivals.arrived(office, replace(hanh, name="=1+1"), tam)
    day = planning.propose_day(office, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday, processes=1)
    number = planning.keep_proposal(office, day, by=cast.minh, at=cast.monday, below=arrivals.below(9))
    return f"/runs/proposals/{number}"


def rows(content: bytes) -> list[dict[str, str]]:
    """Return CSV as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- a planned run ----------------------------------------------------------------------------------------------------


def test_the_list_as_plain_rows_names_receivers_and_calculates_nothing(
    run: DeliveryRun, office: Store, signed_in: Open
) -> None:
    answer = signed_in("hung").get(f"/runs/{run.code}/sheet.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    first, second = rows(answer.content)
    assert (first["Người nhận"], second["Người nhận"]) == ("'=1+1", tam.name)
    assert first["Giờ đến dự kiến"] < second["Giờ đến dự kiến"]
    assert delivering.audited(office)[-1] == ("hung", "run_printed", run.code)
    assert signed_in("dung").get(f"/runs/{run.code}/sheet.csv").status_code == 403
    assert signed_in("be").get(f"/runs/{run.code}/sheet.csv").status_code == 403


def test_a_run_is_a_map_of_points_without_people(run: DeliveryRun, office: Store, signed_in: Open) -> None:
    near, far = (signed_in(name).get(f"/runs/{run.code}/route.geojson") for name in ("hung", "dung"))
    assert near.headers["content-type"] == "application/geo+json"
    door = next(f for f in json.loads(near.text)["features"] if f["properties"].get("number") == 1)
    middle = next(f for f in json.loads(far.text)["features"] if f["properties"].get("number") == 1)
    assert (door["geometry"]["coordinates"], door["properties"]["uncertainty_m"]) == ([108.2243, 16.0712], 9)
    assert middle["geometry"]["coordinates"] != door["geometry"]["coordinates"]
    assert set(door["properties"]) == {"kind", "number", "label", "uncertainty_m", "arrives_at"}
    assert tam.name not in near.text
    assert [who for who, *_ in delivering.audited(office)] == ["hung"], "the middle of a commune is nobody's door"


def test_the_sheet_shows_how_the_round_goes(run: DeliveryRun, signed_in: Open) -> None:
    document = pypdfium2.PdfDocument(signed_in("hung").get(f"/runs/{run.code}/sheet.pdf").content)
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    assert "2 điểm · " in text
    assert "đến điểm đầu lúc" in text
    assert "Trang 1/1" in text


# --- a proposed route -------------------------------------------------------------------------------------------------


def test_a_proposed_route_is_listed_with_names_only_for_its_office(
    proposed: str, office: Store, signed_in: Open
) -> None:
    near = rows(signed_in("hung").get(f"{proposed}/routes/0.csv").content)
    far = rows(signed_in("dung").get(f"{proposed}/routes/0.csv").content)
    assert [row["Người nhận"] for row in near] == ["'=1+1", tam.name]
    assert [row["Người nhận"] + row["Điện thoại"] for row in far] == ["", ""]
    assert [row["Địa chỉ"] for row in far] == ["Phường Hải Châu", "Phường Hòa Cường"]
    assert [row["Mã"] for row in near] == [row["Mã"] for row in far]
    assert [(who, what) for who, what, _ in delivering.audited(office)] == [("hung", "draft_printed")]
    with zipfile.ZipFile(io.BytesIO(signed_in("dung").get(f"{proposed}/routes/0.xlsx").content)) as packed:
        texts = packed.read("xl/sharedStrings.xml").decode()
    assert "Phường Hòa Cường" in texts
    assert tam.name not in texts


def test_the_way_of_a_proposed_route_names_nobody(proposed: str, signed_in: Open) -> None:
    for kind, media_type in (("gpx", "application/gpx+xml"), ("geojson", "application/geo+json")):
        answer = signed_in("dung").get(f"{proposed}/routes/0.{kind}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert "Phường Hải Châu" in answer.text
        assert tam.name not in answer.text


def test_what_is_not_there_or_elsewhere_is_refused_by_name(proposed: str, signed_in: Open) -> None:
    head, elsewhere = signed_in("hung"), signed_in("be")
    assert "Không có tuyến “9”" in head.get(f"{proposed}/routes/8.csv").text
    assert head.get(f"/runs/proposals/{'0' * 32}/routes/0.csv").status_code == 404
    assert "Không có biểu đồ" in head.get(f"{proposed}/charts/nothing.csv").text
    for name in ("routes/0.csv", "routes/0.geojson", "charts/hours.csv"):
        assert elsewhere.get(f"{proposed}/{name}").status_code == 403


@pytest.mark.parametrize("key", charts.CHARTS)
def test_the_table_of_every_chart_is_a_file(proposed: str, signed_in: Open, key: str) -> None:
    head = signed_in("hung")
    found = rows(head.get(f"{proposed}/charts/{key}.csv").content)
    assert len(found) == 1
    assert "Trương Công Bính" in found[0].values()
    workbook = head.get(f"{proposed}/charts/{key}.xlsx")
    with zipfile.ZipFile(io.BytesIO(workbook.content)) as packed:
        assert "Trương Công Bính" in packed.read("xl/sharedStrings.xml").decode()
