"""What lies in a bag goes through the hands of the bag: the timeline, the citizen's stays, the postal leg say so."""

from postal.domain.item import Item
from postal.queries import items, timeline
from postal.services import custody
from postal.store import Store, passages
from tests import cast
from tests.bagging import Bagging
from tests.cast import hoa, lan


def carried_and_counted(store: Store) -> tuple[Bagging, list[str], str]:
    """Return two envelopes that went to the desk in a bag and were counted there."""
    bagging = Bagging(store)
    inside = bagging.envelopes(2)
    code = bagging.packed(inside)
    record = bagging.brought(code, at=cast.after(hours=1))
    custody.accept(store, record.code, by=hoa, at=cast.after(hours=1))
    bagging.received(code, inside, at=cast.after(hours=2))
    return bagging, inside, code


def test_the_timeline_of_an_envelope_tells_of_its_bag_while_it_lay_in_it(store: Store) -> None:
    bagging, inside, code = carried_and_counted(store)
    again = bagging.packed(bagging.envelopes(1), seal="702000")
    with store.read() as reader:
        told = timeline.lines(reader, inside[:1])
        both = timeline.lines(reader, inside)
        alone = timeline.lines(reader, [again])
    of_bag = [line.sentence for line in told if line.stream == code]
    shown = f"Túi {code[:5]}-{code[5:]}: "
    assert all(sentence.startswith(shown) for sentence in of_bag)
    assert [sentence.removeprefix(shown).split()[0] for sentence in of_bag] == [
        "Đóng",
        *("Bàn", "Đã"),
        *("Bàn", "Đã"),
        "Mở",
    ]
    assert told[-1].sentence.startswith("Lấy ra khỏi túi")
    assert len([line for line in both if line.stream == code]) == len(of_bag), "two envelopes tell of one bag once"
    assert not any(line.sentence.startswith("Túi ") for line in alone)


def test_the_hands_of_a_bag_are_the_hands_of_what_is_in_it(store: Store) -> None:
    _, inside, _ = carried_and_counted(store)
    with store.read() as reader:
        found = passages.of_items(reader, inside)[inside[0]]
        stays = timeline.stays(reader, cast.DOSSIER, list(reader.many(Item, inside[:1]).values()))
    holders = [each.item.custodian.key for each in found]
    assert list(dict.fromkeys(holders)) == [cast.counter.key, cast.transport.key, cast.desk.key]
    assert found[-1].item == found[-1].item.inside(cast.sealed_bag()), "it is loose again"
    assert [stay.organisation for stay in stays] == [cast.OFFICE, cast.DESK]


def test_the_postal_leg_of_a_result_begins_when_the_post_signs_for_its_bag(store: Store) -> None:
    bagging = Bagging(store)
    results = bagging.envelopes(1, custodian=cast.desk, by=hoa, destination=cast.to_the_citizen)
    code = bagging.packed(results, custodian=cast.desk, by=hoa, destination=cast.to_the_citizen)
    record = bagging.offered([code], to=cast.transport, by=hoa, at=cast.after(hours=3))
    custody.accept(store, record.code, by=cast.tai, at=cast.after(hours=4))
    with store.read() as reader:
        since = passages.first_with_post(passages.of_items(reader, results)[results[0]])
    assert since == cast.after(hours=4)


def test_an_item_page_names_the_bag_the_record_and_since_when(store: Store) -> None:
    bagging = Bagging(store)
    inside = bagging.envelopes(1)
    code = bagging.packed(inside)
    record = bagging.brought(code, at=cast.after(hours=1))
    page = items.item_page(store, inside[0], actor=hoa)
    assert (page.bag, page.record, page.can_sign) == (code, record.code, True)
    assert (page.holder, page.held_since) == (str(cast.transport), cast.monday)
    assert not items.item_page(store, inside[0], actor=lan).can_hand_over


def test_an_item_page_links_the_incidents_about_it_and_says_that_nobody_looked(store: Store) -> None:
    bagging = Bagging(store)
    inside = bagging.envelopes(2)
    code = bagging.packed(inside)
    bagging.brought(code, at=cast.after(hours=1))
    incident = bagging.received(code, inside[:1]).incidents[0]
    page = items.item_page(store, inside[1], actor=hoa)
    assert [(link.code, link.kind, link.is_open) for link in page.incidents] == [(incident.code, "Thiếu", True)]
    assert not items.item_page(store, inside[0], actor=hoa).incidents
