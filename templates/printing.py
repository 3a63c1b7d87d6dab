"""Documents printed as PDF from the same HTML, by WeasyPrint; nothing is fetched from anywhere."""

from typing import Any, NoReturn

from config.errors import SlmError


def to_pdf(html: str) -> bytes:
    """Return an HTML document as PDF, tagged for readers of screens (PDF/UA-1).

    Raises:
        SlmError: if the Pango library that WeasyPrint sets type with is not installed; says what to install.
    """
    try:
        # it takes half a second, and most commands print nothing
        from weasyprint import HTML  # type: ignore[import-untyped]
    except OSError:
        raise SlmError(
            "a PDF needs the Pango library, the HTML does not: "
            "apt install libpango-1.0-0 libpangoft2-1.0-0 (Debian, Ubuntu), brew install pango (macOS)"
        ) from None
    printed: bytes = HTML(string=html, url_fetcher=_refuse).write_pdf(pdf_variant="pdf/ua-1")
    return printed


def _refuse(url: str, *_options: Any, **_more: Any) -> NoReturn:
    raise ValueError(f"a document refers to nothing outside itself, but to {url}")
