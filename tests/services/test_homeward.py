"""Papers that come home: refused, withdrawn, stopped, turned round on the way, and the slip."""

import pytest

from postal.domain import originals
from postal.domain.closing import StillOpen
from postal.domain.events import ItemKind, ReturnWay, Service, Settlement
from postal.domain.item import Custody, NoIdentityCheck, NotCustodian
from postal.domain.lifecycle import NotNow
from postal.domain.originals import NotArrived, NotOwed
from postal.domain.permissions import Forbidden
from postal.domain.run import NotForCitizen
from postal.domain.status import Status
from postal.services import agency, closing, homeward
from postal.services.agency import NoReason, NotCompetent
from postal.services.homeward import NoSlipToRelay, NothingToReturn, NotWithThePost, PaperBack
from postal.store import Store
from tests import cast
from tests.services.cases import Case

LATER = cast.after(days=2)
AFTER_THAT = cast.after(days=3)


def refused(store: Store) -> Case:
    case = Case(store).at_desk()
    agency.refuse(store, case.code, reason="không thuộc thẩm quyền", by=cast.xuan, at=cast.after(days=1))
    return case


def withdrawn_on_the_way(store: Store, **more: object) -> Case:
    """Return a case that was withdrawn while the driver had its envelope."""
    case = Case(store, **more)  # type: ignore[arg-type]  # fields by name
    case.hand(case.envelope, giver=cast.lan, receiver=cast.tai, to=cast.transport, at=cast.after(hours=1))
    agency.withdraw(store, case.code, reason="khách đổi ý", by=cast.xuan, at=cast.after(hours=2))
    return case


def owed(case: Case) -> int:
    return originals.owed(case.dossier, case.items)


def back(case: Case, *papers: PaperBack, **more: object) -> str:
    fields = {"by": cast.xuan, "at": LATER, "below": case.below, "seal": "9901", **more}
    return homeward.return_papers(case.store, case.code, papers, **fields).code  # type: ignore[arg-type]


# --- the authority sends papers back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [agency.refuse, agency.withdraw, agency.stop], ids=lambda end: end.__name__)
def test_what_ends_without_a_result_brings_its_papers_home_as_an_item(seeded: Store, end: object) -> None:
    case = Case(seeded).received()
    end(seeded, case.code, reason="lý do", by=cast.xuan, at=cast.after(days=1))  # type: ignore[operator]
    home = back(case, PaperBack(source=case.owed, originals=1), PaperBack(name="Tờ khai", originals=1))
    made = next(item for item in case.items if item.code == home)
    assert (made.kind, made.custodian.key) == (ItemKind.RETURNED, cast.commune_desk.key)
    assert made.destination == cast.to_the_citizen
    assert owed(case) == 1
    case.bring_home(home, at=AFTER_THAT)
    assert owed(case) == 0


def test_papers_are_named_in_the_envelope_that_brings_them_home(seeded: Store) -> None:
    case = refused(seeded)
    home = back(case, PaperBack(source=case.owed, originals=1), PaperBack(name="Tờ khai", originals=1))
    with seeded.begin(at=LATER) as ledger:
        contents = ledger.item(home).contents
        assert ledger.texts.get([contents])[contents] == '["Sổ hộ tịch cũ", "Tờ khai"]'


def test_papers_go_home_only_against_an_identity_paper(seeded: Store) -> None:
    case = refused(seeded)
    home = back(case, PaperBack(source=case.owed, originals=1))
    case.hand(home, giver=cast.xuan, receiver=cast.tai, to=cast.transport, at=AFTER_THAT)
    case.hand(home, giver=cast.tai, receiver=cast.lan, to=cast.counter, at=AFTER_THAT)
    with pytest.raises(NoIdentityCheck):
        case.give(home, at=AFTER_THAT, is_checked=False)


def test_the_same_form_twice_makes_one_envelope(seeded: Store) -> None:
    case = refused(seeded)
    paper = PaperBack(source=case.owed, originals=1)
    assert back(case, paper, request="f1") == back(case, paper, request="f1")
    assert len(case.items) == 2


def test_what_is_on_the_way_home_is_not_sent_twice(seeded: Store) -> None:
    case = refused(seeded)
    paper = PaperBack(source=case.owed, originals=1)
    back(case, paper)
    with pytest.raises(NotOwed, match="chỉ còn nợ 0"):
        back(case, paper)


