"""Draws French invoices as PDFs, for demonstrations and tests: one page, several looks, always the same bytes.

``draw`` makes a plain PDF, ``facturx`` the same with its Factur-X XML inside. The text can be extracted, and says what
the sketch says; the reader in ``core`` knows nothing of this module. Needs reportlab (extra ``demo``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject
from reportlab.lib import colors, units
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table

from chorus_outbox.core.fields import Kind

from .cii import cii_xml
from .sketch import Line, Party, Sketch

__all__ = ["LAYOUTS", "Line", "Party", "Sketch", "draw", "embed", "facturx"]

_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_MM: float = units.mm
_PAGE: tuple[float, float] = A4
_LEFT, _RIGHT, _TOP = 18 * _MM, _PAGE[0] - 18 * _MM, _PAGE[1] - 18 * _MM
_MIDDLE = 112 * _MM
_WIDTH = _RIGHT - _LEFT
_LATE = (
    "Pénalités de retard : trois fois le taux de l'intérêt légal. Indemnité forfaitaire pour frais de recouvrement : 40 €.",
    "Pas d'escompte pour paiement anticipé. Règlement par virement à 30 jours.",
)


@dataclass(frozen=True)
class _Look:
    """How a layout looks.

    Args:
        font: Of the text; ``bold`` of what stands out.
        colour: Of titles and table heads.
        meta: Number and date as ``lines``, as a ``row`` of headings over values, or as a ``letter``.
        banner: Whether the title stands white on a coloured band.
        grid: Whether the tables have all their lines.
        currency: What follows an amount.

    """

    font: str
    bold: str
    colour: colors.Color
    meta: str
    banner: bool = False
    grid: bool = False
    currency: str = "\u00a0€"


LAYOUTS = {
    "classique": _Look("Helvetica", "Helvetica-Bold", colors.HexColor("#1f3a5f"), "lines"),
    "moderne": _Look("Helvetica", "Helvetica-Bold", colors.HexColor("#00796b"), "lines", banner=True),
    "lettre": _Look("Times-Roman", "Times-Bold", colors.black, "letter", currency=" EUR"),
    "tableur": _Look("Helvetica", "Helvetica-Bold", colors.HexColor("#5d5d5d"), "row", grid=True, currency=""),
}
"""The looks by name; each prints labels and amounts in its own way, as different software does."""


def draw(path: Path | None, sketch: Sketch) -> bytes:
    """Return the PDF of a sketch, and write it to a path if one is given."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=_PAGE, invariant=1)
    canvas.setTitle(f"{_title(sketch)} {sketch.number}")
    canvas.setAuthor(sketch.supplier.name)
    look = LAYOUTS[sketch.layout]
    y = _head(canvas, look, sketch)
    y = _parties(canvas, look, sketch, y)
    y = _items(canvas, look, sketch, y)
    y = _sums(canvas, look, sketch, y)
    _notes(canvas, look, sketch, y)
    _foot(canvas, look, sketch)
    canvas.save()
    pdf = buffer.getvalue()
    if path is not None:
        path.write_bytes(pdf)
    return pdf


def facturx(sketch: Sketch, buyer_siret: str) -> bytes:
    """Return the PDF of a sketch with its Factur-X XML (profile EN 16931) attached as ``factur-x.xml``.

    The XML is what a Factur-X must hold; the PDF is no PDF/A-3, which matters to archives and not to this program.
    """
    return embed(draw(None, sketch), cii_xml(sketch, buyer_siret))


