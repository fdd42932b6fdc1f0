"""Where the dossier goes: to the competent place, or the one the clerk chose where no rule names it."""

from postal.domain.competence import NoCompetentPlace, Subject
from postal.domain.events import Service
from postal.domain.refusals import Refused
from postal.queries import counter
from postal.queries.counter import RouteView
from postal.web.registering import communes, numbers
from postal.web.registering.drafts import Draft


def find(draft: Draft) -> None:
    """Look up the way of the dossier; where no rule names the place, the clerk must choose."""
    if draft.procedure is None or not communes.of_case(draft):
        return
    typed = draft.form.typed
    try:
        draft.route = _between(draft)
    except NoCompetentPlace as refused:
        draft.must_choose = True
        draft.why_choose = str(refused)
        if typed.get("desk") and typed.get("department"):
            draft.route = _chosen(draft, desk=typed["desk"], department=typed["department"])
    except Refused as refused:
        draft.form.refuse("desk", refused)


def _between(draft: Draft, *, desk: str = "", department: str = "") -> RouteView:
    return counter.route(
        draft.store,
        procedure=draft.form.typed["procedure"],
        case_commune=communes.of_case(draft),
        office=draft.actor.place,
        sends=draft.service is not Service.RECEIVE,
        at=draft.at,
        desk=desk,
        department=department,
        subject=_about(draft),
    )


def _about(draft: Draft) -> Subject:
    """Return whom the dossier is about: an organisation may have another authority."""
    typed = draft.form.typed
    group = "subject" if typed.get("subject_number") or typed.get("subject_name") else "sender"
    return Subject.ORGANISATION if numbers.kind(draft, group) == "organisation" else Subject.PERSON


def _chosen(draft: Draft, *, desk: str, department: str) -> RouteView | None:
    try:
        return _between(draft, desk=desk, department=department)
    except Refused as refused:
        draft.form.refuse("desk", refused)
        return None
