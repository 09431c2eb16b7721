"""The account's own structures, as the client sees them at the simulator: each asked for itself, each loss named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chorus_outbox.core.fields import Kind, VatLine
from chorus_outbox.core.invoice import Cadre, Invoice, Siret
from chorus_outbox.edge.chorus import Account, ChorusPro, Engagements, Pace, Wire
from chorus_outbox.edge.chorus import fields as cf
from chorus_outbox.errors import RefusedError, UnavailableError
from chorus_outbox.simulator import start
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.control import change_attachment
from chorus_outbox.simulator.model import Service
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World

INVOICE = Invoice(
    recipient=Siret(start.SIRET_PLAIN),
    number="FA-1",
    date=date(2026, 11, 20),
    kind=Kind.INVOICE,
    net=Decimal("100.00"),
    vat=Decimal("20.00"),
    gross=Decimal("120.00"),
    payable=Decimal("120.00"),
    cadre=Cadre.A1,
    vat_regime="TVA_SUR_DEBIT",
    payment_mode="VIREMENT",
    vat_lines=(VatLine(Decimal(20), Decimal("100.00"), Decimal("20.00")),),
)
OWN, SECOND = start.SUPPLIER_SIRET, start.SECOND_SUPPLIER_SIRET


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def chorus(simulator: RunningSimulator) -> Iterator[ChorusPro]:
    simulator.world.reset()
    credentials = (start.CLIENT_ID, start.CLIENT_SECRET, start.LOGIN, start.PASSWORD)
    account = Account(simulator.oauth_url, simulator.url, *credentials)
    wire = Wire(account, 20, Pace(10_000, lambda: 0.0, lambda _: None), lambda _: None)
    yield ChorusPro(wire, OWN, "COMPTE AFFACTURAGE")
    wire.close()


def lose(world: World, status: str, siret: str = OWN) -> None:
    change_attachment(world, {"siret": siret, "statut": status})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("EN_COURS_DE_VALIDATION", "outage.attachment_pending"),
        ("REFUSEE", "outage.attachment_refused"),
        ("DESACTIVEE", "outage.attachment_disabled"),
        ("SUPPRIMEE", "outage.attachment_deleted"),
        ("INCONNUE", "outage.not_attached"),
    ],
)
def test_a_lost_attachment_is_named(chorus: ChorusPro, simulator: RunningSimulator, status: str, code: str) -> None:
    """The portal's status says why nothing can be sent; nobody asks for it while all is well."""
    assert chorus.supplier_id() == start.SUPPLIER_ID
    lose(simulator.world, status)
    with pytest.raises(UnavailableError) as lost:
        chorus.account.password_ends()  # the daily look asks anew
    assert (lost.value.problem.code, lost.value.problem.params) == (code, {"siret": OWN})
    lose(simulator.world, "VALIDEE")
    assert chorus.supplier_id() == start.SUPPLIER_ID


def test_why_it_is_lost_is_a_kindness(chorus: ChorusPro, simulator: RunningSimulator) -> None:
    """Where even that may not be asked, what is certain is said."""
    lose(simulator.world, "REFUSEE")
    simulator.world.settings.unsubscribed = ("utilisateurs",)
    with pytest.raises(UnavailableError) as lost:
        chorus.supplier_id()
    assert lost.value.problem.code == "outage.not_attached"


@pytest.mark.parametrize("api", ["transverses", "structures", "factures", "utilisateurs"])
def test_a_403_names_its_api(chorus: ChorusPro, simulator: RunningSimulator, api: str) -> None:
    """PISTE gives rights by API, and the path says which one was refused."""
    chorus.supplier_id()
    simulator.world.settings.unsubscribed = (api,)
    calls = {
        "transverses": chorus.account.health,
        "structures": lambda: chorus.recipient(start.SIRET_FREE, None),
        "factures": lambda: chorus.search("F1", OWN),
        "utilisateurs": chorus.account.attachments,
    }
    with pytest.raises(UnavailableError) as refused:
        calls[api]()
    assert (refused.value.problem.code, refused.value.problem.params) == ("outage.forbidden", {"api": api})


