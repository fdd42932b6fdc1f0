"""The files of a proposed day: for each route its list and its way, and who gets names and doors in them."""

from collections.abc import Iterator
from dataclasses import dataclass

from postal.domain import permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.proposal import Draft, Proposal
from postal.queries import charts
from postal.store import Reader

KINDS = (
    ("csv", "danh sách CSV"),
    ("xlsx", "danh sách Excel"),
    ("gpx", "đường đi GPX"),
    ("geojson", "bản đồ GeoJSON"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteFiles:
    """The files of one route: addresses with what they are."""

    name: str
    stops: int
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSet:
    """The files of a proposed day. `with_people` tells that lists have names and doors, which leaves an audit line."""

    routes: tuple[RouteFiles, ...]
    with_people: bool


def of_proposal(reader: Reader, found: Proposal, *, number: str, actor: Actor) -> FileSet:
    """Return the files of a proposed day, of every route with stops."""
    return FileSet(
        routes=tuple(_routes(reader, found, number)),
        with_people=any(_is_near(draft, actor) for draft in found.drafts),
    )


def _routes(reader: Reader, found: Proposal, number: str) -> Iterator[RouteFiles]:
    for route, (name, draft) in enumerate(zip(charts.named(reader, found.drafts), found.drafts, strict=True)):
        if draft.stops:
            address = f"/runs/proposals/{number}/routes/{route}"
            links = tuple((f"{address}.{kind}", words) for kind, words in KINDS)
            yield RouteFiles(name=name, stops=len(draft.stops), links=links)


def _is_near(draft: Draft, actor: Actor) -> bool:
    return actor.place == draft.office and permissions.may(actor, Permission.SEE_PERSONAL_DATA)
