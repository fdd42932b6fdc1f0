"""Searching Vietnamese text the way people type it: without marks, without đ, in any case."""

import re
import unicodedata
from collections.abc import Iterable

_STROKES = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d"})
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_GAPS = re.compile(r"[^\w.]+")

# What people write instead of the full word; a search for "tp hcm" must find "Thành phố Hồ Chí Minh".
_SHORT_WORDS = {
    "tp": ("thanh", "pho"),
    "tx": ("thi", "xa"),
    "tt": ("thi", "tran"),
    "hcm": ("ho", "chi", "minh"),
    "tphcm": ("thanh", "pho", "ho", "chi", "minh"),
    "hn": ("ha", "noi"),
    "dn": ("da", "nang"),
}


def fold(text: str) -> str:
    """Return the text without marks, đ as d, in lower case, with single spaces between the words.

    `hoà` and `hòa` become the same, apostrophes vanish (`R'lấp`, `R’lấp`), dashes and commas separate words, dots stay
    (procedure codes).

    >>> fold("  Đống  Đa – Hoà Khánh ")
    'dong da hoa khanh'
    >>> fold("Đắk R’Lấp") == fold("dak r'lap")
    True
    """
    plain = unicodedata.normalize("NFD", _APOSTROPHES.sub("", text).translate(_STROKES))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _GAPS.sub(" ", plain.casefold()).strip()


def words(text: str) -> tuple[str, ...]:
    """Return the folded words to look for, with the usual abbreviations written out.

    >>> words("TP. Đà Nẵng")
    ('thanh', 'pho', 'da', 'nang')
    """
    found: list[str] = []
    for word in fold(text).split():
        bare = word.strip(".")
        found.extend(_SHORT_WORDS.get(bare, (bare,)) if bare else ())
    return tuple(found)


def matches(folded: str, wanted: Iterable[str]) -> bool:
    """Tell whether each wanted word begins a word of the folded text.

    >>> matches("phuong dong da", ("da", "do"))
    True
    >>> matches("phuong dong da", ("ong",))
    False
    """
    padded = f" {folded}"
    return all(f" {word}" in padded for word in wanted)
