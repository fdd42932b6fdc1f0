"""One box for whatever a scanner or a hand types: find the code in it, or refuse it, but never guess another one.

>>> read_scan("7k2m4-9rtbq")
OurCode(code=Code(text='7K2M49RTBQ'))
>>> read_scan("nguyễn văn  an")
Words(text='nguyễn văn an')
>>> read("Ẽ123456785VN")
Reading(scan=PostalNumber(number=S10(text='EX123456785VN', service='EX', country='VN')), is_repaired=True)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from postal.domain import codes, garbling, identity, official
from postal.domain.codes import ALPHABET, Code, CodeKind
from postal.domain.identity import CitizenCard
from postal.domain.official import S10, OfficialCode
from postal.domain.refusals import Refused


class NothingScanned(Refused):
    """The box was empty."""

    code = "nothing_scanned"
    vi = "Chưa có mã nào. Quét hoặc gõ mã."
    en = "There is no code yet. Scan or type one."


class TwoScans(Refused):
    """Two codes came in one text: opening the last one would lose the first without a word."""

    code = "two_scans"
    vi = "Có hai mã dính liền trong một lần quét. Xóa nội dung đang có rồi quét lại từng mã."
    en = "Two codes came in one scan. Clear the box and scan them one by one."


class Garbled(Refused):
    """A Vietnamese keyboard rewrote a code on its way from the scanner, and what was typed cannot be told for sure."""

    code = "garbled_scan"
    vi = "Bộ gõ tiếng Việt làm sai mã vừa quét. Nhấn Ctrl + Shift để tắt (biểu tượng chữ E), rồi quét lại."
    en = "A Vietnamese keyboard changed the code. Press Ctrl + Shift to switch it off, then scan again."


@dataclass(frozen=True, slots=True)
class OurCode:
    """A code of ours: dossier, item, bag, command and so on."""

    code: Code


@dataclass(frozen=True, slots=True)
class ReceiptSecret:
    """The secret of a citizen's copy; hidden in `repr`."""

    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Official:
    """An official dossier code of the authority."""

    code: OfficialCode


@dataclass(frozen=True, slots=True)
class PostalNumber:
    """The post's own item number."""

    number: S10


@dataclass(frozen=True, slots=True)
class Card:
    """An identity card; a bare identity number is a card of which only the number is known."""

    card: CitizenCard


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number in E.164 form; hidden in `repr`."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Words:
    """Anything else: words to search for, NFC, single spaces."""

    text: str


