"""What an invoice to draw says: its parties, lines and totals. How it looks is for ``drawing.py``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from chorus_outbox.core.fields import Kind, VatLine

_CENT = Decimal("0.01")


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """One line: what, how much of it, the price of one (HT, EUR), and the VAT rate (per cent)."""

    label: str
    quantity: Decimal
    unit_price: Decimal
    rate: Decimal = Decimal(20)

    @property
    def net(self) -> Decimal:
        """The line's amount HT, in EUR."""
        return _cents(self.quantity * self.unit_price)


@dataclass(frozen=True)
class Party:
    """Who sends or receives: name, SIRET if it is to be printed, lines of the address."""

    name: str
    siret: str | None = None
    address: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sketch:
    """An invoice or credit note to draw.

    Args:
        number: As printed.
        date: The invoice's date; it falls due thirty days later.
        supplier: Who sends it.
        recipient: Who receives it.
        lines: With positive amounts; a credit note prints them negative.
        kind: Invoice or credit note.
        notes: Free lines under the totals.
        layout: One of ``drawing.LAYOUTS``.
        engagement: The engagement number to print, if any.
        service: The service code to print, if any.
        origin: The invoice that a credit note corrects.
        prepaid: What was paid before, in EUR (TTC).
        discount: Taken off the total, in EUR (TTC).
        exemption: Why an invoice whose lines bear no VAT bears none, as printed.
        iban: Where it is to be paid by credit transfer (in its Factur-X; it is not printed).

    """

    number: str
    date: date
    supplier: Party
    recipient: Party
    lines: tuple[Line, ...]
    kind: Kind = Kind.INVOICE
    notes: tuple[str, ...] = ()
    layout: str = "classique"
    engagement: str | None = None
    service: str | None = None
    origin: str | None = None
    prepaid: Decimal = Decimal("0.00")
    discount: Decimal = Decimal("0.00")
    exemption: str = "TVA non applicable, art. 293 B du CGI"
    iban: str = "FR7630006000011234567890189"

    @property
    def vat_lines(self) -> tuple[VatLine, ...]:
        """Base and tax per rate, highest rate first, positive."""
        rates = sorted({line.rate for line in self.lines}, reverse=True)
        bases = {rate: sum((line.net for line in self.lines if line.rate == rate), Decimal()) for rate in rates}
        return tuple(VatLine(rate, base, _cents(base * rate / 100)) for rate, base in bases.items())

    @property
    def net(self) -> Decimal:
        """Total HT."""
        return sum((v.base for v in self.vat_lines), Decimal())

    @property
    def vat(self) -> Decimal:
        """Total TVA."""
        return sum((v.tax for v in self.vat_lines), Decimal("0.00"))

    @property
    def gross(self) -> Decimal:
        """Total TTC."""
        return self.net + self.vat

    @property
    def payable(self) -> Decimal:
        """Net à payer."""
        return self.gross - self.discount - self.prepaid

    @property
    def franchise(self) -> bool:
        """Tell whether there is no VAT at all."""
        return all(line.rate == 0 for line in self.lines)
