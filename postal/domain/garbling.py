"""What a Vietnamese keyboard makes of the keys a scanner types, and the way back, where there is exactly one.

A scanner that plays keyboard types keys, and Telex or VNI turn some of them into marks: "EX123456785VN" appears as
"Ẽ123456785VN". Engines differ (where a tone lands, what a second key undoes, whether digits end a word), so the way
back supposes the most eager of them: a key may mark any letter before it, and what it did may be gone again. A text is
repaired only when one single line of keys could have given it even then, and when that line is a valid code. What two
lines of keys may have given is refused by whoever asks; nothing is guessed.

>>> repair("Ẽ123456785VN").text
'EX123456785VN'
>>> repair("RẠ785VN") is None
True

Sources: the rules of Telex and VNI (vietunicode.sourceforge.net/inputmethod.html), Quick Telex of OpenKey, the
Vietnamese layout of Windows (KBDVNTC).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from postal.domain import codes, identity, official
from postal.domain.codes import ALPHABET, CodeKind
from postal.domain.refusals import Refused

MOST_STEPS = 20_000
"""A text whose way back takes longer than this is refused like one that has several."""

MOST_TWINS = 64
"""So many readings of a text with doubled keys are looked up at most."""

LONGEST_WORD = 8
"""Letters of a word typed in one piece; a Vietnamese syllable has seven at most ("nghiêng")."""

_LONGEST_CODE = 200
_CIRCUMFLEX, _BREVE, _HORN, _BAR = "\u0302", "\u0306", "\u031b", "\u0335"
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_TONES = (_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT)
_TONE_SET = frozenset(_TONES)
_MARKS = frozenset((_CIRCUMFLEX, _BREVE, _HORN, *_TONES))
_VOWELS = "aeiouy"
_NEVER_VIETNAMESE = "fjwz"
_NEVER_LAST = "bdlqrsvx"
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_LOWER = {ord(letter): letter.lower() for letter in _LETTERS + "Đ"}

_QUICK = {"cc": "h", "gg": "i", "kk": "h", "nn": "g", "pp": "h", "qq": "u", "tt": "h"}
"""Quick Telex: the second of two equal keys becomes another letter."""

_QUICK_PAIRS = {pair[0] + letter: pair[0] for pair, letter in _QUICK.items()}


@dataclass(frozen=True, slots=True)
class Repaired:
    """The keys that the scanner typed, in capitals; an address keeps its beginning as it came. Hidden in `repr`."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Method:
    """Which key may give which mark to which letters before it, and which keys stand for a marked letter alone."""

    marks: Mapping[str, Mapping[str, str]]
    alone: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_TELEX = _Method(
    marks={
        **{key: dict.fromkeys(_VOWELS, tone) for key, tone in zip("sfrxj", _TONES, strict=True)},
        "z": dict.fromkeys(_VOWELS, ""),
        "a": {"a": _CIRCUMFLEX},
        "e": {"e": _CIRCUMFLEX},
        "o": {"o": _CIRCUMFLEX},
        "w": {"a": _BREVE, "o": _HORN, "u": _HORN},
        "d": {"d": _BAR},
    },
    alone={"w": ("u", _HORN)},
)
_VNI = _Method(
    marks={
        **{key: dict.fromkeys(_VOWELS, tone) for key, tone in zip("12345", _TONES, strict=True)},
        "0": dict.fromkeys(_VOWELS, ""),
        "6": dict.fromkeys("aeo", _CIRCUMFLEX),
        "7": dict.fromkeys("ou", _HORN),
        "8": {"a": _BREVE},
        "9": {"d": _BAR},
    },
)
_METHODS = (_TELEX, _VNI)

_LAYOUT = {("a", _BREVE): "1", ("a", _CIRCUMFLEX): "2", ("e", _CIRCUMFLEX): "3", ("o", _CIRCUMFLEX): "4"}
_LAYOUT_TONES = {_GRAVE: "5", _HOOK: "6", _TILDE: "7", _ACUTE: "8", _DOT: "9"}
"""The Vietnamese layout of Windows has letters and tones where other layouts have digits: one meaning a key."""


