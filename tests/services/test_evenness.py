"""How evenly a day's runs lie between postmen."""

from dataclasses import replace

from postal.domain.proposal import Draft
from postal.services import evenness
from tests import cast

DRAFT = Draft(
    territory="551000-01",
    office=cast.OFFICE,
    part=0,
    postman="binh",
    by_spare=False,
    stops=(),
    metres=0,
    seconds=6 * 3600,
    starts_at=cast.monday,
    longest_minutes=480,
)


def test_two_runs_of_one_postman_count_together() -> None:
    found = evenness.of_drafts(
        [replace(DRAFT, seconds=3600), replace(DRAFT, seconds=3600), replace(DRAFT, postman="yen")]
    )
    assert (found.most, found.most_minutes, found.least, found.least_minutes) == ("yen", 360, "binh", 120)
    assert (found.difference, found.drivers, found.gini) == (240, 2, 250)


def test_the_same_share_of_a_shorter_shift_is_even_and_a_run_without_a_postman_does_not_count() -> None:
    short = replace(DRAFT, postman="yen", seconds=3 * 3600, longest_minutes=240)
    found = evenness.of_drafts([DRAFT, short, replace(DRAFT, postman="")])
    assert (found.gini, found.difference, found.drivers) == (0, 180, 2)


def test_a_day_without_runs_is_even() -> None:
    found = evenness.of_drafts([])
    assert (found.gini, found.difference, found.drivers, found.most) == (0, 0, 0, "")
