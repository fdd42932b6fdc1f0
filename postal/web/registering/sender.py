"""Who sends, without typing: read from an identity card, or known from an earlier dossier."""

from postal.domain import codes, identity
from postal.domain.refusals import Refused
from postal.queries import counter, places
from postal.queries.counter import KnownSender
from postal.web.registering import communes, numbers
from postal.web.registering.drafts import Draft


def read_card(draft: Draft) -> None:
    """Fill in the sender from the text of a scanned identity card."""
    text = draft.form.typed.get("card", "")
    if not text:
        return
    try:
        card = identity.parse_citizen_card(text)
    except Refused as refused:
        draft.form.refuse("card", refused)
        return
    draft.form.typed |= {
        "card": "",
        "sender_kind": "identity",
        "sender_number": card.number,
        "sender_name": card.full_name or draft.form.typed.get("sender_name", ""),
        "sender_birth": card.born_on.isoformat() if card.born_on else "",
        "sender_sex": card.sex or "",
    }
    draft.filled_from = "Đã điền từ căn cước. Đối chiếu ảnh trên thẻ với người gửi."
    _read_address(draft, card.address or "")


def _read_address(draft: Draft, address: str) -> None:
    """Split a card's address into street and commune: cards before July 2025 name a district, later ones do not.

    Where the old commune is not found, a district and a new commune of the same name look alike: the clerk chooses.
    """
    parts = [part.strip() for part in address.split(",") if part.strip()]
    for size in (3, 2):
        above = ", ".join(parts[-size:])
        if len(parts) >= size and places.search_communes(draft.store, above, near=draft.here, on=draft.today):
            draft.form.typed["sender_doubt"] = above if size == 2 and len(parts) > 3 else ""
            draft.form.typed |= {
                "sender_address": ", ".join(parts[:-size]),
                "sender_commune_q": above,
                "sender_commune": "",
                "sender_commune_for": "",
            }
            return
    if address:
        draft.form.typed["sender_address"] = address


def recall(draft: Draft) -> None:
    """Fill in a returning sender, known here by phone or number."""
    typed = draft.form.typed
    if typed.get("sender_name") or not (typed.get("sender_phone") or typed.get("sender_number")):
        return
    phone = numbers.or_empty(identity.parse_phone, typed.get("sender_phone", ""))
    known = counter.known_sender(draft.store, actor=draft.actor, phone=phone, number=numbers.sender_number(draft))
    if known is not None:
        fill_in(draft, known)


def fill_in(draft: Draft, known: KnownSender) -> None:
    """Fill in a sender from an earlier dossier, which the audit trail then names."""
    person = known.person
    draft.form.typed |= {
        "sender_kind": numbers.kind_of(person),
        "sender_number": person.proves_by,
        "sender_name": person.name,
        "sender_phone": person.phone.replace("+84", "0", 1),
        "sender_email": person.email,
        "sender_address": person.address,
        "sender_birth": person.birth,
        "sender_sex": person.sex,
    }
    if person.commune:
        communes.choose(draft, "sender", person.commune)
    draft.seen = known.dossier
    draft.filled_from = f"Đã điền từ hồ sơ {codes.shown(known.dossier)} của người này. Hỏi lại điện thoại, địa chỉ."
