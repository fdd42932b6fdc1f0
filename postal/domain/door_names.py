"""Which door an address means: "số 12 đường Lê Lợi" and "12 Lê Lợi" are one, "Thôn 3" is no door at all.

Only what never tells two doors apart is left out: the words for number and street around a house number, a nought
before it, marks and commas. Everything else counts: 12, 12A and 12/5 are three doors, so are those of two hamlets.
Parts of an address are not left out either: since communes were merged, a former ward is what tells two streets of one
name apart.
"""

import re
from collections.abc import Sequence

from postal.domain import search

_NUMBER = re.compile(r"k?\d+[a-z]?(?:[_-]\d*[a-z]?)*")
_NUMBER_WORDS = frozenset({"so", "nha", "sn"})
_STREET_WORDS = frozenset({"duong", "pho", "d."})

_WHOLE_AREAS = frozenset(
    (
        *("ap", "ban", "buon", "bon", "doi", "khom", "khu", "kp", "lang", "tdp", "thon", "thua", "to", "xom"),
        *("ngach", "ngo", "hem", "kiet", "km", "ql", "duong", "pho", "so", "phuong", "p", "quan", "q", "xa"),
    )
)
"""Words before a number that make it the name of a place with many doors."""

_ROADS = frozenset({"quoc", "tinh", "huong", "dai"})
"""What stands before "lộ" where it is a road; alone it may be a plot, which is a door."""

_HOUSES = tuple(
    tuple(words.split())
    for words in (
        *("ubnd", "uy ban", "tru so", "cong ty", "cty", "benh vien", "truong", "cong an", "ngan hang", "chi cuc"),
        *("van phong", "khach san", "tram y te", "toa an", "vien kiem sat", "kho bac", "bao hiem"),
    )
)
"""How an address begins that names an organisation's house and no number."""

_BLOCKS = ("chung cu", "toa nha", "cao oc", "tap the", "ky tuc xa", "ktx", "chcc", "toa", "thap", "block")
"""What names a building with many doors."""

_UNIT = re.compile(r"(?:can ho|can|phong|p|tang|lau|ch|so phong)\.? ?[a-z]{0,2}\d[\w.-]*")
"""A part of an address that names a flat, a room or a floor."""


def door_name(address: str) -> str:
    """Return what an address is compared by within its commune; the same name is the same door. Empty if it is.

    >>> door_name("Số 12, đường Lê Lợi") == door_name("12 LÊ LỢI") == door_name("số nhà 012 đ. Lê Lợi")
    True
    >>> door_name("12/5 Lê Lợi") == door_name("12 Lê Lợi") or door_name("12A Lê Lợi") == door_name("12 Lê Lợi")
    False
    """
    return " ".join(_bare(_words(address)))


def names_a_house(address: str) -> bool:
    """Tell whether an address leads to one house, not only to a hamlet, an alley or a street.

    >>> [names_a_house(each) for each in ("12 Lê Lợi", "tổ 3, thôn Đông", "đường 30/4", "UBND phường Hải Châu")]
    [True, False, False, True]
    """
    words = _bare(_words(address))
    if any(tuple(words[: len(start)]) == start for start in _HOUSES):
        return True
    return any(_NUMBER.fullmatch(word) and not _is_of_an_area(words, at) for at, word in enumerate(words))


def site(address: str) -> str | None:
    """Return the building an address says its door is in, None where it names none.

    >>> site("Căn hộ 1205, chung cư Hoà Bình") == site("Phòng 3, Chung cư Hòa Bình")
    True
    >>> site("Căn 5, 12 Lê Lợi") == site("số 12 đường Lê Lợi") and site("Tổ 3, thôn Đông") is None
    True
    """
    parts = [part for part in re.split(r"[,;\n]", address) if not _UNIT.fullmatch(search.fold(part))]
    rest = ", ".join(parts)
    name = door_name(rest)
    is_block = any(f" {block} " in f" {name} " for block in _BLOCKS)
    return name if name and (is_block or names_a_house(rest)) else None


def _words(address: str) -> list[str]:
    """Return the folded words; a stroke or dash inside a number stays, it tells houses apart."""
    kept = re.sub(r"(?<=\w)\s*/\s*(?=\w)", "_", address)
    return [word for word in search.fold(kept).split() if word.strip(".")]


def _bare(words: Sequence[str]) -> list[str]:
    """Return the words without those around a house number that tell nothing."""
    found: list[str] = []
    for at, word in enumerate(words):
        bare = word.strip(".")
        if word in _STREET_WORDS and _follows_a_house(found) and not _is_a_number_or_says_so(_at(words, at + 1)):
            continue
        if bare in _NUMBER_WORDS and _leads_to_a_number(words, at) and _at(found, len(found) - 1) not in _WHOLE_AREAS:
            continue
        found.append(_without_noughts(bare))
    return found


def _without_noughts(word: str) -> str:
    return re.sub(r"^0+(?=\d)", "", word) if _NUMBER.fullmatch(word) else word


def _at(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _follows_a_house(found: Sequence[str]) -> bool:
    """Tell whether the last word is the number of a house."""
    return bool(found) and bool(_NUMBER.fullmatch(found[-1])) and not _is_of_an_area(found, len(found) - 1)


def _leads_to_a_number(words: Sequence[str], at: int) -> bool:
    """Tell whether only words for number stand between a place and a number."""
    ahead = next((word.strip(".") for word in words[at:] if word.strip(".") not in _NUMBER_WORDS), "")
    return bool(_NUMBER.fullmatch(ahead))


def _is_a_number_or_says_so(word: str) -> bool:
    return not word or word.strip(".") == "so" or any(symbol.isdigit() for symbol in word)


def _is_of_an_area(words: Sequence[str], at: int) -> bool:
    """Tell whether the number at a place belongs to a hamlet, a group, an alley or a numbered street before it."""
    before = words[at - 1] if at else ""
    is_road = before == "lo" and at > 1 and words[at - 2] in _ROADS
    return before in _WHOLE_AREAS or is_road
