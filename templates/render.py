"""The one Jinja2 environment of letters, pages and documents, and its filters for figures and times."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup

from models.agreements import Stage
from templates.figures_in_words import counted, figure
from templates.languages.catalogs import ENGLISH, catalog, spoken_language
from templates.languages.kept import stored
from templates.languages.telling import in_language
from templates.numbers import amount, duration, percent
from templates.spans import span
from templates.times import day, isodate, moment

__all__ = [
    "FILTERS",
    "amount",
    "day",
    "duration",
    "environment",
    "isodate",
    "moment",
    "percent",
    "render",
    "render_block",
    "span",
    "stage_title",
]


def stage_title(stage: Stage | str) -> str:
    """Return a stage, or its stored word, as people write it: "Trial run"."""
    return Stage(stage).title


FILTERS: dict[str, Callable[..., str]] = {
    "duration": duration,
    "percent": percent,
    "amount": amount,
    "figure": figure,
    "counted": counted,
    "day": day,
    "moment": moment,
    "isodate": isodate,
    "span": span,
    "stage_title": stage_title,
    "stored": stored,
}


def environment(language: str = ENGLISH) -> Environment:
    """Return the environment of a language: this package's templates, HTML escaped, no undefined names.

    `{% trans %}` and `_()` speak the language, and so does every text that is `Told`; templates have
    `language`, which is English where there is no catalog of the one asked for.
    """
    return _environment(spoken_language(language))


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=partial(in_language, language=language),
    )
    made.policies["ext.i18n.trimmed"] = True
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.filters.update(FILTERS)
    made.globals.update(_gettext_of(language), language=language, in_english=_in_english)
    return made


def _in_english(name: str, **context: Any) -> Markup:
    """What a template says in English, for a text that is the same whoever reads it, such as a sealed one."""
    return Markup(render(name, ENGLISH, **context))  # the template has escaped what stands in it


def _gettext_of(language: str) -> dict[str, Callable[..., str]]:
    """What the i18n extension calls; unlike its own, it tells values that stand within a message too."""
    texts = catalog(language)

    def filled(context: EvalContext, said: str, values: dict[str, Any]) -> str:
        told = {name: in_language(value, language) for name, value in values.items()}
        return (Markup(said) if context.autoescape else said) % told

    @pass_eval_context
    def gettext(context: EvalContext, message: str, /, **values: Any) -> str:
        return filled(context, texts.gettext(message), values)

    @pass_eval_context
    def ngettext(context: EvalContext, one: str, many: str, number: int, /, **values: Any) -> str:
        return filled(context, texts.ngettext(one, many, number), {"num": number} | values)

    return {"gettext": gettext, "_": gettext, "ngettext": ngettext}


def render(name: str, language: str = ENGLISH, **context: Any) -> str:
    """Return the template `name`, such as "mail/signed.txt.j2", filled in, in a language.

    Raises:
        jinja2.TemplateNotFound: if there is no such template.
        jinja2.UndefinedError: if the template uses a name that `context` does not have.
    """
    return environment(language).get_template(name).render(context)


def render_block(name: str, block: str, language: str = ENGLISH, **context: Any) -> str:
    """Return one block of the template `name`, filled in, in a language; the rest of it is not rendered.

    Raises:
        jinja2.TemplateNotFound, jinja2.UndefinedError: as `render`.
        KeyError: if the template has no such block.
    """
    template = environment(language).get_template(name)
    return "".join(template.blocks[block](template.new_context(context)))
