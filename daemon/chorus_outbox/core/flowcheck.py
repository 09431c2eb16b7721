"""Whether a Factur-X can go to Chorus Pro as a flow: in a flow the XML is what is sent, and nobody here may change it.

Three questions, each answered by problems: what Chorus Pro asks of the XML itself (``check_xml``; refusals seen in the
field, api.md 2.12, 7.3, 7.5, 8), where people say something else than the XML (``against``), and what its recipient
requires (``as_flow`` turns the ordinary answer into one about the XML). The ordinary rules for number, date and totals
are ``rules.py``'s. Checks no schema; business terms (BT-n) are those of EN 16931.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from lxml import etree

from .claims import Claims, Value
from .crosscheck import agree
from .facturx import NS, PARTIES, PROCESS, SETTLEMENT, parse, party_ids, siret_of, text_at
from .fields import Kind, VatLine, show
from .invoice import Cadre, check_siret
from .problem import Problem

CREDIT_TRANSFERS = frozenset({"30", "31", "42", "58"})  # UNTDID 4461: paid to an account, whose IBAN must be there
_MEANS = f"{SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"
_IBAN = "ram:PayeePartyCreditorFinancialAccount/ram:IBANID"  # BT-84; any other account number is refused
_LINES = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_GROSS_PRICE = "ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice"
_DISCOUNT = "ram:AppliedTradeAllowanceCharge/ram:ActualAmount"  # BT-147
_LINES_SHOWN = 5

IN_XML = frozenset(
    {
        *("siret", "service", "engagement", "numero", "date", "type", "ht", "tva", "ttc", "a_payer", "lignes_tva"),
        *("devise", "cadre", "marche", "origine", "fournisseur"),
    }
)
"""The fields that the XML can say; all others exist in ``soumettre`` only, or can't be compared."""

_OF_RECIPIENT = {
    "service.required": "facturx.service",
    "engagement.required": "facturx.engagement",
    "engagement.required_by_service": "facturx.engagement",
    "engagement.or_service": "facturx.either",
    "missing.field": "facturx.missing",
}


def check_xml(xml: bytes, kind: Kind) -> tuple[Problem, ...]:
    """Say what Chorus Pro would reject in an XML, as far as it is known; ``kind`` is what the XML says it is."""
    root = parse(xml)
    if root is None:
        return (Problem("facturx.unreadable"),)
    payment = () if kind is Kind.CREDIT_NOTE else _payment(root)  # credit notes carry no payment means
    return (*_parties(root), *_cadre(root), *payment, *_discounts(root))


def _parties(root: etree._Element) -> Iterator[Problem]:
    for name, path in PARTIES.items():
        siret = siret_of(root, path)
        if siret is None:
            found = ", ".join(dict.fromkeys(party_ids(root, path)))
            yield Problem("facturx.siret", {"field": name, "found": found})
        elif problem := (check_siret(siret) if name == "fournisseur" else None):  # the recipient's: an ordinary rule
            yield Problem(problem.code, {**problem.params, "field": name})


def chorus_cadre(text: str) -> str | None:
    """Return Chorus Pro's name of a BT-23, None when it is none of the four that an ordinary invoice may have."""
    return next((c.value for c in Cadre if text.upper() in (c.name, c.value)), None)


def _cadre(root: etree._Element) -> Iterator[Problem]:
    said = text_at(root, PROCESS) or ""
    if chorus_cadre(said) is not None:
        return
    if re.fullmatch(r"[BSM][0-9]{1,2}", said.upper()):
        yield Problem("facturx.cadre_reform", {"field": "cadre", "found": said})
    else:
        yield Problem("facturx.cadre", {"field": "cadre", "found": said})


def _payment(root: etree._Element) -> Iterator[Problem]:
    blocks = root.findall(_MEANS, NS)
    codes = [text_at(block, "ram:TypeCode") for block in blocks]
    if not blocks or None in codes:
        yield Problem("facturx.payment_means")
    transfers = [b for b, code in zip(blocks, codes, strict=True) if code in CREDIT_TRANSFERS]
    if transfers and not any(text_at(block, _IBAN) for block in transfers):
        yield Problem("facturx.iban")


def _discounts(root: etree._Element) -> Iterator[Problem]:
    """Find gross prices without the discount that leads to the net price: they are rejected (api.md 7.3, #504)."""
    wrong = []
    for rank, line in enumerate(root.findall(_LINES, NS), 1):
        prices = line.findall(_GROSS_PRICE, NS)
        if any(text_at(price, _DISCOUNT) is None for price in prices):
            wrong.append(text_at(line, "ram:AssociatedDocumentLineDocument/ram:LineID") or str(rank))
    if wrong:
        shown = ", ".join(wrong[:_LINES_SHOWN]) + (", ..." if len(wrong) > _LINES_SHOWN else "")
        yield Problem("facturx.discount", {"lines": shown})


def against(said: Claims, values: Claims, kind: Kind) -> tuple[Problem, ...]:
    """Say where people say something that the XML does not say, or that a flow can't carry.

    Args:
        said: What people say on purpose, strongest first.
        values: What the XML says, and (one by one) what holds where nobody says anything.
        kind: What the XML says it is.

    """
    found: list[Problem] = []
    for name, claims in said.items():
        if name == "pieces_jointes":
            continue  # told with those that file names claim
        xml = values.get(name, ())
        other = next((c for c in claims if not any(_same(name, c, x, kind) for x in xml)), None)
        if other is not None:
            found.append(_difference(name, other, xml))
    return tuple(found)


def _difference(name: str, said: Value, xml: Sequence[Value]) -> Problem:
    texts = {"field": name, "ours": show(said.value), "source": said.source.value}
    if said.line:
        texts["line"] = str(said.line)
    if name not in IN_XML:
        return Problem("facturx.field", texts)
    if not xml:
        return Problem("facturx.lacks", texts)
    return Problem("facturx.differs", {**texts, "pdf": show(xml[0].value)})


def _same(name: str, said: Value, xml: Value, kind: Kind) -> bool:
    """Compare as the PDF is compared elsewhere; of a credit note the signs don't count."""
    one, other = said.value, xml.value
    if kind is Kind.CREDIT_NOTE and isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one) == abs(other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _lines(one) == _lines(other)
    return agree(name, said, xml)


def _lines(value: Sequence[object]) -> list[tuple[Decimal, Decimal, Decimal]]:
    return sorted((v.rate, abs(v.base), abs(v.tax)) for v in value if isinstance(v, VatLine))


def as_flow(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Turn what an ordinary invoice lacks into what the XML lacks: no sidecar could bring it."""
    return tuple(Problem(_OF_RECIPIENT.get(p.code, p.code), p.params) for p in problems)
