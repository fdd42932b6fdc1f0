"""Plan against actual, the grade of a visit, and what the next plan learns, as people see them."""

from collections.abc import Callable

from starlette.testclient import TestClient

from postal.domain import agreement
from postal.domain.agreement import Agreement, Basis
from postal.domain.run import DeliveryRun
from postal.services import delivery, learning
from postal.store import Store
from routes import grades
from tests import arrivals, cast
from tests.arrivals import binh, hanh, tam
from tests.services.visits import HERE, at_doors, give, north
from tests.web import delivering
from tests.web.conftest import Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]

JUDGING = ("nghi ngờ", "gian lận", "bất thường", "vi phạm", "đáng ngờ", "cảnh báo", "xếp loại", "điểm số")
"""Words of judgement: a grade of evidence never uses them."""


def closed(store: Store, *, odometer_m: int | None = None) -> DeliveryRun:
    run = at_doors(store)
    return delivery.close_run(store, run.code, by=binh, at=cast.after(hours=8), odometer_m=odometer_m)


def test_a_closed_run_stands_beside_its_plan(office: Store, signed_in: Open, clock: Clock) -> None:
    run = closed(office, odometer_m=9000)
    clock.at = cast.after(hours=9)
    page = signed_in("hung").get(f"/runs/{run.code}").text
    assert "Dự kiến và thực tế" in page
    assert "9,0 km" in page
    assert "đường thẳng giữa 2/2 điểm có vị trí, nhân 1,35" in page
    assert "Độ khớp lần phát" in page
    assert agreement.PURPOSE in page


def test_before_it_leaves_a_run_has_nothing_to_compare(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh, tam)
    run = arrivals.planned(office)
    assert "Dự kiến và thực tế" not in signed_in("hung").get(f"/runs/{run.code}").text


def test_what_nobody_knows_is_said(office: Store, signed_in: Open, clock: Clock) -> None:
    run = at_doors(office, spots=(None, None))
    delivery.close_run(office, run.code, by=binh, at=cast.after(hours=8))
    clock.at = cast.after(hours=9)
    page = signed_in("hung").get(f"/runs/{run.code}").text
    for sentence in ("Chưa đủ dữ liệu", "máy không ghi vị trí", "Không ghi số km đồng hồ xe", "Chưa đủ vị trí ghi"):
        assert sentence in page
    assert "không ghi" in page


def test_the_grade_is_for_those_who_may_see_the_door(office: Store, signed_in: Open, clock: Clock) -> None:
    run = closed(office)
    clock.at = cast.after(hours=9)
    for name, sees in {"hung": True, "buuta1": True, "dung": False}.items():
        page = signed_in(name).get(f"/runs/{run.code}").text
        assert ('<th scope="col">Độ khớp lần phát</th>' in page) == sees, name
    item = f"/items/{run.items[0]}"
    assert "Độ khớp lần phát" in signed_in("hung").get(item).text
    assert "Độ khớp lần phát" not in signed_in("dung").get(item).text


def test_the_postman_sees_the_sentence_his_controller_sees(office: Store, signed_in: Open, clock: Clock) -> None:
    run = at_doors(office, minutes=(30, 31), spots=(HERE, north(9000, accuracy_m=20)))
    clock.at = cast.after(hours=1)
    own, his = signed_in("buuta1"), signed_in("hung").get(f"/runs/{run.code}").text
    sentences = [line.split("</li>")[0] for line in own.get(f"/today/{run.code}/2").text.split("</span>: ")[1:]]
    assert len(sentences) == 1
    assert "từ lần ghi trước đến đây ít nhất" in sentences[0]
    assert sentences[0] in his


def test_a_second_visit_is_graded_by_where_the_door_was_known_to_be(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh)
    with office.begin(at=cast.monday) as ledger:
        ledger.points.teach(hanh.commune, hanh.address, lat=HERE.lat, lon=HERE.lon, accuracy_m=9)
    give(office, run, run.items[0], after=20, spot=north(420, accuracy_m=300))
    page = signed_in("hung").get(f"/items/{run.items[0]}").text
    assert "B – vị trí ghi cách điểm dự kiến 420 m (sai số 309 m)" in page


def test_a_delivery_is_not_graded_by_the_point_it_taught_itself(office: Store, signed_in: Open) -> None:
    run = at_doors(office)
    page = signed_in("hung").get(f"/items/{run.items[0]}").text
    assert "cách điểm dự kiến 0 m" not in page


