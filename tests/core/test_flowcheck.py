"""What is asked of a Factur-X that is to go as a flow, and what people may say beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.book import BookEntry
from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.fields import Enclosure, FieldValue, Kind, VatLine
from chorus_outbox.core.filename import DEFAULT_PATTERNS
from chorus_outbox.core.flowcheck import as_flow, check_xml, chorus_cadre
from chorus_outbox.core.flowreading import understand_flow
from chorus_outbox.core.invoice import Cadre
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.problem import Problem, Weight
from chorus_outbox.core.reading import Material, Rules, read_invoice
from chorus_outbox.simulator.cii import cii_xml
from chorus_outbox.simulator.sketch import Line, Party, Sketch

DAY = date(2026, 11, 20)
SUPPLIER, BUYER = "73282932000074", "22220001600327"
SKETCH = Sketch(
    *("FX-1", DAY, Party("MA SOCIETE", SUPPLIER), Party("DEP", None), (Line("a", Decimal(1), Decimal(100)),)),
    service="COLLEGE",
    engagement="91821",
)
XML = cii_xml(SKETCH, BUYER).decode()
CREDIT = cii_xml(Sketch(**{**vars(SKETCH), "kind": Kind.CREDIT_NOTE}), BUYER).decode()
MEANS = "<ram:TypeCode>58</ram:TypeCode>"
BLOCK = "<ram:SpecifiedTradeSettlementPaymentMeans>"
PRICE = "<ram:NetPriceProductTradePrice>"
GROSS = "<ram:GrossPriceProductTradePrice><ram:ChargeAmount>110</ram:ChargeAmount>{}</ram:GrossPriceProductTradePrice>"
DISCOUNT = "<ram:AppliedTradeAllowanceCharge><ram:ActualAmount>10</ram:ActualAmount></ram:AppliedTradeAllowanceCharge>"
GLOBAL = f'<ram:BuyerTradeParty><ram:GlobalID schemeID="0009">{BUYER}</ram:GlobalID>'
OWN = Draft(Source.CONFIG, {"fournisseur": SUPPLIER, "cadre": "A9_FACTURE_SOUSTRAITANT", "mode_paiement": "CHEQUE"})


def changed(*changes: tuple[str, str], of: str = XML) -> bytes:
    """Return the good XML with texts replaced (each must be there)."""
    for old, new in changes:
        assert old in of
        of = of.replace(old, new)
    return of.encode()


def understood(xml: bytes = XML.encode(), *drafts: Draft, attachments: tuple[str, ...] = ()) -> Understood:
    book = {"dep": BookEntry(BUYER, service="AUTRE", engagement_pattern="[0-9]{5}"), "other": BookEntry("1" * 14)}
    return understand_flow(xml, drafts or (OWN,), attachments, book=book if len(drafts) > 1 else {}, today=DAY)


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(p.code, p.params.get("field", "")) for p in problems]


# --- the XML itself ------------------------------------------------------------------------------------------------------


def test_a_good_one_is_understood_from_its_xml_alone() -> None:
    """Each value comes from the XML; the configuration's defaults are for what nobody says."""
    found = understood()
    assert found.problems == ()
    assert found.action == "flow"
    assert found.invoice is not None
    assert (found.invoice.service, found.invoice.engagement, found.invoice.cadre) == ("COLLEGE", "91821", Cadre.A1)
    assert {v.source for v in found.fields.values()} == {Source.FACTURX}
    assert found.fields["cadre"].value == Cadre.A1.value
    assert "mode_paiement" not in found.fields


