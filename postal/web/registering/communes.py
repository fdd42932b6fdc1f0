"""The communes of the form: found by what was typed, or chosen among several."""

from postal.domain.places import CommuneGone, UnknownPlace
from postal.queries import counter
from postal.queries.places import CommuneFound
from postal.web.forms import LONGEST_LINE
from postal.web.registering.drafts import Draft

GROUPS = ("sender", "case", "receiver")
"""The three places in the form where a commune is typed."""


def choose(draft: Draft, group: str, code: str) -> None:
    """Take a commune by its code, the one a clerk chose among several."""
    try:
        found = counter.commune_named(draft.store, code, on=draft.today)
    except (CommuneGone, UnknownPlace) as refused:
        draft.form.refuse(f"{group}_commune_q", refused)
        return
    _settle(draft, group, found)


def _settle(draft: Draft, group: str, found: CommuneFound) -> None:
    text = f"{found.name}, {found.province}"
    asked = draft.form.typed.get(f"{group}_commune_q", "")
    if asked and not text.casefold().startswith(asked.casefold()):
        draft.form.typed[f"{group}_commune_old"] = asked
    draft.form.typed |= {
        f"{group}_commune": found.code,
        f"{group}_commune_q": text,
        f"{group}_commune_for": text,
    }
    draft.chosen[group] = found.label


def find(draft: Draft, group: str) -> None:
    """Look up what was typed in a group: one commune is taken, several are offered."""
    typed = draft.form.typed
    asked = typed.get(f"{group}_commune_q", "")
    if typed.get(f"{group}_commune") and asked == typed.get(f"{group}_commune_for"):
        draft.chosen.setdefault(group, asked)
        return
    typed |= {f"{group}_commune": "", f"{group}_commune_for": "", f"{group}_commune_old": ""}
    if not asked:
        return
    try:
        choice = counter.find_commune(draft.store, asked, near=draft.here, on=draft.today)
    except (CommuneGone, UnknownPlace) as refused:
        draft.form.refuse(f"{group}_commune_q", refused)
        return
    is_doubtful = group == "sender" and asked == typed.get("sender_doubt") and len(choice.matches) > 1
    if choice.chosen is not None and not is_doubtful:
        _settle(draft, group, choice.chosen)
    else:
        draft.matches[group] = choice.matches
        draft.turn_to = f"{group}_commune_q"


def chosen(draft: Draft, group: str, *, ask: str) -> str:
    """Return the commune chosen in a group, or say what is not clear; `ask` when nothing was typed."""
    field = f"{group}_commune_q"
    typed = draft.form.typed.get(field, "")
    found = draft.matches.get(group, ())
    if not typed and ask:
        draft.form.refuse(field, ask)
    elif typed and not draft.form.typed.get(f"{group}_commune"):
        draft.form.refuse(field, _unclear(typed, found))
    return draft.form.typed.get(f"{group}_commune", "")


def of_case(draft: Draft) -> str:
    """Return where the case belongs: the sender's commune unless another was named."""
    return draft.form.typed.get("case_commune") or draft.form.typed.get("sender_commune", "")


def written_for_case(draft: Draft) -> str:
    """Return what was written for the place of the case, where that is not its name of today; both are kept."""
    group = "case" if draft.form.typed.get("case_commune") else "sender"
    return draft.form.typed.get(f"{group}_commune_old", "")[:LONGEST_LINE]


def province_of(draft: Draft, commune: str) -> str:
    """Return the province of a commune, this office's for none or one that nobody knows."""
    if not commune:
        return draft.here
    try:
        return counter.commune_named(draft.store, commune, on=draft.today).province_code
    except (CommuneGone, UnknownPlace):
        return draft.here


def _unclear(typed: str, found: tuple[CommuneFound, ...]) -> str:
    if not found:
        return f"Chưa thấy xã, phường “{typed}”. Gõ lại tên xã, phường; tên cũ cũng được."
    places = "; ".join(each.label for each in found)
    if all(each.formerly for each in found):
        return f"{typed} không còn từ ngày 01/7/2025. Chọn một đơn vị mới: {places}."
    return f"Chọn xã, phường. “{typed}” có ở {len(found)} nơi: {places}."
