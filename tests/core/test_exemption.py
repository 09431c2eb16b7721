"""A reason for exemption as people write it, and the one of Chorus Pro's list that it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chorus_outbox.core.exemption import article_of, find_reason, is_franchise, with_listed_reason
from chorus_outbox.core.fields import Kind, VatLine
from chorus_outbox.core.invoice import Cadre, Invoice, Siret

REASONS = {
    "293B": "Franchise en base de TVA, article 293 B du CGI",
    "261": "Exonération, article 261 du CGI",
    "262I": "Exportation, article 262 I du CGI",
    "262TER": "Livraison intracommunautaire, article 262 ter du CGI",
    "283": "Autoliquidation, article 283 du CGI",
    "M6": "Exonération des organismes d'utilité générale",
}
NET = Decimal("100.00")
INVOICE = Invoice(
    *(Siret("22220001600327"), "F-1", date(2026, 11, 20), Kind.INVOICE, NET, Decimal("0.00"), NET, NET),
    *(Cadre.A1, "EXONERATION", "VIREMENT"),
    vat_lines=(VatLine(Decimal(0), NET, Decimal(0)),),
)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("261", "261"),
        ("262ter", "262TER"),
        ("m6", "M6"),
        ("EXPORTATION, ARTICLE 262 I DU CGI", "262I"),
        ("exoneration des organismes d utilite generale", "M6"),
        ("autoliquidation", "283"),
        ("Exonération de TVA selon article 262 I du Code général des impôts", "262I"),
        ("art. 261-4-4°a", "261"),
        ("283-2 nonies du CGI", "283"),
        ("VATEX-FR-CGI261-1", "261"),
        ("article 298", None),
        ("Exonération", None),
        ("262", None),
        ("x", None),
        ("", None),
    ],
)
def test_which_reason_is_meant(written: str, code: str | None) -> None:
    """By code, by label or a part of it, by the article; accents, case and marks don't count; never by guessing."""
    assert find_reason(written, REASONS) == code


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("art. 293 B du CGI", "293b"),
        ("article 262 ter, I", "262ter"),
        ("262 II", "262ii"),
        ("article 261 du CGI", "261"),
        ("2610,00 euros", None),
        ("rien", None),
    ],
)
def test_articles(text: str, article: str | None) -> None:
    """The number, with the part that makes it another one."""
    assert article_of(text) == article


def test_small_businesses() -> None:
    """Art. 293 B is the absence of VAT, however it is written."""
    assert all(map(is_franchise, ("TVA non applicable, art. 293 B du CGI", "293b", "Franchise en base", "art.293-B")))
    assert not is_franchise("article 293 A")


@pytest.mark.parametrize("typed", [True, False])
def test_the_code_is_declared(typed: bool) -> None:
    """A reason of the list is sent as its code, the rest as it was."""
    invoice, problems = with_listed_reason(_with("article 261"), REASONS, typed=typed)
    assert (invoice, problems) == (_with("261"), ())


def test_a_typed_reason_that_is_not_in_the_list_stops() -> None:
    """The list is shown."""
    _, (problem,) = with_listed_reason(_with("article 298"), REASONS, typed=True)
    assert problem.code == "exemption.unknown"
    assert "283 (Autoliquidation, article 283 du CGI)" in problem.params["known"]


def test_a_printed_reason_that_is_not_in_the_list_is_told() -> None:
    """The invoice goes as one without VAT: no reason, no tax line."""
    invoice, (problem,) = with_listed_reason(_with("article 298"), REASONS, typed=False)
    assert (invoice.vat_regime, invoice.exemption_reason, invoice.vat_lines) == ("SANS_TVA", None, ())
    assert problem.code == "exemption.unlisted"


def _with(reason: str) -> Invoice:
    return replace(INVOICE, exemption_reason=reason)
