"""One catalog a language, `{language}.po` beside this module: plain text, read when it is first needed."""

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale

from config.errors import BadInputError

FOLDER = Path(__file__).parent
ENGLISH = "en"
"""What the messages themselves are written in, and what is spoken where a language has no catalog."""


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the languages there are, English first: ("en", "de", "fr")."""
    return ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po"))


def spoken_language(language: str | None) -> str:
    """Return the language itself where there is a catalog of it, English otherwise."""
    return language if language in languages() else ENGLISH


def checked_language(language: str) -> str:
    """Return a language as people give it ("DE"), as it is stored ("de").

    Raises:
        BadInputError: if there is no catalog of it; the message says which languages there are.
    """
    found = language.strip().lower()
    if found not in languages():
        raise BadInputError(f"'{language}' is not a language of letters and pages: {', '.join(languages())}")
    return found


def accepted_language(header: str) -> str:
    """Return the language that an `Accept-Language` header likes best of those there are, else English.

    Regions are left aside ("de-AT" is German); the order follows the weights of RFC 9110, 12.5.4.
    """
    wanted: list[tuple[float, str]] = []
    for entry in header.split(","):
        tag, _, weight = entry.partition(";")
        try:
            liking = float(weight.partition("q=")[2] or 1)
        except ValueError:
            continue
        wanted.append((-liking, tag.strip().lower().partition("-")[0]))
    likings = sorted((row for row in wanted if row[0] < 0), key=lambda row: row[0])
    return next((language for _, language in likings if language in languages()), ENGLISH)


@cache
def catalog(language: str) -> NullTranslations:
    """Return the catalog of a language, which answers as the standard library's `gettext` does.

    A message without a translation is told in English.
    """
    if spoken_language(language) == ENGLISH:
        return NullTranslations()
    # most commands speak English alone
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (FOLDER / f"{language}.po").open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def locale(language: str) -> Locale:
    """Return how a language writes figures and dates (CLDR, through Babel)."""
    return Locale.parse(spoken_language(language))
