"""Counts what ran where: on which database and in Chromium; a whole run in which one of them was idle has failed.

Works with and without worker processes: each test carries the places it runs in to the process that reports.
"""

import collections

import pytest

PLACES = ("sqlite", "postgresql", "chromium")
_WHEREABOUTS = "runs in"
_counts = pytest.StashKey[collections.Counter[tuple[str, str]]]()


def register(parser: pytest.Parser) -> None:
    """Add the option that says the whole suite is run."""
    parser.addoption("--whole", action="store_true", help="fail when a database or Chromium was never used")


def places(item: pytest.Item) -> list[str]:
    """Return where a test runs, told from the fixtures it asks for."""
    fixtures = getattr(item, "fixturenames", ())
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("database_kind") if callspec else None
    found = [
        "postgresql" if "postgres_server" in fixtures else kind,
        "chromium" if "browser" in fixtures else None,
    ]
    return [place for place in found if place]


def note_places(items: list[pytest.Item]) -> None:
    """Write on every test where it runs."""
    for item in items:
        item.user_properties.extend((_WHEREABOUTS, place) for place in places(item))


def count(config: pytest.Config, report: pytest.TestReport) -> None:
    """Count one result in each place it belongs to; an error before or after the test itself counts as failed."""
    if report.when != "call" and report.passed:
        return
    counts = config.stash.setdefault(_counts, collections.Counter())
    for name, place in report.user_properties:
        if name == _WHEREABOUTS:
            counts[str(place), report.outcome] += 1


def idle(config: pytest.Config) -> list[str]:
    """Return the places where nothing passed, when the whole suite was run."""
    if not config.getoption("--whole"):
        return []
    counts = config.stash.get(_counts, collections.Counter())
    return [place for place in PLACES if not counts[place, "passed"]]


def told(config: pytest.Config) -> str:
    """Return the counts in one line: `databases: sqlite 142 passed, postgresql 142 passed; chromium 7 passed`."""
    counts = config.stash.get(_counts, collections.Counter())
    sqlite, postgresql, chromium = (f"{place} {_amounts(counts, place)}" for place in PLACES)
    return f"databases: {sqlite}, {postgresql}; {chromium}"


def _amounts(counts: collections.Counter[tuple[str, str]], place: str) -> str:
    others = [f", {counts[place, outcome]} {outcome}" for outcome in ("failed", "skipped") if counts[place, outcome]]
    return f"{counts[place, 'passed']} passed{''.join(others)}"
