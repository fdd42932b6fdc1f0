"""Fair is the same share of one's own hours; the number agrees with what anybody would call fairer."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from routes import fairness
from routes.fairness import Hours

HOUR = timedelta(hours=1)


def worked(*hours: float, available: float = 8) -> list[Hours]:
    return [
        Hours(driver=f"d{number}", worked=each * HOUR, available=available * HOUR) for number, each in enumerate(hours)
    ]


crews = st.lists(
    st.tuples(st.integers(0, 600), st.integers(1, 600)).map(
        lambda pair: (timedelta(minutes=pair[0]), timedelta(minutes=pair[1]))
    ),
    min_size=1,
    max_size=8,
).map(lambda pairs: [Hours(driver=f"d{n}", worked=w, available=a) for n, (w, a) in enumerate(pairs)])


def test_the_number_is_nought_when_all_work_the_same_share_and_near_one_when_one_does_everything() -> None:
    assert fairness.gini(worked(6, 6, 6)) == 0
    assert fairness.gini(worked(0, 0, 0, 0, 8)) == pytest.approx(0.8)
    assert fairness.gini(worked(4, 8)) == pytest.approx(1 / 6), "a third and two thirds of the work"


def test_half_a_shift_with_half_the_work_is_fair() -> None:
    part_time = Hours(driver="part", worked=3 * HOUR, available=4 * HOUR)
    assert fairness.gini([*worked(6, 6), part_time]) == 0
    found = fairness.fairness([*worked(6, 6), part_time])
    assert found.difference == 3 * HOUR, "the plain difference is told all the same"


def test_who_is_absent_is_left_out_and_who_has_nothing_to_do_is_not() -> None:
    absent = Hours(driver="absent", worked=timedelta(), available=timedelta())
    assert fairness.fairness([*worked(6, 6), absent]) == fairness.fairness(worked(6, 6))
    assert fairness.gini(worked(6, 6, 0)) == pytest.approx(1 / 3)


def test_nobody_and_one_alone_are_fair() -> None:
    nobody = fairness.fairness([])
    assert (nobody.gini, nobody.most, nobody.difference) == (0, None, timedelta())
    alone = fairness.fairness(worked(9))
    assert (alone.gini, alone.difference) == (0, timedelta())


def test_the_plain_figures_are_the_hours_of_the_one_with_most_and_the_one_with_least() -> None:
    found = fairness.fairness(worked(5, 7.5, 6))
    assert found.most is not None
    assert found.least is not None
    assert (found.most.driver, found.least.driver, found.difference) == ("d1", "d0", 2.5 * HOUR)


def test_hours_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="without having hours"):
        Hours(driver="x", worked=HOUR, available=timedelta())
    with pytest.raises(ValueError, match="not negative"):
        Hours(driver="x", worked=-HOUR, available=HOUR)


@given(crew=crews)
def test_the_number_lies_between_nought_and_one_and_asks_neither_for_order_nor_for_the_unit(crew: list[Hours]) -> None:
    found = fairness.gini(crew)
    assert 0 <= found < 1
    assert fairness.gini(list(reversed(crew))) == found
    twice = [Hours(driver=each.driver, worked=2 * each.worked, available=each.available) for each in crew]
    assert fairness.gini(twice) == pytest.approx(found)
    again = [Hours(driver=f"{each.driver}'", worked=each.worked, available=each.available) for each in crew]
    assert fairness.gini([*crew, *again]) == pytest.approx(found)


@given(crew=crews, data=st.data())
def test_giving_work_to_who_has_less_of_it_never_makes_the_number_worse(crew: list[Hours], data: st.DataObject) -> None:
    assume(len(crew) > 1)
    less, *_, more = sorted(crew, key=lambda each: each.share)
    assume(less.share < more.share)
    level = (less.worked + more.worked) * (less.available / (less.available + more.available))
    given_away = (level - less.worked) * data.draw(st.floats(0, 1))
    assume(more.worked >= given_away)
    after = [each for each in crew if each not in (less, more)]
    after.append(Hours(driver=less.driver, worked=less.worked + given_away, available=less.available))
    after.append(Hours(driver=more.driver, worked=more.worked - given_away, available=more.available))
    assert fairness.gini(after) <= fairness.gini(crew) + 1e-6
