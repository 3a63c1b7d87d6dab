"""Periods in words: months and quarters by name, others by first and last day."""

import pytest

from templates.languages.kept import stored
from templates.languages.telling import in_language
from templates.spans import span


@pytest.mark.parametrize(
    ("start", "end", "english", "german", "french"),
    [
        ("2026-09-30T22:00+00:00", "2026-10-31T23:00+00:00", "October 2026", "Oktober 2026", "octobre 2026"),
        ("2026-10-01T00:00+00:00", "2026-11-01T00:00+00:00", "October 2026", "Oktober 2026", "octobre 2026"),
        (
            *("2026-09-30T22:00+00:00", "2026-12-31T23:00+00:00"),
            *("4th quarter 2026", "4. Quartal 2026", "4e trimestre 2026"),
        ),
        (
            *("2026-03-02T09:00+00:00", "2026-03-31T22:00+00:00"),
            *("2 March 2026 to 31 March 2026", "2.\u00a0März 2026 bis 31.\u00a0März 2026"),
            "du 2\u00a0mars 2026 au 31\u00a0mars 2026",
        ),
    ],
)
def test_a_period_is_named_in_every_language(
    start: str, end: str, english: str, german: str, french: str
) -> None:
    named = span(start, end, "Europe/Zurich")
    assert [in_language(named, language) for language in ("en", "de", "fr")] == [english, german, french]
    occasion = stored(f"the service ({named})")
    assert in_language(occasion, "de") == f"den Service ({german})"
