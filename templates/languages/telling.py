"""Texts of the product's own: English to the code, told in the reader's language when rendered."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Self

from templates.languages.catalogs import ENGLISH, catalog


class Told(str):
    """A text that can be told in every language there is; as a `str` it is the English one.

    Whatever stores, compares or prints it has the English text. Templates tell it in the reader's language,
    also where it stands within another one. Joining it to other texts leaves plain English.

    Attributes:
        telling: returns the text in a language.
    """

    __slots__ = ("telling",)
    telling: Callable[[str], str]

    def __new__(cls, telling: Callable[[str], str]) -> Self:
        """Make the text that `telling` tells."""
        made = super().__new__(cls, telling(ENGLISH))
        made.telling = telling
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.telling,)


def told(message: str, /, **values: Any) -> Told:
    """Return a message with its values filled in; the call marks the message for the catalogs.

    Args:
        message: English, written out where it is used: "version %(number)s of %(title)s".
        values: of its placeholders; those that are `Told` themselves are told in the same language.
    """
    return Told(partial(_message, message, values))


def told_count(one: str, many: str, count: int, /, **values: Any) -> Told:
    """Return one of two messages, by a number, which both know as `%(num)s`: "%(num)s ticket"."""
    return Told(partial(_counted, one, many, count, values))


def told_list(texts: list[str], separator: str = ", ") -> Told:
    """Return several texts one after the other, each told in the reader's language."""
    return Told(partial(_joined, tuple(texts), separator))


def in_language(value: Any, language: str) -> Any:
    """Return a text told in a language; whatever else it is stays as it is."""
    return value.telling(language) if isinstance(value, Told) else value


def marked(message: str) -> str:
    """Return a message as it is; the call marks it for the catalogs."""
    return message


def _message(message: str, values: Mapping[str, Any], language: str) -> str:
    return catalog(language).gettext(message) % _in_language(values, language)


def _counted(one: str, many: str, count: int, values: Mapping[str, Any], language: str) -> str:
    said = catalog(language).ngettext(one, many, count)
    return said % {"num": count, **_in_language(values, language)}


def _joined(texts: tuple[str, ...], separator: str, language: str) -> str:
    return separator.join(in_language(text, language) for text in texts)


def _in_language(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {name: in_language(value, language) for name, value in values.items()}
