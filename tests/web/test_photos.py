"""Photos: small, upright, nothing but the picture; what is no photo is refused."""

import io
import random

import pytest
from PIL import Image, ImageDraw

from postal.web import photos
from postal.web.photos import NotAPhoto, PhotoTooLarge


def written(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    """Return a picture as a file."""
    to = io.BytesIO()
    picture.save(to, kind, **how)
    return to.getvalue()


def read(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_large_photo_becomes_small() -> None:
    small = read(photos.reencoded(written(Image.new("RGB", (4000, 3000), "white"))))
    assert (small.size, small.format) == ((1600, 1200), "JPEG")


def test_a_small_photo_does_not_grow() -> None:
    assert read(photos.reencoded(written(Image.new("RGB", (300, 200), "white")))).size == (300, 200)


def test_a_photo_loses_place_camera_and_comment() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Telephone"
    content = written(Image.new("RGB", (40, 30), "white"), exif=exif, comment=b"12 Tran Phu")
    kept = photos.reencoded(content)
    assert b"Telephone" in content
    assert b"Telephone" not in kept
    assert b"Tran Phu" not in kept
    assert not read(kept).getexif()


def test_a_photo_taken_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read(photos.reencoded(written(Image.new("RGB", (400, 200), "white"), exif=exif))).size == (200, 400)


def test_what_is_see_through_becomes_white() -> None:
    kept = read(photos.reencoded(written(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")))
    assert kept.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_of_photo_become_jpeg(kind: str) -> None:
    assert read(photos.reencoded(written(Image.new("RGB", (20, 20), "white"), kind))).format == "JPEG"


@pytest.mark.parametrize(
    "content",
    [b"", b"not a photo", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0 broken", b"GIF89a"],
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPhoto):
        photos.reencoded(content)


def test_a_cut_off_photo_is_refused() -> None:
    whole = written(Image.effect_noise((400, 400), 90).convert("RGB"))
    with pytest.raises(NotAPhoto):
        photos.reencoded(whole[: len(whole) // 2])


def test_a_photo_with_too_many_pixels_is_refused_before_it_is_read() -> None:
    for side in (8000, 12000, 20000):
        content = written(Image.new("1", (side, side)), "PNG")
        with pytest.raises(PhotoTooLarge):
            photos.reencoded(content)


def test_the_busiest_picture_becomes_small_enough_to_send_over_a_weak_network() -> None:
    noise = Image.frombytes("RGB", (1700, 1200), random.Random(1).randbytes(1700 * 1200 * 3))
    kept = photos.reencoded(written(noise))
    assert len(kept) <= photos.LARGEST


def drawn(*strokes: list[tuple[int, int]]) -> bytes:
    """Return a canvas with strokes, see-through where nobody drew."""
    canvas = Image.new("RGBA", (640, 240), (0, 0, 0, 0))
    for stroke in strokes:
        ImageDraw.Draw(canvas).line(stroke, fill="black", width=4)
    return written(canvas, "PNG")


@pytest.mark.parametrize(
    ("strokes", "is_signed"),
    [
        ([], False),
        ([[(300, 120), (303, 120)]], False),
        ([[(300, 120), (310, 122)]], False),
        ([[(60, 120), (300, 90)]], True),
        ([[(300, 40), (302, 200)]], True),
    ],
    ids=["nothing", "a dot", "a slip", "a line", "an upright line"],
)
def test_a_signature_is_a_line_that_somebody_drew(strokes: list[list[tuple[int, int]]], *, is_signed: bool) -> None:
    assert photos.has_ink(drawn(*strokes)) is is_signed


def test_a_white_sheet_is_no_signature_and_a_broken_file_no_picture() -> None:
    assert not photos.has_ink(written(Image.new("RGB", (640, 240), "white")))
    with pytest.raises(NotAPhoto):
        photos.has_ink(b"no picture")
