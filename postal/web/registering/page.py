"""What the page of the form shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from postal.queries.counter import RouteView, SameToday
from postal.queries.places import CommuneFound
from postal.queries.procedures import ProcedureFound, ProcedurePage
from postal.web.forms import Filled
from postal.web.registering import communes, places, tariff
from postal.web.registering.drafts import Draft
from postal.web.registering.lines import PaperField

_FIELDS = (
    "form",
    "card",
    "sender_phone",
    "sender_number",
    "sender_name",
    "sender_email",
    "sender_address",
    "sender_commune_q",
    "subject_number",
    "subject_name",
    "procedure_q",
    "case_commune_q",
    "desk",
    "department",
    "papers",
    "pickup_on",
    "weight",
    "seal",
    "return_place",
    "receiver_name",
    "receiver_phone",
    "receiver_address",
    "receiver_commune_q",
    "postage",
    "postage_basis",
    "fees",
    "fees_basis",
    "official_code",
    "promised_on",
    "promised_time",
    "label",
    "postal_number",
    "note",
    "confirm_duplicate",
)
"""The fields from top to bottom."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDossierPage:
    """The registration form as the clerk sees it."""

    form: Filled
    communes: Mapping[str, tuple[CommuneFound, ...]]
    chosen: Mapping[str, str]
    procedure: ProcedurePage | None
    procedures: tuple[ProcedureFound, ...]
    papers: tuple[PaperField, ...]
    misses_papers: bool
    route: RouteView | None
    must_choose: bool
    why_choose: str
    desks: tuple[tuple[str, str], ...]
    departments: tuple[tuple[str, str], ...]
    offices: tuple[tuple[str, str], ...]
    same_today: SameToday | None
    filled_from: str
    postage_hint: str
    fees_hint: str
    focus: str

    @property
    def cannot_be_sent(self) -> bool:
        """Tell whether the post may not carry this procedure, so that only guidance is left."""
        return self.procedure is not None and not self.procedure.may_be_sent


def page(draft: Draft) -> NewDossierPage:
    """Return the form as the clerk sees it."""
    return NewDossierPage(
        form=Filled(typed=dict(draft.form.typed), errors=_errors_in_order(draft)),
        communes={group: draft.matches.get(group, ()) for group in communes.GROUPS},
        chosen={group: draft.chosen.get(group, "") for group in communes.GROUPS},
        procedure=draft.procedure,
        procedures=draft.procedures,
        papers=tuple(draft.lines),
        misses_papers="papers" in draft.form.errors or bool(draft.form.typed.get("why_incomplete")),
        route=draft.route,
        must_choose=draft.must_choose,
        why_choose=draft.why_choose,
        desks=places.desks(draft),
        departments=places.departments(draft),
        offices=places.offices(draft),
        same_today=draft.duplicate,
        filled_from=draft.filled_from,
        postage_hint=tariff.postage_hint(draft),
        fees_hint=tariff.fees_hint(draft),
        focus=_focus(draft),
    )


def _errors_in_order(draft: Draft) -> dict[str, str]:
    """Return the sentences from the top of the page to its bottom."""
    place = {field: number for number, field in enumerate(_FIELDS)}
    lines = place["papers"]
    found = draft.form.errors.items()
    return dict(sorted(found, key=lambda error: place.get(error[0], lines if error[0].startswith("line_") else 0)))


def _focus(draft: Draft) -> str:
    """Return the field the clerk turns to next: the first with a problem, or the first that is still open."""
    if draft.form.errors:
        first = next(iter(_errors_in_order(draft)))
        return "why_incomplete" if first == "papers" else first
    if draft.turn_to:
        return draft.turn_to
    typed = draft.form.typed
    for field in ("sender_phone", "sender_commune_q", "procedure_q"):
        is_done = typed.get("no_phone") if field == "sender_phone" else ""
        if not typed.get(field) and not is_done:
            return "card" if not typed.get("sender_name") and field == "sender_phone" else field
    if typed.get("pickup_on"):
        return "save" if typed.get("postage") else "postage"
    if draft.procedure is not None and not any(line.is_counted for line in draft.lines):
        return "complete"
    return next((field for field in ("weight", "seal", "postage") if not typed.get(field)), "save")
