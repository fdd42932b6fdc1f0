"""A registration as a clerk typed it where nobody could look anything up: the fields of the form, read in the end."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from postal.domain import identity, official, typed
from postal.domain.events import Payment, ReturnWay, Service
from postal.domain.people import Person
from postal.domain.refusals import Refused
from postal.services.registration import PaperEntry, Registration

E = TypeVar("E", bound=Enum)

HEAVIEST_G = 30_000
MOST_PAPERS = 60
MOST_COPIES = 999
LONGEST_REASON = 500
LONGEST_SEAL = 40

_PARSERS = {
    "identity": identity.parse_identity_number,
    "passport": identity.parse_passport,
    "organisation": identity.parse_tax_code,
}


class NoName(Refused):
    """Somebody on a dossier has a name."""

    code = "no_sender_name"
    vi = "Đăng ký khi mất mạng thiếu họ và tên {whose}. Hỏi lại quầy rồi đăng ký lại."
    en = "The offline registration lacks the name of {whose}."


def read(form: Mapping[str, Any], *, code: str, label: str, request: str) -> Registration:
    """Return the registration that a form means. `code` and `label` are of the workstation's block.

    Raises: NoName, NotANumber, TooMuch, TooLong, and what the numbers of people refuse.
    """
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    service = Service.SEND if said.get("service") == Service.SEND.value else Service.BOTH
    way = _choice(ReturnWay, said.get("return_way", ""), ReturnWay.HOME) if service is Service.BOTH else ReturnWay.DESK
    return Registration(
        service=service,
        procedure=said.get("procedure", ""),
        sender=_person(said, "sender", "người gửi"),
        subject=_person(said, "subject", "người được nộp thay") if said.get("subject_name") else None,
        case_commune=said.get("case_commune") or said.get("sender_commune", ""),
        papers=_papers(form.get("papers")),
        why_incomplete=typed.line(said.get("why_incomplete", ""), most=LONGEST_REASON),
        weight_g=typed.count(said.get("weight") or "0", most=HEAVIEST_G) or None,
        seal=typed.line(said.get("seal", ""), most=LONGEST_SEAL),
        postage=typed.money(said.get("postage") or "0"),
        postage_basis=typed.line(said.get("postage_basis", "")),
        fees=typed.money(said.get("fees") or "0"),
        fees_basis=typed.line(said.get("fees_basis", "")),
        payment=_choice(Payment, said.get("payment", ""), Payment.CASH),
        desk=said.get("desk", ""),
        department=said.get("department", ""),
        postal_number=official.parse_s10(said["postal_number"]).text if said.get("postal_number") else "",
        note=typed.line(said.get("note", ""), most=typed.LONGEST_TEXT),
        label=label,
        request=request,
        code=code,
        return_way=way,
        return_person=_receiver(said) if way is not ReturnWay.DESK else None,
        return_place=said.get("return_place", "") if way is ReturnWay.POST_OFFICE else "",
    )


def _person(said: Mapping[str, str], group: str, whose: str) -> Person:
    kind = said.get(f"{group}_kind", "identity")
    kind = kind if kind in _PARSERS else "identity"
    number = _PARSERS[kind](said.get(f"{group}_number", ""))
    name = typed.line(said.get(f"{group}_name", ""))
    if len(name) < 2:
        raise NoName(whose=whose)
    phone = said.get(f"{group}_phone", "")
    return Person(
        name=name,
        kind="organisation" if kind == "organisation" else "person",
        identity_number=number if kind == "identity" else "",
        passport=number if kind == "passport" else "",
        tax_code=number if kind == "organisation" else "",
        birth=typed.line(said.get(f"{group}_birth", "")),
        sex=typed.line(said.get(f"{group}_sex", "")),
        phone=identity.parse_phone(phone) if phone else "",
        email=typed.line(said.get(f"{group}_email", "")),
        address=typed.line(said.get(f"{group}_address", "")),
        commune=typed.line(said.get(f"{group}_commune", "")),
    )


def _receiver(said: Mapping[str, str]) -> Person | None:
    if not said.get("receiver_name"):
        return None
    phone = said.get("receiver_phone", "")
    return Person(
        name=typed.line(said["receiver_name"]),
        phone=identity.parse_phone(phone) if phone else "",
        address=typed.line(said.get("receiver_address", "")),
        commune=typed.line(said.get("receiver_commune", "")),
    )


def _papers(lines: object) -> tuple[PaperEntry, ...]:
    """Return the paper lines that have a name: [{"name", "originals", "certified", "copies", "to_return"}]."""
    found = lines if isinstance(lines, list) else []
    return tuple(_paper(line) for line in found[:MOST_PAPERS] if isinstance(line, dict) and line.get("name"))


def _paper(line: Mapping[str, Any]) -> PaperEntry:
    counts = {
        part: typed.count(str(line.get(part) or "0"), most=MOST_COPIES) for part in ("originals", "certified", "copies")
    }
    return PaperEntry(name=typed.line(str(line["name"])), to_return=bool(line.get("to_return")), **counts)


def _choice(kind: type[E], text: str, default: E) -> E:
    return next((each for each in kind if each.value == text), default)
