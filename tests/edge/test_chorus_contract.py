"""The Chorus Pro client against the simulator, and the portal in memory, through one suite: so the fake can't lie.

Where the official Swagger files are beside the project, every request that the client sent must satisfy them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import swagger_check

from chorus_outbox.core.decide import DRAFTS, Found
from chorus_outbox.core.fields import Kind, VatLine
from chorus_outbox.core.invoice import Cadre, Invoice, Siret
from chorus_outbox.edge.chorus import Account, ChorusPro, Pace, Wire
from chorus_outbox.errors import RefusedError
from chorus_outbox.simulator import start
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World
from world_chorus import DOUBLE, MemoryChorus

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
INVOICE = Invoice(
    recipient=Siret(start.SIRET_PLAIN),
    number="FA-1",
    date=date(2026, 11, 20),
    kind=Kind.INVOICE,
    net=Decimal("1000.10"),
    vat=Decimal("200.02"),
    gross=Decimal("1200.12"),
    payable=Decimal("1200.12"),
    cadre=Cadre.A1,
    vat_regime="TVA_SUR_DEBIT",
    payment_mode="VIREMENT",
    vat_lines=(VatLine(Decimal(20), Decimal("1000.10"), Decimal("200.02")),),
)
Portal = ChorusPro | MemoryChorus


def client(url: str, oauth_url: str, supplier: str = start.SUPPLIER_SIRET, bank: str | None = None) -> ChorusPro:
    account = Account(oauth_url, url, start.CLIENT_ID, start.CLIENT_SECRET, start.LOGIN, start.PASSWORD)
    wire = Wire(account, 20, Pace(10_000, lambda: 0.0, lambda _: None), lambda _: None)
    return ChorusPro(wire, supplier, bank)


@dataclass(frozen=True)
class Chosen:
    """One of the implementations; ``simulator`` is None for the one in memory."""

    portal: Portal
    simulator: RunningSimulator | None


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    """One server for the module; at the end every request that was sent is held against the Swagger files."""
    journal = []
    with running(World(clock=lambda: NOON)) as server:
        yield server
        journal = list(server.world.journal)
    if swagger_check.available():
        sent = [(e["path"], e["request"]) for e in journal if e["path"].startswith("/cpro") and e["request"]]
        faults = [fault for path, body in sent for fault in swagger_check.validate(path, "request", body)]
        assert sent
        assert not faults, faults


@pytest.fixture(params=["simulator", "memory"])
def chosen(request: pytest.FixtureRequest) -> Iterator[Chosen]:
    if request.param == "memory":
        yield Chosen(MemoryChorus(now=lambda: NOON), None)
        return
    server: RunningSimulator = request.getfixturevalue("simulator")
    journal = list(server.world.journal)
    server.world.reset()
    server.world.journal.extend(journal)
    chorus = client(server.url, server.oauth_url)
    yield Chosen(chorus, server)
    chorus._wire.close()


@pytest.fixture
def portal(chosen: Chosen) -> Portal:
    return chosen.portal


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    return path


def send(portal: Portal, pdf: Path, **changes: Any) -> int:
    """Deposit the invoice with changes and return its id."""
    payload = portal.payload(replace(INVOICE, **changes), signed=False)
    upload = portal.upload(pdf, "FA-1.pdf", signed=False)
    return portal.submit(payload, upload.attachment_id).chorus_id


# --- recipients ----------------------------------------------------------------------------------------------------------


def test_a_recipient_without_rules(portal: Portal) -> None:
    """Name, activity, rules and services of a public body."""
    found = portal.recipient(start.SIRET_PLAIN, None)
    assert found is not None
    assert (found.siret, found.active, found.structure_id) == (start.SIRET_PLAIN, True, 25784151)
    assert found.name == "DEP COTES-D'ARMOR BUDGET ANNEXE"
    assert (found.needs_service, found.needs_engagement, found.needs_either, found.services) == (
        False,
        False,
        False,
        (),
    )


@pytest.mark.parametrize(
    ("siret", "rules"),
    [
        pytest.param(start.SIRET_SERVICE, (True, False, False), id="service"),
        pytest.param(start.SIRET_ENGAGEMENT, (False, True, False), id="engagement"),
        pytest.param(start.SIRET_EITHER, (False, False, True), id="one of the two"),
    ],
)
def test_the_three_rules(portal: Portal, siret: str, rules: tuple[bool, bool, bool]) -> None:
    """What a recipient requires (api.md 4.1)."""
    found = portal.recipient(siret, None)
    assert found is not None
    assert (found.needs_service, found.needs_engagement, found.needs_either) == rules


def test_an_unknown_recipient(portal: Portal) -> None:
    """Nobody there is None, not an error."""
    assert portal.recipient("35600000000048", None) is None


def test_an_inactive_recipient(portal: Portal) -> None:
    """It is found, and said to be inactive."""
    found = portal.recipient(start.SIRET_INACTIVE, None)
    assert found is not None
    assert not found.active


def test_services_of_several_pages(portal: Portal) -> None:
    """All 23 services, the inactive one too."""
    found = portal.recipient(start.SIRET_MANY, None)
    assert found is not None
    assert sorted(s.code for s in found.services) == [f"SERVICE_{n:02d}" for n in range(1, 24)]
    assert [s.code for s in found.services if not s.active] == ["SERVICE_07"]


def test_the_services_own_rule(portal: Portal) -> None:
    """The service asked for says whether it needs an engagement number; the others were not asked."""
    found = portal.recipient(start.SIRET_DEPARTEMENT, "COLLEGE")
    assert found is not None
    assert {s.code: s.needs_engagement for s in found.services} == {"COLLEGE": True, "FACTURES_PUBLIQUES": None}


def test_an_unknown_service_is_no_error(portal: Portal) -> None:
    """Whether the service exists is judged elsewhere."""
    found = portal.recipient(start.SIRET_DEPARTEMENT, "NULLE_PART")
    assert found is not None
    assert [s.needs_engagement for s in found.services] == [None, None]


# --- deposits ------------------------------------------------------------------------------------------------------------


def test_a_deposit_has_a_receipt(portal: Portal, pdf: Path) -> None:
    """Upload, submit: id, status, day, certificate and number."""
    upload = portal.upload(pdf, "FA-1.pdf", signed=False)
    receipt = portal.submit(portal.payload(INVOICE, signed=False), upload.attachment_id)
    assert (receipt.status, receipt.deposit_date, receipt.number) == ("DEPOSEE", "2026-11-23", "FA-1")
    assert receipt.chorus_id > 0
    assert receipt.certificate


def test_the_search_finds_it(portal: Portal, pdf: Path) -> None:
    """With every field that is compared after a doubt."""
    chorus_id = send(portal, pdf)
    rows = [r for r in portal.search("FA-1", start.SUPPLIER_SIRET) if r.status not in DRAFTS]
    expected = Found(
        *(chorus_id, "FA-1", "DEPOSEE", start.SIRET_PLAIN, "2026-11-20"),
        *("2026-11-23", Decimal("1200.12"), start.SUPPLIER_SIRET),
    )
    assert rows == [replace(expected, supplier_siret=rows[0].supplier_siret)]
    assert rows[0].supplier_siret in (None, start.SUPPLIER_SIRET)


def test_nothing_found(portal: Portal) -> None:
    """A number that was never sent: no row, no error."""
    assert list(portal.search("FA-404", start.SUPPLIER_SIRET)) == []


def test_only_the_own_supplier_is_searched(portal: Portal, pdf: Path) -> None:
    """The account's other supplier has not sent that number."""
    send(portal, pdf)
    assert list(portal.search("FA-1", start.SECOND_SUPPLIER_SIRET)) == []


