"""Codes and receipt secrets after an accident or an attack: what a scan box may be given instead of the genuine text.

Each way of damaging is a function of the genuine symbols, a second genuine text, and a seeded source of chance.
"""

import random
import unicodedata
from collections.abc import Callable, Mapping

from postal.domain import codes
from postal.domain.codes import ALPHABET
from tests import keyboards

Damage = Callable[[str, str, random.Random], str]

_SYMBOLS = frozenset(ALPHABET)
_STRANGERS = "".join(chr(n) for n in range(33, 127) if chr(n).upper() not in _SYMBOLS | {"-"})
_GARBLED_BY_KEYBOARDS = "aeiouydwsz"
_HOMOGLYPHS = {
    "2": "Ƨ", "3": "ЗƷ", "4": "Ꮞ", "5": "Ƽ", "6": "б", "8": "Ȣ", "9": "৭", "B": "ВΒᏴ", "C": "СϹᏟ", "F": "Ϝ", "G": "ԌᏀ",
    "H": "НΗᎻ", "J": "ЈᎫ", "K": "КΚᏦ", "M": "МΜᎷ", "N": "Ν", "P": "РΡᏢ", "Q": "Ԛ", "R": "ᎡᏒ", "T": "ТΤᎢ", "V": "ѴᏙ",
    "X": "ХΧ",
}  # fmt: skip


def _look_alikes() -> Mapping[str, str]:
    """Return for each symbol what looks like it: other scripts, and whatever Unicode calls compatible with it."""
    found = {symbol: _HOMOGLYPHS.get(symbol, "") for symbol in ALPHABET}
    for number in range(0x80, 0x20000):
        plain = unicodedata.normalize("NFKC", chr(number)).upper()
        if plain in found:
            found[plain] += chr(number)
    return found


LOOK_ALIKES = _look_alikes()


# ------------------------------------------------------------------------------------------------------- single errors
def flipped(text: str, _: str, chance: random.Random) -> str:
    """Make one symbol another one."""
    place = chance.randrange(len(text))
    return _with(text, place, chance.choice(ALPHABET.replace(text[place], "")))


def with_a_stranger(text: str, _: str, chance: random.Random) -> str:
    """Make one symbol something that codes never use: 0, O, I, a vowel, a sign."""
    return _with(text, chance.randrange(len(text)), chance.choice(_STRANGERS))


def with_a_look_alike(text: str, _: str, chance: random.Random) -> str:
    """Make one symbol a letter of another script that looks the same."""
    place = chance.randrange(len(text))
    return _with(text, place, chance.choice(LOOK_ALIKES[text[place]]))


def swapped(text: str, _: str, chance: random.Random) -> str:
    """Swap two different symbols; half of the time, neighbours."""
    left = chance.randrange(len(text))
    right = (left + 1) % len(text) if chance.random() < 0.5 else chance.randrange(len(text))
    symbols = list(text)
    symbols[left], symbols[right] = symbols[right], symbols[left]
    return "".join(symbols)


SINGLE_ERRORS: tuple[Damage, ...] = (flipped, with_a_stranger, with_a_look_alike, swapped)
"""What a code's check symbol and alphabet must notice every time."""


# --------------------------------------------------------------------------------------------------------- worse damage
def flipped_often(text: str, other: str, chance: random.Random) -> str:
    """Make two to five symbols others."""
    for _ in range(chance.randint(2, 5)):
        text = flipped(text, other, chance)
    return text


def truncated(text: str, _: str, chance: random.Random) -> str:
    """Leave out a stretch at the beginning, in the middle or at the end."""
    begin = chance.randrange(len(text))
    return text[:begin] + text[begin + chance.randint(1, len(text)) :]


def inserted(text: str, _other: str, chance: random.Random) -> str:
    """Add a few symbols or strangers."""
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text) + 1)
        text = text[:place] + chance.choice(ALPHABET + _STRANGERS) + text[place:]
    return text


def rotated(text: str, _: str, chance: random.Random) -> str:
    """Read from another place on, or backwards."""
    place = chance.randrange(1, len(text))
    return chance.choice((text[place:] + text[:place], text[::-1]))


