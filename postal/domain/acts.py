"""What a device did as a whole while nobody heard it: a delivery, a registration, a bag. Kept first, carried out later.

The fields are those of the form that does the same on line; what they say is read when it is carried out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.refusals import Refused

MOST_PHOTOS = 8
MOST_CODES = 400
LONGEST_FIELD = 20_000
"""Symbols; a sealed registration form is the longest."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ActKind(Enum):
    """What a device may have done as a whole."""

    REGISTERED = "registered"
    DELIVERED = "delivered"
    ATTEMPT_FAILED = "attempt_failed"
    INVITATION_LEFT = "invitation_left"
    PICKUP_MADE = "pickup_made"
    BAG_PACKED = "bag_packed"
    BAG_SEALED = "bag_sealed"
    BAG_COUNTED = "bag_counted"
    RECORD_SIGNED = "record_signed"


ACT_NAMES: dict[ActKind, str] = {
    ActKind.REGISTERED: "Nhận hồ sơ tại quầy",
    ActKind.DELIVERED: "Đã giao",
    ActKind.ATTEMPT_FAILED: "Chưa giao được",
    ActKind.INVITATION_LEFT: "Để giấy mời",
    ActKind.PICKUP_MADE: "Lấy giấy tờ tại nhà",
    ActKind.BAG_PACKED: "Cho vào túi",
    ActKind.BAG_SEALED: "Niêm phong túi",
    ActKind.BAG_COUNTED: "Đếm túi",
    ActKind.RECORD_SIGNED: "Biên bản ký trên giấy",
}

SUBJECTS: dict[ActKind, tuple[tuple[str, CodeKind], ...]] = {
    ActKind.REGISTERED: (("dossier", CodeKind.DOSSIER),),
    ActKind.DELIVERED: (("item", CodeKind.ITEM),),
    ActKind.ATTEMPT_FAILED: (("item", CodeKind.ITEM), ("pickup", CodeKind.HOME_PICKUP)),
    ActKind.INVITATION_LEFT: (("item", CodeKind.ITEM),),
    ActKind.PICKUP_MADE: (("pickup", CodeKind.HOME_PICKUP),),
    ActKind.BAG_PACKED: (("bag", CodeKind.BAG),),
    ActKind.BAG_SEALED: (("bag", CodeKind.BAG),),
    ActKind.BAG_COUNTED: (("bag", CodeKind.BAG),),
    ActKind.RECORD_SIGNED: (("record", CodeKind.HANDOVER),),
}
"""The field that names what an act is about; the first that is filled in counts."""

_FURTHER = ("item", "label", "items", "found", "unknown", "bag", "record", "recovered_label")
"""Fields with more codes: what of the device's own waits about one of them goes first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """A picture that is sent after the act, named by the digest of what the device has."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One whole act: what it is about, the form's fields, its pictures. `about` is every code that it names.

    `after` is when the device had spoken to us last.
    """

    kind: ActKind
    device_seq: int
    occurred_at: datetime
    after: datetime | None
    subject: str
    about: frozenset[str]
    fields: Mapping[str, Any]
    photos: tuple[Photo, ...]

    @property
    def texts(self) -> dict[str, str]:
        """Return the fields that are texts."""
        return {name: value for name, value in self.fields.items() if isinstance(value, str)}

    def photo(self, *names: str) -> Photo | None:
        """Return the first picture of some names, of any name when none are given."""
        return next((photo for photo in self.photos if not names or photo.name in names), None)


def read(
    kind: ActKind, raw: Mapping[str, Any], *, device_seq: int, occurred_at: datetime, after: datetime | None
) -> Act | None:
    """Return the act of a line, None when it cannot be read."""
    fields, photos = raw.get("fields"), _photos(raw.get("photos", []))
    if not isinstance(fields, dict) or photos is None or not all(map(_is_plain, fields.values())):
        return None
    subject = next((code for name, of in SUBJECTS[kind] if (code := _code(fields.get(name), of))), "")
    if not subject:
        return None
    about = frozenset({subject, *_codes_in(fields)})
    return Act(
        kind=kind,
        device_seq=device_seq,
        occurred_at=occurred_at,
        after=after,
        subject=subject,
        about=about,
        fields=fields,
        photos=photos,
    )


def _codes_in(fields: Mapping[str, Any]) -> set[str]:
    named: list[object] = []
    for name in _FURTHER:
        value = fields.get(name)
        named += list(value) if isinstance(value, list | dict) else [value]
    return {code for each in named[:MOST_CODES] if (code := _code(each))}


def _is_plain(value: object) -> bool:
    """Tell whether a field is text, a number, or a short list or table of texts."""
    if isinstance(value, dict):
        return len(value) <= MOST_CODES and all(isinstance(k, str) and _is_short(v) for k, v in value.items())
    if isinstance(value, list):
        return len(value) <= MOST_CODES and all(map(_is_short, value))
    return _is_short(value)


def _is_short(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_FIELD and "\0" not in value
    return value is None or isinstance(value, bool | int)


def _photos(raw: object) -> tuple[Photo, ...] | None:
    if not isinstance(raw, list) or len(raw) > MOST_PHOTOS:
        return None
    found = []
    for each in raw:
        name, digest = (each.get("name"), each.get("sha256")) if isinstance(each, dict) else (None, None)
        if not (isinstance(name, str) and len(name) <= 32 and isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            return None
        found.append(Photo(name=name, sha256=digest))
    return tuple(found)


def _code(text: object, kind: CodeKind | None = None) -> str:
    try:
        return codes.parse(text, kind=kind).text if isinstance(text, str) and len(text) <= 64 else ""
    except Refused:
        return ""
