"""Facts from devices that were offline: many in one request, answered one by one, as often as they are sent."""

import json
import zlib
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from postal.domain import acts, codes, facts
from postal.domain.acts import ActKind
from postal.domain.codes import CodeKind
from postal.domain.events import DeclineReason, FactKind
from postal.domain.facts import DOUBTS
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import devices, entries
from postal.services.entries import Batch
from postal.services.facts import Answer, Outcome
from postal.web.deps import Chance, DeviceDep, Now, StoreDep, acting
from postal.web.problems import documented
from postal.web.security import TooLarge

LARGEST_BATCH = 1024 * 1024
MOST_EVENTS = 200

# The token is read by `acting`; this only tells the schema how to send it.
router = APIRouter(prefix="/api/v1", tags=["events"], dependencies=[Depends(HTTPBearer(auto_error=False))])


class BatchTooLarge(TooLarge):
    """A batch is larger than a device may send at once."""

    code = "batch_too_large"
    vi = "Lô gửi lên lớn hơn 1 MiB. Chia thành nhiều lô nhỏ hơn rồi gửi lại."
    en = "The batch is larger than 1 MiB. Split it and send it again."


class BatchUnpacked(Refused):
    """What says that it is packed cannot be unpacked."""

    code = "batch_not_unpacked"
    vi = "Lô gửi lên nén hỏng. Gửi lại, hoặc gửi không nén."
    en = "The batch cannot be unpacked. Send it again, or without compression."


class PhotoForm(BaseModel):
    """A picture that is sent to `/api/v1/photos/{sha256}` before or after its act."""

    name: Annotated[str, Field(max_length=32)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ActForm(BaseModel):
    """What was done as a whole while the device was offline: the form that does the same on line.

    It is kept first and carried out at `occurred_at`, as the account that sends it; while it cannot be, `fits` is false
    and it is tried again.
    """

    id: Annotated[str, Field(pattern="^[0-9a-fA-F]{32}$", description="16 random bytes, drawn before sending.")]
    kind: ActKind
    fields: Annotated[dict[str, Any], Field(description="The fields of the form, and the code that it is about.")]
    photos: Annotated[list[PhotoForm], Field(max_length=acts.MOST_PHOTOS)] = []
    parents: Annotated[list[str] | None, Field(description="Numbers of the events the device knew.")] = None
    after: Annotated[datetime | None, Field(description="When the device had spoken to the server last.")] = None
    occurred_at: Annotated[datetime, Field(description="RFC 3339 with an offset, by the clock of the device.")]
    device_seq: Annotated[int, Field(ge=0, le=facts.LARGEST_SEQUENCE, description="Counts up on the device.")]


class FactForm(BaseModel):
    """What happened to an item while the device was offline.

    A line that does not read like this is kept in quarantine and says so; the other lines of the batch go on.
    """

    id: Annotated[str, Field(pattern="^[0-9a-fA-F]{32}$", description="16 random bytes, drawn before sending.")]
    kind: FactKind
    item: Annotated[str, Field(description="The code on the label of an item or a bag.", examples=["P3FHJ-8QXV9"])]
    to: Annotated[
        str,
        Field(
            description="For `handed_over` and `moved`: position, or account of a postman.", examples=["MC-T48:desk"]
        ),
    ] = ""
    position: Annotated[str, Field(description="The position he acted in.", examples=["BC-550000:counter"])] = ""
    parents: Annotated[
        list[Annotated[str, Field(pattern="^[0-9a-fA-F]{32}$")]] | None,
        Field(max_length=facts.MOST_PARENTS, description="Numbers of the events of this item the device knew."),
    ] = None
    record: Annotated[str, Field(description="The hand-over record both devices agreed on.")] = ""
    after: Annotated[datetime | None, Field(description="When the device had spoken to the server last.")] = None
    reason: Annotated[DeclineReason | None, Field(description="For `declined`.")] = None
    occurred_at: Annotated[datetime, Field(description="RFC 3339 with an offset, by the clock of the device.")]
    device_seq: Annotated[int, Field(ge=0, le=facts.LARGEST_SEQUENCE, description="Counts up on the device.")]


class BatchForm(BaseModel):
    """What one device sends, in any order; its lines are taken in the order of `device_seq`."""

    device: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._:-]*$")] = ""
    sent_at: Annotated[AwareDatetime | None, Field(description="The device's clock when it sends.")] = None
    events: Annotated[list[Any], Field(max_length=MOST_EVENTS)]