def spliced(text: str, other: str, chance: random.Random) -> str:
    """Cut two genuine texts and join the halves."""
    return text[: chance.randrange(1, len(text))] + other[chance.randrange(1, len(other)) :]


def joined(text: str, other: str, chance: random.Random) -> str:
    """Scan twice without an end of line between."""
    return text + chance.choice(("", "-", ",", ";", "//")) + other


def in_look_alikes(text: str, _: str, chance: random.Random) -> str:
    """Write several symbols, or all, in look-alikes."""
    part = chance.random()
    return "".join(chance.choice(LOOK_ALIKES[symbol]) if chance.random() < part else symbol for symbol in text)


def typed_wrongly(text: str, _other: str, chance: random.Random) -> str:
    """Slip to the letters that an input method rewrites, and type the whole through it."""
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text))
        text = text[:place] + chance.choice(_GARBLED_BY_KEYBOARDS) + text[place + chance.randint(0, 1) :]
    return keyboards.typed(text, chance.choice((keyboards.TELEX, keyboards.VNI, keyboards.QUICK_TELEX)))


def typed_quickly(text: str, other: str, chance: random.Random) -> str:
    """Type through Telex with quick pairs, often with a symbol doubled before: CC becomes CH."""
    if chance.random() < 0.5:
        place = chance.randrange(1, len(text))
        text = _with(text, place, text[place - 1])
    quick = keyboards.typed(text, keyboards.QUICK_TELEX)
    return quick if quick != text else flipped_often(text, other, chance)


def made_up(text: str, _: str, chance: random.Random) -> str:
    """Guess: random symbols, about as many, and the right number most of the time."""
    return "".join(chance.choices(ALPHABET, k=len(text) + chance.choice((0, 0, 0, 0, -1, 1))))


def noise(_: str, __: str, chance: random.Random) -> str:
    """Return any text at all."""
    return "".join(chr(chance.choice((chance.randrange(32, 127), chance.randrange(32, 0xD800)))) for _ in range(30))


WORSE: tuple[Damage, ...] = (
    flipped_often,
    truncated,
    inserted,
    rotated,
    spliced,
    joined,
    in_look_alikes,
    typed_wrongly,
    typed_quickly,
    made_up,
    noise,
)


# --------------------------------------------------------------------------------------------------------- of a secret
def written_otherwise(text: str, _: str, chance: random.Random) -> str:
    """Write a secret's value in another way than the one canonical way: a multiple of 2 to the 128 more, or padded."""
    value = int.from_bytes(codes.decode_secret(text), "big")
    if chance.random() < 0.3:
        return ALPHABET[0] * chance.randint(1, 3) + text
    return _in_base(value + (chance.randint(1, 8) << 8 * codes.SECRET_BYTES))


def _in_base(value: int) -> str:
    symbols = ""
    while value:
        value, rest = divmod(value, len(ALPHABET))
        symbols = ALPHABET[rest] + symbols
    return symbols


OF_A_SECRET: tuple[Damage, ...] = (*SINGLE_ERRORS, *WORSE, written_otherwise)


# --------------------------------------------------------------------------------------------------------- how it comes
def dressed(text: str, chance: random.Random) -> str:
    """Return a text as it may come from a scanner or a hand: case, hyphen, spaces, address, end of line."""
    address = chance.choice(("", "", "HTTPS://TRACUU.EXAMPLE.VN/", "https://a.vn/", "HTTPÁ;--TRẢCUU.EXAMPLE.VN/"))
    if len(text) == codes.CODE_LENGTH:
        spaced = text if address else f"{text[:5]} {text[5:]}"
        text = chance.choice((text, codes.shown(text), spaced))
    in_small_letters = chance.choice((0.0, 0.0, 0.5, 1.0))
    text = "".join(_small(symbol) if chance.random() < in_small_letters else symbol for symbol in text)
    return address + text + chance.choice(("", "", "\r\n", "\t", " "))


def _small(symbol: str) -> str:
    """Return a small letter for an ASCII capital only: the small letter of the Kelvin sign is a genuine k."""
    return symbol.lower() if symbol.isascii() else symbol


def _with(text: str, place: int, symbol: str) -> str:
    return text[:place] + symbol + text[place + 1 :]
