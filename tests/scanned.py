"""Stacks as a scanner makes them: A4 pages with text, some with the label of an envelope stuck on."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2 as pdfium
import typst
import zxingcpp
from PIL import Image

from labels import qr

DPI = 200


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A page: what stands on it, and the code of a label as QR symbol or as bars."""

    text: str = "Nội dung giấy tờ."
    label: str = ""
    bars: str = ""


def stack(sheets: Sequence[Sheet]) -> bytes:
    """Return a PDF of A4 pages, a label 14.5 mm wide or bars 45 mm wide at the top right."""
    with TemporaryDirectory() as folder:
        pages = []
        for number, sheet in enumerate(sheets):
            drawn = _drawn(Path(folder), number, sheet)
            pages.append(f"{drawn}#v(20mm)\n#text(size: 14pt)[{sheet.text}]\n#lorem(120)")
        source = Path(folder) / "stack.typ"
        source.write_text('#set page(paper: "a4", margin: 20mm)\n' + "\n#pagebreak()\n".join(pages), encoding="utf-8")
        return typst.compile(source)


def plain(source: str) -> bytes:
    """Return the PDF of a typst source without pictures."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plain.typ"
        path.write_text(source, encoding="utf-8")
        return typst.compile(path)


def _drawn(folder: Path, number: int, sheet: Sheet) -> str:
    """Return the symbols of a page as typst places them."""
    said = ""
    if sheet.label:
        (folder / f"{number}.svg").write_text(qr.svg(qr.symbol(sheet.label)))
        said += f'#place(top + right, image("{number}.svg", width: 14.5mm))\n'
    if sheet.bars:
        made = zxingcpp.create_barcode(sheet.bars, zxingcpp.BarcodeFormat.Code128)
        (folder / f"b{number}.svg").write_text(zxingcpp.write_barcode_to_svg(made))
        said += f'#place(top + left, image("b{number}.svg", width: 45mm, height: 12mm, fit: "stretch"))\n'
    return said


def pictures(content: bytes) -> list[Image.Image]:
    """Return the pages of a PDF as a scanner at 200 dpi sees them."""
    return [page.render(scale=DPI / 72).to_pil().convert("L") for page in pdfium.PdfDocument(content)]


def as_tiff(content: bytes) -> bytes:
    """Return the pages as one TIFF of many frames, black and white."""
    first, *rest = (picture.convert("1") for picture in pictures(content))
    to = io.BytesIO()
    first.save(to, "TIFF", save_all=True, append_images=rest, dpi=(DPI, DPI), compression="group4")
    return to.getvalue()


def as_scanned_pdf(content: bytes) -> bytes:
    """Return the pages as a scanner writes them: a picture each."""
    first, *rest = pictures(content)
    to = io.BytesIO()
    first.save(to, "PDF", save_all=True, append_images=rest, resolution=DPI)
    return to.getvalue()


def written(picture: Image.Image, kind: str, **how: object) -> bytes:
    """Return a picture as a file."""
    to = io.BytesIO()
    picture.save(to, kind, **how)
    return to.getvalue()


def text_of(content: bytes) -> str:
    """Return the text of every page of a PDF."""
    return "\n".join(page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(content))
