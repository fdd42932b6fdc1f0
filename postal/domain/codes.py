"""Our own codes and receipt secrets: symbols that survive a scanner behind a Vietnamese keyboard.

A code has ten of the 23 symbols of `ALPHABET`; the tenth is a check symbol. 23 is a prime and every place has its own
weight, so each single wrong symbol and each swap of two symbols is noticed.

>>> str(parse("7k2m4 9rtbq"))
'7K2M4-9RTBQ'
>>> parse("P3FHJ-8QXV9").kind
<CodeKind.ITEM: 'P'>
>>> parse("7K2M4-9RTBP")
Traceback (most recent call last):
    ...
postal.domain.codes.WrongCheckSymbol: Mã sai 1 ký tự: 7K2M4-9RTB? Quét lại.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from postal.domain.refusals import Refused

ALPHABET = "23456789BCFGHJKMNPQRTVX"
"""No vowels, no D, W, S, Z (Telex and VNI rewrite them), nothing that looks like another symbol."""

CODE_LENGTH = 10
SECRET_LENGTH = 29
SECRET_BYTES = 16

_BASE = len(ALPHABET)
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_INVERSE_OF_TEN = pow(CODE_LENGTH, -1, _BASE)
_SEPARATORS = frozenset(" \t\r\n\v\f\u00a0-\u2010\u2011\u2013")
_UPPER = {ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}


class WrongCode(Refused):
    """The text is none of our codes."""

    code = "wrong_code"


class WrongLength(WrongCode):
    """The code has too few or too many symbols."""

    code = "wrong_length"
    vi = "Mã có {expected} ký tự. Đang có {count} ký tự. Quét lại hoặc gõ đủ mã."
    en = "The code has {expected} symbols, this one has {count}. Scan again or type all of it."


class WrongSymbol(WrongCode):
    """A symbol that our codes never use; it is never mapped to one that looks alike."""

    code = "wrong_symbol"
    vi = "Mã sai {count} ký tự: {shown} Mã không dùng ký tự {symbols}. Quét lại."
    en = "{count} wrong in the code: {shown} Codes never contain {symbols}. Scan again."


class WrongCheckSymbol(WrongCode):
    """The check symbol does not fit: one symbol is wrong, or two are swapped."""

    code = "wrong_check_symbol"
    vi = "Mã sai 1 ký tự: {shown} Quét lại."
    en = "One character of the code is wrong: {shown} Scan again."


class WrongKind(WrongCode):
    """A genuine code of one kind where another kind is asked for."""

    code = "wrong_kind"
    vi = "{shown} là mã {actual}. Ở đây cần mã {expected}: quét mã {expected}."
    en = "{shown} is the code of a {actual}. Scan the code of a {expected} here."


class UnknownKind(WrongCode):
    """The first symbol stands for no kind of thing."""

    code = "unknown_kind"
    vi = "{shown} không phải mã của hồ sơ, bưu gửi hay túi. Kiểm tra ký tự đầu “{first}” rồi quét lại."
    en = "{shown} is no code of a dossier, item or bag. Check its first character “{first}” and scan again."


class WrongSecret(Refused):
    """The text is no receipt secret in its one canonical form."""

    code = "wrong_secret"
    vi = "Mã QR của phiếu gửi không đọc được đủ. Quét lại mã QR trên liên giao khách hàng."
    en = "The receipt's QR code was not read completely. Scan the QR code on the customer's copy again."


class CodeKind(Enum):
    """What a code names; the value lists the first symbols it may have."""

    DOSSIER = "23456789"
    ITEM = "P"
    BAG = "T"
    DISPATCH = "C"
    HANDOVER = "G"
    RUN = "R"
    CASH = "B"
    HOME_PICKUP = "H"
    WORKSTATION = "M"
    COMMAND = "K"
    INCIDENT = "N"

    @property
    def label(self) -> str:
        """The word a clerk uses for it."""
        return _LABELS[self][0]

    @property
    def label_en(self) -> str:
        """The same word in English."""
        return _LABELS[self][1]


_LABELS = {
    CodeKind.DOSSIER: ("hồ sơ", "dossier"),
    CodeKind.ITEM: ("bưu gửi", "item"),
    CodeKind.BAG: ("túi", "bag"),
    CodeKind.DISPATCH: ("chuyến thư", "dispatch"),
    CodeKind.HANDOVER: ("biên bản giao nhận", "hand-over record"),
    CodeKind.RUN: ("chuyến phát", "delivery run"),
    CodeKind.CASH: ("phiếu thu, nộp tiền", "money paper"),
    CodeKind.HOME_PICKUP: ("phiếu hẹn thu gom", "home pickup"),
    CodeKind.WORKSTATION: ("máy trạm", "workstation"),
    CodeKind.COMMAND: ("lệnh", "command"),
    CodeKind.INCIDENT: ("biên bản sự cố", "incident record"),
}
_KIND_OF = {first: kind for kind in CodeKind for first in kind.value}


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """One of our codes: ten symbols without the hyphen, always valid.

    Raises: WrongLength, WrongSymbol, WrongCheckSymbol, UnknownKind.
    """

    text: str

    def __post_init__(self) -> None:
        _must_be_valid(self.text)

    @property
    def kind(self) -> CodeKind:
        """What the code names, told by its first symbol."""
        return _KIND_OF[self.text[0]]

    def __str__(self) -> str:
        return shown(self.text)


def parse(text: str, *, kind: CodeKind | None = None) -> Code:
    """Read a typed or scanned code, ignoring case, spaces and hyphens; any other slip is refused.

    Raises: WrongLength, WrongSymbol, WrongCheckSymbol, UnknownKind; WrongKind when it is not of the `kind` asked for.

    >>> parse("7K2M4-9RTB0")
    Traceback (most recent call last):
        ...
    postal.domain.codes.WrongSymbol: Mã sai 1 ký tự: 7K2M4-9RTB? Mã không dùng ký tự 0. Quét lại.
    """
    code = Code(squeezed(text))
    if kind is not None and code.kind is not kind:
        raise WrongKind(shown=str(code), actual=code.kind.label, expected=kind.label)
    return code


def mint(kind: CodeKind, *, below: Callable[[int], int]) -> Code:
    """Make a new random code of this kind; `below(n)` draws uniformly from 0 to n - 1 (`secrets.randbelow`).

    No symbol stands twice in a row: some Vietnamese keyboards rewrite a doubled consonant (cc to ch, nn to ng).
    """
    while True:
        first = kind.value[below(len(kind.value))]
        nine = first + "".join(ALPHABET[below(_BASE)] for _ in range(CODE_LENGTH - 2))
        ten = nine + check_symbol(nine)
        if all(symbol != after for symbol, after in pairwise(ten)):
            return Code(ten)


def check_symbol(nine: str) -> str:
    """Return the tenth symbol, which makes the sum of place times value divisible by 23.

    >>> check_symbol("7K2M49RTB")
    'Q'
    """
    return ALPHABET[-_weighted_sum(nine) * _INVERSE_OF_TEN % _BASE]


def squeezed(text: str) -> str:
    """Return the text without spaces and hyphens and with ASCII letters in upper case.

    >>> squeezed(" 7k2m4-9rtbq ")
    '7K2M49RTBQ'
    """
    return capitals("".join(symbol for symbol in text if symbol not in _SEPARATORS))


def capitals(text: str) -> str:
    """Return the text with ASCII letters in upper case and everything else as it is.

    `str.upper` would turn look-alikes such as the ligature "ﬀ" into genuine letters.
    """
    return text.translate(_UPPER)


def encode_secret(raw: bytes) -> str:
    """Write 16 random bytes as the 29 symbols of a receipt secret.

    >>> encode_secret(bytes(16))
    '22222222222222222222222222222'
    """
    if len(raw) != SECRET_BYTES:
        raise ValueError(f"a receipt secret has {SECRET_BYTES} bytes, not {len(raw)}")
    value = int.from_bytes(raw, "big")
    symbols = []
    for _ in range(SECRET_LENGTH):
        value, rest = divmod(value, _BASE)
        symbols.append(ALPHABET[rest])
    return "".join(reversed(symbols))


def decode_secret(text: str) -> bytes:
    """Return the 16 bytes of a receipt secret, the inverse of `encode_secret`.

    Each secret has exactly one text: 29 upper-case symbols whose value is below 2 to the 128.

    Raises: WrongSecret.
    """
    if len(text) != SECRET_LENGTH or any(symbol not in _VALUE for symbol in text):
        raise WrongSecret
    value = 0
    for symbol in text:
        value = value * _BASE + _VALUE[symbol]
    if value >> (8 * SECRET_BYTES):
        raise WrongSecret
    return value.to_bytes(SECRET_BYTES, "big")


def _must_be_valid(text: str) -> None:
    if len(text) != CODE_LENGTH:
        raise WrongLength(expected=CODE_LENGTH, count=len(text))
    _must_use_our_symbols(text)
    if _weighted_sum(text) % _BASE:
        raise WrongCheckSymbol(shown=shown(text[:-1] + "?"))
    if text[0] not in _KIND_OF:
        raise UnknownKind(shown=shown(text), first=text[0])


def _must_use_our_symbols(text: str) -> None:
    strangers = [symbol for symbol in text if symbol not in _VALUE]
    if strangers:
        marked = "".join(symbol if symbol in _VALUE else "?" for symbol in text)
        symbols = ", ".join(dict.fromkeys(strangers))
        raise WrongSymbol(count=len(strangers), shown=shown(marked), symbols=symbols)


def _weighted_sum(symbols: Iterable[str]) -> int:
    return sum(place * _VALUE[symbol] for place, symbol in enumerate(symbols, start=1))


def shown(text: str) -> str:
    """Return ten symbols the way they are printed; anything else as it is.

    >>> shown("7K2M49RTBQ")
    '7K2M4-9RTBQ'
    """
    return f"{text[:5]}-{text[5:]}" if len(text) == CODE_LENGTH else text
