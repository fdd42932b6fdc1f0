"""What appears when keys are typed through a Vietnamese input method, as a scanner that plays keyboard does.

The rules are taken at their most eager: a word is never looked up, a mark finds its letter anywhere in the word, and a
key typed again does not undo. What real engines add makes them change less.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_TONES = frozenset((_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT))
_BAR = "\u0335"
_BARRED = {f"d{_BAR}": "đ", f"D{_BAR}": "Đ"}
_VOWELS = frozenset("aeiouy")
_WORDS = re.compile(r"([0-9A-Za-z]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """An input method: keys that set a tone, keys that mark a letter, keys that stand for a letter by themselves.

    `quick` are pairs of keys that become other letters: an option that people switch on to type faster.
    """

    tones: Mapping[str, str]
    clear: str
    marks: Mapping[str, Mapping[str, str]]
    alone: Mapping[str, str] = field(default_factory=dict)
    quick: Mapping[str, str] = field(default_factory=dict)


TELEX = Method(
    tones={"s": _ACUTE, "f": _GRAVE, "r": _HOOK, "x": _TILDE, "j": _DOT},
    clear="z",
    marks={
        "a": {"a": _CIRCUMFLEX},
        "e": {"e": _CIRCUMFLEX},
        "o": {"o": _CIRCUMFLEX},
        "w": {"a": _BREVE, "o": _HORN, "u": _HORN},
        "d": {"d": _BAR},
    },
    alone={"w": "ư"},
)
VNI = Method(
    tones={"1": _ACUTE, "2": _GRAVE, "3": _HOOK, "4": _TILDE, "5": _DOT},
    clear="0",
    marks={
        "6": {"a": _CIRCUMFLEX, "e": _CIRCUMFLEX, "o": _CIRCUMFLEX},
        "7": {"o": _HORN, "u": _HORN},
        "8": {"a": _BREVE},
        "9": {"d": _BAR},
    },
)
QUICK_TELEX = Method(
    tones=TELEX.tones,
    clear=TELEX.clear,
    marks=TELEX.marks,
    alone=TELEX.alone,
    quick={"cc": "ch", "gg": "gi", "kk": "kh", "nn": "ng", "pp": "ph", "qq": "qu", "tt": "th"},
)
"""Telex with "gõ nhanh" switched on, as OpenKey and others offer it; it is off until somebody wants it."""


def typed(keys: str, method: Method) -> str:
    """Return the text that appears when these keys are typed.

    >>> typed("Nguyeenx Hoafng ddawng kys", TELEX)
    'Nguyễn Hoàng đăng ký'
    >>> typed("Nguye6n4 Hoa2ng d9a8ng ky1", VNI)
    'Nguyễn Hoàng đăng ký'
    """
    return "".join(_word(part, method) for part in _WORDS.split(keys))


def _word(keys: str, method: Method) -> str:
    letters: list[str] = []
    for key in keys:
        _press(key, letters, method)
    text = "".join(letters)
    for barred, letter in _BARRED.items():
        text = text.replace(barred, letter)
    return unicodedata.normalize("NFC", text)


def _press(key: str, letters: list[str], method: Method) -> None:
    low = key.lower()
    if low in method.tones and _set_tone(letters, method.tones[low]):
        return
    if low == method.clear and _set_tone(letters, ""):
        return
    if _set_mark(letters, method.marks.get(low, {})):
        return
    letters.append(_like(key, _quick(low, letters, method) or method.alone.get(low, low)))


def _set_tone(letters: list[str], tone: str) -> bool:
    """Put a tone on the last vowel; tell whether there was one."""
    for place in reversed(range(len(letters))):
        if letters[place][0].lower() in _VOWELS:
            letters[place] = "".join(part for part in letters[place] if part not in _TONES) + tone
            return True
    return False


def _set_mark(letters: list[str], marks: Mapping[str, str]) -> bool:
    """Put a mark on the last letter that takes it and has none yet; tell whether there was one."""
    for place in reversed(range(len(letters))):
        base, added = letters[place][0], letters[place][1:]
        mark = marks.get(base.lower())
        if mark and not set(added) - _TONES:
            letters[place] = base + mark + added
            return True
    return False


def _quick(low: str, letters: list[str], method: Method) -> str:
    pair = method.quick.get(letters[-1].lower() + low, "") if letters else ""
    return pair[-1:]


def _like(key: str, letter: str) -> str:
    """Return a letter in the case of its key."""
    return unicodedata.normalize("NFD", letter.upper() if key.isupper() else letter)
