"""Photos that people send: looked at, made small, and freed of everything but the picture."""

import io
import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps, UnidentifiedImageError

from postal.domain.refusals import Refused

LONGEST_SIDE = 1600
MOST_PIXELS = 50_000_000
LARGEST = 200_000
"""Bytes of a photo as we keep it."""

SIDES = (LONGEST_SIDE, 1200, 800, 400)
QUALITIES = (82, 65, 48)
"""The first side and quality that fit are taken; the last ones hold any picture."""

INK = 160
"""Grey darker than this is ink, from 0 (black) to 255."""

SHORTEST_STROKE = 24
"""Pixels a signature is wide or high at least; the dot of one touch is smaller."""

FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE = "image/jpeg"


class NotAPhoto(Refused):
    """The file is no picture we can read."""

    code = "not_a_photo"
    vi = "Tệp này không phải ảnh đọc được. Chụp lại, gửi ảnh JPEG, PNG hoặc WEBP."
    en = "This file is not a photo that can be read. Send a JPEG, PNG or WEBP photo."


class PhotoTooLarge(Refused):
    """The picture has more pixels than any phone takes."""

    code = "photo_too_large"
    vi = "Ảnh có {pixels} triệu điểm ảnh, quá lớn. Chụp lại ở cỡ dưới {most} triệu điểm ảnh."
    en = "The photo has {pixels} million pixels, which is too many. Send one under {most} million."


def reencoded(content: bytes) -> bytes:
    """Return the picture as a JPEG of at most 1600 pixels a side, upright, without place, time or camera in it.

    Raises: NotAPhoto, PhotoTooLarge.
    """
    with _reading():
        return _jpeg(content)


def grey(content: bytes, *, longest_side: int) -> Image.Image:
    """Return the picture in grey, upright, at most so many pixels a side; nothing else of the file is kept.

    Raises: NotAPhoto, PhotoTooLarge.
    """
    with _reading(), Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        _must_be_of_a_size_to_read(picture)
        picture.draft("L", (longest_side, longest_side))
        upright = ImageOps.exif_transpose(picture)
        grey_one = (_on_white(upright) if upright.has_transparency_data else upright).convert("L")
        grey_one.thumbnail((longest_side, longest_side))
        return grey_one


@contextmanager
def _reading() -> Iterator[None]:
    """Turn what Pillow raises on broken and on monstrous files into refusals."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PhotoTooLarge(pixels="quá nhiều", most=MOST_PIXELS // 1_000_000) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise NotAPhoto from error


def has_ink(content: bytes) -> bool:
    """Tell whether something was drawn: a line on white, not a blank sheet and not the dot of a finger that slipped.

    Raises: NotAPhoto, PhotoTooLarge.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _must_be_of_a_size_to_read(picture)
            dark = _on_white(picture).convert("L").point(lambda grey: 255 * (grey < INK))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPhoto from error
    box = dark.getbbox()
    return box is not None and max(box[2] - box[0], box[3] - box[1]) >= SHORTEST_STROKE


def _jpeg(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        _must_be_of_a_size_to_read(picture)
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read at a fraction of its size
        upright = ImageOps.exif_transpose(picture)
        return _fitting(_on_white(upright))


def _fitting(picture: Image.Image) -> bytes:
    """Return the picture as the first JPEG that is small enough, rather coarser than smaller."""
    content = b""
    for side, quality in itertools.product(SIDES, QUALITIES):
        content = _written(picture, side=side, quality=quality)
        if len(content) <= LARGEST:
            break
    return content


def _written(picture: Image.Image, *, side: int, quality: int) -> bytes:
    picture.thumbnail((side, side))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()


def _must_be_of_a_size_to_read(picture: Image.Image) -> None:
    """Refuse by the size the file claims, before any pixel is read."""
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        raise PhotoTooLarge(pixels=pixels // 1_000_000, most=MOST_PIXELS // 1_000_000)


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, in colour, with white where the picture is see-through."""
    if not picture.has_transparency_data:
        return _bare(picture.convert("RGB"))
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(white, layered).convert("RGB")


def _bare(picture: Image.Image) -> Image.Image:
    """Return a copy that carries nothing but pixels."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    return bare