def test_a_draft_is_no_deposit(portal: Portal, pdf: Path) -> None:
    """An upload alone leaves at most a draft: nothing that counts as sent."""
    portal.upload(pdf, "FA-1.pdf", signed=False)
    assert [r for r in portal.search("FA-1", start.SUPPLIER_SIRET) if r.status not in DRAFTS] == []


def test_a_double_is_refused(portal: Portal, pdf: Path) -> None:
    """The same number of the same year: refused in AIFE's words; the first stays alone."""
    send(portal, pdf)
    with pytest.raises(RefusedError) as refused:
        send(portal, pdf)
    assert refused.value.label == DOUBLE
    assert refused.value.problem.code == "chorus.duplicate"
    assert len([r for r in portal.search("FA-1", start.SUPPLIER_SIRET) if r.status not in DRAFTS]) == 1


def test_the_same_number_of_another_year(portal: Portal, pdf: Path) -> None:
    """A number is unique per year."""
    assert send(portal, pdf) != send(portal, pdf, date=date(2025, 11, 20))


@pytest.mark.parametrize("used", [False, True], ids=["unknown", "used"])
def test_an_attachment_that_can_not_be_used(portal: Portal, pdf: Path, used: bool) -> None:
    """An id that does not exist, or belongs to another invoice, is refused."""
    attachment_id = 1
    if used:
        attachment_id = portal.upload(pdf, "FA-1.pdf", signed=False).attachment_id
        portal.submit(portal.payload(INVOICE, signed=False), attachment_id)
    with pytest.raises(RefusedError):
        portal.submit(portal.payload(replace(INVOICE, number="FA-2"), signed=False), attachment_id)