def embed(pdf: bytes, xml: bytes) -> bytes:
    """Return a PDF with an XML attached as ``factur-x.xml``."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    attached = writer.add_attachment("factur-x.xml", xml)
    attached.associated_file_relationship = NameObject("/Data")
    attached.subtype = NameObject("/text/xml")
    reference = attached.pdf_object.indirect_reference
    assert reference is not None
    writer.root_object[NameObject("/AF")] = ArrayObject([reference])
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _title(sketch: Sketch) -> str:
    return "Avoir" if sketch.kind is Kind.CREDIT_NOTE else "Facture"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _in_words(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _number(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", "\u00a0").replace(".", ",")


def _rate(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}".replace(".", ",") + " %"


def _text(canvas: Canvas, font: str, size: float, at: tuple[float, float], text: str, *, align: str = "left") -> float:
    """Write one line and return the height of the next."""
    canvas.setFont(font, size)
    {"left": canvas.drawString, "right": canvas.drawRightString, "centre": canvas.drawCentredString}[align](*at, text)
    return at[1] - size * 1.35


def _head(canvas: Canvas, look: _Look, sketch: Sketch) -> float:
    """Draw title, number and date; return the height under them."""
    if look.banner:
        canvas.setFillColor(look.colour)
        canvas.rect(0, _TOP - 12 * _MM, _PAGE[0], 30 * _MM, stroke=0, fill=1)
        canvas.setFillColor(colors.white)
        _text(canvas, look.bold, 24, (_LEFT, _TOP - 3 * _MM), _title(sketch).upper())
        canvas.setFillColor(colors.black)
        return _meta(canvas, look, sketch, _TOP - 22 * _MM)
    if look.meta == "letter":
        return _letter(canvas, look, sketch)
    canvas.setFillColor(look.colour)
    _text(canvas, look.bold, 20, (_RIGHT, _TOP - 4 * _MM), _title(sketch).upper(), align="right")
    canvas.setFillColor(colors.black)
    return _meta(canvas, look, sketch, _TOP - 14 * _MM)


def _letter(canvas: Canvas, look: _Look, sketch: Sketch) -> float:
    y = _text(canvas, look.font, 11, (_RIGHT, _TOP), f"Fait à Rennes, le {_in_words(sketch.date)}", align="right")
    title = f"{_title(sketch).upper()} N° {sketch.number}"
    y = _text(canvas, look.bold, 16, (_PAGE[0] / 2, y - 10 * _MM), title, align="centre")
    for label, value in _references(sketch):
        y = _text(canvas, look.font, 10, (_PAGE[0] / 2, y), f"{label} : {value}", align="centre")
    return y - 4 * _MM


def _references(sketch: Sketch) -> list[tuple[str, str]]:
    told = (
        ("N° d'engagement", sketch.engagement),
        ("Code service", sketch.service),
        ("Facture d'origine", sketch.origin),
    )
    return [(label, value) for label, value in told if value]


def _meta(canvas: Canvas, look: _Look, sketch: Sketch, y: float) -> float:
    of = "de l'avoir" if sketch.kind is Kind.CREDIT_NOTE else "de facture"
    due = sketch.date + timedelta(days=30)
    if look.meta == "row":
        rows = [[f"Numéro {of}", "Date", "Échéance"], [sketch.number, _day(sketch.date), _day(due)]]
        y = _table(canvas, look, rows, [60 * _MM, 30 * _MM, 30 * _MM], (_LEFT, y))
        y -= 6 * _MM
    else:
        words = _in_words if look.banner else _day
        facts = [(f"Numéro {of}", sketch.number), (f"Date {of}", words(sketch.date)), ("Date d'échéance", words(due))]
        for label, value in facts:
            y = _text(canvas, look.font, 10, (_LEFT, y), f"{label} : {value}")
    for label, value in _references(sketch):
        y = _text(canvas, look.font, 10, (_LEFT, y), f"{label} : {value}")
    return y - 4 * _MM


def _parties(canvas: Canvas, look: _Look, sketch: Sketch, y: float) -> float:
    """Draw the supplier on the left, the recipient on the right; return the height under both."""
    lows = []
    for x, title, siret, party in (
        (_LEFT, "Fournisseur", "SIRET", sketch.supplier),
        (_MIDDLE, "Adressé à", "SIRET du destinataire", sketch.recipient),
    ):
        canvas.setFillColor(look.colour)
        low = _text(canvas, look.bold, 9, (x, y), title)
        canvas.setFillColor(colors.black)
        low = _text(canvas, look.bold, 11, (x, low - 1), party.name)
        for line in party.address:
            low = _text(canvas, look.font, 10, (x, low), line)
        if party.siret:
            low = _text(canvas, look.font, 9, (x, low), f"{siret} : {party.siret}")
        lows.append(low)
    return min(lows) - 8 * _MM


def _table(canvas: Canvas, look: _Look, rows: list[list[str]], widths: list[float], at: tuple[float, float]) -> float:
    """Draw a table with its first row as head, numbers to the right; return the height under it."""
    style = [
        *[("FONT", (0, 0), (-1, 0), look.bold, 9), ("FONT", (0, 1), (-1, -1), look.font, 9)],
        *[("ALIGN", (1, 0), (-1, -1), "RIGHT"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
        *[("LINEBELOW", (0, 0), (-1, 0), 1, look.colour), ("LINEBELOW", (0, -1), (-1, -1), 0.5, look.colour)],
        ("TEXTCOLOR", (0, 0), (-1, 0), colors.white if look.banner else look.colour),
    ]
    if look.banner:
        style.append(("BACKGROUND", (0, 0), (-1, 0), look.colour))
    if look.grid:
        style.append(("GRID", (0, 0), (-1, -1), 0.4, colors.grey))
    table = Table(rows, colWidths=widths, style=style)
    _, height = table.wrapOn(canvas, *_PAGE)
    table.drawOn(canvas, at[0], at[1] - height)
    return at[1] - float(height)


def _sign(sketch: Sketch) -> int:
    return -1 if sketch.kind is Kind.CREDIT_NOTE else 1


def _items(canvas: Canvas, look: _Look, sketch: Sketch, y: float) -> float:
    rows = [["Désignation", "Qté", "P.U. HT", "TVA", "Montant HT"]]
    for line in sketch.lines:
        quantity = f"{line.quantity.normalize() + 0:f}".replace(".", ",")
        net = _number(_sign(sketch) * line.net) + look.currency
        rows.append([line.label, quantity, _number(line.unit_price) + look.currency, _rate(line.rate), net])
    widths = [_WIDTH - 100 * _MM, 18 * _MM, 29 * _MM, 20 * _MM, 33 * _MM]
    return _table(canvas, look, rows, widths, (_LEFT, y)) - 8 * _MM


def _sums(canvas: Canvas, look: _Look, sketch: Sketch, y: float) -> float:
    """Draw the VAT recap on the left and the totals on the right; return the height under both."""
    sign = _sign(sketch)
    low = y
    if not sketch.franchise:
        rows = [["Taux TVA", "Base HT", "Montant TVA"]]
        rows += [
            [_rate(v.rate), _number(sign * v.base) + look.currency, _number(sign * v.tax) + look.currency]
            for v in sketch.vat_lines
        ]
        low = _table(canvas, look, rows, [20 * _MM, 30 * _MM, 32 * _MM], (_LEFT, y))
    totals = [("Total HT", sign * sketch.net), ("Total TVA", sign * sketch.vat), ("Total TTC", sign * sketch.gross)]
    if sketch.franchise:
        totals = [("Total HT", sign * sketch.net)]
    if sketch.discount:
        totals.append(("Remise globale TTC", -sketch.discount))
    if sketch.prepaid:
        totals.append(("Acompte versé", -sketch.prepaid))
    if sketch.kind is Kind.INVOICE:
        totals.append(("Net à payer", sketch.payable))
    for n, (label, amount) in enumerate(totals, 1):
        font = look.bold if n == len(totals) else look.font
        _text(canvas, font, 10, (_MIDDLE + 10 * _MM, y - 10), label)
        y = _text(canvas, font, 10, (_RIGHT, y - 10), _number(amount) + look.currency, align="right") + 6
    return min(low, y) - 14 * _MM


def _notes(canvas: Canvas, look: _Look, sketch: Sketch, y: float) -> None:
    franchise = (sketch.exemption,) if sketch.franchise else ()
    for note in (*franchise, *sketch.notes):
        y = _text(canvas, look.font, 10, (_LEFT, y), note)


def _foot(canvas: Canvas, look: _Look, sketch: Sketch) -> None:
    canvas.setStrokeColor(look.colour)
    canvas.line(_LEFT, 26 * _MM, _RIGHT, 26 * _MM)
    y = 22 * _MM
    legal = f"{sketch.supplier.name} - SARL au capital de 10 000 €"
    if sketch.supplier.siret and not sketch.franchise:
        siren = sketch.supplier.siret[:9]
        legal += f" - N° TVA intracommunautaire : FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
    for line in (*_LATE, legal):
        y = _text(canvas, look.font, 7.5, (_PAGE[0] / 2, y), line, align="centre")