@pytest.mark.parametrize("papers", [(), (PaperBack(name="Tờ khai"),)], ids=["nothing chosen", "nothing counted"])
def test_an_envelope_home_is_never_empty(seeded: Store, papers: tuple[PaperBack, ...]) -> None:
    with pytest.raises(NothingToReturn):
        back(refused(seeded), *papers)


def test_nothing_goes_home_while_the_authority_works_with_it(seeded: Store) -> None:
    case = Case(seeded).received()
    with pytest.raises(NotNow, match="tiếp nhận"):
        back(case, PaperBack(source=case.owed, originals=1))


def test_only_the_authority_of_the_dossier_sends_its_papers_home(seeded: Store) -> None:
    case = refused(seeded)
    for by, refusal in ((cast.hoa, NotCompetent), (cast.lan, Forbidden)):
        with pytest.raises(refusal):
            back(case, PaperBack(source=case.owed, originals=1), by=by)


def test_the_authority_sends_home_nothing_that_the_post_still_has_to_turn_round(seeded: Store) -> None:
    case = withdrawn_on_the_way(seeded)
    with pytest.raises(NotArrived, match="Vận chuyển"):
        back(case, PaperBack(source=case.owed, originals=1))
    homeward.turn_round(seeded, case.envelope, by=cast.tai, at=LATER)
    with pytest.raises(NotOwed):
        back(case, PaperBack(source=case.owed, originals=1))
    assert originals.account(case.dossier, case.items)[0].to_send == 0


def test_nothing_more_goes_home_once_the_dossier_is_closed(seeded: Store) -> None:
    case = refused(seeded)
    home = back(case, PaperBack(source=case.owed, originals=1))
    case.bring_home(home, at=AFTER_THAT)
    assert case.dossier.closed_at == AFTER_THAT
    with pytest.raises(NotNow, match="đã đóng"):
        back(case, PaperBack(name="Tờ khai", originals=1), at=AFTER_THAT)


# --- the desk gives itself --------------------------------------------------------------------------------------------


def test_the_desk_gives_back_what_a_citizen_sent_only_when_it_ended_without_a_result(seeded: Store) -> None:
    case = Case(seeded).received()
    with pytest.raises(NotForCitizen):
        case.give(case.envelope, at=LATER, by=cast.xuan)
    assert case.items[0].custodian.key == cast.commune_desk.key
    agency.stop(seeded, case.code, reason="khách đề nghị dừng", by=cast.xuan, at=LATER)
    assert case.give(case.envelope, at=AFTER_THAT, by=cast.xuan).custody is Custody.DELIVERED
    assert owed(case) == 0


# --- the post turns round what never arrived --------------------------------------------------------------------------


def test_an_envelope_still_with_the_post_turns_round_and_brings_its_originals_back(seeded: Store) -> None:
    case = withdrawn_on_the_way(seeded)
    turned = homeward.turn_round(seeded, case.envelope, by=cast.tai, at=cast.after(hours=3))
    assert turned.destination == cast.to_the_citizen
    assert (owed(case), originals.account(case.dossier, case.items)[0].to_send) == (1, 0)
    case.hand(case.envelope, giver=cast.tai, receiver=cast.lan, to=cast.counter, at=cast.after(hours=4))
    with pytest.raises(NoIdentityCheck):
        case.give(case.envelope, at=LATER, is_checked=False)
    case.give(case.envelope, at=LATER)
    assert owed(case) == 0
    assert case.word is Status.PAPERS_DELIVERED


def test_a_half_on_its_way_turns_round_as_well(seeded: Store) -> None:
    case = Case(seeded).received().asked()
    half = case.bring(1, at=cast.after(days=1, hours=1), owed=True)
    agency.withdraw(seeded, case.code, reason="khách đổi ý", by=cast.xuan, at=LATER)
    assert owed(case) == 2
    assert homeward.turn_round(seeded, half.code, by=cast.sen, at=AFTER_THAT).destination.to_citizen


@pytest.mark.parametrize("more", [{"service": Service.SEND}, {"return_way": ReturnWay.DESK}], ids=["send", "desk"])
def test_who_never_asked_for_delivery_finds_it_where_he_handed_it_in(seeded: Store, more: dict[str, object]) -> None:
    case = withdrawn_on_the_way(seeded, **more)
    turned = homeward.turn_round(seeded, case.envelope, by=cast.tai, at=cast.after(hours=3))
    assert (turned.destination.place, turned.destination.to_citizen) == (cast.OFFICE, True)