def test_an_attachment_by_itself(portal: Portal, pdf: Path) -> None:
    """Another file gets an id of its own."""
    assert portal.attach(pdf, "annexe.pdf") != portal.attach(pdf, "annexe.pdf")


def test_a_supplier_that_is_not_ours(portal: Portal) -> None:
    """An invoice that names a supplier to which the account is not attached is refused, with those that are."""
    with pytest.raises(RefusedError) as refused:
        portal.payload(replace(INVOICE, supplier=Siret(start.SIRET_PLAIN)), signed=False)
    assert refused.value.problem.params["allowed"] == f"{start.SECOND_SUPPLIER_SIRET}, {start.SUPPLIER_SIRET}"


def test_what_is_deposited(portal: Portal) -> None:
    """Dates as days, amounts as numbers with their cents, absent values left out (api.md 2.11)."""
    payload = portal.payload(replace(INVOICE, service="X", engagement="91821", comment="Été"), signed=True)
    assert payload == {
        "modeDepot": "DEPOT_PDF_SIGNE_API",
        "numeroFactureSaisi": "FA-1",
        "dateFacture": "2026-11-20",
        "destinataire": {"codeDestinataire": start.SIRET_PLAIN, "codeServiceExecutant": "X"},
        "fournisseur": {"idFournisseur": start.SUPPLIER_ID},
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {
            "deviseFacture": "EUR",
            "typeFacture": "FACTURE",
            "typeTva": "TVA_SUR_DEBIT",
            "numeroBonCommande": "91821",
            "modePaiement": "VIREMENT",
        },
        "ligneTva": [
            {
                "ligneTvaTauxManuel": 20.0,
                "ligneTvaMontantBaseHtParTaux": 1000.1,
                "ligneTvaMontantTvaParTaux": 200.02,
            }
        ],
        "montantTotal": {
            "montantHtTotal": 1000.1,
            "montantTVA": 200.02,
            "montantTtcTotal": 1200.12,
            "montantAPayer": 1200.12,
        },
        "commentaire": "Été",
    }


def test_a_credit_note(portal: Portal, pdf: Path) -> None:
    """Type AVOIR with its origin; taken by the portal."""
    changes: dict[str, Any] = {"kind": Kind.CREDIT_NOTE, "origin": "FA-0", "number": "AV-1"}
    payload = portal.payload(replace(INVOICE, **changes), signed=False)
    assert (payload["references"]["typeFacture"], payload["references"]["numeroFactureOrigine"]) == ("AVOIR", "FA-0")
    assert send(portal, pdf, **changes)


# --- the real client only ------------------------------------------------------------------------------------------------


