"""The service level requirements document as a page that stands alone, the same for screen and PDF."""

from typing import Any

from states.version_text import hours_of
from templates.render import render


def requirements_page(document: dict[str, Any]) -> str:
    """Return the HTML of an issued document.

    Args:
        document: `number`, `made_at`, `sha256` and the `contents` as they were issued.
    """
    return render(
        "documents/requirements.html.j2",
        document=document,
        hours=hours_of(document["contents"]["calendars"]),
    )
