"""A scanner's file becomes pages with the labels on them; what is hostile or broken is refused with a sentence."""

import ctypes
import io
import random
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable

import pypdfium2 as pdfium
import pytest
from PIL import Image
from pypdfium2 import raw

from postal.domain import scanning
from postal.domain.refusals import Refused
from postal.services import sheet_reader, sheets
from postal.services.sheets import (
    EmptyFile,
    EncryptedPdf,
    FileTooLarge,
    NotAPdf,
    TooManyPages,
    TooManyPixels,
    UnknownKind,
)
from tests import cast, scanned
from tests.scanned import Sheet

LABELLED = (Sheet(label=cast.ITEM), Sheet(), Sheet(bars=cast.DOSSIER), Sheet(label=cast.BAG))
FOUND = [{cast.ITEM}, set(), {cast.DOSSIER}, set()]


def zipped() -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr("to-khai.pdf", b"%PDF-")
    return to.getvalue()


def encrypted() -> bytes:
    """Return a PDF whose dictionary says it is encrypted and whose password nobody has."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
        b"4 0 obj<</Filter/Standard/V 1/R 2/O<" + b"28" * 32 + b">/U<" + b"00" * 32 + b">/P -4>>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n"
    )


def huge(side: int = 50_000) -> bytes:
    """Return a small PNG that unpacks to a picture of 2.5 thousand million pixels."""
    row, packer = bytes(1 + side // 8), zlib.compressobj(9)
    data = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


# --- what is read -----------------------------------------------------------------------------------------------------


def test_every_page_comes_with_the_labels_on_it() -> None:
    leaves = sheets.read(scanned.stack(LABELLED))
    assert [set(leaf.labels) for leaf in leaves] == FOUND
    assert all(len(pdfium.PdfDocument(leaf.pdf)) == 1 for leaf in leaves)


@pytest.mark.parametrize("kind", [scanned.as_scanned_pdf, scanned.as_tiff], ids=["scanned pdf", "black and white tiff"])
def test_labels_are_found_on_what_a_scanner_makes(kind: object) -> None:
    content = kind(scanned.stack(LABELLED))  # type: ignore[operator]
    assert [set(leaf.labels) for leaf in sheets.read(content)] == FOUND


def test_a_page_on_its_side_or_upside_down_keeps_its_label() -> None:
    upright = scanned.pictures(scanned.stack([Sheet(label=cast.ITEM)]))[0]
    for turn in (90, 180, 270):
        turned = scanned.written(upright.rotate(turn, expand=True), "PNG", dpi=(200, 200))
        assert [set(leaf.labels) for leaf in sheets.read(turned)] == [{cast.ITEM}]


def test_a_photo_of_a_paper_is_a_page_upright_without_camera_and_place() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Telephone", 6
    photo = scanned.written(Image.new("RGB", (400, 200), "white"), "JPEG", exif=exif, comment=b"12 Tran Phu")
    (leaf,) = sheets.read(photo)
    width, height = pdfium.PdfDocument(leaf.pdf).get_page_size(0)
    assert width < height
    assert b"Telephone" not in leaf.pdf
    assert b"Tran Phu" not in leaf.pdf


def test_the_size_of_the_sheet_stays() -> None:
    (leaf,) = sheets.read(scanned.written(Image.new("L", (1654, 2339), 255), "PNG", dpi=(200, 200)))
    assert pdfium.PdfDocument(leaf.pdf).get_page_size(0) == pytest.approx((595.4, 842.0), abs=1)


def test_pages_joined_again_keep_their_order() -> None:
    leaves = sheets.read(scanned.stack([Sheet(text=f"Trang số {number}") for number in range(1, 4)]))
    text = scanned.text_of(sheets.joined([leaf.pdf for leaf in (leaves[2], leaves[0])]))
    assert text.index("Trang số 3") < text.index("Trang số 1")
    assert "Trang số 2" not in text


def test_scripts_attachments_links_and_the_writers_name_do_not_come_along() -> None:
    document = pdfium.PdfDocument(scanned.stack([Sheet(text='#link("https://example.org")[bấm vào đây]')]))
    attached = document.new_attachment("ma-doc.exe")
    attached.set_data(b"MZ-ma-doc")
    to = io.BytesIO()
    document.save(to)
    hostile = to.getvalue().replace(b"/Type/Catalog", b"/Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>", 1)
    hostile = hostile.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction <</S /JavaScript /JS (app.alert(1))>>", 1)
    assert b"JavaScript" in hostile
    (leaf,) = sheets.read(hostile)
    for word in (b"JavaScript", b"OpenAction", b"EmbeddedFile", b"MZ-ma-doc", b"example.org", b"/Annots", b"Typst"):
        assert word not in leaf.pdf
    assert pdfium.PdfDocument(leaf.pdf).count_attachments() == 0
    assert "bấm vào đây" in scanned.text_of(leaf.pdf)


def test_what_was_stamped_or_typed_onto_a_page_stays_on_it() -> None:
    document = pdfium.PdfDocument(scanned.stack([Sheet()]))
    page = document[0]
    mark = raw.FPDFPage_CreateAnnot(page.raw, raw.FPDF_ANNOT_STAMP)
    raw.FPDFAnnot_SetRect(mark, raw.FS_RECTF(100, 100, 500, 20))
    black = ctypes.create_string_buffer("0 0 0 rg 100 20 400 80 re f".encode("utf-16-le") + b"\0\0")
    raw.FPDFAnnot_SetAP(mark, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, ctypes.cast(black, raw.FPDF_WIDESTRING))
    raw.FPDFPage_CloseAnnot(mark)
    to = io.BytesIO()
    document.save(to)
    (leaf,) = sheets.read(to.getvalue())
    drawn = pdfium.PdfDocument(leaf.pdf)[0].render(scale=1, grayscale=True).to_pil()
    assert drawn.getpixel((300, 842 - 60)) == 0


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "refusal", "words"),
    [
        (bytes, EmptyFile, "Tệp trống"),
        (lambda: b"%PDF-1.7\nkhong phai PDF", NotAPdf, "không phải PDF"),
        (zipped, UnknownKind, "không phải PDF, JPEG"),
        (lambda: b"MZ" + bytes(2000), UnknownKind, "không phải PDF, JPEG"),
        (encrypted, EncryptedPdf, "có mật khẩu"),
        (huge, TooManyPixels, "120 triệu"),
    ],
    ids=["empty", "no pdf", "zip", "program", "encrypted", "bomb"],
)
def test_what_cannot_be_read_is_refused_by_name(made: Callable[[], bytes], refusal: type[Refused], words: str) -> None:
    content = made()
    with pytest.raises(refusal, match=words):
        sheets.read(content)


def test_five_hundred_pages_are_refused_with_both_numbers() -> None:
    pages = "\n#pagebreak()\n".join("." for _ in range(500))
    with pytest.raises(TooManyPages, match="500 trang, mỗi lần nhận tối đa 200"):
        sheets.read(scanned.plain(pages))


def test_a_file_heavier_than_a_stack_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileTooLarge, match="60 MB"):
        sheets.read(bytes(scanning.LARGEST_FILE + 1))


def test_a_picture_that_ends_in_the_middle_is_refused() -> None:
    whole = scanned.written(Image.effect_noise((800, 800), 90), "PNG")
    with pytest.raises(Refused, match="Không đọc được hết tệp"):
        sheets.read(whole[: len(whole) // 2])


def test_a_huge_picture_inside_a_pdf_is_refused_before_it_is_unpacked() -> None:
    small = scanned.as_scanned_pdf(scanned.stack([Sheet()]))
    with pytest.raises(TooManyPixels):
        sheets.read(small.replace(b"/Width 1654", b"/Width 50000").replace(b"/Height 2339", b"/Height 50000"))


def shared(pages: int = 20, megabytes: int = 2) -> bytes:
    """Return a PDF whose pages all show one large picture."""
    noise = random.Random(4).randbytes(megabytes * 1024**2)
    kids = b" ".join(b"%d 0 R" % (5 + each) for each in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        b"<</Type/XObject/Subtype/Image/BitsPerComponent 8/ColorSpace/DeviceGray/Width 1024/Height %d/Length %d>>"
        b"stream\n" % (len(noise) // 1024, len(noise)) + noise + b"\nendstream",
        b"<</Length 27>>stream\nq 500 0 0 700 0 0 cm /I Do Q\nendstream",
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I 3 0 R>>>>/Contents 4 0 R>>"]
        * pages,
    ]
    written = b"".join(b"%d 0 obj%sendobj\n" % (number, body) for number, body in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + written + b"trailer<</Root 1 0 R/Size %d>>" % (len(objects) + 1)


def test_a_small_file_whose_pages_become_heavy_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    content = shared()
    monkeypatch.setattr(sheet_reader, "MOST_BYTES", 8 * 1024**2)
    answer = sheet_reader.read(content, most_pages=scanning.MOST_PAGES)
    assert (answer.wrong, answer.number, answer.pages) == ("too_heavy", 8, [])
    assert "nặng quá 8 MB" in str(sheets._refusal(answer))


def test_a_paper_is_put_together_while_stacks_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    (page,) = sheets.read(scanned.stack([Sheet(text="Tờ khai")]))
    monkeypatch.setattr(sheets, "_turns", threading.BoundedSemaphore(1))
    with sheets._turns:
        assert "Tờ khai" in scanned.text_of(sheets.joined([page.pdf]))


def test_pages_that_are_turned_or_cut_are_kept_as_they_are_shown() -> None:
    document = pdfium.PdfDocument(scanned.as_scanned_pdf(scanned.stack([Sheet(label=cast.ITEM), Sheet()])))
    document[0].set_rotation(90)
    document[1].set_cropbox(100, 200, 500, 842)
    to = io.BytesIO()
    document.save(to)
    turned, cut = (pdfium.PdfDocument(leaf.pdf)[0].get_size() for leaf in sheets.read(to.getvalue()))
    assert turned[0] > turned[1]
    assert [round(side) for side in cut] == [400, 642]