class FactAnswer(BaseModel):
    """The answer to one line. `version` is its place in the item's history, null for what is done as a whole.

    `fits` is false when it moved nothing or still waits; `detail` then says why.
    """

    id: Annotated[str | None, Field(description="Null when the line had no number that can be read.")]
    status: Outcome
    version: int | None
    fits: bool | None
    reason: Annotated[str | None, Field(description="Why it was kept aside or waits; stable, for programs.")]
    detail: Annotated[str | None, Field(description="The same as a sentence in Vietnamese.")]


class BatchAnswer(BaseModel):
    """One answer for each line, in the order sent."""

    results: list[FactAnswer]


async def get_batch(request: Request) -> BatchForm:
    """Return the envelope of a batch, packed with gzip or not; its lines are read one by one later.

    Raises: BatchTooLarge, also for what unpacks to more; BatchUnpacked, RequestValidationError.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BATCH:
            raise BatchTooLarge
    is_packed = request.headers.get("content-encoding", "").strip().lower() == "gzip"
    return _envelope(_unpacked(bytes(body)) if is_packed else bytes(body))


def _unpacked(body: bytes) -> bytes:
    """Return what a body unpacks to, stopping where it becomes too large. Raises: BatchTooLarge, BatchUnpacked."""
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unpacking.decompress(body, LARGEST_BATCH + 1)
    except zlib.error as error:
        raise BatchUnpacked from error
    if len(content) > LARGEST_BATCH:
        raise BatchTooLarge
    if not unpacking.eof or unpacking.unused_data:
        raise BatchUnpacked
    return content


def _envelope(body: bytes) -> BatchForm:
    try:
        return BatchForm.model_validate(json.loads(body))
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error
    except (ValueError, RecursionError) as error:
        unread = {"type": "json_invalid", "loc": ("body",), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([unread]) from error


def _described() -> dict[str, Any]:
    """Return the request body for the schema: read by hand, so that one bad line does not spoil the others."""
    schema = BatchForm.model_json_schema()
    forms = [_inlined(TypeAdapter(form).json_schema()) for form in (FactForm, ActForm)]
    schema["properties"]["events"]["items"] = {"anyOf": forms}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without references: what stands in a request body by hand has no place to define them."""
    definitions = schema.pop("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, list):
            return [resolve(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            rest = {key: value for key, value in part.items() if key != "$ref"}
            return {**resolve(definitions[part["$ref"].rpartition("/")[2]]), **rest}
        return {key: resolve(value) for key, value in part.items()}

    resolved: dict[str, Any] = resolve(schema)
    return resolved


@router.post("/events:batch", responses=documented(401, 403, 409, 413, 422), openapi_extra=_described())
def send(
    store: StoreDep,
    now: Now,
    below: Chance,
    device: DeviceDep,
    actor: Annotated[Actor, acting(Permission.SEE_DOSSIERS)],
    batch: Annotated[BatchForm, Depends(get_batch)],
) -> BatchAnswer:
    """Record what a device saw and did while it was offline.

    The status of the answer is 200 whenever the envelope could be read; each line has a status of its own. The same
    line may be sent any number of times and is answered as the first time; its number never expires. A machine that is
    enrolled proves itself by its cookie; a program that is not says in `device` what it likes to be called.
    """
    by = actor if device else replace(actor, device=_called(batch.device) or actor.device)
    sent = [facts.read(line) for line in batch.events]
    told_by = device or devices.named(store, batch.device)
    came = Batch(lines=sent, sent_at=batch.sent_at, device=told_by)
    answers = entries.record(store, came, by=by, at=now, below=below)
    return BatchAnswer(results=[_told(answer) for answer in answers])


def _called(name: str) -> str:
    """Return the name a program gives itself; it does not become an enrolled machine by calling itself one."""
    try:
        return f"?{codes.parse(name, kind=CodeKind.WORKSTATION).text}"
    except Refused:
        return name


def _told(answer: Answer) -> FactAnswer:
    return FactAnswer(
        id=answer.id.hex() if answer.id else None,
        status=answer.outcome,
        version=answer.version,
        fits=answer.fits,
        reason=answer.doubt.value if answer.doubt else answer.reason or None,
        detail=DOUBTS[answer.doubt] if answer.doubt else answer.detail or None,
    )
