"""Documents printed as PDF from the same HTML, by WeasyPrint; nothing is fetched from anywhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from config.errors import SlmError


def to_pdf(
    html: str, attached: Mapping[str, tuple[str, str]] | None = None, at: datetime | None = None
) -> bytes:
    """Return an HTML document as PDF, tagged for readers of screens (PDF/UA-1).

    The document's title, author, description, keywords and `dcterms.created` become the file's properties.

    Args:
        html: refers to nothing outside itself.
        attached: by file name, what a file within the PDF is and its text.
        at: when the attached files were made; needed with them.

    Raises:
        SlmError: if the Pango library that WeasyPrint sets type with is not installed; says what to install.
    """
    try:
        # it takes half a second, and most commands print nothing
        from weasyprint import HTML, Attachment  # type: ignore[import-untyped]
    except OSError:
        raise SlmError(
            "a PDF needs the Pango library, the HTML does not: "
            "apt install libpango-1.0-0 libpangoft2-1.0-0 (Debian, Ubuntu), brew install pango (macOS)"
        ) from None
    files = [
        Attachment(
            string=text,
            name=name,
            description=told,
            created=at,
            modified=at,
            url_fetcher=_refuse,
            relationship="Data",
        )
        for name, (told, text) in (attached or {}).items()
    ]
    printed: bytes = HTML(string=html, url_fetcher=_refuse).write_pdf(
        pdf_variant="pdf/ua-1", attachments=files
    )
    return printed


def _refuse(url: str, *_options: Any, **_more: Any) -> NoReturn:
    raise ValueError(f"a document refers to nothing outside itself, but to {url}")
