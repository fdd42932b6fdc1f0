"""Our codes: every slip of the hand is noticed, nothing is guessed."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import codes
from postal.domain.codes import ALPHABET, Code, CodeKind

GENUINE = ["7K2M4-9RTBQ", "22222-22222", "P3FHJ-8QXV9", "T9C4N-7MBKP", "G5R2X-6VTHC", "R8G3K-5PQJT"]

kinds = st.sampled_from(CodeKind)
seeds = st.integers(min_value=0, max_value=2**32)


def minted(kind: CodeKind, seed: int) -> Code:
    return codes.mint(kind, below=random.Random(seed).randrange)


@pytest.mark.parametrize("shown", GENUINE)
def test_a_genuine_code_reads_back_as_it_is_printed(shown: str) -> None:
    assert str(codes.parse(shown)) == shown


@pytest.mark.parametrize("typed", ["7k2m49rtbq", " 7K2M4 9RTBQ\r\n", "7-K-2-M-4-9-r-t-b-q", "7K2M4\u20119RTBQ"])
def test_case_spaces_and_hyphens_do_not_matter(typed: str) -> None:
    assert codes.parse(typed) == Code("7K2M49RTBQ")


def test_the_first_symbol_tells_what_the_code_names() -> None:
    kinds_read = [codes.parse(shown).kind for shown in GENUINE]
    dossier = CodeKind.DOSSIER
    assert kinds_read == [dossier, dossier, CodeKind.ITEM, CodeKind.BAG, CodeKind.HANDOVER, CodeKind.RUN]


@pytest.mark.parametrize("shown", GENUINE)
def test_every_single_wrong_symbol_is_noticed(shown: str) -> None:
    text = codes.parse(shown).text
    for place, wrong in itertools.product(range(10), ALPHABET):
        if text[place] != wrong:
            with pytest.raises(codes.WrongCheckSymbol):
                codes.parse(text[:place] + wrong + text[place + 1 :])


@pytest.mark.parametrize("shown", GENUINE)
def test_every_swap_of_two_symbols_is_noticed(shown: str) -> None:
    text = codes.parse(shown).text
    for left, right in itertools.combinations(range(10), 2):
        if text[left] != text[right]:
            swapped = list(text)
            swapped[left], swapped[right] = text[right], text[left]
            with pytest.raises(codes.WrongCheckSymbol):
                codes.parse("".join(swapped))


@given(kinds, seeds, st.integers(0, 9), st.integers(1, 22))
def test_no_code_ever_made_becomes_another_by_one_wrong_symbol(
    kind: CodeKind, seed: int, place: int, shift: int
) -> None:
    text = minted(kind, seed).text
    wrong = ALPHABET[(ALPHABET.index(text[place]) + shift) % 23]
    with pytest.raises(codes.WrongCheckSymbol):
        codes.parse(text[:place] + wrong + text[place + 1 :])


@pytest.mark.parametrize("stranger", "01OILASDWZEUY@ĐđК２")
def test_a_symbol_that_codes_never_use_is_refused_and_never_mapped(stranger: str) -> None:
    with pytest.raises(codes.WrongSymbol) as refusal:
        codes.parse("7K2M4-9RTB" + stranger)
    assert str(refusal.value).startswith("Mã sai 1 ký tự: 7K2M4-9RTB? Mã không dùng ký tự ")


def test_a_look_alike_that_grows_when_capitalised_does_not_become_a_symbol() -> None:
    with pytest.raises(codes.WrongLength):
        codes.parse("7K2M4-9RTﬀ")


def test_the_sentence_for_a_wrong_check_symbol_asks_for_another_scan() -> None:
    with pytest.raises(codes.WrongCheckSymbol) as refusal:
        codes.parse("7K2M4-9RTBP")
    assert str(refusal.value) == "Mã sai 1 ký tự: 7K2M4-9RTB? Quét lại."
    assert refusal.value.in_english() == "One character of the code is wrong: 7K2M4-9RTB? Scan again."


@pytest.mark.parametrize(("typed", "count"), [("", 0), ("7K2M4-9RTB", 9), ("7K2M4-9RTBQQ", 11)])
def test_a_code_that_is_cut_or_spliced_says_how_many_symbols_it_has(typed: str, count: int) -> None:
    with pytest.raises(codes.WrongLength) as refusal:
        codes.parse(typed)
    assert str(refusal.value) == f"Mã có 10 ký tự. Đang có {count} ký tự. Quét lại hoặc gõ đủ mã."


def test_a_bag_where_an_item_is_asked_for_is_refused_by_its_name() -> None:
    with pytest.raises(codes.WrongKind) as refusal:
        codes.parse("T9C4N-7MBKP", kind=CodeKind.ITEM)
    assert str(refusal.value) == "T9C4N-7MBKP là mã túi. Ở đây cần mã bưu gửi: quét mã bưu gửi."


def test_a_first_symbol_without_a_meaning_is_refused_although_the_check_symbol_fits() -> None:
    nine = "F2345678C"
    with pytest.raises(codes.UnknownKind):
        codes.parse(nine + codes.check_symbol(nine))


def test_a_code_cannot_exist_unless_it_is_valid() -> None:
    with pytest.raises(codes.WrongCheckSymbol):
        Code("7K2M49RTBP")
    with pytest.raises(codes.WrongSymbol):
        Code("7k2m49rtbq")


@given(kinds, seeds)
def test_a_new_code_is_valid_and_of_its_kind(kind: CodeKind, seed: int) -> None:
    code = minted(kind, seed)
    assert code.kind is kind
    assert codes.parse(str(code).lower(), kind=kind) == code


def test_new_codes_use_every_first_digit_a_dossier_may_have() -> None:
    assert {minted(CodeKind.DOSSIER, seed).text[0] for seed in range(200)} == set("23456789")


@given(st.binary(min_size=16, max_size=16))
def test_a_receipt_secret_reads_back_as_the_bytes_it_was_made_of(raw: bytes) -> None:
    text = codes.encode_secret(raw)
    assert len(text) == codes.SECRET_LENGTH == 29
    assert set(text) <= set(ALPHABET)
    assert codes.decode_secret(text) == raw


def test_the_largest_secret_is_read_and_the_next_value_is_refused() -> None:
    largest = codes.encode_secret(b"\xff" * 16)
    assert codes.decode_secret(largest) == b"\xff" * 16
    next_up = largest[:-1] + ALPHABET[ALPHABET.index(largest[-1]) + 1]
    with pytest.raises(codes.WrongSecret):
        codes.decode_secret(next_up)


@pytest.mark.parametrize("text", ["", "2" * 28, "2" * 30, "2" * 28 + "0", "k" * 29, "X" * 29, " " + "2" * 28])
def test_a_secret_has_one_form_only(text: str) -> None:
    with pytest.raises(codes.WrongSecret):
        codes.decode_secret(text)


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_secret_of_another_size_is_never_written(size: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        codes.encode_secret(bytes(size))


def test_no_new_code_has_a_doubled_symbol_that_a_keyboard_would_rewrite() -> None:
    draw = random.Random(11).randrange
    made = [codes.mint(kind, below=draw).text for kind in CodeKind for _ in range(500)]
    assert not [text for text in made if any(a == b for a, b in itertools.pairwise(text))]
