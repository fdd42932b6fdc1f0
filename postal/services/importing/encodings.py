"""Bytes as text: Unicode and the old Vietnamese code page are read right, anything else is refused, never guessed.

A file that mixes encodings is read as UTF-8; what is not UTF-8 in it stays marked (`is_foreign`), so that its rows can
be named one by one instead of coming in as wrong letters.
"""

import codecs
import re
import unicodedata

from postal.services.importing.report import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What a file begins with, the longer mark before the shorter one it starts like."""

_OLD_CODE_PAGE = "cp1258"
_LETTERS = frozenset("đĐăĂâÂêÊôÔơƠưƯ")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS = frozenset("aăâeêioôơuưy")
_SIGNS = frozenset("“”‘’–—…•§°«»₫€©®™‰²³½\u00a0")
_FOREIGN = re.compile("[\udc80-\udcff]")
_SAVE = 'Trong Excel chọn "Lưu dưới dạng", kiểu "CSV UTF-8" hoặc .xlsx, rồi nhập lại.'


def text_of(content: bytes) -> str:
    """Return the text of a file without its byte order mark. Raises: Unreadable."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding) if encoding != "utf-8" else _utf8(content.removeprefix(mark))
    if b"\x00" in content:
        return _without_mark(content)
    return _utf8(content)


def is_foreign(text: str) -> bool:
    """Tell whether a text holds bytes that are not of the encoding of the rest of its file."""
    return bool(_FOREIGN.search(text))


def as_sent(text: str) -> str:
    """Return a text in which foreign bytes are shown as the old code page has them, for a person to compare."""
    if not is_foreign(text):
        return text
    raw = text.encode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFC", raw.decode(_OLD_CODE_PAGE, "replace"))


def is_damaged(text: str) -> bool:
    """Tell whether letters were lost before the file came: read in a wrong encoding, or turned into question marks."""
    if "\ufffd" in text or _twice_encoded(text):
        return True
    return "?" in text and "://" not in text and bool(_LOST.search(text))


_LOST = re.compile(r"[^\W\d_]\?[a-zđà-ỹ]|\?\?[a-zđà-ỹ]|\s\?[a-zđà-ỹ]")
"""A question mark inside a word, or in the place of its first letter."""

_SUSPECT = re.compile("[ÃÂÄÆÅá][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]")


def _twice_encoded(text: str) -> bool:
    """Tell whether a text is UTF-8 that somebody read as Western European: `Ä‘Äƒng kÃ½`."""
    if not _SUSPECT.search(text):
        return False
    raw = b"".join(_one_byte(letter) for letter in text)
    try:
        return raw.decode("utf-8") != text
    except UnicodeDecodeError:
        return len(_SUSPECT.findall(text)) > 1


def _one_byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1", "replace")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"Tệp bị hỏng hoặc bị cắt giữa chừng ({encoding.upper()}). {_SAVE}") from error


def _without_mark(content: bytes) -> str:
    """Return UTF-16 text that came without a mark: then every other byte of plain letters is zero."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    if len(content) % 2 == 0 and max(even, odd) * 4 > len(content) and min(even, odd) == 0:
        return _strictly(content, "utf-16-le" if odd else "utf-16-be")
    raise Unreadable(f"Tệp có ký tự rỗng, không phải CSV. {_SAVE}")


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("utf-8", "surrogateescape") if _is_mixed(content) else _old(content)


def _is_mixed(content: bytes) -> bool:
    """Tell whether some line with marked letters is UTF-8, in a file that as a whole is not."""
    return any(not line.isascii() and _is_utf8(line) for line in content.splitlines())


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _old(content: bytes) -> str:
    """Return text of Windows-1258 if it reads as Vietnamese. Raises: Unreadable."""
    try:
        text = unicodedata.normalize("NFC", content.decode(_OLD_CODE_PAGE))
    except UnicodeDecodeError as error:
        raise Unreadable(_UNKNOWN) from error
    if not all(map(_is_vietnamese, {letter for letter in text if not letter.isascii()})):
        raise Unreadable(_UNKNOWN)
    return text


_UNKNOWN = (
    f"Tệp không phải UTF-8, UTF-16 hay Windows-1258 (có thể là TCVN3 hoặc VNI), nên không đọc để khỏi sai chữ. {_SAVE}"
)


def _is_vietnamese(letter: str) -> bool:
    if letter in _LETTERS or letter in _SIGNS:
        return True
    parts = unicodedata.normalize("NFD", letter)
    base, marks = parts[0], parts[1:]
    if not marks:
        return False
    tone = [mark for mark in marks if mark in _TONES]
    vowel = unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in _TONES))
    return len(tone) == 1 and vowel.lower() in _VOWELS
