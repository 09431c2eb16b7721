"""What is known of a PDF after a child process has looked into it. Only facts: the rules stand elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PdfFacts:
    """What a PDF is and says.

    Args:
        pages: How many pages.
        signed: Carries an electronic signature (PAdES): it must be sent unchanged and declared as signed.
        facturx: The embedded Factur-X XML, or None. More than one candidate: the first by the usual names.
        embedded: Names of all embedded files.
        text: The text of the pages, in reading order as the PDF gives it; never holds a lone surrogate.

    """

    pages: int
    signed: bool = False
    facturx: bytes | None = None
    embedded: tuple[str, ...] = ()
    text: str = ""