def repair(text: str) -> Repaired | None:
    """Return the one valid code that was typed when this appeared; None when none or several may have been.

    Only a text that shows the keyboard's hand is looked at: a slip in plain letters and digits is never mended.
    """
    bare = text.strip()
    number, is_card, _ = bare.partition("|")
    if len(number) > _LONGEST_CODE or len(number.split()) != 1 or not _shows_a_keyboard(number):
        return None
    if is_card:
        return _repaired_card(number)
    head, slash, tail = bare.rpartition("/")
    forms = _ADDRESSED if slash else _FORMS
    meant = _first_two(line for form in forms for line in form.typed_as(tail))
    if meant is None or len(meant) != 1:
        return None
    (line,) = meant
    return Repaired(head + slash + line) if any(form.is_valid(line) for form in forms) else None


def is_rewritten(text: str) -> bool:
    """Tell whether a text that is no code looks like one that a keyboard rewrote, and not like a word or a name."""
    bare = text.strip().partition("|")[0]
    if len(bare.split()) != 1:
        return False
    if not _is_vietnamese(bare):
        return _LEFT_OVER.fullmatch(codes.capitals(bare)) is not None
    return any(digit in bare for digit in _DIGITS) or codes.capitals(bare).endswith("VN") or not _is_syllables(bare)


def is_marked(text: str) -> bool:
    """Tell whether a text has Vietnamese marks, which no code has: something between scanner and box put them there."""
    return _is_vietnamese(text.partition("|")[0])


def twins(text: str) -> tuple[str, ...]:
    """Return this text first, then what else may have been typed if equal keys in a row became other letters.

    Quick Telex writes "CC" as "CH", which is an honest beginning of an item number as well; only what exists can tell.
    A text with too many such places is returned alone.

    >>> twins("CH123456785VN")
    ('CH123456785VN', 'CC123456785VN')
    """
    choices = list(text[:1])
    for before, symbol in itertools.pairwise(text):
        choices.append(symbol + before if (before + symbol).lower() in _QUICK_PAIRS else symbol)
    if 2 ** sum(len(choice) > 1 for choice in choices) > MOST_TWINS:
        return (text,)
    return tuple(map("".join, itertools.product(*choices)))


# --- what is looked for -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    """A code that is looked for: every line of keys that may have given a text, and whether one is valid."""

    typed_as: Callable[[str], Iterator[str]]
    parse: Callable[[str], object]

    def is_valid(self, line: str) -> bool:
        try:
            self.parse(line)
        except Refused:
            return False
        return True


_OUR_CODE = ("".join(kind.value for kind in CodeKind), *(ALPHABET,) * (codes.CODE_LENGTH - 1))
_SECRET = (ALPHABET,) * codes.SECRET_LENGTH
_POSTAL_NUMBER = (_LETTERS,) * 2 + (_DIGITS,) * 9 + (_LETTERS,) * 2
_IDENTITY = (_DIGITS,) * 12
_AGENCY = (_LETTERS, _DIGITS, _DIGITS)
_SERIALS = tuple((_DIGITS + _LETTERS,) * length for length in range(4, 9))


def _of_classes(classes: Sequence[str]) -> Callable[[str], Iterator[str]]:
    def typed_as(text: str) -> Iterator[str]:
        bare = codes.squeezed(text)
        yield from (line for line in _by_layout(bare) if _fits(line, classes))
        for method in _METHODS:
            yield from _Search(method=method, letters=_letters(bare), classes=classes).lines()

    return typed_as


def _official_typed_as(text: str) -> Iterator[str]:
    yield from _by_layout(text)
    body, *rest = text.split("-")
    if len(rest) != 2 or not _fits(rest[0], (_DIGITS,) * 6):
        return
    pieces = body.split(".")
    for method in _METHODS:
        heads = [_piece(piece, (_AGENCY,), method) for piece in pieces]
        for chosen in itertools.product(*heads):
            serials = _piece(rest[1], _SERIALS, method)
            yield from ("-".join((".".join(chosen), rest[0], serial)) for serial in serials)


def _piece(piece: str, shapes: Sequence[Sequence[str]], method: _Method) -> list[str]:
    """Return what may have been typed for one piece between dots and hyphens; a plain one stands as it is."""
    if piece.isascii():
        return [codes.capitals(piece)]
    letters = _letters(piece)
    searches = (_Search(method=method, letters=letters, classes=classes) for classes in shapes)
    return [line for search in searches for line in search.lines()]


def _repaired_card(number: str) -> Repaired | None:
    """Return the number alone: what the layout did to a name is for the clerk to type anew."""
    meant = _first_two(_identity_typed_as(number))
    return Repaired(meant.pop()) if meant is not None and len(meant) == 1 else None


def _identity_typed_as(text: str) -> Iterator[str]:
    """Give what may have been typed for a bare identity number; Telex and VNI leave digits alone."""
    return (line for line in _by_layout(text) if _fits(line, _IDENTITY))


