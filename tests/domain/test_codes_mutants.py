"""No damaged or made-up code opens a wrong dossier, and no Vietnamese keyboard changes a genuine one."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import codes as attacks
from postal.domain import codes
from postal.domain.codes import ALPHABET, CodeKind
from tests import keyboards, mutants
from tests.keyboards import QUICK_TELEX, TELEX, VNI, Method

METHODS = pytest.mark.parametrize("method", [TELEX, VNI], ids=["telex", "vni"])
KEYS = ALPHABET + ALPHABET.lower()


def test_no_mutant_of_twenty_thousand_opens_a_wrong_dossier() -> None:
    found = attacks.attack(count=20_000, seed=7)
    assert found.tried == 20_000
    assert found.single_errors > 4_000
    assert found.genuine >= 4_000
    assert (found.wrong_opened, found.single_errors_missed, found.genuine_refused) == (0, 0, 0)


def test_an_attack_that_gets_through_is_not_called_good() -> None:
    good = attacks.Attack(tried=1, genuine=1)
    assert good.ok
    for name in ("wrong_opened", "single_errors_missed", "genuine_refused"):
        assert not attacks.Attack(tried=1, genuine=1, **{name: 1}).ok
    assert not attacks.Attack().ok, "nothing tried proves nothing"


@pytest.mark.parametrize(
    ("keys", "method", "text"),
    [
        ("Nguyeenx Hoafng ddawng kys", TELEX, "Nguyễn Hoàng đăng ký"),
        ("DDAAU LUWU", TELEX, "ĐÂU LƯU"),
        ("W", TELEX, "Ư"),
        ("Nguye6n4 Hoa2ng d9a8ng ky1", VNI, "Nguyễn Hoàng đăng ký"),
        ("D9U7O71C", VNI, "ĐƯỚC"),
        ("https://tracuu.example.vn", TELEX, "https://tracuu.ễampl.vn"),
        ("CCAFO", QUICK_TELEX, "CHÀO"),
    ],
)
def test_the_keyboards_write_vietnamese(keys: str, method: Method, text: str) -> None:
    assert keyboards.typed(keys, method) == text


@METHODS
def test_no_three_symbols_in_a_row_are_rewritten(method: Method) -> None:
    rewritten = [
        keys for keys in map("".join, itertools.product(KEYS, repeat=3)) if keyboards.typed(keys, method) != keys
    ]
    assert rewritten == []


@METHODS
@given(kind=st.sampled_from(CodeKind), seed=st.integers(0, 2**32), raw=st.binary(min_size=16, max_size=16))
def test_no_code_and_no_secret_is_rewritten(method: Method, kind: CodeKind, seed: int, raw: bytes) -> None:
    code = codes.mint(kind, below=random.Random(seed).randrange)
    for keys in (code.text, str(code), str(code).lower(), codes.encode_secret(raw)):
        assert keyboards.typed(keys, method) == keys


@pytest.mark.parametrize(("method", "letters"), [(TELEX, "ADEOW"), (VNI, "ADEIOUY")], ids=["telex", "vni"])
def test_an_alphabet_with_a_letter_that_was_left_out_would_be_rewritten(method: Method, letters: str) -> None:
    for letter in letters:
        pairs = map("".join, itertools.product(ALPHABET + letter, repeat=2))
        assert any(keyboards.typed(keys, method) != keys for keys in pairs), letter


def test_quick_pairs_of_telex_make_a_code_unreadable_and_never_another_one() -> None:
    code = codes.Code("2CC" + "222222" + codes.check_symbol("2CC222222"))
    garbled = keyboards.typed(code.text, QUICK_TELEX)
    assert garbled.startswith("2CH")
    with pytest.raises(codes.WrongCheckSymbol):
        codes.parse(garbled)


def test_each_symbol_has_look_alikes_to_attack_with() -> None:
    assert mutants.LOOK_ALIKES.keys() == set(ALPHABET)
    assert all(len(found) >= 3 for found in mutants.LOOK_ALIKES.values())
