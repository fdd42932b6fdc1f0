"""Incidents in the browser: the list, one record, what a scan offers, the search, and corrections signed by two."""

import re
from collections.abc import Callable

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain.codes import CodeKind
from postal.domain.events import Condition, IncidentKind, Outcome
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.services import bags, custody, incidents
from postal.store import Store
from tests import cast, envelopes
from tests.services.test_incidents import TO_HOA_KHANH
from tests.web.conftest import PASSWORD, Clock
from tests.web.way import Way

SignedIn = Callable[[str], TestClient]
HIDDEN = re.compile(r'name="csrf" value="([^"]+)"')
ITEM = CodeKind.ITEM


def token(client: TestClient, path: str) -> str:
    found = HIDDEN.search(client.get(path).text)
    assert found, path
    return found[1]


def post(client: TestClient, path: str, fields: dict[str, str], *, at: str) -> Response:
    return client.post(path, data=fields | {"csrf": token(client, at)}, headers={"Origin": "https://testserver"})


@pytest.fixture
def missing(web_store: Store) -> tuple[str, Incident]:
    """Return an envelope that the small office did not find in its bag, and the record of it."""
    items = envelopes.at_the_counter(web_store, 2, destination=TO_HOA_KHANH)
    bag = next(cast.codes_of(CodeKind.BAG, seed=3))
    bags.start(web_store, code=bag, destination=TO_HOA_KHANH, custodian=cast.counter, by=cast.lan, at=cast.monday)
    bags.seal(web_store, bag, seal="771", items=items, by=cast.lan, at=cast.monday)
    custody.hand_over_together(
        web_store, [bag], to=cast.small_sorting, giver=cast.lan, receiver=cast.sen, at=cast.after(minutes=20),
        below=cast.below(4),
    )  # fmt: skip
    received = bags.receive(
        web_store, bag, seal_seen="778", is_intact=True, found={items[0]: Condition.SOUND}, by=cast.sen,
        at=cast.after(minutes=40), below=cast.below(5),
    )  # fmt: skip
    record = next(each for each in received.incidents if each.kind is IncidentKind.MISSING)
    return items[1], record


# --- the list and one record ------------------------------------------------------------------------------------------


def test_a_place_sees_what_it_must_answer_first_and_the_overdue_on_top(
    missing: tuple[str, Incident], signed_in: SignedIn, clock: Clock
) -> None:
    clock.at = cast.after(minutes=50)
    page = signed_in("lan").get("/incidents").text
    assert "Nơi này phải trả lời (2)" in page
    assert "Quá hạn trả lời" not in page
    clock.at = cast.after(hours=5)
    assert "Quá hạn trả lời" in signed_in("lan").get("/incidents").text
    assert "Sự cố phải trả lời" in signed_in("lan").get("/counter").text


def test_a_record_shows_the_seal_numbers_side_by_side_and_who_held_when(
    missing: tuple[str, Incident], signed_in: SignedIn
) -> None:
    item, record = missing
    page = signed_in("lan").get(f"/incidents/{record.code}").text
    assert ">771<" in page
    assert ">778<" in page
    assert "Ai giữ, từ lúc nào đến lúc nào" in page
    assert "Quầy giao dịch – Bưu cục Trung tâm Đà Nẵng" in page
    assert "đến bây giờ" in page
    assert f"/items/{item}" in page


def test_only_the_two_sides_see_a_record_and_watchers_without_its_texts(
    missing: tuple[str, Incident], web_store: Store, signed_in: SignedIn
) -> None:
    _, record = missing
    incidents.answer(web_store, record.code, note="Đã hỏi bà Hoa ở kho.", by=cast.lan, at=cast.after(minutes=45))
    assert "bà Hoa" in signed_in("lan").get(f"/incidents/{record.code}").text
    assert signed_in("mai").get(f"/incidents/{record.code}").status_code == 403
    assert signed_in("mai").get(f"/incidents/{record.code}/record.pdf").status_code == 403
    for watcher in ("xuan",):
        assert signed_in(watcher).get(f"/incidents/{record.code}").status_code == 403


def test_a_coordinator_of_another_place_reads_no_texts(
    missing: tuple[str, Incident], web_store: Store, signed_in: SignedIn
) -> None:
    _, record = missing
    incidents.answer(web_store, record.code, note="Đã hỏi bà Hoa ở kho.", by=cast.lan, at=cast.after(minutes=45))
    page = signed_in("dung").get(f"/incidents/{record.code}")
    assert page.status_code == 200
    assert "bà Hoa" not in page.text
    assert "Ghi trả lời" not in page.text


