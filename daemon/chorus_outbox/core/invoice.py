"""An invoice that can be sent: values that can't be built wrong, and the rules each value must satisfy.

Sources of the rules: Chorus Pro API reference (shared api.md) sections 2.11, 3 and 5; the portal's community pages.
What the *recipient* requires is not here but in ``preflight.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from stdnum.fr import siret as stdnum_siret

from .fields import Enclosure, Kind, VatLine
from .problem import Problem

NUMBER_MAX = 20  # characters (api.md 5.2)
TEXT_MAX: dict[str, int] = {  # characters (api.md 5.2); commentaire: the smallest of three documented limits
    "service": 100,
    "engagement": 50,
    "marche": 50,
    "origine": 20,
    "valideur_service": 100,
    "fournisseur_service": 100,
    "commentaire": 200,
}
VAT_REGIMES = ("TVA_SUR_DEBIT", "TVA_SUR_ENCAISSEMENT", "EXONERATION", "SANS_TVA")
WITHOUT_VAT = ("SANS_TVA", "EXONERATION")
PAYMENT_MODES = ("VIREMENT", "CHEQUE", "PRELEVEMENT", "ESPECE", "AUTRE", "REPORT")
CENT = Decimal("0.01")
LINE_TOLERANCE = CENT  # per VAT line: each is rounded on its own


class Cadre(Enum):
    """The four billing frames (cadres de facturation) that an ordinary invoice may have (api.md 3.1)."""

    A1 = "A1_FACTURE_FOURNISSEUR"
    A2 = "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"
    A9 = "A9_FACTURE_SOUSTRAITANT"
    A12 = "A12_FACTURE_COTRAITANT"

    @property
    def needs_validator(self) -> bool:
        """Tell whether the main contractor must validate (api.md 2.11)."""
        return self in (Cadre.A9, Cadre.A12)


@dataclass(frozen=True)
class Siret:
    """An establishment's 14-digit identifier, checksum verified (La Poste's own rule included).

    Raises:
        ValueError: When the text is no valid SIRET.

    """

    digits: str

    def __post_init__(self) -> None:
        if check_siret(self.digits):
            raise ValueError(f"not a SIRET: {self.digits!r}")

    def __str__(self) -> str:
        return self.digits


def check_siret(text: str) -> Problem | None:
    """Say what is wrong with a SIRET, or None."""
    if not re.fullmatch(r"[0-9]{14}", text):
        return Problem("siret.format", {"value": text})
    if not stdnum_siret.is_valid(text):
        return Problem("siret.checksum", {"value": text})
    return None


def check_number(text: str) -> Problem | None:
    """Say what is wrong with an invoice number (api.md 5.3), or None."""
    if len(text) > NUMBER_MAX:
        return Problem("number.too_long", {"value": text, "length": str(len(text))})
    if wrong := sorted(set(re.sub(r"[A-Za-z0-9_/+-]", "", text))):
        return Problem(
            "number.characters", {"value": text, "characters": " ".join("␠" if c == " " else c for c in wrong)}
        )
    if re.fullmatch(r"(19|20)[0-9]{2}[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12][0-9]|3[01])", text) or re.fullmatch(
        r"(0[1-9]|[12][0-9]|3[01])[-/_]?(0[1-9]|1[0-2])[-/_]?(19|20)[0-9]{2}", text
    ):
        return Problem("number.date", {"value": text})
    return None


@dataclass(frozen=True)
class Invoice:
    """One invoice or credit note, complete and consistent in itself.

    Amounts are in ``currency``, two decimals; a credit note carries positive amounts (its type says the rest).
    Built by ``merge.py`` only after every rule has passed.
    """

    recipient: Siret
    number: str
    date: date
    kind: Kind
    net: Decimal
    vat: Decimal
    gross: Decimal
    payable: Decimal
    cadre: Cadre
    vat_regime: str
    payment_mode: str
    currency: str = "EUR"
    service: str | None = None
    engagement: str | None = None
    vat_lines: tuple[VatLine, ...] = ()
    exemption_reason: str | None = None
    contract: str | None = None
    origin: str | None = None
    validator: Siret | None = None
    validator_service: str | None = None
    supplier: Siret | None = None
    supplier_service: str | None = None
    bank_account: str | None = None
    discount: Decimal | None = None
    discount_reason: str | None = None
    attachments: tuple[Enclosure, ...] = ()
    comment: str | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Number and year: with the supplier, what Chorus Pro keeps unique (api.md 5.3)."""
        return self.number, self.date.year


def check_totals(
    net: Decimal, vat: Decimal, gross: Decimal, payable: Decimal, lines: tuple[VatLine, ...]
) -> tuple[Problem, ...]:
    """Say which totals do not add up: HT + TVA = TTC, the VAT lines, and the amount to pay."""
    found = []
    if abs(net + vat - gross) > CENT:
        texts = {"ht": f"{net:f}", "tva": f"{vat:f}", "ttc": f"{gross:f}", "sum": f"{net + vat:f}"}
        found.append(Problem("totals.sum", texts))
    if lines:
        tolerance = LINE_TOLERANCE * len(lines)
        base, tax = sum((v.base for v in lines), Decimal()), sum((v.tax for v in lines), Decimal())
        if abs(base - net) > tolerance:
            found.append(Problem("totals.vat_base", {"lines": f"{base:f}", "ht": f"{net:f}"}))
        if abs(tax - vat) > tolerance:
            found.append(Problem("totals.vat_tax", {"lines": f"{tax:f}", "tva": f"{vat:f}"}))
    if payable > gross:
        found.append(Problem("totals.payable", {"a_payer": f"{payable:f}", "ttc": f"{gross:f}"}))
    return tuple(found)
