"""The steps of a board and the days things are put off to stay as they were written, whatever program asks."""

from alembic import op

revision = "0017"
down_revision = "0016"

TABLES = ("proposal_step", "put_off")


def upgrade() -> None:
    """Let nobody change or take away a row of these tables."""
    for table in TABLES:
        for statement in _guards(table, op.get_bind().dialect.name):
            op.execute(statement)


def _guards(table: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        (
            f"CREATE FUNCTION {table}_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is insert-only'; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_insert_only()"
        ),
    ]
