"""What the files of an invoice say together: the promise that there is an invoice exactly when nothing stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.filename import DEFAULT_PATTERNS
from chorus_outbox.core.reading import Material, Rules, read_invoice

TODAY = date(2026, 11, 23)
SIDECAR = b"siret: 22220001600434\nnumero: FA-1\ndate: 20/11/2026\nht: 100\ntva: 20\nttc: 120\n"
MATERIAL = Material("scan", (), PdfFacts(1), (("a.yaml", SIDECAR),))
RULES = Rules(DEFAULT_PATTERNS, {}, Draft(Source.CONFIG))


def test_a_good_one_is_an_invoice() -> None:
    """The files that the other cases spoil."""
    assert read_invoice(MATERIAL, RULES, TODAY).invoice is not None


@pytest.mark.parametrize(
    ("material", "rules", "code"),
    [
        pytest.param(replace(MATERIAL, sidecars=MATERIAL.sidecars * 2), RULES, "sidecar.several", id="two sidecars"),
        pytest.param(
            replace(MATERIAL, facts=PdfFacts(1, facturx=b"<a/>")),
            replace(RULES, facturx="refuse"),
            "file.facturx_refused",
            id="Factur-X refused",
        ),
        pytest.param(
            replace(MATERIAL, facts=PdfFacts(1, signed=True, facturx=b"<a/>")), RULES, "file.facturx_signed", id="signed"
        ),
    ],
)
def test_what_stops_leaves_no_invoice(material: Material, rules: Rules, code: str) -> None:
    """A reason that concerns the files, not the values, stops the invoice as well."""
    understood = read_invoice(material, rules, TODAY)
    assert code in [p.code for p in understood.problems]
    assert understood.invoice is None
