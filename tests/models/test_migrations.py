"""The migrations make exactly the tables that the models describe, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

from config.errors import SlmError
from models.database import migration_config, open_engine, require_current, upgrade


def test_an_empty_database_is_brought_up_to_date(database_url: str) -> None:
    engine = open_engine(database_url)
    with pytest.raises(SlmError, match="has no tables yet: run `slm db upgrade`"):
        require_current(engine)

    revision = upgrade(engine)

    assert revision == ScriptDirectory.from_config(migration_config()).get_current_head()
    assert set(inspect(engine).get_table_names()) == {*SQLModel.metadata.tables, "alembic_version"}
    require_current(engine)
    engine.dispose()


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    upgrade(engine)
    assert inspect(engine).get_table_names() == before


def test_the_migrations_and_the_models_say_the_same(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
