"""A case at the commune's desk, as far as a test of the way back wants it: what came in, what is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from postal.domain import status
from postal.domain.clocks import Limit, PausePolicy, Unit
from postal.domain.dossier import Dossier
from postal.domain.events import Receiver, ReturnWay, Service
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian
from postal.domain.supplements import AskedPaper
from postal.queries import clocks
from postal.queries.clocks import DueView
from postal.services import agency, custody, delivery, registration, supplements
from postal.services.registration import AtCounter, PaperEntry, Registration
from postal.services.supplements import BroughtPaper
from postal.store import Store
from tests import cast

OFFICIAL = "H48.17-261116-0001"
PROCEDURE = "1.004873"
FIVE_DAYS = Limit(5, Unit.WORKING_DAYS)
BY_THEN = date(2026, 11, 30)
MISSING = (
    AskedPaper(name="Giấy khám sức khỏe", reason="bản đã nộp hết hạn"),
    AskedPaper(name="Ảnh 3×4", reason="thiếu"),
)


@dataclass
class Case:
    """A dossier of two originals, one of them owed back, registered by Lan for the desk of Xuân."""

    store: Store
    made: AtCounter = field(init=False)
    service: Service = Service.BOTH
    return_way: ReturnWay = ReturnWay.HOME
    seed: int = 5

    def __post_init__(self) -> None:
        self.below: Callable[[int], int] = cast.below(self.seed)
        self.made = registration.register(self.store, self._form(), by=cast.lan, at=cast.monday, below=self.below)

    @property
    def code(self) -> str:
        return self.made.dossier.code

    @property
    def envelope(self) -> str:
        assert self.made.item is not None
        return self.made.item.code

    @property
    def owed(self) -> str:
        """Return the source of the original that is owed back."""
        return f"{self.envelope}/2"

    # --- steps --------------------------------------------------------------------------------------------------------

    def at_desk(self) -> "Case":
        self.carry(self.envelope, at=cast.after(hours=3))
        return self

    def received(self) -> "Case":
        self.at_desk()
        agency.receive(self.store, self.code, official_code=OFFICIAL, by=cast.xuan, at=cast.after(hours=4))
        return self

    def asked(self, papers: Sequence[AskedPaper] = MISSING, *, at: datetime | None = None, **more: Any) -> "Case":
        """Let the desk ask for papers, on Tuesday."""
        fields = {"due_on": BY_THEN, "by": cast.xuan, "at": at or cast.after(days=1), **more}
        agency.ask_supplement(self.store, self.code, papers=papers, **fields)
        return self

    def bring(self, *lines: int, at: datetime, by: Actor = cast.sen, **more: Any) -> Item:
        """Bring one original for each line to a counter, Sen's small one unless said otherwise."""
        owed = more.pop("owed", False)
        papers = [BroughtPaper(asked=line, originals=1, to_return=owed) for line in lines]
        fields = {"seal": "4401", "below": self.below, **more}
        return supplements.take_in(self.store, self.code, papers, by=by, at=at, **fields)

    def carry(self, item: str, *, at: datetime, giver: Actor = cast.lan) -> None:
        """Bring an envelope from whoever of the post has it to the desk, signed for at `at`."""
        before = at - timedelta(minutes=30)
        self.hand(item, giver=giver, receiver=cast.tai, to=cast.transport, at=before)
        self.hand(item, giver=cast.tai, receiver=cast.xuan, to=cast.commune_desk, at=at)

    def bring_home(self, item: str, *, at: datetime, giver: Actor = cast.xuan) -> Item:
        """Bring an envelope from the desk to Lan's counter and give it to the citizen there."""
        self.hand(item, giver=giver, receiver=cast.tai, to=cast.transport, at=at)
        self.hand(item, giver=cast.tai, receiver=cast.lan, to=cast.counter, at=at)
        return self.give(item, at=at)

    def give(self, item: str, *, at: datetime, by: Actor = cast.lan, is_checked: bool = True) -> Item:
        return delivery.deliver_at_counter(
            self.store,
            item,
            receiver=Receiver.ADDRESSEE,
            identity_checked=is_checked,
            authorisation_shown=False,
            proof=b"signature",
            media_type="image/png",
            by=by,
            at=at,
        )

    def hand(self, item: str, *, giver: Actor, receiver: Actor, to: Custodian, at: datetime) -> None:
        custody.hand_over_together(self.store, [item], to=to, giver=giver, receiver=receiver, at=at, below=self.below)

    def with_policy(self, policy: PausePolicy, *, same_day: bool = False) -> "Case":
        """Let the procedure take five working days, or end the same day, and count pauses in its own way."""
        with self.store.begin(at=cast.monday) as ledger:
            version = ledger.reference.procedure_version(PROCEDURE, ledger.dossier(self.code).procedure_version)
            changed = replace(version, pause_policy=policy, limit=None if same_day else FIVE_DAYS, same_day=same_day)
            ledger.reference.close_procedures([changed])
        return self

    # --- looks --------------------------------------------------------------------------------------------------------

    @property
    def dossier(self) -> Dossier:
        with self.store.begin(at=cast.monday) as ledger:
            return ledger.dossier(self.code)

    @property
    def items(self) -> list[Item]:
        with self.store.begin(at=cast.monday) as ledger:
            return ledger.items_of(self.code)

    @property
    def word(self) -> status.Status:
        return status.word(self.dossier, self.items)

    def due(self, *, at: datetime) -> DueView:
        with self.store.read(at=at) as reader:
            return clocks.of_dossier(reader, self.dossier, at=at)

    def _form(self) -> Registration:
        return Registration(
            service=self.service,
            procedure=PROCEDURE,
            sender=cast.khanh,
            case_commune="20242",
            return_way=self.return_way,
            papers=(
                PaperEntry(name="Tờ khai", originals=1),
                PaperEntry(name="Sổ hộ tịch cũ", originals=1, to_return=True),
            ),
            why_incomplete="Khách nộp đủ theo trang của cơ quan",
            seal="881245",
        )