Scan = OurCode | ReceiptSecret | Official | PostalNumber | Card | Phone | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was scanned, and whether a Vietnamese keyboard had rewritten it on the way."""

    scan: Scan
    is_repaired: bool


_SYMBOL = f"[{ALPHABET}]"
_SECRET_AT_END = re.compile(f"(?<!{_SYMBOL}){_SYMBOL}{{29}}$")
_CODE_AT_END = re.compile(f"/({_SYMBOL}{{5}}-?{_SYMBOL}{{5}})$")
_OTHER_ADDRESS = re.compile(f"//|^HTTP|^[0-9A-Z]{{20,}}$|{_SYMBOL}{{20,}}$")
_CODE_BEFORE = re.compile(f"HTTP.*HTTP|{_SYMBOL}{{29}}|(?:^|[^/]/){_SYMBOL}{{5}}-?{_SYMBOL}{{5}}", re.DOTALL)
_LIKE_CARD = re.compile(r"^[0-9]{12}[|]|[|].*[|]")
_LIKE_OFFICIAL = re.compile(r"(?=[^-]*[A-Z])(?:[0-9]{1,4}\.[0-9A-Z.]*|[A-Z][0-9]{2}[0-9A-Z.]*)-[0-9A-Z]+-[0-9A-Z]+")
_LIKE_S10 = re.compile(r"[A-Z]{2}[0-9]{7,11}[A-Z]{2}")
_LIKE_NUMBER = re.compile(r"\+?[0-9(][0-9 .()-]*")
_ONE_SLIP_LONGER_OR_SHORTER = (codes.CODE_LENGTH - 1, codes.CODE_LENGTH + 1)


def read_scan(text: str) -> Scan:
    """Find the code in a bare code, an address ending in a secret, an official code, item number, card, phone or words.

    What looks like a code but is wrong is refused; it never becomes words, nor another code.

    Raises: NothingScanned, TwoScans, Garbled, WrongCode, WrongSecret, WrongOfficialCode, WrongS10, WrongCard,
    WrongIdentityNumber, WrongPhone.
    """
    return read(text).scan


def read(text: str) -> Reading:
    """Find the code as `read_scan` does, and tell whether it had to be repaired. Raises: as `read_scan`."""
    try:
        scan = _as_it_stands(text)
    except (NothingScanned, TwoScans):
        raise
    except Refused:
        return _repaired(text)
    if isinstance(scan, Words):
        return _words_or_repaired(text, scan)
    return Reading(scan=scan, is_repaired=not isinstance(scan, Card) and garbling.is_marked(text))


def is_repaired(text: str) -> bool:
    """Tell whether a text reads as a scan only because what a keyboard made of it was undone. Never raises."""
    try:
        return read(text).is_repaired
    except Refused:
        return False


def _repaired(text: str) -> Reading:
    """Read the keys behind a text; a slip that no keyboard made keeps its own sentence. Raises: as `read_scan`."""
    typed = garbling.repair(text)
    if typed is not None:
        return Reading(scan=_as_it_stands(typed.text), is_repaired=True)
    if garbling.is_marked(text):
        raise Garbled
    return Reading(scan=_as_it_stands(text), is_repaired=False)


def _words_or_repaired(text: str, words: Words) -> Reading:
    """Read words, unless they are what a keyboard has left of a code. Raises: Garbled."""
    typed = garbling.repair(text)
    if typed is not None:
        return Reading(scan=_as_it_stands(typed.text), is_repaired=True)
    if garbling.is_rewritten(text):
        raise Garbled
    return Reading(scan=words, is_repaired=False)


def _as_it_stands(text: str) -> Scan:
    words = " ".join(unicodedata.normalize("NFC", text).split())
    if not words:
        raise NothingScanned
    if _LIKE_CARD.search(words):
        return Card(identity.parse_citizen_card(words))
    typed = codes.capitals(text.strip())
    found = (reader(typed) for reader in _READERS)
    return next((scan for scan in found if scan is not None), Words(words))


def read_dossier(text: str) -> Code | OfficialCode:
    """Find the code of a dossier, ours or the authority's; words are read as an official code with a slip.

    Raises: WrongKind for a code of ours that is no dossier's, WrongOfficialCode, and what `read_scan` raises.
    """
    match read_scan(text):
        case OurCode(code=code):
            return codes.parse(code.text, kind=CodeKind.DOSSIER)
        case Official(code=code):
            return code
        case _:
            return official.parse_official(text)


def _our_code(typed: str) -> Scan | None:
    symbols = codes.squeezed(typed)
    if _meant_as_our_code(typed, symbols):
        return OurCode(codes.parse(symbols))
    return None


def _official(typed: str) -> Scan | None:
    return Official(official.parse_official(typed)) if _LIKE_OFFICIAL.fullmatch(typed) else None


def _postal_number(typed: str) -> Scan | None:
    symbols = codes.squeezed(typed)
    return PostalNumber(official.parse_s10(symbols)) if _LIKE_S10.fullmatch(symbols) else None


def _address(typed: str) -> Scan | None:
    if secret := _SECRET_AT_END.search(typed):
        _must_be_the_only_one(typed[: secret.start()])
        return ReceiptSecret(codes.decode_secret(secret[0]))
    if code := _CODE_AT_END.search(typed):
        _must_be_the_only_one(typed[: code.start()])
        return OurCode(codes.parse(code[1]))
    if _OTHER_ADDRESS.search(typed):
        raise codes.WrongSecret
    return None


def _must_be_the_only_one(before: str) -> None:
    """Refuse when a scanner without an end of line has sent something before: an address, a secret or a code."""
    if _CODE_BEFORE.search(before):
        raise TwoScans


def _number(typed: str) -> Scan | None:
    if _LIKE_NUMBER.fullmatch(typed) is None:
        return None
    digits = re.sub(r"[^0-9]", "", typed)
    if len(digits) == identity.IDENTITY_DIGITS and not typed.startswith("+"):
        return Card(CitizenCard(number=identity.parse_identity_number(digits)))
    return _phone(typed, count=len(digits))


def _phone(typed: str, *, count: int) -> Scan | None:
    """Read a phone; digits that no phone number has (for example a tax code) are words to search for."""
    try:
        return Phone(identity.parse_phone(typed))
    except identity.WrongPhone:
        if count == identity.IDENTITY_DIGITS - 1:
            raise identity.WrongIdentityNumber(count=count) from None
        if count == identity.MOBILE_DIGITS - 1:
            raise
        return None


def _meant_as_our_code(typed: str, symbols: str) -> bool:
    """Tell a code with a slip from words: ten letters of Vietnamese have two vowels at least, and no digit."""
    strangers = [symbol for symbol in symbols if symbol not in ALPHABET]
    if strangers and _is_tax_code(symbols):
        return False
    if len(symbols) == codes.CODE_LENGTH and len(strangers) <= 1:
        return True
    if not _in_one_piece(typed) or not any(symbol in "0123456789" for symbol in symbols):
        return False
    if len(symbols) == codes.CODE_LENGTH:
        return all(symbol.isalnum() for symbol in strangers)
    return len(symbols) in _ONE_SLIP_LONGER_OR_SHORTER and len(strangers) <= 1


def _is_tax_code(symbols: str) -> bool:
    try:
        identity.parse_tax_code(symbols)
    except identity.WrongTaxCode:
        return False
    return True


def _in_one_piece(typed: str) -> bool:
    first, *others = typed.split()
    return not others or (len(others) == 1 and len(first) == codes.CODE_LENGTH // 2)


_READERS: tuple[Callable[[str], Scan | None], ...] = (_number, _official, _postal_number, _our_code, _address)