def test_no_page_of_grades_judges_anybody(office: Store, signed_in: Open, clock: Clock) -> None:
    run = at_doors(office, minutes=(30, 31), spots=(HERE, north(9000, accuracy_m=20)))
    clock.at = cast.after(hours=1)
    head = signed_in("hung")
    pages = [head.get(path).text for path in (f"/runs/{run.code}", f"/items/{run.items[1]}", "/runs/agreement")]
    pages.append(signed_in("buuta1").get(f"/today/{run.code}/2").text)
    words = [word for page in pages for word in JUDGING if word in page.lower()]
    assert words == []
    assert all("ko phải đánh giá" not in page for page in pages)
    assert "không phải đánh giá người phát" in pages[2]


def test_the_csv_of_a_run_names_nobody(office: Store, signed_in: Open, clock: Clock) -> None:
    run = closed(office)
    clock.at = cast.after(hours=9)
    answer = signed_in("hung").get(f"/runs/{run.code}/actual.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith('Điểm,Thứ tự ghi,"Xã, phường",')
    assert len(rows) == 3
    assert not any(word in answer.text for word in (hanh.name, hanh.address, tam.name, tam.phone))
    assert ("hung", "run_printed", run.code) in delivering.audited(office)
    assert signed_in("xuan").get(f"/runs/{run.code}/actual.csv").status_code == 403


def test_the_list_of_closed_runs_is_for_planners(office: Store, signed_in: Open, clock: Clock) -> None:
    run = closed(office, odometer_m=9000)
    clock.at = cast.after(hours=9)
    head = signed_in("hung")
    page = head.get("/runs/actual").text
    assert f"/runs/{run.code}#actual" in page
    assert "2/2" in page
    assert binh.name not in page, "no list of people"
    assert f"/runs/{run.code}" not in head.get("/runs/actual?until=2026-11-15").text
    wrong = head.get("/runs/actual?since=hôm kia")
    assert (wrong.status_code, "không phải là ngày" in wrong.text) == (422, True)
    assert {name: signed_in(name).get("/runs/actual").status_code for name in ("lan", "buuta1", "dung")} == {
        "lan": 403,
        "buuta1": 403,
        "dung": 200,
    }
    assert "/runs/actual" in head.get("/runs").text


def test_the_page_says_what_the_next_plan_will_use_and_takes_it_back(
    office: Store, signed_in: Open, clock: Clock
) -> None:
    head = signed_in("hung")
    assert "Chưa học được gì" in head.get("/runs/figures").text
    closed(office)
    clock.at = cast.after(hours=9)
    learning.learn(office, cast.OFFICE, at=clock.at)
    head = signed_in("hung")
    page = head.get("/runs/figures").text
    assert "Kế hoạch sau sẽ dùng: 20 km/h (học từ 1 chuyến, trước: 20)." in page
    assert "chưa có chuyến nào ghi km" in page
    empty = sent(head, "/runs/figures", office=cast.OFFICE, choice="usual", reason="")
    assert (empty.status_code, "Chưa ghi lý do" in empty.text) == (422, True)
    assert sent(head, "/runs/figures", office=cast.OFFICE, choice="usual", reason="Đường sửa").status_code == 303
    page = head.get("/runs/figures").text
    assert "Đang dùng mức thường thay cho mức đã học" in page
    assert "Đường sửa" in page
    assert sent(head, "/runs/figures", office=cast.OFFICE, choice="learned", reason="Xong").status_code == 303
    assert "Đang dùng mức thường" not in head.get("/runs/figures").text
    other = sent(head, "/runs/figures", office=cast.SMALL_OFFICE, choice="usual", reason="x")
    assert other.status_code == 403


def test_the_postman_may_say_his_kilometres_when_he_ends_the_day(office: Store, signed_in: Open, clock: Clock) -> None:
    run = at_doors(office)
    clock.at = cast.after(hours=8)
    phone = signed_in("buuta1")
    wrong = sent(phone, f"/today/{run.code}/close", page="/today", kilometres="mười")
    assert (wrong.status_code, "không phải là số" in wrong.text, 'value="mười"' in wrong.text) == (422, True, True)
    assert sent(phone, f"/today/{run.code}/close", page="/today", kilometres="23").status_code == 303
    with office.read() as reader:
        found = reader.thing(DeliveryRun, run.code)
    assert found is not None
    assert found.odometer_m == 23_000


def test_without_kilometres_a_day_ends_as_before(office: Store, signed_in: Open, clock: Clock) -> None:
    run = at_doors(office)
    clock.at = cast.after(hours=8)
    assert sent(signed_in("buuta1"), f"/today/{run.code}/close", page="/today", kilometres="").status_code == 303


def test_the_grades_of_the_library_and_the_words_of_the_house_are_the_same() -> None:
    assert {each.value for each in grades.Grade} == {each.value for each in Agreement}
    assert {each.value for each in grades.Basis} == {each.value for each in Basis}
    limits = grades.Limits()
    assert f"trong {limits.door_m} m" in agreement.MEANINGS[Agreement.A]
    assert f"trong {limits.near_m // 1000} km" in agreement.MEANINGS[Agreement.B]