def test_both_sides_answer_and_the_controller_ends_it(
    missing: tuple[str, Incident], web_store: Store, signed_in: SignedIn
) -> None:
    _, record = missing
    lan, hung = signed_in("lan"), signed_in("hung")
    here = f"/incidents/{record.code}"
    assert "Kết thúc biên bản" not in lan.get(here).text
    said = post(lan, f"{here}/answer", {"answer": "Đã xem lại bàn đóng túi, không có."}, at=here)
    assert said.status_code == 303
    assert "Đã xem lại bàn đóng túi" in hung.get(here).text
    refused = post(hung, f"{here}/settle", {"outcome": "found", "note": "Thấy rồi"}, at=here)
    assert refused.status_code in (409, 422)
    assert "vẫn đang báo không thấy" in refused.text
    assert "Thấy rồi" in refused.text, "nothing typed is lost"
    decided = {"outcome": "compensated", "note": "Đã thống nhất với người gửi.", "amount": "120.000"}
    assert post(hung, f"{here}/settle", decided, at=here).status_code == 303
    with web_store.begin(at=cast.monday) as ledger:
        ended = ledger.incident(record.code)
    assert (ended.outcome, ended.amount) == (Outcome.COMPENSATED, 120_000)
    assert "Bên chịu trách nhiệm" in lan.get(here).text