def test_services_and_bank_accounts_are_each_structure_s_own(chorus: ChorusPro, simulator: RunningSimulator) -> None:
    """Both suppliers have a service of the same code; the configured bank account is the configured supplier's only."""
    structures = simulator.world.structures
    second = structures[start.SECOND_SUPPLIER_ID]
    structures[second.id] = replace(second, services=(Service(77, "VENTES", "Ventes"),), bank_accounts=((9, "B"),))
    own = chorus.payload(replace(INVOICE, supplier_service="VENTES"), signed=False)["fournisseur"]
    other = replace(INVOICE, supplier=Siret(SECOND), supplier_service="VENTES")
    assert own == {
        "idFournisseur": start.SUPPLIER_ID,
        "idServiceFournisseur": 10600001,
        "codeCoordonneesBancairesFournisseur": 410002,
    }
    assert chorus.payload(other, signed=False)["fournisseur"] == {
        "idFournisseur": start.SECOND_SUPPLIER_ID,
        "idServiceFournisseur": 77,
    }
    named = chorus.payload(replace(other, bank_account="b"), signed=False)["fournisseur"]
    assert named["codeCoordonneesBancairesFournisseur"] == 9
    with pytest.raises(RefusedError) as refused:
        chorus.payload(replace(other, bank_account="COMPTE AFFACTURAGE"), signed=False)
    assert refused.value.problem.params["allowed"] == "B (9)"


def test_two_bank_accounts_of_one_name(chorus: ChorusPro, simulator: RunningSimulator) -> None:
    """Neither is chosen for a person; both are listed with their ids, by which one can be chosen."""
    structures = simulator.world.structures
    own = structures[start.SUPPLIER_ID]
    structures[own.id] = replace(own, bank_accounts=((1, "RIB"), (2, "rib "), (3, "AUTRE")))
    with pytest.raises(RefusedError) as refused:
        chorus.payload(replace(INVOICE, bank_account="RIB"), signed=False)
    assert refused.value.problem.code == "bank_account.ambiguous"
    assert "RIB (1)" in refused.value.problem.params["allowed"]
    assert (
        chorus.payload(replace(INVOICE, bank_account="2"), signed=False)["fournisseur"][
            "codeCoordonneesBancairesFournisseur"
        ]
        == 2
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2027-10-01", date(2027, 10, 1)),
        ("2027-10-01 00:00", date(2027, 10, 1)),
        ("2027-10-01T12:00:00", date(2027, 10, 1)),
        ("2027-10-01T22:30:00.000+0000", date(2027, 10, 2)),
        ("2027-10-01T22:30:00Z", date(2027, 10, 2)),
        (1_822_435_200_000, date(2027, 10, 2)),
        ("01/10/2027", None),
        ("", None),
        (None, None),
        (True, None),
        (10**30, None),
    ],
)
def test_a_day_in_an_answer(written: Any, expected: date | None) -> None:
    """However it is written, in France; what is none is not guessed."""
    assert cf.day(written) == expected


# --- the State's engagements -------------------------------------------------------------------------------------------

KNOWN, UNKNOWN = "1300000001", "9999999999"


def asked(simulator: RunningSimulator) -> int:
    return sum("engagementsJuridiques" in r["path"] for r in simulator.world.journal)


def test_an_engagement_is_asked_for_once_a_day(chorus: ChorusPro, simulator: RunningSimulator) -> None:
    """Yes and no are both remembered for a day, each for its supplier."""
    now = [0.0]
    engagements = Engagements(chorus._wire, chorus.supplier_id, lambda: now[0])
    for _ in range(3):
        assert engagements.known(KNOWN, OWN) is True
        assert engagements.known(UNKNOWN, OWN) is False
    assert engagements.known(KNOWN, SECOND) is True
    assert asked(simulator) == 3
    now[0] = 86_400.0
    assert engagements.known(KNOWN, OWN) is True
    assert asked(simulator) == 4


@pytest.mark.parametrize("trouble", ["not subscribed", "maintenance", "nonsense", "refused"])
def test_trouble_with_engagements_says_nothing(chorus: ChorusPro, simulator: RunningSimulator, trouble: str) -> None:
    """Nothing is said, nothing is raised, and it is left alone for a while."""
    now = [0.0]
    chorus.supplier_id()
    engagements = Engagements(chorus._wire, chorus.supplier_id, lambda: now[0])
    match trouble:
        case "not subscribed":
            simulator.world.settings.unsubscribed = ("engagementsJuridiques",)
        case "maintenance":
            simulator.world.rules.append(Rule("engagementsJuridiques/v1/rechercher", "maintenance"))
        case "nonsense":
            simulator.world.rules.append(Rule("engagementsJuridiques/v1/rechercher", "html200"))
        case _:
            simulator.world.accounts[start.LOGIN] = replace(simulator.world.accounts[start.LOGIN], suppliers=())
    assert engagements.known(UNKNOWN, OWN) is None
    assert engagements.known(KNOWN, OWN) is None
    assert asked(simulator) == 1
