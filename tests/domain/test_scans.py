"""The scan box finds the code in anything, refuses a wrong one, and never makes another one of it."""

import itertools
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import codes, identity, official, scans
from postal.domain.codes import ALPHABET, Code, CodeKind
from postal.domain.refusals import Refused
from postal.domain.scans import Card, Official, OurCode, Phone, PostalNumber, ReceiptSecret, Words

RAW = bytes(range(100, 116))
SECRET = codes.encode_secret(RAW)
CARD = "049205000137|201234567|Nguyễn Thị Thử|22031990|Nữ|Tổ 5//2, Hòa Khánh, Đà Nẵng|15062021"


@pytest.mark.parametrize(
    "text", ["7K2M4-9RTBQ", "7k2m49rtbq\n", "7K2M4 9RTBQ", "https://a.vn/7K2M49RTBQ", "HTTP://A/7K2M4-9RTBQ"]
)
def test_our_code_is_found_bare_or_at_the_end_of_an_address(text: str) -> None:
    assert scans.read_scan(text) == OurCode(Code("7K2M49RTBQ"))


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"HTTPS://TRACUU.EXAMPLE.VN/{SECRET}",
        f"https://tracuu.example.vn/{SECRET.lower()}\r\n",
        f"HTTPÁ;--TRẢCUU.EXAMPLE.VN-{SECRET}",
        f"ttps//tracuu/{SECRET}",
    ],
)
def test_a_receipt_secret_is_found_even_after_a_garbled_host(text: str) -> None:
    assert scans.read_scan(text) == ReceiptSecret(RAW)


def test_an_official_code_an_item_number_a_phone_and_words_are_told_apart() -> None:
    assert scans.read_scan("h52.17-230116-0001") == Official(official.parse_official("H52.17-230116-0001"))
    assert scans.read_scan("000.00.16.H52-230116-0004") == Official(
        official.parse_official("000.00.16.H52-230116-0004")
    )
    assert scans.read_scan("RA 123 456 785 VN") == PostalNumber(official.parse_s10("RA123456785VN"))
    assert scans.read_scan("0912 345 678") == Phone("+84912345678")
    assert scans.read_scan("(0236) 3 821 123") == Phone("+842363821123")


def test_a_citizen_card_is_read_with_its_letters_as_they_are() -> None:
    scan = scans.read_scan(CARD)
    assert isinstance(scan, Card)
    assert scan.card == identity.parse_citizen_card(CARD)
    assert scan.card.full_name == "Nguyễn Thị Thử"


def test_a_bare_identity_number_is_a_card_of_which_only_the_number_is_known() -> None:
    assert scans.read_scan("049205000137") == Card(identity.CitizenCard(number="049205000137"))


@pytest.mark.parametrize(
    "text",
    [
        "nguyễn văn an",
        "Ngo Van Minh",
        "NGUYENHUNG",
        "12 Ly Thuong",
        "Trần Bình Trọng",
        "lý lịch tư pháp",
        "22/11/2026",
        "12/3 Lê Lợi",
        "0100233488",
        "345 678",
        "hồ sơ 12",
        "2.000635",
        "đổi GPLX",
    ],
)
def test_everything_else_is_words_to_search_for(text: str) -> None:
    assert scans.read_scan(f"  {text} ") == Words(text)


def test_words_are_composed_and_have_single_spaces() -> None:
    assert scans.read_scan("Nguye\u0302\u0303n   Va\u0306n\tAn") == Words("Nguyễn Văn An")


@pytest.mark.parametrize("text", ["", "  \r\n"])
def test_an_empty_box_asks_for_a_code(text: str) -> None:
    with pytest.raises(scans.NothingScanned):
        scans.read_scan(text)


@pytest.mark.parametrize("shown", ["7K2M4-9RTBQ", "22222-22222", "P3FHJ-8QXV9", "T9C4N-7MBKP"])
def test_no_single_error_and_no_swap_of_a_code_gets_through_the_scan_box(shown: str) -> None:
    text = codes.parse(shown).text
    errors = [text[:p] + wrong + text[p + 1 :] for p, wrong in itertools.product(range(10), ALPHABET)]
    swaps = [_swapped(text, left, right) for left, right in itertools.combinations(range(10), 2)]
    for mutant in {*errors, *swaps} - {text}:
        for typed in (mutant, f"{mutant[:5]}-{mutant[5:]}"):
            with pytest.raises(codes.WrongCheckSymbol):
                scans.read_scan(typed)