def test_the_record_is_printed_for_both_to_sign(missing: tuple[str, Incident], signed_in: SignedIn) -> None:
    _, record = missing
    answer = signed_in("lan").get(f"/incidents/{record.code}/record.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


# --- opening by hand --------------------------------------------------------------------------------------------------


def test_an_unknown_code_in_the_scan_box_is_set_aside_and_written_down(signed_in: SignedIn) -> None:
    lan = signed_in("lan")
    stranger = next(cast.codes_of(ITEM, seed=91))
    page = lan.get("/scan", params={"q": stranger}).text
    assert "THỪA: để riêng và ghi lại" in page
    form = f"/incidents/new?kind=unknown_item&about={stranger}"
    request = re.search(r'name="request" value="([^"]+)"', lan.get(form).text)
    assert request
    fields = {"kind": "unknown_item", "about": stranger, "note": "Nằm trên bàn.", "request": request[1]}
    made = post(lan, "/incidents/new", fields, at=form)
    assert made.status_code == 303
    again = post(lan, "/incidents/new", fields, at=form)
    assert again.headers["location"] == made.headers["location"]


def test_a_form_without_code_or_words_comes_back_as_typed(signed_in: SignedIn) -> None:
    lan = signed_in("lan")
    answer = post(lan, "/incidents/new", {"kind": "damaged", "note": "Rách góc"}, at="/incidents/new")
    assert answer.status_code == 422
    assert "Rách góc" in answer.text


# --- found, re-routed -------------------------------------------------------------------------------------------------


def test_a_scan_of_what_is_looked_for_offers_to_say_it_is_here(
    missing: tuple[str, Incident], web_store: Store, signed_in: SignedIn
) -> None:
    item, record = missing
    be = signed_in("be")
    page = be.get("/scan", params={"q": item}).text
    assert "Đang tìm bưu gửi này" in page
    action, to = f"/found/{item}", re.search(r'name="to" value="([^"]+)"', page)
    assert action in page
    assert to
    answer = post(be, action, {"to": to[1]}, at=f"/scan?q={item}")
    assert answer.status_code == 303, answer.text
    with web_store.begin(at=cast.monday) as ledger:
        assert ledger.incident(record.code).outcome is Outcome.FOUND
        assert ledger.item(item).custodian.place == "556630"


def test_a_scan_at_the_wrong_place_says_where_it_belongs_and_sends_it_on(web_store: Store, signed_in: SignedIn) -> None:
    (item,) = envelopes.at_the_counter(web_store, 1)
    xuan = signed_in("xuan")
    page = xuan.get("/scan", params={"q": item}).text
    assert f"Sai điểm đến: {cast.UNIT_NAMES[cast.DESK]}" in page
    fields = dict(re.findall(r'name="(to|own)" value="([^"]+)"', page))
    answer = post(xuan, f"/items/{item}/send-on", fields, at=f"/scan?q={item}")
    assert answer.status_code == 303, answer.text
    with web_store.read() as reader:
        found = reader.thing(Item, item)
    assert found is not None
    assert found.custodian.place == cast.COMMUNE_DESK
    assert found.offered_to is not None


def test_a_clerk_who_may_not_take_over_sets_it_aside(web_store: Store, signed_in: SignedIn) -> None:
    (item,) = envelopes.at_the_counter(web_store, 1)
    page = signed_in("be").get("/scan", params={"q": item}).text
    assert "Sai điểm đến" in page
    assert "send-on" not in page


# --- the search -------------------------------------------------------------------------------------------------------


def test_the_search_ranks_places_with_reasons_and_asks_one(
    missing: tuple[str, Incident], web_store: Store, signed_in: SignedIn
) -> None:
    item, _ = missing
    khoa = signed_in("khoa")
    here = f"/items/{item}/search"
    page = khoa.get(here).text
    assert "cùng túi" in page
    assert "được quét tiếp ở đây" in page
    assert "Hỏi nơi này" in page
    asked = post(khoa, here, {"place": cast.SMALL_OFFICE}, at=here)
    assert asked.status_code == 303, asked.text
    after = khoa.get(here).text
    assert "Chờ trả lời" in after
    with web_store.begin(at=cast.monday) as ledger:
        question = next(each for each in ledger.incidents_about([item]) if each.kind is IncidentKind.LOST)
        note = ledger.texts.get([question.note])[question.note]
    assert question.owner == cast.SMALL_OFFICE
    assert "cùng túi" in note
    assert post(khoa, here, {"place": "MC-99999"}, at=here).status_code >= 400
    assert signed_in("lan").get(here).status_code == 403


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_wrong_hand_over_is_struck_by_two_and_stays_readable(web_store: Store, signed_in: SignedIn) -> None:
    way = Way(web_store, at=cast.monday).register()
    custody.hand_over_together(
        web_store, [way.item], to=cast.transport, giver=cast.lan, receiver=cast.tai, at=cast.after(hours=2),
        below=cast.below(3),
    )  # fmt: skip
    lan = signed_in("lan")
    with web_store.read() as reader:
        found = reader.thing(Item, way.item)
    assert found is not None
    here = f"/corrections/{way.item}?version={found.version}"
    assert "Dòng bàn giao đi cùng cũng bị gạch" in lan.get(here).text
    fields = {"version": str(found.version), "reason": "Quét nhầm bì", "username": "hung", "password": PASSWORD}
    alone = post(lan, f"/corrections/{way.item}", fields | {"username": "", "password": ""}, at=here)
    assert "người thứ hai" in alone.text
    assert "Quét nhầm bì" in alone.text
    clerks = post(lan, f"/corrections/{way.item}", fields | {"username": "khoa"}, at=here)
    assert "kiểm soát viên" in clerks.text
    assert PASSWORD not in clerks.text
    done = post(lan, f"/corrections/{way.item}", fields, at=here)
    assert done.status_code == 303, done.text
    for page in (lan.get(f"/items/{way.item}").text, lan.get(f"/dossiers/{way.code}").text):
        assert page.count("<s>") == 2
        assert "Đính chính bởi Lan và Hung vì: Quét nhầm bì" in page
        assert "Dòng đã đính chính, không còn tính" in page


def test_another_place_corrects_nothing(web_store: Store, signed_in: SignedIn) -> None:
    (item,) = envelopes.at_the_counter(web_store, 1)
    assert signed_in("be").get(f"/corrections/{item}").status_code in (403, 404)


def test_a_bag_taken_by_mistake_is_struck_with_everything_in_it(web_store: Store, signed_in: SignedIn) -> None:
    way = Way(web_store, at=cast.monday).register()
    with web_store.read() as reader:
        found = reader.thing(Item, way.item)
    assert found is not None
    bag = next(cast.codes_of(CodeKind.BAG, seed=8))
    bags.start(
        web_store, code=bag, destination=found.destination, custodian=cast.counter, by=cast.lan, at=cast.after(hours=1)
    )
    sealed = bags.seal(web_store, bag, seal="771", items=[way.item], by=cast.lan, at=cast.after(hours=1))
    custody.hand_over_together(
        web_store, [bag], to=cast.transport, giver=cast.lan, receiver=cast.tai, at=cast.after(hours=2),
        below=cast.below(3),
    )  # fmt: skip
    lan, here = signed_in("lan"), f"/corrections/{bag}?version={sealed.version + 2}"
    fields = {"version": str(sealed.version + 2), "reason": "Nhầm túi", "username": "hung", "password": PASSWORD}
    done = post(lan, f"/corrections/{bag}", fields, at=here)
    assert done.status_code == 303, done.text
    page = lan.get(f"/bags/{bag}").text
    assert page.count("<s>") == 2
    assert "Đính chính bởi Lan và Hung" in page
    assert envelopes.holder_of(web_store, [way.item]) == {cast.counter.key}
