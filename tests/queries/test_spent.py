"""Who spent the days of a real dossier, from the counter to the citizen's hands."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain.clocks import PausePolicy
from postal.domain.events import Service
from postal.domain.spent import DOING_NAMES, PARTY_NAMES, Doing, Party
from postal.queries import spent
from postal.queries.spent import Spent
from postal.services import agency
from postal.store import Store
from tests import cast
from tests.services.cases import Case


def of(case: Case, *, days: float) -> Spent:
    at = cast.after(hours=int(days * 24))
    with case.store.read(at=at) as reader:
        found = spent.of_dossier(reader, case.dossier, case.items, at=at)
    assert found is not None
    assert sum(share.minutes for share in found.shares) == found.total
    assert all(sum(part.minutes for part in share.doings) == share.minutes for share in found.shares)
    return found


def minutes(found: Spent) -> dict[Party, int]:
    by_name = {share.party: share.minutes for share in found.shares}
    return {party: by_name[PARTY_NAMES[party]] for party in Party}


def doings(found: Spent) -> dict[str, int]:
    return {part.doing: part.minutes for share in found.shares for part in share.doings}


def test_the_post_the_desk_the_citizen_and_the_post_again(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    case.asked(at=cast.after(days=1))
    brought = case.bring(1, 2, at=cast.after(days=2), by=cast.lan)
    case.carry(brought.code, at=cast.after(days=3))
    agency.complete_supplement(seeded, case.code, by=cast.xuan, at=cast.after(days=3, hours=1))
    found = of(case, days=4)
    assert minutes(found) == {
        Party.POST: 150 + 450,
        Party.DESK: 210 + 90 + 60,
        Party.DEPARTMENT: 390,
        Party.CITIZEN: 450,
    }
    assert doings(found)[DOING_NAMES[Doing.CARRYING_SUPPLEMENT]] == 450
    assert doings(found)[DOING_NAMES[Doing.SUPPLEMENTING]] == 450
    assert found.total == 4 * 450


def test_it_ends_when_the_citizen_has_it(seeded: Store) -> None:
    case = Case(seeded, service=Service.BOTH).received()
    agency.refuse(seeded, case.code, reason="không thuộc thẩm quyền", by=cast.xuan, at=cast.after(days=1))
    assert minutes(of(case, days=2))[Party.DESK] == of(case, days=2).total - 150
    assert not of(case, days=2).is_over


def test_before_anybody_brought_anything_time_is_the_citizens_or_the_posts(seeded: Store) -> None:
    found = of(Case(seeded), days=1)
    assert minutes(found)[Party.POST] == found.total == 450


@pytest.mark.parametrize("step", [agency.refuse, agency.withdraw, agency.stop])
def test_the_split_adds_up_however_it_ends(seeded: Store, step: Callable[..., object]) -> None:
    case = Case(seeded).received()
    case.asked()
    step(seeded, case.code, reason="theo đơn", by=cast.xuan, at=cast.after(days=2))
    assert of(case, days=3).total == 3 * 450


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=6))
def test_percents_add_up_and_none_is_a_whole_percent_off(parts: list[int]) -> None:
    found = spent.in_percent(parts)
    assert sum(found) == (100 if sum(parts) else 0)
    assert all(
        abs(each * sum(parts) - 100 * part) < sum(parts) for each, part in zip(found, parts, strict=True) if sum(parts)
    )