@pytest.mark.parametrize(
    ("xml", "codes"),
    [
        pytest.param(b"no xml", [("facturx.unreadable", "")], id="no XML"),
        pytest.param(b"<Invoice/>", [("facturx.unreadable", "")], id="another document"),
        pytest.param(changed((SUPPLIER, SUPPLIER[:9])), [("facturx.siret", "fournisseur")], id="the seller's SIREN"),
        pytest.param(changed((BUYER, BUYER[:9])), [("facturx.siret", "siret")], id="the buyer's SIREN"),
        pytest.param(changed((BUYER, "")), [("facturx.siret", "siret")], id="no buyer"),
        pytest.param(changed((BUYER, "22220001600328")), [("siret.checksum", "siret")], id="the buyer's check digits"),
        pytest.param(
            changed((SUPPLIER, "73282932000075")), [("siret.checksum", "fournisseur")], id="the seller's check digits"
        ),
        pytest.param(
            changed(('"0002">' + BUYER, f'"0002">{BUYER[:9]}'), ("<ram:BuyerTradeParty>", GLOBAL)), [], id="scheme 0009"
        ),
        pytest.param(changed((f'schemeID="0002">{BUYER}', f">{BUYER}")), [], id="a bare SIRET"),
        pytest.param(changed((">A1<", ">A1_FACTURE_FOURNISSEUR<")), [], id="the frame's full name"),
        pytest.param(changed((">A1<", ">A12<")), [], id="a frame whose validator nobody can check here"),
        pytest.param(changed((">A1<", "><")), [("facturx.cadre", "cadre")], id="no frame"),
        pytest.param(changed((">A1<", ">A3<")), [("facturx.cadre", "cadre")], id="a frame for works"),
        pytest.param(
            changed((">A1<", ">urn:fdc:peppol<")), [("facturx.cadre", "cadre")], id="another network's process"
        ),
        *(
            pytest.param(changed((">A1<", f">{code}<")), [("facturx.cadre_reform", "cadre")], id=f"the reform's {code}")
            for code in ("B1", "S1", "M1", "s2")
        ),
        pytest.param(changed((MEANS, "")), [("facturx.payment_means", "")], id="no means of payment"),
        pytest.param(changed((MEANS, "<ram:TypeCode/>")), [("facturx.payment_means", "")], id="an empty means"),
        pytest.param(
            changed((BLOCK, f"{BLOCK}<ram:Information>x</ram:Information></{BLOCK[1:]}{BLOCK}")),
            [("facturx.payment_means", "")],
            id="a second block without its code",
        ),
        *(
            pytest.param(
                changed((SKETCH.iban, ""), (">58<", f">{code}<")),
                [("facturx.iban", "")],
                id=f"transfer {code}, no IBAN",
            )
            for code in ("30", "31", "42", "58")
        ),
        pytest.param(changed((SKETCH.iban, ""), (">58<", ">20<")), [], id="a cheque needs no IBAN"),
        pytest.param(
            changed((PRICE, GROSS.format("") + PRICE)), [("facturx.discount", "")], id="a gross price without discount"
        ),
        pytest.param(changed((PRICE, GROSS.format(DISCOUNT) + PRICE)), [], id="a gross price with its discount"),
        pytest.param(changed((">FX-1<", "><")), [("facturx.missing", "numero")], id="no number"),
        pytest.param(changed((">FX-1<", ">20261120<")), [("number.date", "numero")], id="a date as number"),
        pytest.param(changed(("20261120", "20271120")), [("date.future", "date")], id="tomorrow's"),
        pytest.param(changed(("120.00", "121.00")), [("totals.sum", "")], id="a wrong total"),
    ],
)
def test_what_is_wrong_with_an_xml(xml: bytes, codes: list[tuple[str, str]]) -> None:
    """Each matter is told once, with its field; whatever stops, no sidecar can bring it: nobody waits for one."""
    found = understood(xml)
    assert told(found.problems) == codes
    assert not any(p.weight is Weight.LACK for p in found.problems)
    assert (found.invoice is None) == bool(codes)


def test_what_stands_there_is_quoted() -> None:
    """The sentence can say what Chorus Pro would find, and in which lines."""
    (problem,) = understood(changed((BUYER, BUYER[:9]))).problems
    assert problem.params["found"] == BUYER[:9]
    (problem,) = understood(changed((PRICE, GROSS.format("") + PRICE))).problems
    assert problem.params["lines"] == "1"


@pytest.mark.parametrize(
    ("text", "name"),
    [("a1", "A1_FACTURE_FOURNISSEUR"), ("A12_FACTURE_COTRAITANT", "A12_FACTURE_COTRAITANT"), ("A3", None), ("", None)],
)
def test_frames(text: str, name: str | None) -> None:
    """Only the four frames of ordinary invoices, short or whole."""
    assert chorus_cadre(text) == name