def test_nobody_turns_round_what_the_authority_still_wants(seeded: Store) -> None:
    case = Case(seeded)
    with pytest.raises(NotNow, match="Mới đăng ký"):
        homeward.turn_round(seeded, case.envelope, by=cast.lan, at=cast.after(hours=1))


def test_nobody_turns_round_what_the_authority_has(seeded: Store) -> None:
    case = refused(seeded)
    with pytest.raises(NotWithThePost, match="Nhờ cơ quan lập bì"):
        homeward.turn_round(seeded, case.envelope, by=cast.xuan, at=LATER)


def test_only_the_holder_turns_round_and_only_once(seeded: Store) -> None:
    case = withdrawn_on_the_way(seeded)
    with pytest.raises(NotCustodian):
        homeward.turn_round(seeded, case.envelope, by=cast.lan, at=cast.after(hours=3))
    homeward.turn_round(seeded, case.envelope, by=cast.tai, at=cast.after(hours=3))
    with pytest.raises(NotNow, match="đã quay về"):
        homeward.turn_round(seeded, case.envelope, by=cast.tai, at=cast.after(hours=4))


# --- the slip ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", [Service.SEND, Service.BOTH], ids=lambda service: service.value)
def test_the_slip_of_a_dossier_that_the_post_carried_travels_to_the_citizen(seeded: Store, service: Service) -> None:
    case = Case(seeded, service=service).received()
    slip = homeward.relay_slip(seeded, case.code, by=cast.xuan, at=LATER, below=case.below, seal="77")
    assert (slip.kind, slip.destination) == (ItemKind.SLIP, cast.to_the_citizen)
    assert case.word is Status.AGENCY_RECEIVED, "a slip never leads the story"
    with pytest.raises(NoSlipToRelay, match="đã gửi đi rồi"):
        homeward.relay_slip(seeded, case.code, by=cast.xuan, at=LATER, below=case.below)


def test_there_is_no_slip_before_the_desk_received(seeded: Store) -> None:
    case = Case(seeded).at_desk()
    with pytest.raises(NoSlipToRelay, match="chưa tiếp nhận"):
        homeward.relay_slip(seeded, case.code, by=cast.xuan, at=LATER, below=case.below)


# --- settled otherwise ------------------------------------------------------------------------------------------------


def settle(case: Case, *, source: str = "", count: int = 1, reason: str = "khách nhận tại Một cửa") -> object:
    return homeward.settle_originals(
        case.store,
        case.code,
        source=source or case.owed,
        count=count,
        how=Settlement.HANDED_AT_DESK,
        reason=reason,
        by=cast.xuan,
        at=LATER,
    )


def test_an_original_settled_at_the_desk_closes_the_dossier_when_nothing_else_is_open(seeded: Store) -> None:
    case = refused(seeded)
    settle(case)
    assert owed(case) == 0
    assert case.dossier.closed_at == LATER


def test_settling_says_why_and_settles_only_what_is_owed(seeded: Store) -> None:
    case = refused(seeded)
    with pytest.raises(NoReason):
        settle(case, reason=" ")
    for wrong in ({"count": 2}, {"count": 0}, {"source": f"{case.envelope}/1"}, {"source": "nothing"}):
        with pytest.raises(NotOwed):
            settle(case, **wrong)
    with pytest.raises(Forbidden):
        homeward.settle_originals(
            seeded, case.code, source=case.owed, count=1, how=Settlement.LOST, reason="x", by=cast.tai, at=LATER
        )


# --- closing ----------------------------------------------------------------------------------------------------------


def test_a_dossier_is_closed_by_its_own_house_once_nothing_is_open(seeded: Store) -> None:
    case = refused(seeded)
    with pytest.raises(StillOpen, match="1 bản chính"):
        closing.close(seeded, case.code, by=cast.xuan, at=LATER)
    case.bring_home(back(case, PaperBack(source=case.owed, originals=1)), at=AFTER_THAT)
    with pytest.raises(NotCompetent):
        closing.close(seeded, case.code, by=cast.hoa, at=AFTER_THAT)
    if case.dossier.closed_at is None:
        closing.close(seeded, case.code, by=cast.minh, at=AFTER_THAT)
    assert case.dossier.closed_at == AFTER_THAT


def test_closing_what_is_not_done_leaves_it_as_it_is(seeded: Store) -> None:
    case = refused(seeded)
    with seeded.begin(at=LATER) as ledger:
        assert closing.close_if_done(ledger, case.code, by=cast.xuan, at=LATER).closed_at is None
