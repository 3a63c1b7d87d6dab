"""`slm db`: the database."""

import typer

from cli.terminal import AsJson, out, print_json
from models.database import open_engine, upgrade

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def _database() -> None:
    """The database."""


@app.command("upgrade")
def upgrade_database(as_json: AsJson = False) -> None:
    """Bring the tables up to date, making them where there are none.

    Example: SLM_DATABASE_URL=postgresql://slm@localhost/slm slm db upgrade
    """
    engine = open_engine()
    revision = upgrade(engine)
    url = engine.url.render_as_string(hide_password=True)
    engine.dispose()
    if as_json:
        print_json({"database": url, "revision": revision})
    else:
        out.print(f"{url} is at revision {revision}")
