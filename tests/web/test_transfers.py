"""A stop between two planned runs on the pages: the controller or a postman asks, the other one answers."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from postal.domain.run import DeliveryRun
from postal.services import delivery, planning
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.web.delivering import sent

Open = Callable[[str], TestClient]


@pytest.fixture
def runs(web_store: Store, password_hash: str) -> tuple[DeliveryRun, DeliveryRun]:
    """Return the planned runs of Bính, two doors, and of Yến, one."""
    arrivals.keep_postmen(web_store, password_hash=password_hash)
    arrivals.arrived(web_store, hanh, tam, replace(vy, commune="20209"))
    day = planning.propose_day(web_store, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday)
    made = planning.accept_proposal(web_store, day, by=cast.minh, at=cast.monday, below=arrivals.below(5))
    first, second = sorted(made, key=lambda each: each.postman)
    return first, second


def offered(head: TestClient, runs: tuple[DeliveryRun, DeliveryRun]) -> str:
    """Let the head of the office offer the first stop of one run to the other; return its name."""
    page, stop = f"/runs/{runs[0].code}", runs[0].stops[0].name
    answer = sent(head, f"{page}/offers", page=page, act="offer", stop=stop, to=runs[1].code)
    assert answer.status_code == 303, answer.text
    return stop


def test_a_postman_takes_on_his_phone_what_the_office_offers_him(
    runs: tuple[DeliveryRun, DeliveryRun], signed_in: Open
) -> None:
    head = signed_in("hung")
    page = head.get(f"/runs/{runs[0].code}").text
    assert "Đề nghị chuyển điểm" in page
    stop = offered(head, runs)
    page = head.get(f"/runs/{runs[0].code}").text
    assert "Rút đề nghị" in page
    assert "Cao Thị Yến" in page
    phone = signed_in("buuta2")
    today = phone.get("/today").text
    assert "Chuyến khác nhờ nhận 1 điểm" in today
    assert "Nhận vào chuyến của tôi" in today
    assert hanh.name not in today, "whose door it is stands on his list once it is his"
    answer = sent(phone, f"/today/offers/{runs[0].code}/{stop}", page="/today", answer="take")
    assert answer.status_code == 303
    today = phone.get("/today").text
    assert "Chuyến khác nhờ" not in today
    assert "Xong 0/2 điểm" in today
    late = sent(phone, f"/today/offers/{runs[0].code}/{stop}", page="/today", answer="take")
    assert (late.status_code, "đã có trả lời hoặc đã rút" in late.text) == (422, True)


def test_a_postman_asks_from_the_page_of_his_run_and_the_other_run_declines(
    runs: tuple[DeliveryRun, DeliveryRun], signed_in: Open
) -> None:
    binh, head = signed_in("buuta1"), signed_in("hung")
    assert f'href="/runs/{runs[0].code}#offers"' in binh.get("/today").text
    stop = offered(binh, runs)
    other = f"/runs/{runs[1].code}"
    assert "nhờ chuyến này nhận điểm" in head.get(other).text
    answer = sent(head, f"{other}/offers", page=other, act="refuse", giver=runs[0].code, stop=stop)
    assert answer.status_code == 303
    assert "Điểm ở lại chuyến cũ" in head.get(answer.headers["location"]).text
    assert "Rút đề nghị" not in binh.get(f"/runs/{runs[0].code}").text


def test_who_asked_does_not_answer_and_what_was_chosen_stays(
    runs: tuple[DeliveryRun, DeliveryRun], signed_in: Open
) -> None:
    head = signed_in("hung")
    stop = offered(head, runs)
    other = f"/runs/{runs[1].code}"
    page = head.get(other).text
    assert "Nhận điểm này" not in page
    assert "Chờ bưu tá hoặc người khác" in page
    own = sent(head, f"{other}/offers", page=other, act="take", giver=runs[0].code, stop=stop)
    assert (own.status_code, "Người đề nghị không tự nhận" in own.text) == (422, True)
    home = f"/runs/{runs[0].code}"
    second = runs[0].stops[1].name
    wrong = sent(head, f"{home}/offers", page=home, act="offer", stop=second, to=runs[0].code)
    assert wrong.status_code == 422
    assert "<title>Lỗi: " in wrong.text
    assert f'<option value="{second}" selected>' in wrong.text


def test_a_loaded_run_offers_nothing_and_is_asked_nothing(
    web_store: Store, runs: tuple[DeliveryRun, DeliveryRun], signed_in: Open
) -> None:
    delivery.hand_to_postman(web_store, runs[0].code, by=cast.hung, at=cast.monday, below=arrivals.below(8))
    head = signed_in("hung")
    home = f"/runs/{runs[0].code}"
    assert "Đề nghị chuyển điểm" not in head.get(home).text
    asked = sent(head, f"{home}/offers", page=home, act="offer", stop=runs[0].stops[0].name, to=runs[1].code)
    assert (asked.status_code, "Lập biên bản bàn giao thẳng" in asked.text) == (422, True)
