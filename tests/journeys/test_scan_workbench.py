"""The scan workbench in a browser: scans, keys and clicks counted; nothing lost, nothing doubled, one row a scan."""

import itertools
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from postal.domain import codes
from postal.domain.bag import Bag, BagState
from postal.domain.bench import Judged, Verdict
from postal.domain.commands import Command
from postal.domain.dispatch import Dispatch
from postal.domain.events import Destination
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.policies import PolicyName, WholeBag
from postal.queries import bench as benches
from postal.queries.bench import Typed
from postal.services import policies
from tests import cast
from tests.journeys.conftest import DESKTOP, House, opened_house
from tests.journeys.scanner import COUNTING, Scanner
from tests.journeys.test_counter_by_keyboard import AXE, CARD
from tests.things import SEAL, TO_COMMUNE, Things

TO_JUSTICE = Destination(place=cast.DESK, name=cast.UNIT_NAMES[cast.DESK])
BUDGET = 40_000


SEEDS = itertools.count(400)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[House]:
    """Return the product, running once for every test of this module."""
    with opened_house(tmp_path_factory.mktemp("benches"), browser) as house:
        yield house


@pytest.fixture
def house(served: House) -> Iterator[House]:
    """Return the running product; every browser is closed after the test."""
    yield served
    for page in served.pages:
        page.context.close()
    served.pages.clear()


@pytest.fixture
def things(house: House) -> Things:
    """Return what makes envelopes, bags and trips, each with codes of its own."""
    return Things(house.store, seed=next(SEEDS))


def bag_of(house: House, code: str) -> Bag:
    """Return a bag as it stands."""
    with house.store.read() as reader:
        bag = reader.thing(Bag, code)
    assert bag is not None
    return bag


def rows(page: Page) -> list[tuple[str, str]]:
    """Return the verdict and the words of every row, the oldest first."""
    found = page.evaluate(
        """[...document.querySelectorAll('[data-rows] li')]
           .map((row) => [row.dataset.verdict, row.innerText.replace(/\\s+/g, ' ')])"""
    )
    return [(verdict, words) for verdict, words in reversed(found)]


def settled(page: Page, count: int) -> list[tuple[str, str]]:
    """Return the rows once there are so many and none asks the server any more."""
    expect(page.locator("[data-rows] li")).to_have_count(count)
    expect(page.locator("[data-verdict=asking]")).to_have_count(0)
    return rows(page)


def is_accessible(page: Page) -> None:
    """Assert that axe finds nothing, and that nothing scrolls sideways."""
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# --- budgets ----------------------------------------------------------------------------------------------------------


def test_a_bag_of_fifty_is_received_by_scanning_alone(house: House, things: Things) -> None:
    code, items = things.arrived(50)
    xuan = house.person("xuan")
    xuan.context.add_init_script(COUNTING)
    xuan.reload()
    hands = Scanner(xuan)
    hands.scan(code)
    xuan.wait_for_url("**/receive")
    hands.scan(SEAL)
    for item in items:
        hands.scan(item)
    assert len(settled(xuan, 51)) == 51, "one row a scan"
    assert rows(xuan)[-1] == (
        "full",
        f"✓ Đã nhận {codes.shown(items[-1])}. Đủ 50/50. Quét XONG hoặc nhấn F10 để ký nhận.",
    )
    slowest = xuan.evaluate("Math.max(...window.answered)")
    assert xuan.evaluate("window.sounds.length") >= 51, "every scan is heard"
    hands.command(Command.DONE)
    expect(xuan.get_by_role("status")).to_contain_text("Ký nhận 50/50")
    assert (hands.scans, hands.keys, xuan.evaluate("+sessionStorage.clicks || 0")) == (53, 0, 0)
    assert slowest < 1000, "a row stands there at once, long before a server could answer"
    assert bag_of(house, code).state is BagState.EMPTIED
    assert bag_of(house, code).custodian.is_same_as(cast.commune_desk)


