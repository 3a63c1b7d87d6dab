"""All that differs between two texts, for whoever is asked to sign the newer: nothing is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.versions import AgreementVersion
from states.drafts import both_texts, differences
from states.part_changes import BACKGROUND, PROMISED, part_changes, same
from states.promises import promise_in
from templates.languages.telling import told

# of a target, what `states.drafts.differences` has a sentence for, beside the promise itself
_SAID_OF_TARGETS = {"objective", "calendar", "pause_states", "reopening", "priority_change"}
_LOOKED_AT = {"agreement", "version", "targets", "trial", *PROMISED, *BACKGROUND}


def text_differences(old: AgreementVersion, new: AgreementVersion) -> list[str]:
    """Return every difference of `new` from `old`, a sentence each: what it promises otherwise comes first.

    At the end stands by name what differs and has no sentence of its own. Empty where the texts are the same
    but for their numbers.
    """
    before, after = both_texts(old, new)
    changes = differences(old, new) + part_changes(before, after, BACKGROUND)
    if not same(before.get("trial"), after.get("trial")):
        changes.append(told("the trial run that it rests on is another one"))
    rest = [*_rest_of_targets(before, after), *_rest_of_parts(before, after)]
    if rest:
        changes.append(told("the text differs in: %(names)s", names=", ".join(rest)))
    return changes


def _rest_of_targets(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    former = {row["key"]: row for row in before["targets"]}
    for row in after["targets"]:
        was = former.get(row["key"])
        if was is None:
            continue
        for name, now in row.items():
            if name in _SAID_OF_TARGETS or same(was.get(name), now):
                continue
            if promise_in({**was, name: now}) == promise_in(was):
                yield f"{row['key']} {name.replace('_', ' ')}"


def _rest_of_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for part in {**before, **after}:
        if part not in _LOOKED_AT and not same(before.get(part), after.get(part)):
            yield part.replace("_", " ")
