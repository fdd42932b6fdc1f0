"""Photos and signatures of devices: sent after the facts they prove, by their own digest, as often as one likes."""

import hashlib
from enum import Enum
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import uploads
from postal.web import photos
from postal.web.deps import Now, StoreDep, acting
from postal.web.problems import documented
from postal.web.security import TooLarge

LARGEST_PHOTO = 1024 * 1024

# The token is read by `acting`; this only tells the schema how to send it.
router = APIRouter(prefix="/api/v1/photos", tags=["events"], dependencies=[Depends(HTTPBearer(auto_error=False))])


class SentPhotoTooLarge(TooLarge):
    """A photo is larger than a device sends."""

    code = "sent_photo_too_large"
    vi = "Ảnh lớn hơn 1 MiB. Thu nhỏ rồi gửi lại."
    en = "The photo is larger than 1 MiB. Make it smaller and send it again."


class OtherPhoto(Refused):
    """What came is not what its digest says."""

    code = "other_photo"
    vi = "Ảnh nhận được không khớp mã băm của nó. Gửi lại."
    en = "The photo does not have the digest in its address. Send it again."


class PhotoOutcome(Enum):
    """What became of a photo."""

    CREATED = "created"
    EXISTS = "exists"


class PhotoAnswer(BaseModel):
    """The answer to a photo; sent again it is `exists`."""

    sha256: str
    status: PhotoOutcome


async def get_photo(request: Request) -> bytes:
    """Return the body. Raises: SentPhotoTooLarge."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_PHOTO:
            raise SentPhotoTooLarge
    return bytes(body)


_BODY = {"required": True, "content": {media: {} for media in ("image/jpeg", "image/png", "image/webp")}}


@router.put(
    "/{sha256}",
    responses={**documented(401, 403, 413, 422), 201: {"description": "It is new.", "model": PhotoAnswer}},
    openapi_extra={"requestBody": _BODY},
)
def put_photo(
    response: Response,
    store: StoreDep,
    now: Now,
    actor: Annotated[Actor, acting(Permission.SEE_DOSSIERS)],
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the body, in hex.")],
    body: Annotated[bytes, Depends(get_photo)],
) -> PhotoAnswer:
    """Keep a photo that an event of this account names in `photos`, before or after the event itself."""
    if hashlib.sha256(body).hexdigest() != sha256:
        raise OtherPhoto
    if uploads.is_kept(store, sha256, by=actor):
        return PhotoAnswer(sha256=sha256, status=PhotoOutcome.EXISTS)
    content = photos.reencoded(body)
    is_new = uploads.keep(store, sha256, content=content, media_type=photos.MEDIA_TYPE, by=actor, at=now)
    response.status_code = 201 if is_new else 200
    return PhotoAnswer(sha256=sha256, status=PhotoOutcome.CREATED if is_new else PhotoOutcome.EXISTS)