def test_a_bag_of_fifty_is_closed_with_51_scans_and_three_keys(house: House, things: Things) -> None:
    items = things.envelopes(50)
    lan = house.person("lan")
    hands = Scanner(lan)
    house.go(lan, "/bags/new")
    hands.chord("Alt+1")
    lan.wait_for_url("**/pack?new=1")
    for item in items:
        hands.scan(item)
    settled(lan, 50)
    hands.press("F9")
    assert rows(lan)[-1][0] == "need-seal"
    with lan.expect_navigation():
        hands.scan(SEAL)
    assert hands.scans <= 51
    assert hands.keys <= 4
    code = lan.url.partition("/bags/")[2][:10]
    assert bag_of(house, code).state is BagState.SEALED
    assert bag_of(house, code).seal == SEAL
    assert set(bag_of(house, code).contents) == set(items)


def test_a_trip_of_ten_bags_is_handed_over_in_twelve_scans(house: House, things: Things) -> None:
    trip, ready = things.trip(10)
    hung = house.person("hung")
    hands = Scanner(hung)
    hands.scan(trip)
    hung.wait_for_url("**/load")
    for bag in ready:
        hands.scan(bag)
    assert rows(hung)[-1][0] == "full"
    is_accessible(hung)
    hands.command(Command.DONE)
    hung.wait_for_url("**/handovers/G*")
    assert (hands.scans, hands.keys) == (12, 0)
    with house.store.read() as reader:
        record = reader.thing(HandoverRecord, hung.url.partition("/handovers/")[2][:10])
        loaded = reader.thing(Dispatch, trip)
    assert record is not None
    assert loaded is not None
    assert set(record.bags) == set(loaded.bags) == set(ready)
    assert record.receiver.is_same_as(cast.transport)


def test_the_next_dossier_of_a_sender_takes_six_keys(house: House) -> None:
    lan = house.person("lan")
    house.go(lan, "/dossiers/new")
    lan.fill("#card", CARD)
    lan.press("#card", "Enter")
    lan.wait_for_load_state()
    for field, text in (("sender_phone", "0912345678"), ("procedure_q", "dkks")):
        lan.fill(f"#{field}", text)
        with lan.expect_navigation():
            lan.press(f"#{field}", "Enter")
    with lan.expect_navigation():
        lan.keyboard.press("F8")
    lan.fill("#postage", "30000")
    with lan.expect_navigation():
        lan.keyboard.press("F10")
    first = lan.url
    hands = Scanner(lan)
    with lan.expect_navigation():
        hands.chord("Alt+1")
    expect(lan.locator("#sender_name")).to_have_value("Nguyễn Văn Khánh")
    for key in ("F8", "F10"):
        with lan.expect_navigation():
            hands.press(key)
    expect(lan.get_by_label("Vẫn tạo mới")).to_be_focused()
    hands.press("Space")
    with lan.expect_navigation():
        hands.press("F10")
    expect(lan.get_by_role("heading", name="Đã lưu")).to_be_visible()
    assert lan.url != first
    assert hands.keys <= 6


# --- nothing lost, nothing doubled ------------------------------------------------------------------------------------


def test_fifty_codes_at_a_millisecond_a_key_are_all_there(house: House, things: Things) -> None:
    xuan = house.person("xuan")
    xuan.add_init_script(SLOW_SERVER)
    for latency in (0, 150, 300, 600):
        code, items = things.arrived(50)
        strangers = things.envelopes(5)
        house.go(xuan, f"/bags/{code}/receive")
        xuan.evaluate(f"window.latency = {latency}")
        for each in (*items[:45], *strangers):
            xuan.keyboard.type(each)
            xuan.keyboard.press("Enter")
        found = settled(xuan, 50)
        assert [verdict for verdict, _ in found] == ["ok"] * 45 + ["stranger"] * 5
        shown = [f"✓ Đã nhận {codes.shown(each)} · {number}/50" for number, each in enumerate(items[:45], 1)]
        assert [words for _, words in found[:45]] == shown
        expect(xuan.locator("[data-count]")).to_have_text("45")


SLOW_SERVER = """
const quick = window.fetch;
window.fetch = async (...asked) => {
  await new Promise((done) => setTimeout(done, window.latency || 0));
  return quick(...asked);
};
"""


