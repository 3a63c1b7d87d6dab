"""Brings the catalogs up to date with the messages of templates and code: `make languages`."""

import re
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from templates.languages.catalogs import ENGLISH, FOLDER, languages

_ROOMS = ("templates", "mail", "states", "web")
_METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]
_KEYWORDS = {"told": None, "marked": None, "told_count": (1, 2), "_": None, "ngettext": (1, 2)}
_WIDTH = 110
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


@cache
def messages() -> Catalog:
    """Return every message that templates and code speak, without translations."""
    found = Catalog(project="slmcycle")
    root = FOLDER.parent.parent
    for room in _ROOMS:
        rows = extract_from_dir(root / room, _METHODS, keywords=_KEYWORDS)
        for name, _line, message, _comments, context in rows:
            found.add(message, locations=[(f"{room}/{name}", 0)], context=context)
    return found


def catalog_of(language: str) -> Catalog:
    """Return a language's catalog as its file has it."""
    with (FOLDER / f"{language}.po").open("rb") as written:
        return read_po(written, locale=language)


def update(language: str) -> Path:
    """Add the messages that a catalog lacks, take out those that nobody speaks any more; return its file."""
    kept = catalog_of(language)
    made_at = kept.creation_date
    kept.update(messages(), no_fuzzy_matching=True)
    kept.obsolete.clear()
    kept.creation_date = made_at
    path = FOLDER / f"{language}.po"
    with path.open("wb") as file:
        write_po(file, kept, width=_WIDTH, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return path


def faults(language: str) -> list[str]:
    """Return what is wrong with a language's catalog, a line each.

    A message may lack a translation or have one with other placeholders, or be no message any more.
    """
    kept, spoken = catalog_of(language), messages()
    lines = [
        f"{language}: nobody says {message.id!r} any more"
        for message in kept
        if message.id and message.id not in spoken
    ]
    for message in spoken:
        if not message.id:
            continue
        own = kept.get(message.id)
        told = _texts(own.string or "") if own else [""]
        if not all(told) or (own and own.fuzzy):
            lines.append(f"{language}: {message.id!r} has no translation")
        elif any(_placeholders(text) != _placeholders(_texts(message.id)[-1]) for text in told):
            lines.append(f"{language}: {message.id!r} has other placeholders in its translation")
    return lines


def _texts(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def main() -> None:
    """Update every catalog, and say what is still to be translated."""
    for language in languages():
        if language != ENGLISH:
            print(f"{update(language)}: {len(faults(language))} faults")
            for line in faults(language):
                print(f"  {line}")


if __name__ == "__main__":
    main()
