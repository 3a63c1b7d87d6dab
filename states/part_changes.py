"""How two texts differ beside their targets: each part from what to what, in short, and nothing left out."""

from collections.abc import Mapping
from typing import Any

from templates.languages.telling import marked, told, told_list

PROMISED = {
    "calendars": marked("the service hours change"),
    "responsibilities": marked("the responsibilities change"),
    "signatories": marked("the signatories change"),
    "quorum": marked("how many signatories must approve changes"),
    "services": marked("the services change"),
    "cost": marked("the cost changes"),
    "review_period": marked("the review period changes"),
    "process_targets": marked("the steps, or who carries them, change"),
    "notice_days": marked("the notice period changes"),
    "valid_until": marked("the end of the agreement changes"),
}
BACKGROUND = {
    "title": marked("the title changes"),
    "kind": marked("the kind of agreement changes"),
    "provider": marked("the provider changes"),
    "customer": marked("the customer changes"),
    "requirements": marked("the requirements change"),
    "waiver": marked("why no trial run was needed changes"),
    "trial_days": marked("the days of a trial run change"),
    "trial_confidence": marked("how sure a trial run must be changes"),
    "trial_looks": marked("how often a trial run is looked at changes"),
}
_NAMED_BY = ("target_key", "line", "email", "text")
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_LONGEST = 160


def part_changes(before: Mapping[str, Any], after: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    """Return a sentence for each part that differs, with what is there now and what was there before.

    Args:
        before: a version's plain data (`models.sealing.version_contents`).
        after: another one's.
        words: the sentence for each part that is looked at: `PROMISED` or `BACKGROUND`.
    """
    return [
        told(
            "%(what)s: %(how)s",
            what=told(said),
            how=told_list(_details(before.get(part), after.get(part)), "; "),
        )
        for part, said in words.items()
        if not same(before.get(part), after.get(part))
    ]


def same(before: Any, after: Any) -> bool:
    """Return whether two pieces of plain data say the same; nothing may be written in several ways."""
    return before == after or (before in _NOTHING and after in _NOTHING)


def _details(was: Any, now: Any, name: str = "") -> list[str]:
    """What differs within a part; single values are named by where they stand, rows by what they say."""
    if isinstance(was, Mapping) or isinstance(now, Mapping):
        return _details_by_name(was or {}, now or {}, name)
    if not name and (isinstance(was, list) or isinstance(now, list)):
        return _details_of_rows(_rows(was or []), _rows(now or []), name)
    changed = told("%(now)s, instead of %(was)s", now=_shown(now), was=_shown(was))
    return [told("%(what)s: %(how)s", what=name.replace("_", " "), how=changed) if name else changed]


def _details_by_name(was: Mapping[str, Any], now: Mapping[str, Any], name: str) -> list[str]:
    return [
        detail
        for key in {**was, **now}
        if not same(was.get(key), now.get(key))
        for detail in _details(was.get(key), now.get(key), f"{name} {key}".strip())
    ]


def _details_of_rows(
    was: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]], name: str
) -> list[str]:
    details: list[str] = [told("new: %(what)s", what=_row(key, now[key])) for key in now if key not in was]
    details += [told("dropped: %(what)s", what=_row(key, was[key])) for key in was if key not in now]
    for key in was:
        if key in now:
            details += _details_by_name(was[key], now[key], f"{name} {key}".strip())
    return details or [told("another order")]


def _rows(listed: list[Any]) -> dict[str, dict[str, Any]]:
    """The rows of a list by what each is about, and what else each says; single values say nothing else."""
    rows: dict[str, dict[str, Any]] = {}
    for row in listed:
        told_of = dict(row) if isinstance(row, Mapping) else {}
        name = _shown(" ".join(str(told_of.pop(key)) for key in _NAMED_BY if told_of.get(key)) or row)
        while name in rows:  # the same again, such as two duties in the same words
            name += "*"
        rows[name] = told_of
    return rows


def _row(name: str, told_of: Mapping[str, Any]) -> str:
    more = [f"{key.replace('_', ' ')} {_shown(value)}" for key, value in told_of.items() if value]
    return f"{name} ({', '.join(more)})" if more else name


def _shown(value: Any) -> str:
    match value:
        case None | "" | [] | {}:
            return told("nothing")
        case True:
            return told("yes")
        case False:
            return told("no")
        case list():
            text = ", ".join(str(row) for row in value)
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
