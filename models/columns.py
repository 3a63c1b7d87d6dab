"""Column types that keep the product's words and instants, on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class EpochSeconds(TypeDecorator[datetime]):
    """An aware instant kept as whole seconds since 1970 in UTC, which arithmetic reads without parsing."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the seconds of `value`; a naive one is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Word(TypeDecorator[StrEnum]):
    """One of a fixed set of words, kept as plain text so that a new word needs no migration."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Return the text; a word that is not in the set is refused."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the word."""
        return None if value is None else self.words(value)


def word(words: type[StrEnum], default: StrEnum | None = None, **options: Any) -> Any:
    """Return a field that holds one of `words`."""
    if default is not None:
        options["default"] = default
    return Field(sa_type=Word(words), **options)


def refers_to(target: str, **options: Any) -> Any:
    """Return a required field that refers to another row; a relationship may fill it in."""
    return Field(foreign_key=target, **options)


def instant_field(**options: Any) -> Any:
    """Return a field that holds an aware instant as epoch seconds."""
    return Field(sa_type=EpochSeconds, **options)


def large_number(**options: Any) -> Any:
    """Return a field for whole numbers beyond 2,147,483,647, such as counts of requests."""
    return Field(sa_type=BigInteger, **options)


def json_field(default_factory: Any = dict, **options: Any) -> Any:
    """Return a field that holds JSON; a stored value is replaced whole, never changed in place."""
    return Field(default_factory=default_factory, sa_column=Column(JSON, nullable=False), **options)