_ADDRESSED = (_Form(_of_classes(_OUR_CODE), codes.Code), _Form(_of_classes(_SECRET), codes.decode_secret))
_FORMS = (
    *_ADDRESSED,
    _Form(_of_classes(_POSTAL_NUMBER), official.parse_s10),
    _Form(_official_typed_as, official.parse_official),
    _Form(_identity_typed_as, identity.parse_identity_number),
)


def _first_two(lines: Iterator[str]) -> set[str] | None:
    """Return the different lines, no more than two of them; None when the search was given up."""
    found: set[str] = set()
    try:
        for line in lines:
            found.add(line)
            if len(found) > 1:
                break
    except _TooManySteps:
        return None
    return found


# --- the way back through Telex and VNI -------------------------------------------------------------------------------


class _TooManySteps(Exception):
    """The search was given up."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter as it appears: what it is without marks, in lower case, and its marks."""

    base: str
    marks: frozenset[str]


class _Search:
    """Finds every line of keys that fits the classes and may have made the letters appear.

    Each key wrote the next letter, or gave a mark to a letter before it, or did something that is gone again.
    """

    def __init__(self, *, method: _Method, letters: Sequence[_Letter] | None, classes: Sequence[str]) -> None:
        self._method = method
        self._letters = letters or ()
        self._classes = [symbols.lower() for symbols in classes]
        self._steps = 0

    def lines(self) -> Iterator[str]:
        """Give the lines in capitals, each perhaps several times. Raises: _TooManySteps."""
        if self._letters and len(self._letters) <= len(self._classes) and self._is_possible():
            yield from self._go_on("", 0, frozenset())

    def _is_possible(self) -> bool:
        """Tell whether there is a key at all for each letter and for each mark, wherever it was pressed."""
        keys = {key for symbols in self._classes for key in symbols}
        given = {each for key in keys for each in self._method.marks.get(key, {}).items()}
        given |= {self._method.alone[key] for key in keys if key in self._method.alone}
        written = keys | {base for base, _ in (self._method.alone.get(key, ("", "")) for key in keys)}
        return all(
            (letter.base in written or letter.base in _QUICK.values())
            and all((letter.base, mark) in given for mark in letter.marks)
            for letter in self._letters
        )

    def _go_on(self, keys: str, written: int, owed: frozenset[tuple[int, str]]) -> Iterator[str]:
        """Go on after these keys wrote so many letters; `owed` are the marks that some later key must have given."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise _TooManySteps
        left = len(self._classes) - len(keys)
        if not left:
            if written == len(self._letters) and not owed:
                yield keys.upper()
            return
        if len(self._letters) - written + (len(owed) + 1) // 2 > left:
            return
        for key in self._classes[len(keys)]:
            yield from self._press(key, keys, written, owed)

    def _press(self, key: str, keys: str, written: int, owed: frozenset[tuple[int, str]]) -> Iterator[str]:
        if written < len(self._letters):
            for still_owed in self._ways_to_write(key, written):
                yield from self._go_on(keys + key, written + 1, owed | still_owed)
        for rest in self._ways_to_mark(key, written, owed):
            yield from self._go_on(keys + key, written, rest)

    def _ways_to_write(self, key: str, place: int) -> Iterator[frozenset[tuple[int, str]]]:
        """Give, for each way in which the key writes the letter at a place, the marks that letter still lacks."""
        letter = self._letters[place]
        before = self._letters[place - 1].base if place else ""
        if key == letter.base or (key == before and _QUICK.get(key + key) == letter.base):
            yield frozenset((place, mark) for mark in letter.marks)
        if key in self._method.alone:
            base, mark = self._method.alone[key]
            if base == letter.base and mark in letter.marks:
                yield frozenset((place, other) for other in letter.marks - {mark})

    def _ways_to_mark(
        self, key: str, written: int, owed: frozenset[tuple[int, str]]
    ) -> Iterator[frozenset[tuple[int, str]]]:
        """Give, for each thing the key may do to the letters before it, the marks that are still owed then."""
        gives = self._method.marks.get(key)
        if gives is None or not any(letter.base in gives for letter in self._letters[:written]):
            return
        yield owed
        given = [(place, mark) for place, mark in owed if gives.get(self._letters[place].base) == mark]
        yield from (owed - {each} for each in given)
        if len(given) > 1:  # one key makes "uo" to "ươ"
            yield owed - frozenset(given)


def _letters(text: str) -> list[_Letter] | None:
    """Return the letters of a text; None when a mark stands on nothing, as no engine leaves it."""
    letters: list[_Letter] = []
    for symbol in _parts(text):
        if symbol in _MARKS:
            if not letters:
                return None
            letters[-1] = _Letter(letters[-1].base, letters[-1].marks | {symbol})
        elif symbol == "đ":
            letters.append(_Letter("d", frozenset((_BAR,))))
        else:
            letters.append(_Letter(symbol, frozenset()))
    return letters


# --- the way back through the Vietnamese layout of Windows ------------------------------------------------------------


def _by_layout(text: str) -> Iterator[str]:
    """Give what was typed on the layout that has no digits; several when the order of two tones was lost."""
    if any(digit in text for digit in _DIGITS):
        return
    options = [_cluster(base, marks) for base, marks in _clusters(text)]
    if 2 ** sum(len(option) > 1 for option in options) > MOST_TWINS:
        raise _TooManySteps
    yield from map("".join, itertools.product(*options))


def _clusters(text: str) -> list[tuple[str, list[str]]]:
    """Return each letter with its marks in the order they came; marks at the beginning stand on the empty letter."""
    clusters: list[tuple[str, list[str]]] = [("", [])]
    for symbol in _parts(text):
        if symbol in _MARKS:
            clusters[-1][1].append(symbol)
        else:
            clusters.append((symbol, []))
    return clusters


def _cluster(base: str, marks: Sequence[str]) -> list[str]:
    """Return the keys of one letter and its marks; a dot below may have been moved to the front on its way here."""
    shape = next((mark for mark in marks if (base, mark) in _LAYOUT), "")
    key = "0" if base == "đ" else _LAYOUT.get((base, shape), base.upper())
    tones = [_LAYOUT_TONES.get(mark, "?") for mark in marks if mark != shape]
    if tones[:1] != ["9"]:
        return [key + "".join(tones)]
    others = tones[1:]
    return list(dict.fromkeys(key + "".join([*others[:at], "9", *others[at:]]) for at in range(len(others) + 1)))


# --- what a text shows ------------------------------------------------------------------------------------------------

_LEFT_OVER = re.compile(r"[A-Z]{1,2}[0-9]{2,10}[A-Z]{2}|[0-9A-Z.]*-[0-9]{6}-[0-9A-Z]+")
"""An item number or an official code of which a keyboard has swallowed keys without a trace."""

_QUICK_VOWEL = re.compile("gi|qu", re.IGNORECASE)


def _shows_a_keyboard(text: str) -> bool:
    """Tell whether a keyboard has been at a text: it has marks, or a vowel where codes have none but "GG" gives one."""
    return _is_vietnamese(text) or _QUICK_VOWEL.search(text) is not None


def _is_syllables(text: str) -> bool:
    """Tell whether a text may be one or two Vietnamese syllables: their letters, marks where they belong, not many."""
    letters = _letters(text)
    if letters is None or len(letters) > LONGEST_WORD or letters[-1].base in _NEVER_LAST:
        return False
    vowels = "".join("a" if letter.base in _VOWELS else " " for letter in letters)
    return len(vowels.split()) <= 2 and all(
        letter.base not in _NEVER_VIETNAMESE
        and len(letter.marks & _TONE_SET) <= 1
        and (letter.base in _VOWELS or letter.marks <= {_BAR})
        for letter in letters
    )


def _is_vietnamese(text: str) -> bool:
    """Tell whether a text has marks, and nothing but ASCII and Vietnamese ones: no look-alike counts as a letter."""
    strangers = [symbol for symbol in text if not symbol.isascii()]
    return bool(strangers) and all(map(_is_a_mark_or_marked, strangers))


def _is_a_mark_or_marked(symbol: str) -> bool:
    letter, *marks = list(unicodedata.normalize("NFD", symbol))
    return symbol in "đĐ" or letter in _MARKS or (letter.isascii() and bool(marks) and _MARKS.issuperset(marks))


def _parts(text: str) -> str:
    """Return letters and marks one by one, each letter followed by its marks in the order they came, in lower case.

    Marks that came apart from their letter are not put in order: their order is the order of the keys.
    """
    parts = "".join(unicodedata.normalize("NFD", symbol) for symbol in text)
    return parts.translate(_LOWER)


def _fits(line: str, classes: Sequence[str]) -> bool:
    return len(line) == len(classes) and all(key in symbols for key, symbols in zip(line, classes, strict=True))
