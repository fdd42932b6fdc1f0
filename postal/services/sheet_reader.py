"""Reads files from scanners in a process of its own: a hostile file may break this process, and nothing else.

`python -m postal.services.sheet_reader read` takes a file on standard input and writes its pages; `join` takes pages
and writes one PDF. Both answers are MessagePack. Nothing of a file but what can be seen on its pages is kept: each page
is drawn into a new PDF, without scripts, attachments, links, comments or the writer's name.
"""

import io
import resource
import sys
import warnings
from collections.abc import Callable, Iterator

import msgspec
import pypdfium2 as pdfium
import zxingcpp
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError
from pypdfium2 import raw

MEMORY = 3 * 1024**3
"""Bytes this process may have."""

MOST_PIXELS = 120_000_000
"""Of one picture: an A3 sheet at 600 dpi has 70 million."""

MOST_BYTES = 200 * 1024**2
"""Of all pages together: one picture that every page shows comes along with each of them."""

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP")
SYMBOLS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128])
LOOK_DPI = 200
"""How finely a page is drawn to find a label: the thinnest bar of a printed Code 128 has two pixels."""

LONGEST_LOOK = 3600
KEPT_DPI = 300
LONGEST_KEPT = 5000
QUALITY = 80
BEFORE_PDF = b"\xef\xbb\xbf \t\r\n\0"
"""What some programs write before a PDF begins."""

PICTURE_SIDE = 1000
UNKNOWN_DPI = 200
POINTS = 72.0


class Page(msgspec.Struct):
    """A page: as a PDF of its own, the texts of the symbols on it, a small JPEG to look at."""

    pdf: bytes
    symbols: list[str]
    picture: bytes


class Answer(msgspec.Struct):
    """What came of a file: its pages, or the name of what is wrong, with a number where one belongs to it."""

    pages: list[Page] = []
    wrong: str = ""
    number: int = 0


class _Wrong(Exception):
    def __init__(self, wrong: str, number: int = 0) -> None:
        self.answer = Answer(wrong=wrong, number=number)
        super().__init__(wrong)


