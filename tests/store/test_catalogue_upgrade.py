"""An upgrade calls the states of the catalogue by their new names and keeps everything else as it was."""

import json

from alembic import command
from sqlalchemy import text

from postal.domain.procedures import ProcedureStatus
from postal.store import Store, migrations
from tests import databases

AS_BEFORE = {"code": "1.000001", "version": 1, "name": "Thủ tục “cũ”", "level": "Cấp xã", "field": "Hộ tịch"}


def test_versions_of_before_have_the_new_names_and_can_be_filtered(empty_database_url: str) -> None:
    store = Store.open(empty_database_url, secret_key=databases.SECRET_KEY)
    try:
        settings = migrations.config()
        with store.database.writing() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "0009")
        for number, status in enumerate(("in_force", "repealed", "unknown"), start=1):
            _keep(store, {**AS_BEFORE, "version": number, "status": status, "carriable": number == 1, "basis": "mẫu"})
        store.migrate()
        with store.read() as reader:
            versions = reader.reference.versions("1.000001")
            rows = reader.rows(text("SELECT status, carriable, field FROM procedure ORDER BY version"))
    finally:
        store.close()
    assert [version.status for version in versions] == [
        ProcedureStatus.PUBLISHED,
        ProcedureStatus.ABOLISHED,
        ProcedureStatus.UNKNOWN,
    ]
    assert {version.name for version in versions} == {"Thủ tục “cũ”"}
    assert [tuple(row) for row in rows] == [
        ("published", "yes", "Hộ tịch"),
        ("abolished", "no", "Hộ tịch"),
        ("unknown", "no", "Hộ tịch"),
    ]


def _keep(store: Store, state: dict[str, object]) -> None:
    with store.database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO procedure (code, version, folded, short_names, state) "
                "VALUES (:code, :version, '', '', :state)"
            ),
            {"code": state["code"], "version": state["version"], "state": json.dumps(state, ensure_ascii=False)},
        )
