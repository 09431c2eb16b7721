"""What the files of an invoice say together, and the sidecar that is made of it: promises that fuzzing found broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.fields import VatLine
from chorus_outbox.core.filename import DEFAULT_PATTERNS
from chorus_outbox.core.prefilled import prefilled_sidecar
from chorus_outbox.core.reading import Material, Rules, read_invoice
from chorus_outbox.core.report import Known, encode_log
from chorus_outbox.core.sidecar import read_sidecar
from chorus_outbox.core.words import catalogue

TODAY = date(2026, 11, 23)
TEN = Decimal(10)
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
            replace(MATERIAL, facts=PdfFacts(1, signed=True, facturx=b"<a/>")),
            RULES,
            "file.facturx_signed",
            id="signed",
        ),
    ],
)
def test_what_stops_leaves_no_invoice(material: Material, rules: Rules, code: str) -> None:
    """A reason that concerns the files, not the values, stops the invoice as well."""
    understood = read_invoice(material, rules, TODAY)
    assert code in [p.code for p in understood.problems]
    assert understood.invoice is None


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({name: Known("9" * 60_000, Source.FACTURX) for name in ("numero", "ht")}, id="endless digits"),
        pytest.param({"commentaire": Known('"' * 60_000, Source.FACTURX)}, id="endless quotes"),
        pytest.param({"lignes_tva": Known((VatLine(TEN, TEN, TEN),) * 5000, Source.FACTURX)}, id="endless VAT lines"),
    ],
)
def test_the_prefilled_sidecar_is_never_too_big_to_be_read(fields: dict[str, Known]) -> None:
    """A Factur-X may hold megabytes in one field; what is written beside the PDF is still a sidecar."""
    written = encode_log(prefilled_sidecar("a.pdf", fields, (), catalogue("fr")))
    again = read_sidecar(written, "a.yaml")
    assert not [p for p in again.problems if p.code.startswith("sidecar.")]
