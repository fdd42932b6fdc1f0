"""A code that came through a Vietnamese keyboard is read as what was typed, or refused; never as another code."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import codes, garbling, official, scans
from postal.domain.codes import ALPHABET, CodeKind
from postal.domain.refusals import Refused
from postal.domain.scans import Card, Garbled, Official, OurCode, PostalNumber, ReceiptSecret, Scan, Words
from tests.domain.vietnamese_keyboard import KEYBOARDS, Keyboard

TELEX, VNI, WINDOWS = (Keyboard(method=method) for method in ("telex", "vni", "windows"))
HOSTS = ("HTTPS://TRACUU.EXAMPLE.VN", "https://hoso.danang.gov.vn", "HTTPS://BUUDIEN24.VN", "http://localhost:8000")
OFFICIAL = (
    "H52.17-230116-0001",
    "000.00.16.H52-230116-0004",
    "A12.03-251103-0007",
    "G09.012-260126-000123",
    "D31.10-240501-00AS12",
    "E05-250101-W001",
    "K10.14.20-250102-12AA",
    "U40.20-260203-0TT1",
    "H12.24.10-250808-CC01",
    "H05.99-260101-FAX3",
)
SERVICES = tuple(map("".join, zip("EEEEEEERRCCAAAADDOUUWGNVL", "EXSFRJAARCPAWSZDAOXWAGNNX", strict=True)))
CARDS = ("049205000137|201234567|Nguyễn Thị Thử|22031990|Nữ|Tổ 5, Hòa Khánh, Đà Nẵng|15062021", "048099001234")
CASES: tuple[Callable[[str, random.Random], str], ...] = (
    lambda text, _: text.upper(),
    lambda text, _: text.lower(),
    lambda text, chance: "".join(chance.choice((symbol.upper(), symbol.lower())) for symbol in text),
)


def _ours(chance: random.Random) -> Iterator[str]:
    """Give codes of every kind (bags, trips, commands among them), bare and in the QR of a label."""
    for kind in CodeKind:
        yield from (codes.mint(kind, below=chance.randrange).text for _ in range(4))
    for host in HOSTS:
        yield f"{host}/{codes.mint(CodeKind.DOSSIER, below=chance.randrange).text}"


def _secrets(chance: random.Random) -> Iterator[str]:
    yield from (f"{host}/{codes.encode_secret(chance.randbytes(16))}" for host in HOSTS for _ in range(8))


def _postal_numbers(chance: random.Random) -> Iterator[str]:
    for service in SERVICES:
        serial = f"{chance.randrange(10**8):08}"
        yield service + serial + official.s10_check_digit(serial) + chance.choice(("VN", "VN", "US", "SG", "AD"))


@cache
def torture() -> dict[str, str]:
    """Return each text that a keyboard changed, and the keys behind it."""
    chance = random.Random(4)
    texts = [*_ours(chance), *_secrets(chance), *_postal_numbers(chance), *OFFICIAL]
    typed = [case(text, chance) for text in texts for case in CASES] + list(CARDS)
    shown = {keyboard.type(keys): keys for keys in typed for keyboard in KEYBOARDS}
    return {text: keys for text, keys in shown.items() if text != keys}


def _name(scan: Scan) -> str:
    """Return what a scan names, in one word; of a card, the number."""
    match scan:
        case OurCode(code=code):
            return code.text
        case ReceiptSecret(raw=raw):
            return codes.encode_secret(raw)
        case Official(code=code):
            return code.text
        case PostalNumber(number=number):
            return number.text
        case Card(card=card):
            return card.number
        case other:
            raise AssertionError(other)


def _outcome(shown: str, keys: str) -> str:
    """Return what came of a text: refused, repaired, right without repair, one of its twins, words, or wrong."""
    meant = _name(scans.read_scan(keys))
    try:
        reading = scans.read(shown)
    except Refused as refused:
        return "garbled" if isinstance(refused, Garbled) else "refused otherwise"
    if isinstance(reading.scan, Words):
        return "words"
    found = _name(reading.scan)
    if found == meant:
        return "repaired" if reading.is_repaired else "right"
    return "twin" if meant in garbling.twins(found) else "wrong"


# ------------------------------------------------------------------------------------------------------- the simulator
@pytest.mark.parametrize(
    ("keyboard", "keys", "text"),
    [
        (TELEX, "Nguyeenx Hoafng ddawng kys", "Nguyễn Hoàng đăng ký"),
        (VNI, "Nguye6n4 Hoa2ng d9a8ng ky1", "Nguyễn Hoàng đăng ký"),
        (TELEX, "aaa ass ddd DUOWCJ w", "aa as dd DƯỢC ư"),
        (VNI, "a66 a11 DUO7C5 a10", "a6 a1 DƯỢC a"),
        (TELEX, "tasfz", "ta"),
        (Keyboard(method="telex", is_quick=True), "ccaof nnhix gguwowng", "chào nghĩ giương"),
        (WINDOWS, "T1K0-5", "TăKđ-\u0300"),
    ],
)
def test_the_simulated_keyboards_write_vietnamese(keyboard: Keyboard, keys: str, text: str) -> None:
    assert keyboard.type(keys) == text


# ------------------------------------------------------------------------------------------------------------- torture
def test_every_text_of_the_torture_list_is_read_as_it_was_typed_or_refused() -> None:
    found = Counter(_outcome(shown, keys) for shown, keys in torture().items())
    assert len(torture()) >= 1_000
    assert found["wrong"] == found["words"] == 0
    assert found["repaired"] >= 500
    assert found["refused otherwise"] <= 0.03 * len(torture()), "only where the keyboard left no trace"


def test_both_methods_garble_at_least_two_hundred_texts() -> None:
    chance = random.Random(5)
    texts = [*_ours(chance), *_secrets(chance), *_postal_numbers(chance), *OFFICIAL]
    for keyboard in (TELEX, VNI):
        shown = {keyboard.type(case(text, chance)) for text in texts for case in CASES} - set(texts)
        assert len(shown) >= 200


def test_a_code_of_ours_is_right_through_every_keyboard_that_has_digits() -> None:
    for code in _ours(random.Random(6)):
        for keyboard in KEYBOARDS[:-1]:
            assert _name(scans.read_scan(keyboard.type(code))) == code.rpartition("/")[2]


def test_most_codes_come_back_from_the_layout_without_digits() -> None:
    found = Counter(_outcome(WINDOWS.type(code), code) for code in _ours(random.Random(7)))
    assert set(found) <= {"repaired", "right", "garbled"}
    assert found["repaired"] + found["right"] > 5 * found["garbled"]


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("Ẽ123456785VN", "EX123456785VN"),
        ("é123456785vn", "ES123456785VN"),
        ("Ê123456785VN", "EE123456785VN"),
        ("Đ123456785VN", "DD123456785VN"),
        ("Ư.20", ""),
        ("RẠ785VN", ""),
        ("Á209614029G", ""),
        ("ă\u0309.H", ""),
        ("\u0303KâMô\u0323RTBQ", "7K2M49RTBQ"),
        ("\u0303KâMộRTBQ", "7K2M49RTBQ"),
        ("độâđ̀đđđăễ", "049205000137"),
        ("độâđ̀đđđăễ|Nguyễn Thị Thử|Nữ", "049205000137"),
        (WINDOWS.type("000.00.16.H52-230116-0004"), "000.00.16.H52-230116-0004"),
    ],
)
def test_only_what_one_line_of_keys_can_have_given_is_repaired(shown: str, meant: str) -> None:
    repaired = garbling.repair(shown)
    assert (repaired.text if repaired else "") == meant


@pytest.mark.parametrize("shown", ["\u0323\u0300KâMô", "7K2M49RTBQ", "RA12345678VN", "7CH4", "", " ", "x" * 5000])
def test_a_slip_in_plain_letters_is_never_mended(shown: str) -> None:
    assert garbling.repair(shown) is None


def test_the_order_of_two_tones_that_may_have_been_lost_is_not_guessed() -> None:
    code = next(made for made in _ours(random.Random(8)) if "/" not in made)
    nine = code[:4] + "59" + code[6:9]
    typed = WINDOWS.type(nine + codes.check_symbol(nine))
    assert scans.read(typed).is_repaired
    with pytest.raises(Garbled):
        scans.read(typed.replace("\u0300\u0323", "\u0323\u0300"))


@pytest.mark.parametrize(
    "text", ["Nguyễn", "nghiêng", "Đắk", "ĐắkLắk", "Ân", "Đạt", "Hải Châu 1", "12/3 Lê Lợi", "Tổ 5", "đổi GPLX", "Ý"]
)
def test_a_name_or_an_address_stays_words(text: str) -> None:
    assert scans.read(text) == scans.Reading(scan=Words(text), is_repaired=False)


def test_what_quick_typing_made_of_an_item_number_is_looked_up_under_both_names() -> None:
    shown = Keyboard(method="telex", is_quick=True).type("CC123456785VN")
    assert shown == "CH123456785VN"
    assert "CC123456785VN" in garbling.twins(shown)
    assert garbling.twins("RA123456785VN") == ("RA123456785VN",)
    assert garbling.twins("CH" * 10) == ("CH" * 10,)


# ---------------------------------------------------------------------------------------------------------- properties
@given(st.deferred(lambda: st.sampled_from(sorted(torture()))), st.data())
def test_no_garbled_text_with_one_more_slip_opens_another_code(shown: str, data: st.DataObject) -> None:
    """A slip in an official code or a secret gives another well-formed one, as it does without any keyboard."""
    meant = scans.read_scan(torture()[shown])
    if not isinstance(meant, OurCode | PostalNumber):
        return
    place = data.draw(st.integers(0, len(shown) - 1))
    slip = data.draw(st.sampled_from(ALPHABET + "01ÁÀẢÃẠĂÂĐÊÔƠƯ"))
    is_letter_of_number = isinstance(meant, PostalNumber) and not slip.isdigit()
    try:
        found = scans.read_scan(shown[:place] + slip + shown[place + 1 :])
    except Refused:
        return
    if isinstance(found, type(meant)) and not is_letter_of_number:
        assert _name(meant) in garbling.twins(_name(found))


@given(st.sampled_from(CodeKind), st.integers(0, 2**32), st.sampled_from(KEYBOARDS))
def test_no_code_becomes_another_code_on_any_keyboard(kind: CodeKind, seed: int, keyboard: Keyboard) -> None:
    code = codes.mint(kind, below=random.Random(seed).randrange)
    assert _outcome(keyboard.type(code.text), code.text) in {"right", "repaired", "garbled"}


@given(st.text(alphabet="aAàÁâĂđĐêôơưứ\u0301\u0323sxjfwz0123456789CHGIQU./-|", max_size=40))
def test_no_text_whatever_breaks_the_way_back_or_keeps_it_long(text: str) -> None:
    began = time.perf_counter()
    repaired = garbling.repair(text)
    assert time.perf_counter() - began < 5
    assert repaired is None or repaired.text
