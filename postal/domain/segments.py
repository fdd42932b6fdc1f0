"""Text messages as phones carry them: one segment of the 7-bit alphabet, for which Vietnamese loses its accents."""

import unicodedata

ONE_SEGMENT = 160
"""Septets of one message; with accents a segment holds 70 letters only."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (GSM 03.38, now 3GPP TS 23.038, 6.2.1): one septet each."""

EXTENSION = frozenset("^{}\\[~]|€\f")
"""What needs an escape before it (6.2.1.1): two septets each."""

_SPELT = str.maketrans({"đ": "d", "Đ": "D", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "..."})


def septets(text: str) -> int:
    """Return how much of a segment a text takes. Raises: ValueError for a letter the alphabet does not have.

    >>> septets("ho so"), septets("[ho so]")
    (5, 9)
    """
    foreign = sorted(set(text) - BASIC - EXTENSION)
    if foreign:
        raise ValueError(f"not in the 7-bit alphabet: {foreign}")
    return len(text) + sum(letter in EXTENSION for letter in text)


def fits(text: str) -> bool:
    """Tell whether a text is one segment."""
    return set(text) <= BASIC | EXTENSION and septets(text) <= ONE_SEGMENT


def plain(text: str) -> str:
    """Return a text as the 7-bit alphabet spells it: no accents, and without what it cannot spell.

    >>> plain("Bưu cục Trung tâm Đà Nẵng – “số 1”")
    'Buu cuc Trung tam Da Nang - "so 1"'
    """
    letters = unicodedata.normalize("NFD", text.translate(_SPELT))
    return "".join(letter for letter in letters if letter.isascii() and letter in BASIC | EXTENSION)


def shortened(text: str, *, most: int) -> str:
    """Return a text that takes no more than so many septets when it is spelt plainly, cut at a word.

    >>> shortened("Bưu cục Trung tâm Đà Nẵng", most=20)
    'Bưu cục Trung tâm Đà'
    """
    words = text.split()
    while len(words) > 1 and septets(plain(" ".join(words))) > most:
        words.pop()
    return " ".join(words)[:most]
