"""The database before `slm up` starts: up to date, and with the sample year where there was nothing."""

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlmodel import select

from cli.first_start import prepare_sample
from cli.terminal import out
from config.settings import settings
from models.agreements import Agreement
from models.database import open_engine, reading, upgrade


def prepare_database(*, with_sample: bool) -> Engine:
    """Return an engine on the settings' database, its tables up to date.

    Args:
        with_sample: fill a database that holds no agreement with the sample year.

    Raises:
        SlmError: if the database cannot be reached or its tables cannot be made.
    """
    url = make_url(settings().database)
    path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if with_sample and path and not path.exists():
        # made aside, so that one who stops it half-way finds no half of a sample at the next start
        aside = path.with_name(f"{path.name}.making")
        for leftover in aside.parent.glob(f"{aside.name}*"):
            leftover.unlink()
        _fill(_upgraded(url.set(database=str(aside)).render_as_string(hide_password=False))).dispose()
        aside.replace(path)
    engine = _upgraded(settings().database)
    if with_sample and not holds_agreements(engine):
        _fill(engine)
    return engine


def holds_agreements(engine: Engine) -> bool:
    """Return whether there is any agreement."""
    with reading(engine) as session:
        return session.exec(select(Agreement.id).limit(1)).first() is not None


def _upgraded(url: str) -> Engine:
    engine = open_engine(url)
    upgrade(engine)
    return engine


def _fill(engine: Engine) -> Engine:
    out.print("Making a sample year first, once; it takes a minute ...")
    prepare_sample(engine)
    return engine
