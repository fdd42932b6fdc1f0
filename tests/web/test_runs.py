"""The day's runs: who may plan and look, what a run shows and prints."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pypdfium2
from starlette.testclient import TestClient

from postal.domain.places import Area
from postal.domain.run import DeliveryRun, RunState
from postal.services import custody, delivery
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam
from tests.web import delivering
from tests.web.conftest import Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]


def test_the_head_of_an_office_plans_the_run_of_a_territory(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh, tam)
    head = signed_in("hung")
    page = head.get("/runs").text
    assert "Lập chuyến, 2 việc chờ" in page
    assert '<option value="buuta1" selected>Trương Công Bính</option>' in page
    answer = sent(head, "/runs", territory="551000-01", postman="buuta1")
    assert answer.status_code == 303
    run = answer.headers["location"]
    shown = head.get(run).text
    assert "đã lập, chưa đi" in shown
    assert "vị trí ước lượng theo xã, ±" in shown
    assert shown.index(hanh.name) < shown.index(tam.name), "in the territory's order"


def test_a_run_with_no_postman_is_refused_with_the_next_step(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh)
    with office.begin(at=cast.monday) as ledger:
        ledger.accounts.set_active("buuta1", is_active=False)
    head = signed_in("hung")
    assert '<option value="">Chọn bưu tá</option>' in head.get("/runs").text
    answer = sent(head, "/runs", territory="551000-01", postman="")
    assert answer.status_code == 422
    assert "chưa có bưu tá. Chọn bưu tá đi tuyến này hôm nay" in answer.text
    assert "<title>Lỗi: " in answer.text
    assert sent(head, "/runs", territory="551000-01", postman="buuta2").status_code == 303


def test_a_run_of_nothing_and_of_a_wrong_territory_say_so(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    assert "không có kết quả nào chờ phát" in sent(head, "/runs", territory="551000-01").text
    unknown = sent(head, "/runs", territory="nowhere")
    assert (unknown.status_code, "trong danh mục" in unknown.text) == (404, True)


def test_the_day_counts_what_was_delivered_and_what_was_not(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh, tam)
    phone = signed_in("buuta1")
    door = f"/today/{run.code}/1"
    sent(phone, f"{door}/deliver", page=door, item=run.items[0], identity="1", signature=delivering.signature(),
         receiver="addressee")  # fmt: skip
    door = f"/today/{run.code}/2"
    sent(phone, f"{door}/attempt", page=door, item=run.items[1], reason="nobody_there", next_on="2026-11-17")
    row = signed_in("hung").get("/runs").text.split(f"/runs/{run.code}", 1)[1].split("</tr>", 1)[0]
    assert [cell.split("<", 1)[0] for cell in row.split('<td class="number">')[1:5]] == ["2", "2", "1", "1"]


def test_another_day_can_be_looked_at_and_a_wrong_one_is_named(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh)
    head = signed_in("hung")
    assert run.code not in head.get("/runs?day=2026-11-15").text
    assert run.code in head.get("/runs?day=16/11/2026").text
    wrong = head.get("/runs?day=hôm qua")
    assert (wrong.status_code, "không phải là ngày" in wrong.text) == (422, True)


def test_nothing_is_planned_for_a_day_gone_by(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh)
    head = signed_in("hung")
    assert "Lập chuyến," not in head.get("/runs?day=2026-11-15").text
    answer = sent(head, "/runs", territory="551000-01", day="2026-11-15")
    assert "15/11/2026 đã qua" in answer.text


def test_sorting_hands_the_items_of_a_run_to_its_postman(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh, tam)
    run = arrivals.planned(office)
    sorter = signed_in("khoa")
    page = sorter.get(f"/runs/{run.code}").text
    assert "Bàn giao 2 bưu gửi cho bưu tá" in page
    answer = sent(sorter, f"/runs/{run.code}/hand-over", page=f"/runs/{run.code}")
    assert answer.status_code == 303
    assert "Ký nhận đủ 2" in signed_in("buuta1").get("/today").text
    again = sent(sorter, f"/runs/{run.code}/hand-over", page=f"/runs/{run.code}")
    assert (again.status_code, "Chưa chọn bưu gửi nào" in again.text) == (422, True)


def test_names_are_for_those_near_the_run_and_leave_an_audit_line(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh)
    for name, sees in {"hung": True, "lan": True, "khoa": False, "dung": False, "quantri": False}.items():
        page = signed_in(name).get(f"/runs/{run.code}").text
        assert (hanh.name in page, run.items[0] in page) == (sees, True), name
    assert delivering.audited(office) == [("hung", "run_seen", run.code), ("lan", "run_seen", run.code)]


def test_another_office_does_not_see_the_run(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh)
    for name in ("be", "mai", "xuan"):
        answer = signed_in(name).get(f"/runs/{run.code}")
        assert answer.status_code == 403, name
        assert hanh.name not in answer.text


def test_a_coordinator_looks_at_every_office_and_a_head_at_his_own(office: Store, signed_in: Open) -> None:
    assert "Liên Chiểu – Hòa Khánh" in signed_in("dung").get("/runs?office=555700").text
    page = signed_in("hung").get("/runs?office=555700").text
    assert "Hải Châu – Hòa Cường" in page
    assert "Liên Chiểu" not in page


def test_only_planners_open_the_day(office: Store, signed_in: Open) -> None:
    assert {name: signed_in(name).get("/runs").status_code for name in ("lan", "khoa", "buuta1", "xuan")} == {
        "lan": 403,
        "khoa": 403,
        "buuta1": 403,
        "xuan": 403,
    }


def test_the_list_to_take_along_has_names_doors_and_codes(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh, tam)
    answer = signed_in("hung").get(f"/runs/{run.code}/sheet.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    text = " ".join(text.split())
    assert all(words in text for words in (hanh.name, "15 Bạch Đằng", "Phường Hải Châu", tam.name, "Trương Công Bính"))
    document.close()
    assert ("hung", "run_printed", run.code) in delivering.audited(office)
    assert signed_in("dung").get(f"/runs/{run.code}/sheet.pdf").status_code == 403


def test_the_way_for_a_device_names_nobody(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh)
    answer = signed_in("dung").get(f"/runs/{run.code}/route.gpx")
    assert answer.headers["content-type"].startswith("application/gpx+xml")
    assert "Phường Hải Châu" in answer.text
    assert hanh.name not in answer.text


def test_the_sketch_is_drawn_to_scale_with_its_doors(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh, replace(hanh, address="99 Ông Ích Khiêm"), tam)
    page = signed_in("hung").get(f"/runs/{run.code}").text
    assert "<title>Điểm 1–2: Phường Hải Châu</title>" in page
    assert "<title>Điểm 3: Phường Hòa Cường</title>" in page


def test_a_closed_run_keeps_its_figures_when_later_runs_deliver_what_came_back(
    office: Store, signed_in: Open, clock: Clock
) -> None:
    run = arrivals.on_the_way(office, hanh)
    record = delivery.hand_back(office, run.code, by=arrivals.binh, at=cast.after(hours=8), below=arrivals.below(1))
    assert record is not None
    custody.accept(office, record.code, by=cast.hung, at=cast.after(hours=8))
    delivery.close_run(office, run.code, by=arrivals.binh, at=cast.after(hours=8))
    with office.read() as reader:
        closed = reader.thing(DeliveryRun, run.code)
    assert closed is not None
    assert (closed.state, closed.returned) == (RunState.CLOSED, 1)
    assert "đã kết thúc ngày" in signed_in("hung").get(f"/runs/{run.code}").text


# --- a day as the software proposes it --------------------------------------------------------------------------------


def proposal_of(browser: TestClient, **fields: object) -> str:
    """Let the software propose today for the central office; return the address of the proposal."""
    asked = {"place": cast.OFFICE, "office": cast.OFFICE, "day": "2026-11-16", **fields}
    answer = sent(browser, "/runs/proposals", page="/runs", **asked)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_day_is_proposed_looked_at_and_accepted_once(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh, replace(hanh, commune="20209"))
    head = signed_in("hung")
    where = proposal_of(head)
    page = head.get(where).text
    assert "Hải Châu – Hòa Cường" in page
    assert "Thanh Khê" in page
    assert hanh.name not in page, "a proposal names nobody"
    answer = sent(
        head, f"{where}/accept", page=where, draft=["0", "1"], **{"postman-0": "buuta1", "postman-1": "buuta2"}
    )
    assert answer.status_code == 303
    after = head.get(where).text
    assert "đã được chấp nhận" in after
    assert "Chấp nhận các chuyến đã chọn" not in after
    again = sent(head, f"{where}/accept", page=where, draft=["0", "1"])
    assert again.status_code == 303
    with office.read() as reader:
        assert len(reader.rounds.runs_on([cast.OFFICE], day=cast.today)) == 2


def test_only_what_is_ticked_is_planned_and_somebody_else_may_drive(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh, replace(hanh, commune="20209"))
    head = signed_in("hung")
    where = proposal_of(head)
    sent(head, f"{where}/accept", page=where, draft=["1"], **{"postman-1": "buuta1"})
    with office.read() as reader:
        (planned,) = reader.rounds.runs_on([cast.OFFICE], day=cast.today)
    assert (planned.territory, planned.postman) == ("551000-02", "buuta1")


def test_a_proposal_that_no_longer_holds_is_refused_with_the_next_step(office: Store, signed_in: Open) -> None:
    (code,) = arrivals.arrived(office, hanh)
    head = signed_in("hung")
    where = proposal_of(head)
    custody.report_missing(office, code, by=cast.hung, at=cast.monday)
    answer = sent(head, f"{where}/accept", page=where, draft=["0"])
    assert answer.status_code == 409
    assert "Lập lại phương án" in answer.text
    assert "đã thay đổi từ lúc lập phương án" in answer.text
    nothing = sent(head, f"{where}/accept", page=where)
    assert "Chưa chọn chuyến nào" in nothing.text


def test_nothing_to_propose_and_a_wrong_place_say_so(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    nothing = sent(head, "/runs/proposals", page="/runs", place=cast.OFFICE, day="2026-11-16")
    assert "chưa có gì chờ đi" in nothing.text
    elsewhere = sent(head, "/runs/proposals", page="/runs", place="555700", day="2026-11-16")
    assert elsewhere.status_code == 403
    assert head.get(f"/runs/proposals/{'0' * 32}").status_code == 404


def test_the_coordinator_proposes_a_whole_province(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh)
    coordinator = signed_in("dung")
    assert "Lập phương án cho Thành phố Đà Nẵng" in coordinator.get("/runs").text
    assert "Lập phương án cho Thành phố Đà Nẵng" not in signed_in("hung").get("/runs").text
    where = proposal_of(coordinator, place="province:48")
    assert "Thành phố Đà Nẵng" in coordinator.get(where).text
    assert signed_in("hung").get(where).status_code == 403
    assert signed_in("lan").get(where).status_code == 403


def test_what_lies_outside_every_territory_is_told_on_every_page(office: Store, signed_in: Open) -> None:
    with office.begin(at=cast.monday) as ledger:
        round_ = ledger.reference.territory("551000-01")
        ledger.reference.put_territory(replace(round_, areas=(Area("20257"), Area("20242", "Trần Phú"))))
    (code,) = arrivals.arrived(office, hanh)
    head = signed_in("hung")
    assert "1 bưu gửi ngoài mọi tuyến" in head.get("/runs").text
    page = signed_in("khoa").get("/sorting").text
    assert "Ngoài mọi tuyến" in page
    assert code in page
    assert "mời đến nhận, hoặc nhờ điều phối thêm thôn, đường, xã vào một tuyến" in page
    assert "Ngoài mọi tuyến" in head.get(proposal_of(head)).text


def test_the_list_as_a_workbook_is_for_those_who_see_names(office: Store, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh)
    answer = signed_in("hung").get(f"/runs/{run.code}/sheet.xlsx")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        texts = packed.read("xl/sharedStrings.xml").decode()
    assert hanh.name in texts
    assert "Giao kết quả" in texts
    assert ("hung", "run_printed", run.code) in delivering.audited(office)
    assert signed_in("dung").get(f"/runs/{run.code}/sheet.xlsx").status_code == 403
    assert signed_in("be").get(f"/runs/{run.code}/sheet.xlsx").status_code == 403


def test_a_taught_door_is_drawn_where_it_is_for_those_who_may_see_it(office: Store, signed_in: Open) -> None:
    with office.begin(at=cast.monday) as ledger:
        ledger.points.teach(hanh.commune, hanh.address, lat=16.0712, lon=108.2243, accuracy_m=9)
    run = arrivals.on_the_way(office, hanh)
    assert "vị trí cửa đã biết, ±9 m" in signed_in("hung").get(f"/runs/{run.code}").text
    assert "16.071200" in signed_in("hung").get(f"/runs/{run.code}/route.gpx").text
    watching = signed_in("dung").get(f"/runs/{run.code}")
    assert "vị trí ước lượng theo xã" in watching.text
    assert "16.071200" not in signed_in("dung").get(f"/runs/{run.code}/route.gpx").text