def read(content: bytes, *, most_pages: int) -> Answer:
    """Take a file apart into pages; what is wrong with it is part of the answer."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            taken = _of_pdf if content[:1024].lstrip(BEFORE_PDF).startswith(b"%PDF-") else _of_picture
            return Answer(pages=_not_too_heavy(taken(content, most_pages)))
    except _Wrong as wrong:
        return wrong.answer
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return Answer(wrong="pixels")
    except (pdfium.PdfiumError, UnidentifiedImageError, OSError, SyntaxError, ValueError, MemoryError):
        return Answer(wrong="unreadable")


def _not_too_heavy(pages: Iterator[Page]) -> list[Page]:
    found, bytes_ = [], 0
    for page in pages:
        bytes_ += len(page.pdf)
        if bytes_ > MOST_BYTES:
            raise _Wrong("too_heavy", MOST_BYTES // 1024**2)
        found.append(page)
    return found


def join(pages: list[bytes]) -> bytes:
    """Return one PDF of the pages that `read` gave, in their order."""
    whole = pdfium.PdfDocument.new()
    for page in pages:
        whole.import_pages(pdfium.PdfDocument(page))
    return _written(whole)


# --- PDF --------------------------------------------------------------------------------------------------------------


def _of_pdf(content: bytes, most_pages: int) -> Iterator[Page]:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise _Wrong("encrypted" if error.err_code == raw.FPDF_ERR_PASSWORD else "not_a_pdf") from error
    if len(document) > most_pages:
        raise _Wrong("too_many_pages", len(document))
    if not len(document):
        raise _Wrong("not_a_pdf")
    document.init_forms()
    for number in range(len(document)):
        yield _page(document, number)


def _page(document: pdfium.PdfDocument, number: int) -> Page:
    page = document[number]
    for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=6):
        width, height = each.get_px_size()
        _must_be_readable(width, height)
    raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)  # what was typed into a form becomes part of the page
    redrawn = _redrawn(document, number)
    fresh = pdfium.PdfDocument(redrawn)[0]
    return Page(pdf=redrawn, symbols=_symbols(_drawn(fresh)), picture=_small(_drawn(fresh, longest=PICTURE_SIDE)))


def _redrawn(document: pdfium.PdfDocument, number: int) -> bytes:
    """Return what a page shows as a new PDF of one page; nothing else of the old one comes along."""
    alone = pdfium.PdfDocument.new()
    shown = document.page_as_xobject(number, alone)
    sheet = alone.new_page(*document.get_page_size(number))
    sheet.insert_obj(shown.as_pageobject())
    sheet.gen_content()
    return _written(alone)


def _drawn(page: pdfium.PdfPage, *, longest: int = LONGEST_LOOK) -> Image.Image:
    """Return a page in grey at the resolution for looking, at most so many pixels a side."""
    scale = min(LOOK_DPI / POINTS, longest / max(page.get_size()))
    picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    return picture


def _written(document: pdfium.PdfDocument) -> bytes:
    to = io.BytesIO()
    document.save(to)
    return to.getvalue()


# --- pictures ---------------------------------------------------------------------------------------------------------


def _of_picture(content: bytes, most_pages: int) -> Iterator[Page]:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise _Wrong("unknown_kind") from error
    frames = getattr(picture, "n_frames", 1)
    if frames > most_pages:
        raise _Wrong("too_many_pages", frames)
    for frame in ImageSequence.Iterator(picture):
        _must_be_readable(frame.width, frame.height)
        yield _page_of(frame)


def _page_of(frame: Image.Image) -> Page:
    points = _points(frame)
    bare = _bare(frame)
    grey = bare.convert("L")
    grey.thumbnail((LONGEST_LOOK, LONGEST_LOOK))
    return Page(pdf=_as_pdf(bare, points=points), symbols=_symbols(grey), picture=_small(grey))


def _bare(frame: Image.Image) -> Image.Image:
    """Return the pixels alone, upright, see-through as white, not larger than what is kept."""
    upright = ImageOps.exif_transpose(frame)
    if upright.has_transparency_data:
        layered = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    mode = "L" if frame.mode in ("1", "L", "I;16") else "RGB"
    pixels = upright.convert(mode)
    bare = Image.new(mode, pixels.size)
    bare.paste(pixels)
    bare.thumbnail((LONGEST_KEPT, LONGEST_KEPT))
    return bare


def _points(frame: Image.Image) -> tuple[float, float]:
    """Return the size of the sheet in points, by the resolution the file states if that is one of a scanner."""
    stated = frame.info.get("dpi", (0, 0))[0]
    dpi = float(stated) if 70 <= float(stated) <= 1200 else UNKNOWN_DPI
    turned = frame.getexif().get(0x0112, 1) >= 5
    width, height = (frame.height, frame.width) if turned else frame.size
    return width * POINTS / dpi, height * POINTS / dpi


def _as_pdf(picture: Image.Image, *, points: tuple[float, float]) -> bytes:
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    jpeg.seek(0)
    document = pdfium.PdfDocument.new()
    image = pdfium.PdfImage.new(document)
    image.load_jpeg(jpeg, inline=True)
    image.set_matrix(pdfium.PdfMatrix().scale(*points))
    sheet = document.new_page(*points)
    sheet.insert_obj(image)
    sheet.gen_content()
    return _written(document)


def _small(grey: Image.Image) -> bytes:
    small, to = grey.copy(), io.BytesIO()
    small.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    small.save(to, "JPEG", quality=60)
    return to.getvalue()


def _symbols(grey: Image.Image) -> list[str]:
    return sorted({symbol.text for symbol in zxingcpp.read_barcodes(grey, formats=SYMBOLS) if symbol.text})


def _must_be_readable(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _Wrong("pixels", width * height // 1_000_000)


# --- the process ------------------------------------------------------------------------------------------------------


def _read_from(content: bytes) -> bytes:
    return msgspec.msgpack.encode(read(content, most_pages=int(sys.argv[2])))


def _join_from(content: bytes) -> bytes:
    return join(msgspec.msgpack.decode(content, type=list[bytes]))


_TASKS: dict[str, Callable[[bytes], bytes]] = {"read": _read_from, "join": _join_from}

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    sys.stdout.buffer.write(_TASKS[sys.argv[1]](sys.stdin.buffer.read()))
