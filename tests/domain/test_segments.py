"""One segment of 160 septets: what the 7-bit alphabet holds, counts twice, and cannot spell."""

import pytest

from postal.domain import segments


def test_a_segment_holds_160_plain_letters_and_not_one_more() -> None:
    assert segments.fits("a" * 160)
    assert not segments.fits("a" * 161)


@pytest.mark.parametrize("letter", sorted(segments.EXTENSION))
def test_a_letter_of_the_extension_takes_two_septets(letter: str) -> None:
    assert segments.septets(letter) == 2
    assert segments.fits("a" * 158 + letter)
    assert not segments.fits("a" * 159 + letter)


def test_the_alphabet_has_its_128_places_with_the_escape() -> None:
    assert len(segments.BASIC) == 127


@pytest.mark.parametrize("foreign", ["đ", "ệ", "`", "–", "\u200b", "ơ"])
def test_a_letter_the_alphabet_lacks_makes_it_no_segment(foreign: str) -> None:
    assert not segments.fits(f"ho so {foreign}")
    with pytest.raises(ValueError, match="7-bit"):
        segments.septets(foreign)


def test_every_vietnamese_letter_keeps_its_plain_one() -> None:
    accented = "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
    spelt = segments.plain(accented + accented.upper())
    assert len(spelt) == 2 * len(accented)
    assert set(spelt.lower()) == set("adeiouy")


def test_what_no_phone_can_show_is_left_out() -> None:
    assert segments.fits(segments.plain("Bưu cục `Số 1`\u200b – “Huế” 😀…"))


def test_a_name_is_cut_at_a_word_and_a_single_long_word_anywhere() -> None:
    assert segments.shortened("Bưu cục Khu Công Nghiệp Điện Nam", most=16) == "Bưu cục Khu Công"
    assert segments.shortened("x" * 99, most=10) == "x" * 10