@given(xml=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_survived(xml: bytes) -> None:
    """XML comes from whoever made the PDF."""
    assert [p.code for p in check_xml(xml, Kind.INVOICE)] == ["facturx.unreadable"]


@given(cut=st.integers(0, len(XML)), junk=st.text(max_size=5))
def test_a_damaged_xml_is_survived(cut: int, junk: str) -> None:
    """Whatever is put anywhere into a good one, there is an answer."""
    understood((XML[:cut] + junk + XML[cut:]).encode())


def test_entities_are_not_followed() -> None:
    """A bomb is no invoice, and a file of this machine is not read."""
    bomb = XML.replace("<rsm:Cross", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><rsm:Cross', 1)
    found = understood(bomb.replace(">FX-1<", ">&e;<").encode())
    assert "numero" not in found.fields


# --- what people say -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        pytest.param({"service": "COLLEGE", "siret": BUYER, "ttc": Decimal(120)}, [], id="the same"),
        pytest.param({"service": "LYCEE"}, [("facturx.differs", "service")], id="another service"),
        pytest.param({"siret": "22220001600434"}, [("facturx.differs", "siret")], id="another recipient"),
        pytest.param({"ttc": Decimal(121)}, [("facturx.differs", "ttc")], id="another total"),
        pytest.param({"date": date(2026, 11, 19)}, [("facturx.differs", "date")], id="another date"),
        pytest.param({"type": Kind.CREDIT_NOTE}, [("facturx.differs", "type")], id="another kind"),
        pytest.param({"cadre": "A2"}, [("facturx.differs", "cadre")], id="another frame"),
        pytest.param({"cadre": "A1"}, [], id="the same frame, short"),
        pytest.param({"marche": "M-1"}, [("facturx.lacks", "marche")], id="a contract that the XML lacks"),
        pytest.param({"lignes_tva": (VatLine(Decimal(20), Decimal(100), Decimal(20)),)}, [], id="the same VAT"),
        pytest.param(
            {"lignes_tva": (VatLine(Decimal(10), Decimal(200), Decimal(20)),)},
            [("facturx.differs", "lignes_tva")],
            id="another VAT",
        ),
        pytest.param({"commentaire": "x"}, [("facturx.field", "commentaire")], id="a comment"),
        pytest.param({"compte_bancaire": "x"}, [("facturx.field", "compte_bancaire")], id="a bank account"),
        pytest.param({"valideur": SUPPLIER}, [("facturx.field", "valideur")], id="a validator"),
        pytest.param({"mode_paiement": "CHEQUE"}, [("facturx.field", "mode_paiement")], id="another way of payment"),
        pytest.param({"mode_paiement": "VIREMENT"}, [], id="the usual way of payment"),
        pytest.param({"fournisseur": "35600000000048"}, [("facturx.differs", "fournisseur")], id="another supplier"),
        pytest.param({"pieces_jointes": (Enclosure("a.pdf"),)}, [("flow.attachments", "")], id="attachments"),
        pytest.param({"siret": "nobody"}, [("siret.alias", "siret")], id="an unknown alias"),
    ],
)
@pytest.mark.parametrize("source", [Source.SIDECAR, Source.FILENAME, Source.FOLDER], ids=lambda s: s.value)
def test_what_people_say_must_agree(
    source: Source, values: dict[str, FieldValue], codes: list[tuple[str, str]]
) -> None:
    """A sidecar, a file name or a folder that says something else stops it: the XML can't be changed here."""
    found = understand_flow(XML.encode(), (OWN, Draft(source, values)), (), book={}, today=DAY)
    assert told(found.problems) == codes
    assert (found.invoice is None) == bool(codes)


def test_the_recipient_book_must_agree() -> None:
    """What is usual with a recipient is said by people too; its pattern is checked later."""
    found = understood(XML.encode(), OWN, Draft(Source.SIDECAR))
    assert told(found.problems) == [("facturx.differs", "service")]
    assert found.problems[0].params["source"] == "configuration"
    assert found.engagement_pattern == "[0-9]{5}"


def test_another_supplier_than_the_configured_one() -> None:
    """In a flow the XML says who sells; a sidecar may name another supplier of the account."""
    xml = changed((SUPPLIER, "35600000000048"))
    assert told(understood(xml).problems) == [("facturx.differs", "fournisseur")]
    assert told(understood(xml, Draft(Source.SIDECAR, {"fournisseur": "35600000000048"}), OWN).problems) == [
        ("facturx.differs", "service")  # of the book only
    ]


def test_a_file_name_holds_no_slash() -> None:
    """People write - for the / of a number."""
    xml = changed((">FX-1<", ">FX/1<"))
    drafts = (OWN, Draft(Source.FILENAME, {"numero": "FX-1"}))
    assert understand_flow(xml, drafts, (), book={}, today=DAY).problems == ()


def test_a_credit_note() -> None:
    """It carries no means of payment; some write its amounts negative."""
    drafts = (OWN, Draft(Source.SIDECAR, {"ttc": Decimal(-120), "type": Kind.CREDIT_NOTE}))
    found = understand_flow(CREDIT.encode(), drafts, (), book={}, today=DAY)
    assert [p.code for p in found.problems] == ["facturx.no_origin"]
    assert found.invoice is not None


def test_problems_of_a_sidecar_are_told() -> None:
    """A sidecar that can't be read is no reason to send without it."""
    material = Material("a", (), PdfFacts(1, facturx=XML.encode()), (("a.yaml", b"servce: X\n"),), (), ("a_PJ1.pdf",))
    rules = Rules(DEFAULT_PATTERNS, {}, OWN, facturx="flux")
    found = read_invoice(material, rules, DAY)
    assert [p.code for p in found.problems] == ["sidecar.unknown_key", "flow.attachments"]
    assert found.problems[1].params["names"] == "a_PJ1.pdf"


def test_without_facturx_it_is_read_as_ever() -> None:
    """The setting concerns PDFs with an embedded Factur-X only."""
    rules = Rules(DEFAULT_PATTERNS, {}, OWN, facturx="flux")
    assert read_invoice(Material("a", (), PdfFacts(1)), rules, DAY).action == "deposit"


def test_what_a_recipient_requires_is_said_of_the_xml() -> None:
    """No sidecar is asked for; other answers stay as they are."""
    asked = (Problem("service.required", {"name": "X"}), Problem("service.unknown", {"service": "Y"}))
    assert [p.code for p in as_flow(asked)] == ["facturx.service", "service.unknown"]
