"""Writing down a citizen's complaint about the post: an incident with an owner and the due time of the law."""

from collections.abc import Callable
from datetime import datetime

from postal.domain import codes, incident, permissions
from postal.domain.codes import CodeKind
from postal.domain.events import ComplaintTopic, IncidentKind
from postal.domain.incident import Incident
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services.incidents import AlreadyOpen
from postal.store import Ledger, Store, legs
from postal.store import complaints as measured

Below = Callable[[int], int]


class NoComplaint(Refused):
    """A complaint says what happened."""

    code = "no_complaint_words"
    vi = "Chưa ghi nội dung khiếu nại về {about}. Ghi ngắn: việc gì, lúc nào, khách yêu cầu gì."
    en = "Say in short what the complaint about {about} is: what happened, when, what is asked for."


def open_complaint(
    store: Store,
    about: str,
    *,
    topic: ComplaintTopic,
    note: str,
    by: Actor,
    at: datetime,
    below: Below,
    request: str = "",
) -> Incident:
    """Write down a complaint about a dossier or one of its items; the office that took the dossier in answers it.

    Raises: Forbidden, NoComplaint, UnknownCode, ComplaintTooLate, AlreadyOpen.
    """
    permissions.require(by, Permission.TAKE_COMPLAINT)
    if not note.strip():
        raise NoComplaint(about=codes.shown(about))
    content = repr((about, topic.value, note))
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(request, content=content)
        if done is not None:
            return ledger.incident(done)
        _must_be_the_only_one(ledger, about, topic)
        with store.inside(ledger).read(at=at) as reader:
            dossier, items = measured.concerned(reader, about)
            carriage = measured.carriage(reader, dossier, items)
            calendar = reader.reference.calendar(legs.POST)
        carriage.must_be_open(codes.shown(about), at=at)
        owner = dossier.office or by.place
        event = incident.open_incident(
            IncidentKind.COMPLAINT,
            about=about,
            owner=owner,
            other=by.place if by.place != owner else "",
            topic=topic,
            due_at=carriage.answer_due(at, calendar=calendar).due_at,
            note=ledger.texts.put(dossier.code, note.strip()),
            by=by,
            at=at,
        )
        opened = ledger.begin(Incident, codes.mint(CodeKind.INCIDENT, below=below).text, event)
        ledger.requests.settle(request, content=content, answer=opened.code)
        return opened


def _must_be_the_only_one(ledger: Ledger, about: str, topic: ComplaintTopic) -> None:
    for each in ledger.incidents_about([about]):
        if each.is_open and each.kind is IncidentKind.COMPLAINT and each.topic is topic:
            raise AlreadyOpen(incident=codes.shown(each.code))
