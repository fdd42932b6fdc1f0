"""The page of an envelope: who holds it since when, who may see it, and what may be done with it."""

import pytest

from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Custodian
from postal.queries import items
from postal.queries.items import NotParty
from postal.services import custody
from postal.store import Store
from tests import cast, envelopes


def test_it_says_who_holds_it_and_since_the_last_signature(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    signed_at = cast.after(minutes=20)
    custody.hand_over_together(
        seeded, [code], to=cast.transport, giver=cast.lan, receiver=cast.tai, at=signed_at, below=cast.below(1)
    )
    custody.report_damaged(seeded, code, by=cast.tai, at=cast.after(hours=1))
    page = items.item_page(seeded, code, actor=cast.tai)
    assert (page.holder, page.held_since) == (str(cast.transport), signed_at)
    assert page.trouble == "Rách hoặc ướt"
    assert page.evidence.startswith("A – ")


def test_papers_are_counted_and_not_named(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    papers = items.item_page(seeded, code, actor=cast.lan).papers
    assert (papers.total, papers.originals, papers.copies, papers.to_return) == (3, 1, 2, 1)


def test_what_is_not_sealed_can_be_sealed_but_not_handed_over(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1, sealed=False)
    before = items.item_page(seeded, code, actor=cast.lan)
    assert (before.can_seal, before.can_hand_over) == (True, False)
    custody.seal(seeded, code, seal="881245", by=cast.lan, at=cast.monday)
    assert items.item_page(seeded, code, actor=cast.lan).can_hand_over


def test_only_the_holder_has_the_buttons_of_the_holder(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    page = items.item_page(seeded, code, actor=cast.hung)
    assert not page.has_actions


def test_one_person_with_several_positions_may_move_it_between_them(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1, by=cast.sen, custodian=cast.small_counter)
    targets = items.item_page(seeded, code, actor=cast.sen).move_targets
    assert {target.value for target in targets} == {
        f"position:{cast.small_sorting.key}",
        f"position:{cast.small_transport.key}",
    }


def test_a_unit_that_takes_no_part_does_not_see_it(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    with pytest.raises(NotParty):
        items.item_page(seeded, code, actor=cast.sen)


def test_who_may_take_over_sees_the_label_and_the_holder_and_no_more(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    page = items.item_page(seeded, code, actor=cast.xuan)
    assert (page.is_party, page.may_take_over) == (False, True)
    assert (page.holder, page.destination) == (str(cast.counter), cast.to_the_desk.name)
    assert (page.dossier, page.papers.total, page.timeline) == ("", 0, ())


def test_a_place_that_held_it_once_goes_on_seeing_it(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    hub = cast.small_sorting
    _pass(seeded, code, giver=cast.lan, receiver=cast.sen, to=hub)
    _pass(seeded, code, giver=cast.sen, receiver=cast.tai, to=cast.transport)
    assert items.item_page(seeded, code, actor=cast.sen).is_party


def test_who_coordinates_sees_every_envelope_without_reasons(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    custody.take_over(
        seeded, code, to=cast.second_counter, reason="Bà Khánh xin rút", by=cast.minh, at=cast.after(hours=1)
    )
    page = items.item_page(seeded, code, actor=cast.thu)
    assert page.is_party
    assert not page.shows_texts
    assert items.item_page(seeded, code, actor=cast.lan).shows_texts


def test_what_is_offered_to_me_i_sign_for_and_do_not_take_over(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    custody.offer(seeded, [code], to=cast.second_counter, by=cast.lan, at=cast.monday, below=cast.below(1))
    page = items.item_page(seeded, code, actor=cast.minh)
    assert (page.can_sign, page.may_take_over) == (True, False)


def test_a_code_nobody_knows_is_said_so(seeded: Store) -> None:
    with pytest.raises(UnknownCode):
        items.item_page(seeded, cast.ITEM, actor=cast.lan)


def _pass(store: Store, code: str, *, giver: Actor, receiver: Actor, to: Custodian) -> None:
    below = cast.below(len(to.key))
    at = cast.after(minutes=5)
    custody.hand_over_together(store, [code], to=to, giver=giver, receiver=receiver, at=at, below=below)
