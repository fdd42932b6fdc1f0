"""What may go into a symbol: a code or the address of a receipt, and nothing that makes the symbol larger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import payload
from labels.payload import Unprintable

SECRET = "7K2M49RTBQP3FHJ8QXV9T9C4N7MBK"
codes = st.text(alphabet=payload.ALPHABET, min_size=10, max_size=10)


@given(codes)
def test_a_code_is_shown_in_two_groups_and_carried_without_the_hyphen(code: str) -> None:
    assert payload.shown(code) == f"{code[:5]}-{code[5:]}"
    assert payload.item_code(payload.shown(code)) == code
    assert payload.version(code) == 1


@pytest.mark.parametrize(
    "code", ["", "7K2M4", "7K2M4-9RTBO", "7k2m4-9rtbq", "7K2M4-9RTBQ2", "P3FHJ 8QXV9", "#read(x)()"]
)
def test_what_is_no_code_gets_no_symbol(code: str) -> None:
    with pytest.raises(Unprintable):
        payload.item_code(code)


def test_the_address_of_a_receipt_is_upper_case_so_that_the_modules_stay_large() -> None:
    address = payload.receipt_url("https://hoso.example.vn/", SECRET)
    assert address == f"HTTPS://HOSO.EXAMPLE.VN/{SECRET}"
    assert payload.version(address) == 3


def test_the_address_may_name_a_port_for_a_machine_without_a_name() -> None:
    assert payload.receipt_url("http://127.0.0.1:8000", SECRET) == f"HTTP://127.0.0.1:8000/{SECRET}"
    assert payload.host("http://127.0.0.1:8000") == "127.0.0.1:8000"


@pytest.mark.parametrize(
    "public_url",
    [
        "",
        "hoso.example.vn",
        "ftp://hoso.example.vn",
        "https://hoso.example.vn/tra-cuu",
        "https://hoso.example.vn/?q=1",
        "https://ai@hoso.example.vn",
        "https://bưuđiện.vn",
        "https://under_score.vn",
        "https://" + "x" * 90 + ".vn",
    ],
)
def test_an_address_that_would_change_or_grow_in_a_symbol_is_refused(public_url: str) -> None:
    with pytest.raises(Unprintable):
        payload.receipt_url(public_url, SECRET)


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "2", SECRET.lower(), "A" + SECRET[1:]])
def test_a_refusal_never_repeats_the_secret(secret: str) -> None:
    with pytest.raises(Unprintable) as refusal:
        payload.receipt_url("https://hoso.example.vn", secret)
    assert not secret or secret not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "abc", "A B", "Ă", "A_B", "A\n"])
def test_only_the_alphanumeric_mode_is_used(text: str) -> None:
    with pytest.raises(Unprintable):
        payload.alphanumeric(text)