def test_a_burst_in_a_text_field_goes_to_the_scan_box_and_leaves_the_field_alone(house: House, things: Things) -> None:
    item = things.envelopes(1)[0]
    lan = house.person("lan")
    house.go(lan, "/dossiers/new")
    lan.fill("#sender_name", "Nguyễn Văn")
    lan.focus("#sender_name")
    lan.keyboard.type(item)
    lan.keyboard.press("Enter")
    expect(lan.locator("#sender_name")).to_have_value("Nguyễn Văn")
    expect(lan.locator("#scan")).to_have_value(item)
    expect(lan.locator("#scan-told")).to_contain_text("nội dung đang nhập chưa lưu")
    assert lan.url.endswith("/dossiers/new"), "what was typed is not lost"
    lan.focus("#sender_name")
    lan.keyboard.type("Khánh", delay=60)
    expect(lan.locator("#sender_name")).to_have_value("Nguyễn VănKhánh")


def test_a_burst_on_any_page_opens_its_answer(house: House, things: Things) -> None:
    item = things.envelopes(1)[0]
    lan = house.person("lan")
    house.go(lan, "/handovers/new")
    lan.locator("#words").focus()
    with lan.expect_navigation():
        lan.keyboard.type(codes.shown(item).lower())
        lan.keyboard.press("Enter")
    expect(lan.get_by_role("heading", level=1)).to_contain_text(codes.shown(item))


def test_scans_survive_a_reload_and_the_death_of_the_tab(house: House, things: Things) -> None:
    code, items = things.arrived(5)
    xuan = house.person("xuan")
    house.go(xuan, f"/bags/{code}/receive")
    hands = Scanner(xuan)
    hands.scan(SEAL)
    for item in items[:3]:
        hands.scan(item)
    xuan.reload()
    assert [verdict for verdict, _ in settled(xuan, 4)] == ["seal", "ok", "ok", "ok"]
    other = xuan.context.new_page()
    xuan.close()
    other.goto(f"{house.url}/bags/{code}/receive")
    hands = Scanner(other)
    for item in items[3:]:
        hands.scan(item)
    hands.command(Command.DONE)
    other.wait_for_url("**/received")
    assert bag_of(house, code).missing == ()
    assert other.evaluate("Object.keys(localStorage).filter(k => k.startsWith('bench:')).length") == 0


def test_enter_in_an_empty_box_loses_nothing(house: House, things: Things) -> None:
    code, items = things.arrived(2)
    xuan = house.person("xuan")
    house.go(xuan, f"/bags/{code}/receive")
    Scanner(xuan).scan(items[0])
    xuan.keyboard.press("Enter")
    assert xuan.url.endswith("/receive")
    assert len(settled(xuan, 1)) == 1


