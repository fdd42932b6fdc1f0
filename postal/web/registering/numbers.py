"""The number that proves who somebody is: its kind, how it is read, and the sentence that asks for it."""

from collections.abc import Callable

from postal.domain import identity
from postal.domain.people import Person
from postal.domain.refusals import Refused
from postal.web.registering.drafts import Draft

PARSERS = {
    "identity": identity.parse_identity_number,
    "passport": identity.parse_passport,
    "organisation": identity.parse_tax_code,
}

ASK = {
    "identity": "Nhập số căn cước (12 số).",
    "passport": "Nhập số hộ chiếu.",
    "organisation": "Nhập mã số thuế của tổ chức.",
}


def kind(draft: Draft, group: str) -> str:
    """Return which kind of number a group gives; anything unknown counts as an identity number."""
    chosen = draft.form.typed.get(f"{group}_kind", "identity")
    return chosen if chosen in PARSERS else "identity"


def sender_number(draft: Draft) -> str:
    """Return the sender's number, empty where nothing can be read yet."""
    return or_empty(PARSERS[kind(draft, "sender")], draft.form.typed.get("sender_number", ""))


def kind_of(person: Person) -> str:
    """Return the kind of number a known person proves himself by."""
    if person.tax_code:
        return "organisation"
    return "passport" if person.passport else "identity"


def or_empty(parse: Callable[[str], str], text: str) -> str:
    """Return what a text says, empty where it says nothing yet: the field's own check has the sentence."""
    try:
        return parse(text) if text else ""
    except Refused:
        return ""
