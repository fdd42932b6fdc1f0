"""The register of what places decide for themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from postal.domain.clocks import Counting, CountingRule, PostStart
from postal.domain.policies import Policy, PolicyName, WholeBag
from postal.store.tables import PlacePolicyRow, table_of

_POLICY = table_of(PlacePolicyRow)


class Policies:
    """The policies of places inside one transaction or snapshot; a place that decided nothing has the strict one."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def whole_bag(self, place: str) -> WholeBag:
        """Return how a place receives bags: it counts every envelope until somebody decides otherwise."""
        found = self.get(place, PolicyName.WHOLE_BAG)
        return WholeBag(found.value) if found else WholeBag.OFF

    def counting_rule(self, place: str) -> CountingRule | None:
        """Return how a place counts limits, with its own hours; None where it never decided."""
        counting, hours = self.get(place, PolicyName.COUNTING), self.get(place, PolicyName.HOURS)
        if counting is None and hours is None:
            return None
        return CountingRule(
            counting=Counting(counting.value) if counting else Counting.CIVIL_CODE,
            basis=counting.basis if counting else "",
            hours=hours.value if hours else "",
            hours_basis=hours.basis if hours else "",
        )

    def start_by_post(self, place: str) -> tuple[PostStart, str]:
        """Return what starts the clock of a place for which the post receives, and on which basis."""
        found = self.get(place, PolicyName.START_BY_POST)
        return (PostStart(found.value), found.basis) if found else (PostStart.SLIP, "")

    def get(self, place: str, name: PolicyName) -> Policy | None:
        """Return what a place decided, None when it never did."""
        row = self._connection.execute(select(_POLICY).where(self._same(place, name))).first()
        return None if row is None else _policy(row)

    def put(self, place: str, name: PolicyName, *, value: str, basis: str, account: str) -> Policy:
        """Keep what a place decided, in the stead of what it decided before."""
        values = {"value": value, "basis": basis, "since": self._at, "account": account}
        same = self._same(place, name)
        if self._connection.execute(update(_POLICY).where(same).values(**values)).rowcount == 0:
            self._connection.execute(insert(_POLICY).values(place=place, name=name.value, **values))
        return Policy(place=place, name=name, value=value, basis=basis, since=self._at, account=account)

    def _same(self, place: str, name: PolicyName) -> ColumnElement[bool]:
        return and_(_POLICY.c.place == place, _POLICY.c.name == name.value)


def _policy(row: Row[Any]) -> Policy:
    return Policy(
        place=row.place,
        name=PolicyName(row.name),
        value=row.value,
        basis=row.basis,
        since=row.since,
        account=row.account,
    )
