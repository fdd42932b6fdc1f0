"""Originals owed back: an account per dossier, line by line, until zero."""

import pytest

from postal.domain import events, item, originals
from postal.domain.dossier import Dossier
from postal.domain.events import Destination, ItemKind, PaperCount, Settlement
from postal.domain.item import Item
from postal.domain.originals import NotOwed, OwedLine
from postal.domain.people import Actor, Custodian
from tests import cast

IN = "P3FHJ8QXV9"
BACK = "P7K2M49RTB"
SOURCE = f"{IN}/1"
BACK_AT_THE_DESK = Destination(place=cast.DESK, name="Một cửa")


def came_in(*, originals: int = 2, kind: ItemKind = ItemKind.OUTBOUND, code: str = IN) -> Item:
    """Return an envelope with originals that are owed back, and a copy that is not."""
    papers = (PaperCount(line=1, originals=originals, to_return=True), PaperCount(line=2, copies=1))
    return _made(code, kind, papers, custodian=cast.counter, by=cast.lan, to=cast.to_the_desk)


def goes_home(*, originals: int = 2, code: str = BACK, kind: ItemKind = ItemKind.RETURNED) -> Item:
    """Return an envelope of the authority with originals of the first one inside."""
    papers = (PaperCount(line=1, originals=originals, to_return=True, source=SOURCE),)
    return _made(code, kind, papers, custodian=cast.desk, by=cast.hoa, to=cast.to_the_citizen)


def delivered(found: Item) -> Item:
    event = events.Delivered(
        receiver=events.Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof="f1",
        by=cast.nam.as_author(),
        occurred_at=cast.after(days=3),
    )
    return found.evolve(event)


def test_what_came_in_as_an_original_is_owed_until_it_is_with_the_citizen() -> None:
    assert originals.account(cast.case(), [came_in()]) == (OwedLine(source=SOURCE, came=2),)
    assert originals.owed(cast.case(), [came_in(), goes_home()]) == 2
    assert originals.owed(cast.case(), [came_in(), delivered(goes_home())]) == 0


def test_a_supplement_adds_its_own_originals_to_the_account() -> None:
    supplement = came_in(originals=1, kind=ItemKind.SUPPLEMENT, code="PTT222MMTX")
    assert originals.owed(cast.case(), [came_in(), supplement]) == 3


def test_what_is_on_the_way_home_is_not_sent_again() -> None:
    (line,) = originals.account(cast.case(), [came_in(), goes_home(originals=1)])
    assert (line.on_the_way, line.back, line.to_send, line.owed) == (1, 0, 1, 2)


def test_more_than_is_owed_never_goes_back_however_the_lines_are_split() -> None:
    papers = [PaperCount(line=n, originals=1, to_return=True, source=SOURCE) for n in (1, 2, 3)]
    originals.must_be_owed(cast.case(), [came_in()], papers[:2])
    with pytest.raises(NotOwed, match="chỉ còn nợ 2 bản chính"):
        originals.must_be_owed(cast.case(), [came_in()], papers)


def test_a_line_that_never_came_in_is_not_owed() -> None:
    stranger = PaperCount(line=1, originals=1, to_return=True, source="P3FHJ8QXV9/9")
    with pytest.raises(NotOwed):
        originals.must_be_owed(cast.case(), [came_in()], [stranger])


def test_the_result_itself_and_copies_are_nobodys_debt() -> None:
    result = PaperCount(line=1, originals=1)
    copies = PaperCount(line=2, copies=3, to_return=True, source=SOURCE)
    originals.must_be_owed(cast.case(), [came_in()], [result, copies])


def test_a_voided_envelope_owes_nothing_because_its_papers_never_left() -> None:
    voided = came_in().evolve(came_in().void(reason="t1", by=cast.lan, at=cast.after(minutes=5)))
    assert originals.account(cast.case(), [voided]) == ()


def test_an_envelope_turned_round_brings_its_own_originals_back() -> None:
    turned = came_in().evolve(came_in().reroute(destination=cast.to_the_citizen, by=cast.lan, at=cast.monday))
    (line,) = originals.account(cast.case(), [turned])
    assert (line.owed, line.on_the_way, line.to_send) == (2, 2, 0)
    assert originals.owed(cast.case(), [delivered(turned)]) == 0


def test_what_could_not_be_delivered_may_be_sent_again_once_the_authority_has_it() -> None:
    sent_back = goes_home().evolve(
        events.DeclaredUndeliverable(
            ground=events.Ground.MOVED,
            destination=BACK_AT_THE_DESK,
            by=cast.lan.as_author(),
            occurred_at=cast.after(days=5),
        )
    )
    with_the_post = sent_back.evolve(_taken_over(cast.counter))
    (line,) = originals.account(cast.case(), [came_in(), with_the_post])
    assert line.to_send == 0
    (line,) = originals.account(cast.case(), [came_in(), with_the_post.evolve(_taken_over(cast.desk))])
    assert (line.owed, line.to_send) == (2, 2)


def test_what_is_settled_otherwise_is_not_owed() -> None:
    case = settled(cast.case(), count=1)
    (line,) = originals.account(case, [came_in()])
    assert (line.settled, line.owed) == (1, 1)
    assert originals.owed(settled(case, count=1), [came_in()]) == 0


@pytest.mark.parametrize("count", [0, -1, 3])
def test_nobody_settles_what_is_not_owed(count: int) -> None:
    with pytest.raises(NotOwed):
        settled(cast.case(), count=count)


def test_what_is_on_the_way_home_is_not_settled_otherwise() -> None:
    with pytest.raises(NotOwed):
        settled(cast.case(), goes_home(), count=1)


def settled(case: Dossier, *others: Item, count: int) -> Dossier:
    event = originals.settle(
        case,
        [came_in(), *others],
        source=SOURCE,
        count=count,
        how=Settlement.HANDED_AT_DESK,
        reason="t1",
        by=cast.hoa,
        at=cast.after(days=2),
    )
    return case.evolve(event)


def _taken_over(to: Custodian) -> events.TakenOver:
    return events.TakenOver(to=to, reason="t2", by=cast.minh.as_author(), occurred_at=cast.after(days=6))


def _made(
    code: str,
    kind: ItemKind,
    papers: tuple[PaperCount, ...],
    *,
    custodian: Custodian,
    by: Actor,
    to: Destination,
) -> Item:
    event = item.register(
        code=code,
        kind=kind,
        dossier=cast.DOSSIER,
        destination=to,
        custodian=custodian,
        papers=papers,
        by=by,
        at=cast.monday,
    )
    return item.begin(code, event)


def test_a_line_given_back_too_often_hides_no_other_that_is_still_owed() -> None:
    supplement = came_in(originals=1, kind=ItemKind.SUPPLEMENT, code="PTT222MMTX")
    twice = [delivered(goes_home()), delivered(goes_home(originals=1, code="P22222MMTX"))]
    assert originals.owed(cast.case(), [came_in(), supplement, *twice]) == 1
