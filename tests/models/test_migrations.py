"""The migrations make exactly the tables that the models describe, on both databases."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from config.errors import SlmError
from models.database import migration_config, open_engine, reading, require_current, upgrade
from models.parties import Person


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


def test_a_database_of_the_first_release_keeps_its_rows(database_url: str) -> None:
    engine = open_engine(database_url)
    configuration = migration_config()
    with engine.connect() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        connection.execute(text("INSERT INTO parties (id, name, kind) VALUES (1, 'Harbour', 'provider')"))
        connection.execute(
            text(
                "INSERT INTO people (id, party_id, name, email, role, zone) "
                "VALUES (1, 1, 'Service manager', 'manager@harbour.example', 'manager', 'Europe/Zurich')"
            )
        )
        connection.commit()
    with pytest.raises(SlmError, match=r"is at revision 0001, not \d{4}: run `slm db upgrade`"):
        require_current(engine)

    upgrade(engine)

    require_current(engine)
    with reading(engine) as session:
        person = session.get_one(Person, 1)
        assert (person.name, person.zone, person.language) == ("Service manager", "Europe/Zurich", "en")
    engine.dispose()
