"""Pages of a scanner's file, each a PDF of its own with the labels on it. The file is read in another process."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from postal.domain import scanning
from postal.domain.refusals import Refused
from postal.services import sheet_reader

PDF = "application/pdf"
JPEG = "image/jpeg"
SECONDS = 240
AT_ONCE = 2
"""Files that are read at the same time; others wait, so that the counters keep the machine."""

MOST_WAITING = 12
"""Files that are read or wait for it: whoever waits keeps a thread of the server and the file in memory."""

_ROOT = Path(__file__).resolve().parents[2]
_turns = threading.BoundedSemaphore(AT_ONCE)
_joins = threading.BoundedSemaphore(AT_ONCE)
"""Putting a paper together is quick, and never waits for a stack to be read."""

_room = threading.BoundedSemaphore(MOST_WAITING)


class EmptyFile(Refused):
    """Nothing was sent."""

    code = "empty_scan"
    vi = "Tệp trống, không có trang nào. Chọn lại tệp, hoặc quét lại."
    en = "The file is empty. Choose it again, or scan again."


class FileTooLarge(Refused):
    """More than a scanner's stack."""

    code = "file_too_large"
    vi = "Tệp nặng {size} MB, mỗi lần nhận tối đa {most} MB. Tách tệp, hoặc quét ở 200 dpi. Chưa lưu gì."
    en = "The file has {size} MB; at most {most} MB are taken at once. Split it. Nothing was kept."


class TooManyPages(Refused):
    """Somebody scanned a whole shelf."""

    code = "too_many_pages"
    vi = "Tệp có {pages} trang, mỗi lần nhận tối đa {most} trang. Tách thành nhiều tệp rồi gửi lại. Chưa lưu gì."
    en = "The file has {pages} pages; at most {most} are taken at once. Split it. Nothing was kept."


class NotAPdf(Refused):
    """It says it is one."""

    code = "not_a_pdf"
    vi = "Tệp mang đuôi hoặc đầu tệp PDF nhưng không đọc được: bị hỏng hoặc không phải PDF. Quét lại, gửi tệp mới."
    en = "The file says it is a PDF but cannot be read. Scan again."


class EncryptedPdf(Refused):
    """A file that needs a password."""

    code = "encrypted_pdf"
    vi = "Tệp PDF có mật khẩu nên không đọc được. Bỏ mật khẩu rồi gửi lại, hoặc quét từ bản giấy."
    en = "The PDF has a password. Remove it, or scan from paper."


class UnknownKind(Refused):
    """Neither PDF nor picture."""

    code = "unknown_kind_of_file"
    vi = "Tệp này không phải PDF, JPEG, PNG, TIFF hay WEBP. Quét ra PDF hoặc ảnh rồi gửi lại."
    en = "This file is no PDF, JPEG, PNG, TIFF or WEBP."


class TooManyPixels(Refused):
    """A picture that only somebody malicious, or a wrong setting, makes."""

    code = "too_many_pixels"
    vi = "Một trang có quá nhiều điểm ảnh (tối đa {most} triệu). Quét lại ở 200 đến 300 dpi, khổ A4 hoặc A3."
    en = "A page has too many pixels (at most {most} million). Scan at 200 to 300 dpi."


class TooHeavy(Refused):
    """One picture that every page shows comes along with each of them."""

    code = "too_heavy"
    vi = "Các trang của tệp nặng quá {most} MB khi tách ra. Tách tệp, hoặc quét lại ở 200 dpi. Chưa lưu gì."
    en = "The pages are heavier than {most} MB once they are apart. Split the file. Nothing was kept."


class UnreadableFile(Refused):
    """It could not be read to its end."""

    code = "unreadable_scan"
    vi = "Không đọc được hết tệp: tệp hỏng, hoặc quá nặng để đọc. Chưa lưu gì. Quét lại, gửi tệp nhỏ hơn."
    en = "The file could not be read to its end. Nothing was kept. Scan again."


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """A page: as a PDF of its own, the label codes on it, a small picture."""

    pdf: bytes
    labels: frozenset[str]
    picture: bytes


def read(content: bytes) -> tuple[Leaf, ...]:
    """Return the pages of a file from a scanner.

    Raises: EmptyFile, FileTooLarge, TooManyPages, NotAPdf, EncryptedPdf, UnknownKind, TooManyPixels, UnreadableFile,
    ReadersBusy.
    """
    if not content:
        raise EmptyFile
    if len(content) > scanning.LARGEST_FILE:
        raise FileTooLarge(size=len(content) // 1024**2, most=scanning.LARGEST_FILE // 1024**2)
    answer = _decoded(_asked_in_turn(str(scanning.MOST_PAGES), content=content))
    if answer.wrong:
        raise _refusal(answer)
    return tuple(map(_leaf, answer.pages))


def joined(pages: Sequence[bytes]) -> bytes:
    """Return one PDF of pages that `read` gave, in their order. Raises: UnreadableFile."""
    with _joins:
        return _asked("join", content=msgspec.msgpack.encode(list(pages)))


def _asked_in_turn(most_pages: str, *, content: bytes) -> bytes:
    if not _room.acquire(blocking=False):
        raise scanning.ReadersBusy
    try:
        with _turns:
            return _asked("read", most_pages, content=content)
    finally:
        _room.release()


def _asked(*task: str, content: bytes) -> bytes:
    """Let the reader do a task. It is told nothing but the file: no key, no address. Raises: UnreadableFile."""
    command = [sys.executable, "-m", sheet_reader.__name__, *task]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by its name
            command, input=content, capture_output=True, cwd=_ROOT, env={}, timeout=SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise UnreadableFile from error
    return done.stdout


def _decoded(answer: bytes) -> sheet_reader.Answer:
    try:
        return msgspec.msgpack.decode(answer, type=sheet_reader.Answer)
    except msgspec.DecodeError as error:
        raise UnreadableFile from error


def _leaf(page: sheet_reader.Page) -> Leaf:
    labels = frozenset(code for symbol in page.symbols if (code := scanning.label_code(symbol)))
    return Leaf(pdf=page.pdf, labels=labels, picture=page.picture)


def _refusal(answer: sheet_reader.Answer) -> Refused:
    match answer.wrong:
        case "too_many_pages":
            return TooManyPages(pages=answer.number, most=scanning.MOST_PAGES)
        case "pixels":
            return TooManyPixels(most=sheet_reader.MOST_PIXELS // 1_000_000)
        case "too_heavy":
            return TooHeavy(most=answer.number)
        case "encrypted":
            return EncryptedPdf()
        case "not_a_pdf":
            return NotAPdf()
        case "unknown_kind":
            return UnknownKind()
        case _:
            return UnreadableFile()