@pytest.mark.parametrize("shown", ["7K2M4-9RTBQ", "P3FHJ-8QXV9", "T9C4N-7MBKP"])
def test_a_symbol_that_codes_never_use_gets_through_nowhere(shown: str) -> None:
    text = codes.parse(shown).text
    for place, stranger in itertools.product(range(10), "01OILASDWZEUYĐ"):
        with pytest.raises(codes.WrongSymbol if stranger.isascii() else scans.Garbled):
            scans.read_scan(text[:place] + stranger + text[place + 1 :])


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("7K2M4-9RTB", codes.WrongLength),
        ("7K2M4-9RTBQ7", codes.WrongLength),
        ("7K2M4-O9RTBQ", codes.WrongLength),
        ("7K2M4-9RTO0", codes.WrongSymbol),
        ("7Á2M4-9RTBQ", scans.Garbled),
        ("https://a.vn/7K2M4-9RTBP", codes.WrongCheckSymbol),
        (f"HTTPS://HOST/{SECRET[:-1]}", codes.WrongSecret),
        (f"HTTPS://HOST/{SECRET}2", codes.WrongSecret),
        (f"HTTPS://HOST/{SECRET[:9]}0{SECRET[10:]}", codes.WrongSecret),
        (f"?ÂB7{SECRET}", scans.Garbled),
        (f"{SECRET[:9]}O{SECRET[10:]}", codes.WrongSecret),
        ("X" * 29, codes.WrongSecret),
        ("https://example.vn/", codes.WrongSecret),
        ("H52.17-230231-0001", official.WrongOfficialDay),
        ("H52.17-230116-01", official.WrongOfficialCode),
        ("H52.l7-230116-0001", official.WrongOfficialCode),
        ("RA123456784VN", official.WrongS10Check),
        ("RA12345678VN", official.WrongS10),
        ("04920500013|x|y", identity.WrongCard),
        ("091234567", identity.WrongPhone),
        ("01234567890", identity.WrongIdentityNumber),
    ],
)
def test_what_was_meant_as_a_code_and_is_wrong_is_refused_by_name(text: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as raised:
        scans.read_scan(text)
    assert type(raised.value) is refusal


@pytest.mark.parametrize(
    "text",
    [
        f"HTTPS://A.VN/{SECRET}HTTPS://A.VN/{SECRET}",
        "HTTPS://A.VN/7K2M49RTBQHTTPS://A.VN/P3FHJ8QXV9",
        "https://a.vn/7K2M4-9RTBQ//p3fhj-8qxv9",
        f"7K2M4-9RTBQ;{SECRET}",
        f"{SECRET};{SECRET}",
    ],
)
def test_two_codes_in_one_scan_are_refused_so_that_none_is_lost(text: str) -> None:
    with pytest.raises(scans.TwoScans):
        scans.read_scan(text)


def test_an_address_may_have_a_path() -> None:
    assert scans.read_scan(f"https://buudien.example.vn/tra-cuu/{SECRET}") == ReceiptSecret(RAW)


def test_secrets_cards_and_phones_do_not_show_themselves_in_a_log() -> None:
    shown = [repr(scans.read_scan(text)) for text in (SECRET, CARD, "0912345678")]
    assert shown == ["ReceiptSecret()", "Card(card=CitizenCard(...))", "Phone()"]


@given(
    st.sampled_from(CodeKind),
    st.integers(0, 2**32),
    st.sampled_from(["", " ", "-"]),
    st.sampled_from([str.lower, str.upper]),
)
def test_each_code_ever_made_is_found_again(
    kind: CodeKind, seed: int, separator: str, case: Callable[[str], str]
) -> None:
    code = codes.mint(kind, below=random.Random(seed).randrange)
    typed = code.text[:5] + separator + code.text[5:]
    assert scans.read_scan(case(typed)) == OurCode(code)


def _is_one_address(host: str) -> bool:
    """Tell whether a host holds no code or address of its own; with one, it is two scans in one text."""
    symbol = f"[{codes.ALPHABET}]"
    return re.search(f"{symbol}{{5}}-?{symbol}{{5}}|http", host, re.IGNORECASE) is None


@given(st.binary(min_size=16, max_size=16), st.text(max_size=30).filter(_is_one_address))
def test_each_secret_is_found_behind_any_host(raw: bytes, host: str) -> None:
    typed = f"{host.replace('|', '')}/{codes.encode_secret(raw)}"
    assert scans.read_scan(typed) == ReceiptSecret(raw)


@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_scan_box(text: str) -> None:
    try:
        scan = scans.read_scan(text)
    except Refused:
        return
    assert not isinstance(scan, Words) or scan.text


def _swapped(text: str, left: int, right: int) -> str:
    symbols = list(text)
    symbols[left], symbols[right] = symbols[right], symbols[left]
    return "".join(symbols)


# --- the code of a dossier --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7k2m4-9rtbq", Code("7K2M49RTBQ")),
        ("HTTPS://HOSO.EXAMPLE.VN/7K2M49RTBQ", Code("7K2M49RTBQ")),
        (" h48.17-261101-0001 ", official.parse_official("H48.17-261101-0001")),
    ],
)
def test_a_dossier_is_named_by_our_code_or_the_authoritys(text: str, meant: object) -> None:
    assert scans.read_dossier(text) == meant


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("P3FHJ-8QXV9", codes.WrongKind),
        ("7K2M4-9RTBP", codes.WrongCheckSymbol),
        ("hồ sơ chị Hạnh", official.WrongOfficialCode),
        ("0905550101", official.WrongOfficialCode),
        ("", scans.NothingScanned),
    ],
)
def test_what_names_no_dossier_is_refused(text: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        scans.read_dossier(text)
