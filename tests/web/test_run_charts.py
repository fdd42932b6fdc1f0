"""The charts of a day of runs: who sees which office, what they count, each table as a file."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

from starlette.testclient import TestClient

from postal.queries import day_charts
from postal.queries.day_charts import Week
from postal.store import Store
from tests import arrivals
from tests.arrivals import hanh, tam
from tests.web import delivering
from tests.web.conftest import Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]


def rows(answer: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.decode("utf-8-sig"), newline="")))


def test_a_planned_day_has_its_charts_each_with_its_table(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh, tam)
    arrivals.planned(office)
    head = signed_in("hung")
    page = head.get("/runs/charts?day=2026-11-16").text
    for title in ("Quãng đường mỗi chuyến", "Giờ làm của mỗi bưu tá", "Mức tải mỗi chuyến", "Kế hoạch trong ngày"):
        assert f"<h3>{title}</h3>" in page
    assert page.count("<svg") == page.count("Bảng số liệu</summary>") == 7
    assert 'href="/runs/charts?day=2026-11-16&amp;office=551000"' in head.get("/runs").text
    header, only = rows(head.get("/runs/charts/hours.csv?day=2026-11-16&office=551000").content)
    assert (header[0], only[0]) == ("Bưu tá", "Trương Công Bính")
    printed = head.get("/runs/charts.pdf?day=2026-11-16&office=551000")
    assert printed.content.startswith(b"%PDF")
    assert head.get("/runs/charts/hours.xlsx?day=2026-11-16&office=551000").status_code == 200


def test_a_day_without_runs_and_a_wrong_day_say_so(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    empty = head.get("/runs/charts").text
    assert "Ngày này chưa có chuyến nào" in empty
    assert "Không có hồ sơ trễ." in empty
    wrong = head.get("/runs/charts?day=hôm qua")
    assert (wrong.status_code, "không phải là ngày" in wrong.text) == (422, True)
    assert "Không có biểu đồ “hours” cho ngày này" in head.get("/runs/charts/hours.csv").text


def test_only_planners_see_charts_and_only_a_coordinator_those_of_others(office: Store, signed_in: Open) -> None:
    assert "Trung tâm Đà Nẵng" in signed_in("hung").get("/runs/charts?office=555700").text.split("</h1>")[0]
    assert "Trung tâm Đà Nẵng" not in signed_in("dung").get("/runs/charts?office=555700").text.split("</h1>")[0]
    assert {signed_in(name).get("/runs/charts").status_code for name in ("lan", "buuta1", "xuan")} == {403}


def test_what_is_delivered_by_its_day_counts_as_in_time(office: Store, signed_in: Open, clock: Clock) -> None:
    run = arrivals.on_the_way(office, hanh, tam)
    phone = signed_in("buuta1")
    door = f"/today/{run.code}/1"
    sent(phone, f"{door}/deliver", page=door, item=run.items[0], identity="1", signature=delivering.signature(),
         receiver="addressee")  # fmt: skip
    head = signed_in("hung")
    *_, before = rows(head.get("/runs/charts/in-time.csv").content)
    assert before == ["16/11/2026", "1", "1", "100"], "what is due later and still on the way does not count yet"
    clock.at += timedelta(days=5)
    *_, after = rows(signed_in("hung").get("/runs/charts/in-time.csv").content)
    assert after == ["16/11/2026", "2", "1", "50"]


def test_weeks_without_anything_due_have_a_row_and_no_bar() -> None:
    weeks = [Week(monday=date(2026, 11, 9), due=0, in_time=0), Week(monday=date(2026, 11, 16), due=3, in_time=2)]
    chart = day_charts.in_time(weeks)
    assert [bar.shown for bar in chart.bars] == ["67% (2/3)"]
    assert chart.rows[0] == ("09/11/2026", "0", "0", "")
    assert chart.says.startswith("2 trên 3 bưu gửi đến hạn trong 8 tuần đã phát đúng hạn.")
