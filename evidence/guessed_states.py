"""What a file's words for states surely mean, and those that a person must choose for."""

import json
import re
from collections.abc import Iterable

from evidence.tables import MARKERS

_MOST = 200
_WAITS = r"\b(await|wait|pending|on ?hold)"
_STATES = {
    "new": r"new|neu|open(ed)?|offen|to do|registered|logged",
    "in_progress": r"(work )?in (progress|arbeit|bearbeitung)|active|assigned|accepted|started|re ?opened",
    "awaiting_user": rf".*{_WAITS}.*",
    "awaiting_supplier": rf".*{_WAITS}.*\b(vendor|supplier|third|3rd|provider).*",
    "awaiting_problem": rf".*{_WAITS}.*\b(problem|change).*",
    "awaiting_evidence": rf".*{_WAITS}.*\bevidence.*",
    "resolved": r".*\b(resolved|solved|done|fixed|gelöst)\b.*",
    "closed": r".*\b(closed|completed|geschlossen)\b.*",
    "cancelled": r".*\b(cancel|withdrawn|reject|merged|duplicate|declined).*",
}
_NEGATED = r".*\b(not|no|non|never|un|nicht|kein\w*)\b.*"


def guessed_states(words: Iterable[str]) -> list[str]:
    """Return the lines of a mapping's states, for words in the order of the rows.

    A word that is not known, or that denies what it names ("not completed"), is a comment: choose.
    """
    different = dict[str, None]()
    for word in words:
        if word and word not in MARKERS:
            different.setdefault(word)
        if len(different) > _MOST:
            return [f"# over {_MOST} different words: these are no states, choose another column"]
    told = {json.dumps(word, ensure_ascii=False): _state(word) for word in different}
    known = [f'{word} = "{state}"' for word, state in told.items() if state]
    unknown = [f'# {word} = ""' for word, state in told.items() if not state]
    if unknown:
        known.append(f"# choose for each of these, or its rows are rejected: {', '.join(_STATES)}")
    return known + unknown


def _state(word: str) -> str | None:
    """The state that a word surely means; of several the last, and none of a word that denies one."""
    plain = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)).strip().lower()
    found = [state for state, pattern in _STATES.items() if re.fullmatch(pattern, plain)]
    return found[-1] if found and not re.fullmatch(_NEGATED, plain) else None
