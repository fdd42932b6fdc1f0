"""Looks at a PDF as a printer and a scanner do: dots of one bit, symbols, letters, fonts, edges."""

import ctypes
import unicodedata
from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps
from pypdfium2 import raw

LABEL_PRINTER_DPI = 203.2
"""Eight dots a millimetre."""

MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH

# A page of 400.00001 dots is one of 400: without this the renderer would stretch it to 401.
_HAIR = 1 - 1e-5


def pages(pdf: bytes, *, dpi: float = LABEL_PRINTER_DPI) -> list[Image.Image]:
    """Return each page as a printer of one bit a dot would draw it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [_one_bit(page.render(scale=dpi / 72 * _HAIR, grayscale=True).to_pil()) for page in document]


def _one_bit(image: Image.Image) -> Image.Image:
    return image.convert("L").point(lambda light: 255 if light > 127 else 0).convert("1")


def symbols(image: Image.Image) -> list[str]:
    """Return what an independent decoder reads on the page, from the top left to the bottom right."""
    found = zxingcpp.read_barcodes(image.convert("L"))
    return [code.text for code in sorted(found, key=lambda code: (code.position.top_left.y, code.position.top_left.x))]


def sizes_mm(pdf: bytes) -> list[tuple[float, float]]:
    """Return width and height of each page in millimetres, to a hundredth."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [(round(w / 72 * MM_PER_INCH, 2), round(h / 72 * MM_PER_INCH, 2)) for w, h in map(_size, document)]


def _size(page: pypdfium2.PdfPage) -> tuple[float, float]:
    left, bottom, right, top = page.get_mediabox()
    assert page.get_cropbox() == (left, bottom, right, top)
    return right - left, top - bottom


def texts(pdf: bytes) -> list[str]:
    """Return the letters of each page, one space between words; a place where a long word may break is none."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_bounded().replace("\u200b", "").split()) for page in document]


def text(pdf: bytes) -> str:
    """Return the letters of all pages."""
    return " ".join(texts(pdf))


def squeezed(words: str) -> str:
    """Return a text without any space, to compare it however its lines were broken."""
    return "".join(unicodedata.normalize("NFC", words).split())


def fonts(pdf: bytes) -> dict[str, bool]:
    """Return the name of each font that letters are set in, and whether it is embedded."""
    with pypdfium2.PdfDocument(pdf) as document:
        return {name: embedded for page in document for name, embedded in _fonts(page)}


def _fonts(page: pypdfium2.PdfPage) -> Iterator[tuple[str, bool]]:
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=15):
        font = raw.FPDFTextObj_GetFont(thing.raw)
        name = ctypes.create_string_buffer(200)
        raw.FPDFFont_GetBaseFontName(font, name, 200)
        yield name.value.decode(), raw.FPDFFont_GetIsEmbedded(font) == 1


def ink_mm(image: Image.Image, *, dpi: float = LABEL_PRINTER_DPI) -> tuple[float, float, float, float]:
    """Return how far the ink is from the left, top, right and bottom edge, in millimetres."""
    box = ImageOps.invert(image.convert("L")).getbbox()
    assert box
    left, top, right, bottom = (edge / dpi * MM_PER_INCH for edge in box)
    return left, top, image.width / dpi * MM_PER_INCH - right, image.height / dpi * MM_PER_INCH - bottom


def runs(image: Image.Image, *, y: int) -> list[tuple[int, int]]:
    """Return where each dark run of a line of dots begins and how many dots it has."""
    found: list[tuple[int, int]] = []
    for x in range(image.width):
        if image.getpixel((x, y)):
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found
