"""A registration form in the making: what was typed, and what was found for it so far."""

from collections.abc import Mapping
from datetime import datetime, time

from postal.domain import calendars
from postal.domain.events import Payment, ReceptionMode, ReturnWay, Service
from postal.domain.people import Actor
from postal.domain.tariffs import Quote
from postal.queries import counter
from postal.queries.counter import RouteView, SameToday
from postal.queries.places import CommuneFound
from postal.queries.procedures import ProcedureFound, ProcedurePage
from postal.queries.tariffs import FeesView
from postal.web.deps import StoreDep
from postal.web.forms import Form
from postal.web.registering.lines import PaperField

CLOSING = time(17, 0)
POSTED_PRICE = "Giá cước niêm yết tại bưu cục"


class Draft:
    """A registration form in the making."""

    def __init__(self, typed: Mapping[str, str], *, store: StoreDep, actor: Actor, at: datetime) -> None:
        self.form = Form(typed)
        self.store = store
        self.actor = actor
        self.at = at
        self.today = calendars.local(at).date()
        self.here = counter.province_of(store, actor.place)
        self.matches: dict[str, tuple[CommuneFound, ...]] = {}
        self.chosen: dict[str, str] = {}
        self.procedures: tuple[ProcedureFound, ...] = ()
        self.procedure: ProcedurePage | None = None
        self.lines: list[PaperField] = []
        self.route: RouteView | None = None
        self.must_choose = False
        self.why_choose = ""
        self.duplicate: SameToday | None = None
        self.postage = Quote()
        self.is_new_postage = False
        self.fees: FeesView | None = None
        self.filled_from = ""
        self.turn_to = ""
        """Where this step's answer stands, so that the page opens there."""
        self.seen: str = ""
        """The dossier whose sender was shown, for the audit trail."""

    @property
    def service(self) -> Service:
        """Return what was asked for: to send, to receive, or both."""
        return self.form.choice("service", Service, default=Service.BOTH)

    @property
    def promised_at(self) -> datetime | None:
        """Return when the authority promised the result, at closing time when only the day was typed."""
        return self.form.instant("promised_on", "promised_time", default=CLOSING)


def blank(*, request: str, office: str) -> dict[str, str]:
    """Return a form before anything was typed."""
    return {
        "request": request,
        "service": Service.BOTH.value,
        "sender_kind": "identity",
        "subject_kind": "identity",
        "return_way": ReturnWay.HOME.value,
        "return_place": office,
        "payment": Payment.CASH.value,
        "mode": ReceptionMode.A.value,
        "postage_basis": POSTED_PRICE,
    }
