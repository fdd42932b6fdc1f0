"""Tra cứu cho khách: found by code or by name and year, told after a look at the card, each look-up written down."""

import random
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from httpx2 import Response
from sqlalchemy import text
from starlette.testclient import TestClient

from postal.domain import codes
from postal.services import registration
from postal.store import Store
from postal.web.pages import finding as finding_page
from tests import cast
from tests.services.test_registration import form
from tests.web import way
from tests.web.conftest import Clock
from tests.web.way import Way, gone_to

SEEDS = iter(range(3000, 9000))
NAME = {"name": "chimvang quytdo", "year": "2003"}
DETAIL = ("Giấykhám sức khỏe", "C*** Q***", "Phường Hòa Cường")


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Begin each test without any look-ups counted."""
    for account in ("lan", "be", "mai"):
        finding_page.LOOK_UPS.forget(account)


@pytest.fixture
def asked(web_store: Store, clock: Clock) -> Way:
    """Return a dossier of which two papers are asked for."""
    gone = gone_to(web_store, "asked", seed=next(SEEDS))
    clock.at = gone.at
    return gone


def find(client: TestClient, **typed: str) -> Response:
    page = client.get("/find").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token
    return client.post("/find", data={"csrf": token[1], **typed})


def said(client: TestClient, **typed: str) -> str:
    return find(client, **typed).text


def lines_of(store: Store, what: str) -> list[tuple[str, str, str]]:
    with store.read() as reader:
        rows = reader.rows(text(f"SELECT account, subject, detail FROM audit WHERE what = '{what}' ORDER BY seq"))
    return [(row.account, row.subject, row.detail) for row in rows]


@pytest.mark.parametrize("by", ["code", "item", "secret", "official", "card", "name"])
def test_any_counter_finds_a_dossier_by_code_card_or_name_and_year(
    signed_in: Callable[[str], TestClient], asked: Way, by: str
) -> None:
    typed = {
        "code": {"code": asked.code},
        "item": {"code": asked.item},
        "secret": {"code": f"HTTPS://HOST/{asked.secret}"},
        "official": {"code": asked.official},
        "card": {"code": way.SENDER.identity_number},
        "name": NAME,
    }[by]
    elsewhere = signed_in("be")
    progress = said(elsewhere, **typed)
    assert "Hồ sơ đang ở bước 3" in progress
    assert [word for word in (*DETAIL, *way.CANARIES) if word in progress.split("Tra cứu khác")[0]] == []
    told = said(elsewhere, **typed, identity="1")
    for word in ("Ông/bà cần bổ sung 2 giấy tờ.", *DETAIL):
        assert word in told
    assert [word for word in way.CANARIES if word in told] == []


def test_details_wait_for_a_look_at_the_card(signed_in: Callable[[str], TestClient], asked: Way) -> None:
    answer = find(signed_in("lan"), code=asked.code, details="1")
    assert answer.status_code == 422
    assert "Xem căn cước hoặc hộ chiếu của khách rồi đánh dấu" in answer.text
    assert [word for word in DETAIL if word in answer.text] == []


def test_a_name_alone_finds_nobody(signed_in: Callable[[str], TestClient], asked: Way) -> None:
    lan = signed_in("lan")
    for typed in ({"name": NAME["name"]}, {"name": "chimvang", "year": "2003"}, {"name": NAME["name"], "year": "03"}):
        answer = find(lan, **typed)
        assert answer.status_code == 422
        assert codes.shown(asked.code) not in answer.text


def test_what_does_not_fit_gets_one_sentence_whichever_part_is_wrong(
    signed_in: Callable[[str], TestClient], asked: Way
) -> None:
    lan = signed_in("lan")
    for typed in (
        {"name": "chimvang quytdo", "year": "1999"},
        {"name": "khôngai nhưthế", "year": "2003"},
        {"code": "2222222222"},
        {"code": "H48.17-261116-9999"},
        {"code": "048203009999"},
    ):
        assert "Chưa thấy hồ sơ nào khớp." in said(lan, **typed)


def test_every_look_up_leaves_a_line_that_hides_what_was_searched(
    signed_in: Callable[[str], TestClient], web_store: Store, asked: Way
) -> None:
    lan = signed_in("lan")
    said(lan, **NAME)
    said(lan, **NAME, identity="1")
    said(lan, name="khôngai nhưthế", year="2003")
    said(lan, code=way.SENDER.identity_number)
    lines = lines_of(web_store, "citizen_looked_up")
    assert [(account, subject) for account, subject, _ in lines] == [
        ("lan", asked.code), ("lan", asked.code), ("lan", ""), ("lan", asked.code)
    ]  # fmt: skip
    assert lines[0][2] == lines[1][2]
    assert "không thấy" in lines[2][2]
    assert [subject for _, subject, _ in lines_of(web_store, "citizen_told")] == [asked.code]
    kept = " ".join(detail for *_, detail in lines)
    assert [word for word in (*way.CANARIES, "chimvang", "khôngai", "2003") if word in kept] == []
    assert "Tra cứu cho khách" in signed_in("hung").get("/audit").text


def test_namesakes_of_one_year_are_told_apart_by_commune_and_never_listed(
    signed_in: Callable[[str], TestClient], web_store: Store, asked: Way
) -> None:
    namesake = replace(way.SENDER, identity_number="048203009876", commune="20257", address="7 Hẻm Chanhdây")
    other = registration.register(
        web_store, form(sender=namesake), by=cast.lan, at=asked.at, below=random.Random(77).randrange
    )
    lan = signed_in("lan")
    choice = said(lan, **NAME, identity="1")
    assert "Phường Hải Châu" in choice
    assert "Phường Hòa Cường" in choice
    assert [word for word in ("Chanhdây", "Bưởisáng", codes.shown(asked.code)) if word in choice] == []
    chosen = said(lan, **NAME, commune="20257")
    assert codes.shown(other.dossier.code) in chosen
    assert codes.shown(asked.code) not in chosen
    third = replace(namesake, identity_number="048203005555")
    registration.register(web_store, form(sender=third), by=cast.lan, at=asked.at, below=random.Random(78).randrange)
    assert "trùng họ tên, năm sinh và xã" in said(lan, **NAME, commune="20257")


def test_what_the_counter_may_do_stands_beside_the_answer(
    signed_in: Callable[[str], TestClient], web_store: Store, asked: Way, clock: Clock
) -> None:
    told = said(signed_in("lan"), code=asked.code, identity="1")
    assert f"/home-pickups/new?dossier={asked.code}" in told
    assert f"/dossiers/{asked.code}/supplement" in told
    assert f"/home-pickups/new?dossier={asked.code}" not in said(signed_in("mai"), code=asked.code, identity="1")


def test_an_account_that_collects_names_has_to_wait(
    signed_in: Callable[[str], TestClient], web_store: Store, asked: Way
) -> None:
    lan = signed_in("lan")
    for _ in range(30):
        find(lan, **NAME)
    answer = find(lan, **NAME)
    assert answer.status_code == 429
    assert "Đợi 5 phút" in answer.text
    assert "Hồ sơ đang ở bước" in said(signed_in("be"), **NAME)


@pytest.mark.parametrize("username", ["khoa", "van", "phat", "dung", "quantri"])
def test_who_meets_no_citizens_looks_nobody_up(signed_in: Callable[[str], TestClient], username: str) -> None:
    assert signed_in(username).get("/find").status_code == 403


def test_an_empty_or_garbled_form_says_what_to_enter(signed_in: Callable[[str], TestClient], asked: Way) -> None:
    lan = signed_in("lan")
    assert "Nhập mã, hoặc họ tên và năm sinh." in said(lan)
    assert "Mã sai" in said(lan, code=asked.code[:-1] + ("2" if asked.code[-1] != "2" else "3"))
    assert "Năm sinh “abcd” không đúng" in said(lan, name="An Văn Bình", year="abcd")
