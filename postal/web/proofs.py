"""What proves a visit: a signature drawn on the glass or a photo, and where the phone was.

The picture survives a form that has to be mended.
"""

import base64
import binascii
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from postal.domain.proofs import NoInk
from postal.services.proving import Proof
from postal.services.visiting import spot
from postal.web import photos
from postal.web.photos import MEDIA_TYPE, NotAPhoto

__all__ = ["MEDIA_TYPE", "Sent", "content", "kept", "of", "spot", "texts"]

_DRAWN = "data:image/png;base64,"


async def get_form(request: Request) -> AsyncIterator[FormData]:
    """Give the form with its files, and close these afterwards."""
    form = await request.form()
    try:
        yield form
    finally:
        await form.close()


Sent = Annotated[FormData, Depends(get_form)]


def texts(sent: FormData) -> dict[str, str]:
    """Return the text fields of a form, without the spaces around them."""
    return {name: value.strip() for name, value in sent.items() if isinstance(value, str)}


def content(sent: FormData) -> bytes:
    """Return the photo, else the signature, else what was kept from the last try, re-encoded; empty for none.

    Raises: NotAPhoto, PhotoTooLarge, NoInk for a signature that nobody drew.
    """
    raw = _uploaded(sent) or _signed(texts(sent)) or _decoded(texts(sent).get("kept", ""))
    return photos.reencoded(raw) if raw else b""


def of(sent: FormData) -> Proof:
    """Return the whole proof of a form. Raises: NotAPhoto, PhotoTooLarge, NoInk."""
    picture = content(sent)
    return Proof(content=picture, media_type=MEDIA_TYPE if picture else "", spot=spot(texts(sent)))


def kept(proof: bytes) -> str:
    """Return a proof as a hidden field carries it."""
    return base64.b64encode(proof).decode()


def _uploaded(sent: FormData) -> bytes:
    photo = sent.get("photo")
    return photo.file.read() if isinstance(photo, UploadFile) else b""


def _signed(typed: dict[str, str]) -> bytes:
    """Return the signature; an empty one counts as none where a picture was taken before. Raises: NoInk, NotAPhoto."""
    drawn = _decoded(typed.get("signature", "").removeprefix(_DRAWN))
    if not drawn or photos.has_ink(drawn):
        return drawn
    if typed.get("kept"):
        return b""
    raise NoInk


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAPhoto from error
