"""The postman's day on a phone: sign, leave, give, miss, bring back, end."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain import item as item_domain
from postal.domain import status
from postal.domain.events import Delivered, ItemKind, PlannedStop
from postal.domain.item import Custody, Item
from postal.domain.run import DeliveryRun, RunState
from postal.domain.status import Status
from postal.services import custody, delivery
from postal.store import Store
from postal.store.registers import StoredFile
from tests import arrivals, cast
from tests.arrivals import hanh, tam
from tests.web import delivering
from tests.web.conftest import Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]

DELEGATE = {
    "receiver": "delegate",
    "authorisation": "1",
    "delegate_name": "Lê Văn Hiếu",
    "delegate_paper": "12/UQ-2026",
}


@pytest.fixture
def postman(office: Store, signed_in: Open) -> TestClient:
    """Return the phone of the postman of Hải Châu."""
    return signed_in("buuta1")


def item_of(store: Store, code: str) -> Item:
    with store.read() as reader:
        found = reader.thing(Item, code)
    assert found is not None
    return found


def run_of(store: Store, code: str) -> DeliveryRun:
    with store.read() as reader:
        found = reader.thing(DeliveryRun, code)
    assert found is not None
    return found


def give(phone: TestClient, run: DeliveryRun, **fields: object) -> Response:
    """Fill in the form of the first door as it should be, but for what is changed."""
    door = f"/today/{run.code}/1"
    form = {"item": run.items[0], "receiver": "addressee", "identity": "1", "signature": delivering.signature()}
    return sent(phone, f"{door}/deliver", page=door, **{**form, **fields})


def test_a_postman_without_stops_is_told_so(postman: TestClient) -> None:
    assert "Hôm nay không có điểm giao." in postman.get("/today").text


def test_a_postman_signs_for_what_he_is_offered_and_leaves(office: Store, postman: TestClient) -> None:
    (code,) = arrivals.arrived(office, hanh)
    run = arrivals.planned(office)
    record = delivery.hand_to_postman(office, run.code, by=cast.hung, at=cast.monday, below=arrivals.below(1))
    assert record is not None
    page = postman.get("/today").text
    assert "Ký nhận đủ 1" in page
    assert "Bắt đầu đi phát" not in page
    answer = sent(postman, f"/today/accept/{record.code}", page="/today")
    assert (answer.status_code, item_of(office, code).custodian.key) == (303, "buuta1")
    assert "Bắt đầu đi phát" in postman.get("/today").text
    assert sent(postman, f"/today/{run.code}/start", page="/today").status_code == 303
    assert run_of(office, run.code).state is RunState.STARTED


def test_the_list_shows_doors_by_commune_with_names_phones_and_what_is_uncertain(
    office: Store, postman: TestClient
) -> None:
    arrivals.on_the_way(office, tam, hanh)
    page = postman.get("/today").text
    assert page.index("Phường Hải Châu") < page.index(hanh.name) < page.index("Phường Hòa Cường") < page.index(tam.name)
    assert 'href="tel:+84905550101"' in page
    assert "Gọi 0905 550 101" in page
    assert "vị trí ước lượng theo xã, ±" in page
    assert "Xong 0/2 điểm" in page


def test_a_view_of_the_list_leaves_one_audit_line(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, tam, hanh)
    postman.get("/today")
    assert delivering.audited(office) == [("buuta1", "run_seen", run.code)]
    postman.get(f"/today/{run.code}/1")
    assert delivering.audited(office)[1:] == [("buuta1", "run_stop_seen", run.code)]


def test_a_result_is_given_against_a_signature_and_the_dossier_says_delivered(
    office: Store, postman: TestClient
) -> None:
    run = arrivals.on_the_way(office, hanh)
    answer = give(postman, run)
    assert answer.status_code == 303, answer.text
    delivered = item_of(office, run.items[0])
    assert delivered.custody is Custody.DELIVERED
    with office.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(delivered.dossier)
        assert status.word(dossier, ledger.items_of(dossier.code)) is Status.DELIVERED
    proof = proof_of(office, delivered.code)
    assert proof is not None
    assert proof.content.startswith(b"\xff\xd8"), "signatures and photos are kept as JPEG"
    assert "Xong 1/1 điểm" in postman.get("/today").text


def proof_of(store: Store, code: str) -> StoredFile | None:
    """Return what proves that an item was given."""
    with store.read() as reader:
        (event,) = [event for _, _, _, event in reader.events([code]) if isinstance(event, Delivered)]
        return reader.files.get(event.proof)


def test_a_photo_is_proof_where_no_script_runs(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    answer = give(postman, run, signature="", photo=delivering.picture(size=(2000, 1500)))
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"signature": ""}, "Lấy chữ ký hoặc chụp ảnh rồi lưu."),
        ({"signature": delivering.blank_signature()}, "Ô chữ ký còn trống"),
        ({**DELEGATE, "delegate_name": ""}, "Chưa ghi họ tên người nhận thay"),
        ({**DELEGATE, "delegate_until": "2026-11-15"}, "hết hạn từ 15/11/2026"),
        ({**DELEGATE, "delegate_until": "hôm qua"}, "không phải là ngày"),
        ({"receiver": "delegate"}, "Mời mang đủ rồi đến nhận; kết quả vẫn được giữ."),
        ({"receiver": "organisation"}, "phải có giấy ủy quyền"),
        ({"signature": "data:image/png;base64,bm90IGEgcGljdHVyZQ=="}, "không phải ảnh đọc được"),
        ({"signature": "data:image/png;base64,%%%"}, "không phải ảnh đọc được"),
    ],
)
def test_a_form_that_lacks_something_comes_back_with_the_sentence(
    office: Store, postman: TestClient, fields: dict[str, str], sentence: str
) -> None:
    run = arrivals.on_the_way(office, hanh)
    answer = give(postman, run, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Lỗi: " in answer.text
    assert item_of(office, run.items[0]).custody is Custody.HELD


def test_what_was_signed_is_not_signed_again_when_the_identity_tick_was_forgotten(
    office: Store, postman: TestClient
) -> None:
    run = arrivals.on_the_way(office, hanh)
    door = f"/today/{run.code}/1"
    form = {"item": run.items[0], "signature": delivering.signature(), **DELEGATE}
    answer = sent(postman, f"{door}/deliver", page=door, **form)
    assert answer.status_code == 422
    assert "Xem căn cước hoặc hộ chiếu rồi đánh dấu" in answer.text
    assert "Chữ ký hoặc ảnh vừa lấy vẫn còn" in answer.text
    assert 'value="delegate" checked' in answer.text
    kept = answer.text.split('name="kept" value="', 1)[1].split('"', 1)[0]
    mended = {**form, "identity": "1", "signature": "", "kept": kept}
    assert sent(postman, f"{door}/deliver", page=door, **mended).status_code == 303


def test_a_delegate_without_paper_is_offered_as_the_reason_of_a_visit_in_vain(
    office: Store, postman: TestClient
) -> None:
    run = arrivals.on_the_way(office, hanh)
    page = give(postman, run, receiver="delegate").text
    assert '<details class="card" id="missing" open>' in page
    assert 'value="no_authorisation" checked' in page
    assert "giấy ủy quyền của người có tên trên phiếu, còn hạn" in page
    assert "hàng xóm" not in page


def test_money_and_papers_for_the_authority_are_asked_for_and_told_at_the_end(
    office: Store, postman: TestClient
) -> None:
    run = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí", recover=("Giấy phép cũ", "Giấy hẹn"))
    page = postman.get(f"/today/{run.code}/1").text
    assert "Thu 135.000 đ trước khi giao" in page
    assert "Thu hồi 2 giấy tờ cho cơ quan" in page
    form = {"due": "135000", "payment": "cash", "recovered_1": "1", "recovered_seal": "R77"}
    unpaid = give(postman, run, **{**form, "payment": ""})
    assert "Chưa thu 135.000 đ" in unpaid.text
    fewer = give(postman, run, **form)
    assert (fewer.status_code, "mới có 1" in fewer.text) == (422, True)
    assert 'name="recovered_1" value="1" checked' in fewer.text
    assert 'value="R77"' in fewer.text, "what was typed stays"
    done = give(postman, run, **form, why_fewer="Giấy hẹn đã mất")
    assert done.status_code == 303
    assert "Ghi m" in unquote(done.headers["location"])
    list_page = postman.get("/today").text
    assert "Thu hồi thiếu giấy tờ, đã ghi lý do." in list_page
    assert "Giao 135.000 đ cho quầy" in list_page
    assert "Bàn giao lại 1 bưu gửi" in list_page


def test_the_day_is_reconciled_before_it_ends(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí")
    give(postman, run, due="135000", payment="cash")
    refused = sent(postman, f"/today/{run.code}/close", page="/today")
    assert "còn 135.000 đ trong tay bưu tá" in refused.text
    assert sent(postman, f"/today/{run.code}/hand-in", page="/today").status_code == 303
    waiting = postman.get("/today").text
    assert "Đã giao 135.000 đ, chờ quầy đếm và ký nhận" in waiting
    assert f"/today/{run.code}/close" not in waiting
    with office.begin(at=cast.monday) as ledger:
        (offered,) = ledger.cash_offered_by("buuta1")
        ledger.append(offered, offered.accept(by=cast.lan, at=cast.monday))
    assert sent(postman, f"/today/{run.code}/close", page="/today").status_code == 303
    closed = run_of(office, run.code)
    assert (closed.delivered, closed.collected, closed.cash) == (1, 135_000, offered.code)


def test_the_same_form_sent_twice_is_one_delivery(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    once = {"request": "form-1", "lat": "16.067780", "lon": "108.220830", "accuracy": "12"}
    answers = [give(postman, run, **once) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert item_of(office, run.items[0]).custody is Custody.DELIVERED


def test_a_place_that_is_none_keeps_nobody_from_his_result(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    assert give(postman, run, lat="n/a", lon="", accuracy="-1").status_code == 303


def test_a_scanned_label_opens_its_door(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh, tam)
    code = run.stops[1].items[0]
    answer = postman.get(f"/scan?q={code.lower()}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/today/{run.code}/2?item={code}")


def test_somebody_comes_again_on_the_same_day(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    door = f"/today/{run.code}/1"
    form = {"item": run.items[0], "reason": "no_answer", "day": "2026-11-16"}
    assert sent(postman, f"{door}/attempt", page=door, **form).status_code == 303
    assert "hẹn 16/11" in postman.get("/today").text
    assert give(postman, run).status_code == 303
    closed = {**form, "day": "other", "next_on": "2026-11-22"}
    assert sent(postman, f"{door}/attempt", page="/today", **closed).status_code in (409, 422)


def test_the_next_visit_is_not_promised_for_a_day_off(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    door = f"/today/{run.code}/1"
    form = {"item": run.items[0], "reason": "another_day", "day": "other", "next_on": "2026-11-22"}
    answer = sent(postman, f"{door}/attempt", page=door, **form)
    assert (answer.status_code, "bưu tá không đi phát" in answer.text) == (422, True)
    assert 'value="2026-11-22"' in answer.text


def test_a_slip_needs_a_signature_and_no_identity_paper(office: Store, postman: TestClient) -> None:
    started = slip_on_the_way(office)
    page = postman.get(f"/today/{started.code}/1").text
    assert "Giao 1 phiếu" in page
    assert "Đã xem căn cước" not in page
    assert give(postman, started, identity="", signature="").status_code == 422
    door = f"/today/{started.code}/1"
    form = {"item": started.items[0], "receiver": "addressee", "signature": delivering.signature()}
    assert sent(postman, f"{door}/deliver", page=door, **form).status_code == 303


def slip_on_the_way(store: Store) -> DeliveryRun:
    """Return a started run with the appointment slip of a dossier."""
    (found,) = arrivals.registered(store, hanh)
    with store.begin(at=cast.monday) as ledger:
        event = item_domain.register(
            code=cast.ITEM,
            kind=ItemKind.SLIP,
            dossier=found.dossier,
            destination=cast.to_the_citizen,
            custodian=cast.sorting,
            by=cast.hung,
            at=cast.monday,
        )
        slip = ledger.begin(Item, cast.ITEM, event)
        ledger.append(slip, slip.close_seal(seal="S1", by=cast.hung, at=cast.monday))
    stop = PlannedStop(number=1, commune="20242", items=(cast.ITEM,))
    planned = arrivals.signed_for(store, arrivals.laid_out(store, stop))
    return delivery.start_run(store, planned.code, by=arrivals.binh, at=cast.monday)


def test_a_visit_in_vain_takes_a_reason_and_a_day(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    door = f"/today/{run.code}/1"
    assert 'value="2026-11-17"' in postman.get(door).text, "the next working day is suggested"
    form = {"item": run.items[0], "next_on": "2026-11-18"}
    without = sent(postman, f"{door}/attempt", page=door, **form)
    assert (without.status_code, "Chưa chọn lý do" in without.text) == (422, True)
    assert 'value="2026-11-18"' in without.text, "what was typed stays"
    past = sent(postman, f"{door}/attempt", page=door, **{**form, "reason": "another_day", "next_on": "2026-11-15"})
    assert "15/11/2026 đã qua" in past.text
    done = sent(postman, f"{door}/attempt", page=door, reason="another_day", **form)
    assert done.status_code == 303
    missed = item_of(office, run.items[0])
    assert (missed.attempts, missed.next_attempt_on) == (1, cast.after(days=2).date())
    assert "Chưa giao được: hẹn ngày khác, hẹn 18/11" in postman.get("/today").text


def test_items_of_one_door_are_confirmed_one_by_one(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh, replace(hanh, name="Lê Văn Hiếu"))
    door = f"/today/{run.code}/1"
    page = postman.get(door).text
    assert "Xác nhận từng bưu gửi" in page
    assert "Lưu: đã giao" not in page, "an item is chosen first"
    first = give(postman, run)
    assert first.headers["location"].startswith(door), "the second item is still to be given here"
    assert "Đã giao 1/2" in postman.get("/today").text
    second = give(postman, run, item=run.items[1])
    assert second.headers["location"].startswith("/today?")


def test_a_day_ends_after_everything_was_signed_back_in(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    page = postman.get("/today").text
    assert "Bàn giao lại 1 bưu gửi" in page
    assert f"/today/{run.code}/close" not in page
    refused = sent(postman, f"/today/{run.code}/close", page="/today")
    assert "còn 1 bưu gửi trong tay bưu tá" in refused.text
    assert sent(postman, f"/today/{run.code}/hand-back", page="/today").status_code == 303
    assert "chờ bưu cục ký nhận" in postman.get("/today").text
    custody.accept(office, item_of(office, run.items[0]).record, by=cast.hung, at=cast.after(hours=8))
    assert sent(postman, f"/today/{run.code}/close", page="/today").status_code == 303
    assert "đã kết thúc ngày" in postman.get("/today").text


def test_a_run_that_was_not_ended_yesterday_is_still_there(
    office: Store, postman: TestClient, signed_in: Open, clock: Clock
) -> None:
    run = arrivals.on_the_way(office, hanh)
    clock.at = cast.after(days=1)
    page = signed_in("buuta1").get("/today").text
    assert run.code in page
    assert "chưa kết thúc" in page


def test_what_no_run_has_is_shown_to_be_brought_back(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    (stray,) = arrivals.arrived(office, tam, serial=40)
    to = item_of(office, run.items[0]).custodian
    record = custody.offer(office, [stray], to=to, by=cast.hung, at=cast.monday, below=arrivals.below(2))
    custody.accept(office, record.code, by=arrivals.binh, at=cast.monday)
    assert "Ngoài chuyến" in postman.get("/today").text


def test_a_postman_sees_only_his_own_runs(office: Store, postman: TestClient, signed_in: Open) -> None:
    run = arrivals.on_the_way(office, hanh)
    other = signed_in("buuta2")
    assert hanh.name not in other.get("/today").text
    for path in (f"/today/{run.code}/1", f"/runs/{run.code}"):
        answer = other.get(path)
        assert answer.status_code == 403
        assert hanh.name not in answer.text
    assert postman.get(f"/runs/{run.code}").status_code == 200


def test_nobody_else_opens_the_postmans_pages(office: Store, signed_in: Open, visitor: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    for name in ("lan", "dung", "xuan", "khoa"):
        assert signed_in(name).get("/today").status_code == 403
        assert signed_in(name).get(f"/today/{run.code}/1").status_code == 403
    assert visitor.get("/today").headers["location"] == "/sign-in?next=/today"


def test_a_door_that_is_not_there_is_a_miss(office: Store, postman: TestClient) -> None:
    run = arrivals.on_the_way(office, hanh)
    assert postman.get(f"/today/{run.code}/9").status_code == 404
