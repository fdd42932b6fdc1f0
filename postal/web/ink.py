"""What two people signed in ink, as somebody enters it: the hour on the paper, the name under it, the photo."""

from datetime import date, datetime, time

from starlette.datastructures import FormData, UploadFile

from postal.domain import calendars
from postal.domain.handover import SignedInFuture, SignedTooEarly
from postal.domain.refusals import Refused
from postal.web import forms, photos
from postal.web.photos import NotAPhoto, PhotoTooLarge


class NoSigner(Refused):
    """A paper was signed by somebody."""

    code = "no_signer"
    vi = "Chưa có tên người nhận đã ký. Nhập họ tên ghi dưới chữ ký trên biên bản."
    en = "Enter the name under the receiver's signature."


class NoSigningTime(Refused):
    """The legal time stands on the paper."""

    code = "no_signing_time"
    vi = "Chưa rõ giờ ký. Nhập đúng giờ ghi trên biên bản, ví dụ 15:40."
    en = "Enter the time that stands on the paper, for example 15:40."


class NoSigningDay(Refused):
    """The legal day stands on the paper."""

    code = "no_signing_day"
    vi = "Chưa rõ ngày ký. Nhập đúng ngày ghi trên biên bản, ví dụ 28/11/2026."
    en = "Enter the day that stands on the paper, for example 28/11/2026."


FIELDS: dict[type[Refused], str] = {
    NoSigner: "signer",
    NoSigningDay: "signed_on",
    NoSigningTime: "signed_time",
    SignedTooEarly: "signed_time",
    SignedInFuture: "signed_time",
    NotAPhoto: "photo",
    PhotoTooLarge: "photo",
}
"""Beside which field a refusal is shown."""


def written(form: FormData) -> datetime:
    """Return the time on the paper, which has no seconds. Raises: NoSigningDay, NoSigningTime."""
    day, clock = _day(_text(form, "signed_on")), _clock(_text(form, "signed_time"))
    return datetime(day.year, day.month, day.day, clock.hour, clock.minute, tzinfo=calendars.VIETNAM)


def signer(form: FormData) -> str:
    """Return the name under the signature. Raises: NoSigner."""
    name = _text(form, "signer")
    if not name:
        raise NoSigner
    return name


def photo(form: FormData) -> bytes:
    """Return the photo re-encoded, empty when none was sent. Raises: NotAPhoto, PhotoTooLarge."""
    sent = form.get("photo")
    content = sent.file.read() if isinstance(sent, UploadFile) else b""
    return photos.reencoded(content) if content else b""


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _day(text: str) -> date:
    try:
        return forms.day(text)
    except forms.NotADay:
        raise NoSigningDay from None


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text.lower().replace("h", ":").zfill(5)[:5])
    except ValueError:
        raise NoSigningTime from None