def test_a_signed_pdf_is_declared_as_such(simulator: RunningSimulator, pdf: Path) -> None:
    """Format and mode say that it is signed, and the portal takes it."""
    simulator.world.settings.ocr = "null"
    chorus = client(simulator.url, simulator.oauth_url)
    upload = chorus.upload(pdf, "S-1.pdf", signed=True)
    assert chorus.submit(chorus.payload(replace(INVOICE, number="S-1"), signed=True), upload.attachment_id).chorus_id
    assert upload.analysis.number is None
    chorus._wire.close()


def test_everything_an_invoice_can_hold(simulator: RunningSimulator, pdf: Path) -> None:
    """Each optional field, own service and bank account by name included, is taken by the portal."""
    chorus = client(simulator.url, simulator.oauth_url, bank="COMPTE AFFACTURAGE")
    invoice = replace(
        INVOICE,
        number="ALL/2026+1",
        recipient=Siret(start.SIRET_DEPARTEMENT),
        service="COLLEGE",
        engagement="91821",
        cadre=Cadre.A9,
        validator=Siret(start.SIRET_VALIDATOR),
        contract="M-1",
        comment="Commentaire",
        supplier_service="VENTES",
        vat_regime="EXONERATION",
        exemption_reason="261",
        payable=INVOICE.gross - Decimal(20),
        discount=Decimal(20),
        discount_reason="Remise de fin d'année",
    )
    payload = chorus.payload(invoice, signed=False)
    assert payload["fournisseur"] == {
        "idFournisseur": start.SUPPLIER_ID,
        "idServiceFournisseur": 10600001,
        "codeCoordonneesBancairesFournisseur": 410002,
    }
    assert payload["montantTotal"]["montantRemiseGlobaleTTC"] == 20
    assert payload["montantTotal"]["motifRemiseGlobaleTTC"] == "Remise de fin d'année"
    upload = chorus.upload(pdf, "ALL-2026-1.pdf", signed=False)
    assert chorus.submit(payload, upload.attachment_id).status == "A_VALIDER_1"
    chorus._wire.close()


@pytest.mark.parametrize(("wanted", "expected"), [("410001", 410001), ("COMPTE PRINCIPAL", 410001), ("NULLE", None)])
def test_the_bank_account(simulator: RunningSimulator, wanted: str, expected: int | None) -> None:
    """By id or by name; an unknown one is refused with those that exist."""
    chorus = client(simulator.url, simulator.oauth_url)
    invoice = replace(INVOICE, bank_account=wanted)
    if expected is None:
        with pytest.raises(RefusedError) as refused:
            chorus.payload(invoice, signed=False)
        assert refused.value.problem.params["allowed"] == "COMPTE AFFACTURAGE (410002), COMPTE PRINCIPAL (410001)"
    else:
        assert chorus.payload(invoice, signed=False)["fournisseur"]["codeCoordonneesBancairesFournisseur"] == expected
    chorus._wire.close()


def test_a_search_of_many_pages(simulator: RunningSimulator, pdf: Path) -> None:
    """A hundred and one drafts and invoices of one number: every row is read."""
    chorus = client(simulator.url, simulator.oauth_url)
    for year in range(1900, 2001):
        send(chorus, pdf, number="MANY", date=date(year, 1, 1))
    rows = chorus.search("MANY", start.SUPPLIER_SIRET)
    assert len({r.chorus_id for r in rows}) == 101
    chorus._wire.close()


def test_the_account(simulator: RunningSimulator) -> None:
    """Health, structures and the password's last day."""
    chorus = client(simulator.url, simulator.oauth_url)
    assert "disponible" in chorus.account.health()
    assert set(chorus.account.suppliers()) == {start.SUPPLIER_SIRET, start.SECOND_SUPPLIER_SIRET}
    assert chorus.account.password_ends() == date(2027, 10, 1)
    chorus._wire.close()


def test_the_simulated_pieces_are_those_of_the_start_data() -> None:
    """Both implementations speak of the same recipients."""
    structures: Mapping[str, Any] = MemoryChorus().structures
    assert start.SIRET_MANY in structures
    assert start.SUPPLIER_SIRET not in structures