def test_without_the_network_scans_go_on_and_are_sent_once_it_is_back(house: House, things: Things) -> None:
    code, items = things.arrived(3)
    xuan = house.person("xuan")
    house.go(xuan, f"/bags/{code}/receive")
    hands = Scanner(xuan)
    hands.scan(SEAL)
    lost: list[str] = []

    def answer_is_lost(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fetch(max_redirects=0)  # it was carried out, and nobody heard
        route.abort()

    xuan.route(f"**/bags/{code}/receive", answer_is_lost)
    for item in items:
        hands.scan(item)
    hands.command(Command.DONE)
    expect(xuan.locator("[data-net]")).to_have_text("Mất kết nối. 5 lượt đang chờ gửi. Cứ quét tiếp, đừng đóng trang.")
    hands.scan(late := things.envelopes(1)[0])
    xuan.unroute_all()
    told = f"Đã gửi 5/5. Quét sau XONG, chưa ghi, để riêng: {codes.shown(late)}. Xem phiếu"
    expect(xuan.locator("[data-net]")).to_have_text(told, timeout=6000)
    xuan.get_by_role("link", name="Xem phiếu").click()
    xuan.wait_for_url("**/received")
    with house.store.read() as reader:
        names = [type(event).__name__ for _, _, _, event in reader.events([code])]
    assert names.count("BagCounted") == 1


# --- what is said -----------------------------------------------------------------------------------------------------


def scenario(house: House, things: Things) -> tuple[str, list[str], list[Verdict]]:
    """Return a bag with every kind of scan at its counting bench, and what each must come to."""
    code, items = things.arrived(4)
    elsewhere = things.sealed(things.envelopes(1))
    with house.store.read() as reader:
        stranger = bag_of(house, elsewhere).contents[0]
        dossier = reader.thing(Item, items[2]).dossier  # type: ignore[union-attr]
    slip = items[1][:-1] + next(s for s in codes.ALPHABET if s != items[1][-1])
    nobody = things.code(codes.CodeKind.ITEM)
    lines = [
        (Command.DONE.value, Verdict.NEED_SEAL),
        ("DN-000001", Verdict.SEAL_DIFFERS),
        (SEAL.lower(), Verdict.SEAL),
        (codes.shown(items[0]).lower(), Verdict.OK),
        (f"HTTPS://EXAMPLE.VN/{items[1]}", Verdict.OK),
        (items[0], Verdict.DUP),
        (Command.DAMAGED.value, Verdict.DAMAGED),
        (slip, Verdict.CHECK),
        (stranger, Verdict.STRANGER),
        (Command.UNDO.value, Verdict.UNDO),
        (stranger, Verdict.STRANGER),
        (Command.EXTRA.value, Verdict.EXTRA),
        (nobody, Verdict.UNKNOWN),
        (Command.EXTRA.value, Verdict.EXTRA),
        (Command.EXTRA.value, Verdict.NOTHING),
        (dossier, Verdict.OK),
        (Command.WRONG_PLACE.value, Verdict.MISPLACED),
        ("xin chào", Verdict.OTHER),
        (elsewhere, Verdict.OTHER),
        (Command.DONE.value, Verdict.SHORT),
        (Command.MISSING.value, Verdict.MISSING),
    ]
    return code, [text for text, _ in lines], [verdict for _, verdict in lines]


def judged_by_the_server(house: House, code: str, lines: list[str]) -> Judged:
    """Return what the server makes of the same lines."""
    typed = Typed(scanned="\n".join(lines))
    return benches.receive_page(house.store, code, actor=cast.xuan, at=cast.monday, typed=typed).judged


def test_browser_and_server_judge_every_kind_of_scan_alike(house: House, things: Things) -> None:
    code, lines, expected = scenario(house, things)
    xuan = house.person("xuan")
    house.go(xuan, f"/bags/{code}/receive")
    hands = Scanner(xuan)
    for number, line in enumerate(lines, start=1):
        hands.scan(line)
        settled(xuan, number)
    ours = judged_by_the_server(house, code, lines)
    assert [row.verdict for row in ours.rows] == expected
    assert [verdict for verdict, _ in rows(xuan)] == [verdict.value for verdict in expected]
    for (_, words), row in zip(rows(xuan), ours.rows, strict=True):
        if row.verdict is not Verdict.DUP:  # the browser knows the hour, the server the line
            assert row.sentence in words
    assert (
        xuan.locator("[data-signing]").inner_text()
        == ours.signing
        == "Ký nhận 3/4, thiếu 1, thừa 2, rách, ướt 1, sai nơi 1"
    )
    hands.command(Command.DONE)
    xuan.wait_for_url("**/received")
    bag = bag_of(house, code)
    assert (len(bag.missing), len(bag.damaged), len(bag.misplaced)) == (1, 1, 1)
    expect(xuan.get_by_role("row")).to_have_count(1 + 5)
    is_accessible(xuan)


def test_packing_says_at_once_what_does_not_belong(house: House, things: Things) -> None:
    here = things.envelopes(2)
    far = things.envelopes(1, to=TO_JUSTICE)[0]
    bare = things.envelopes(1, is_sealed=False)[0]
    other = things.envelopes(1, at=cast.sorting, by=cast.hung)[0]
    bag = things.bag()
    lan = house.person("lan")
    house.go(lan, f"/bags/{bag}/pack")
    hands = Scanner(lan)
    lines = [here[0], far, bare, other, here[0], here[1]]
    for number, line in enumerate(lines, start=1):
        hands.scan(line)
        settled(lan, number)
    assert [verdict for verdict, _ in rows(lan)] == ["ok", "wrong-place", "unsealed", "elsewhere", "dup", "ok"]
    assert f"Sai điểm đến: {TO_JUSTICE.name}. Không bỏ vào túi này." in rows(lan)[1][1]
    typed = Typed(scanned="\n".join(lines))
    ours = benches.pack_page(house.store, bag, actor=cast.lan, at=cast.monday, typed=typed).judged
    assert [row.verdict.value for row in ours.rows] == [verdict for verdict, _ in rows(lan)]
    lan.keyboard.press("Control+z")
    assert rows(lan)[-1] == ("undo", f"= HOÀN TÁC Đã bỏ lượt quét {codes.shown(here[1])}.")
    expect(lan.locator("[data-count]")).to_have_text("1")
    for width in (1024, 1280):
        lan.set_viewport_size({"width": width, "height": 800})
        is_accessible(lan)


def decide(house: House, value: WholeBag) -> None:
    """Let the desk decide how it receives bags."""
    policies.set_policy(house.store, PolicyName.WHOLE_BAG, value=value.value, basis="", by=cast.xuan, at=cast.monday)


def test_a_place_that_trusts_seals_receives_a_bag_in_three_scans(house: House, things: Things) -> None:
    code, items = things.arrived(50)
    decide(house, WholeBag.ALWAYS)
    xuan = house.person("xuan")
    hands = Scanner(xuan)
    hands.scan(code)
    xuan.wait_for_url("**/receive")
    hands.scan(SEAL)
    hands.command(Command.DONE)
    xuan.wait_for_url("**/received")
    decide(house, WholeBag.OFF)
    assert (hands.scans, hands.keys) == (3, 0)
    assert set(bag_of(house, code).unchecked) == set(items)


def test_a_pile_answers_each_scan_and_offers_what_can_be_handed_over(house: House, things: Things) -> None:
    items = things.envelopes(3)
    code, _ = things.arrived(1)
    lan = house.person("lan")
    house.go(lan, "/bench")
    hands = Scanner(lan)
    for each in (*items, code):
        hands.scan(each)
    lan.wait_for_url(f"**/bags/{code}")
    house.go(lan, "/bench")
    assert [verdict for verdict, _ in settled(lan, 3)] == ["ok"] * 3
    assert f"Bàn giao đi {TO_COMMUNE.name}." in rows(lan)[0][1]
    is_accessible(lan)
    hands.command(Command.DONE)
    lan.wait_for_url("**/handovers/new?item=*")
    expect(lan.locator("input[name=items]:checked")).to_have_count(3)


def test_keys_can_be_switched_off_and_commands_are_listed(house: House, things: Things) -> None:
    things.envelopes(1)
    lan = house.person("lan")
    house.go(lan, "/bags/new")
    is_accessible(lan)
    lan.keyboard.press("Control+k")
    expect(lan.get_by_label("Gõ để tìm lệnh")).to_be_focused()
    is_accessible(lan)
    lan.get_by_label("Tắt phím tắt").check()
    lan.keyboard.press("Escape")
    expect(lan.locator("#scan")).to_be_focused()
    lan.keyboard.press("Alt+1")
    lan.keyboard.press("F2")
    assert lan.url.endswith("/bags/new")
    lan.get_by_role("button", name="Lệnh (Ctrl+K)").click()
    lan.get_by_label("Tắt phím tắt").uncheck()
    lan.get_by_label("Gõ để tìm lệnh").fill("ho so moi")
    with lan.expect_navigation():
        lan.keyboard.press("Enter")
    assert lan.url.endswith("/dossiers/new")


# --- without scripts --------------------------------------------------------------------------------------------------


def test_without_scripts_one_textarea_and_one_submit_come_to_the_same(house: House, things: Things) -> None:
    code, items = things.arrived(3)
    xuan = house.person("xuan", script=False)
    house.go(xuan, f"/bags/{code}/receive")
    xuan.fill("#scanned", "\n".join([SEAL, *items, Command.DONE.value]))
    xuan.get_by_role("button", name="Ký nhận").click()
    xuan.wait_for_url("**/received")
    expect(xuan.get_by_role("status")).to_contain_text("Ký nhận 3/3")
    is_accessible_without_script = xuan.locator("h1").count()
    assert is_accessible_without_script == 1


def test_the_pages_are_light(house: House, things: Things) -> None:
    code, _ = things.arrived(50)
    xuan = house.person("xuan")
    sizes: list[int] = []
    xuan.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    house.go(xuan, f"/bags/{code}/receive")
    xuan.wait_for_load_state("networkidle")
    assert len(sizes) <= 6
    assert sum(sizes) <= BUDGET
    xuan.set_viewport_size(DESKTOP)
    is_accessible(xuan)
