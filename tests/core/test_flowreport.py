"""What a flow's report means: its messages in people's fields, and what follows from each state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chorus_outbox.core.decide import Adopt, Found, Policy, Refuse
from chorus_outbox.core.entry import Entry, Receipt
from chorus_outbox.core.flow import (
    Blame,
    FlowReport,
    Pending,
    Search,
    Unprocessed,
    after_report,
    after_search_of_flow,
    report_pause,
    searching,
)
from chorus_outbox.core.flowreasons import reason
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.words import catalogue, message
from chorus_outbox.simulator.codes import INVENTED

PATH = "SupplyChainTradeTransaction.ApplicableHeaderTrade"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The legal commitment (…BuyerReference.value) is mandatory", "flow.service"),
        (f"L'engagement juridique ({PATH}Agreement.BuyerReference.value) est obligatoire", "flow.service"),
        ("Le code service est obligatoire pour ce destinataire", "flow.service"),
        ("Service exécutant inconnu", "flow.service"),
        ("The (…IssuerAssignedID.value) is mandatory", "flow.engagement"),
        ("L'element BuyerOrderReferencedDocument est obligatoire", "flow.engagement"),
        ("Le numero d'engagement n'existe pas", "flow.engagement"),
        (
            f"L'element {PATH}Settlement.SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire.",
            "flow.payment_means",
        ),
        ("L'element …TypeCode.value est obligatoire.", "flow.payment_means"),
        ("Le moyen de paiement n'est pas renseigné", "flow.payment_means"),
        ("L'élément ExchangedDocument.TypeCode.value est obligatoire.", "flow.xml"),
        ("PayeePartyCreditorFinancialAccount.IBANID is mandatory", "flow.iban"),
        ("Les coordonnées bancaires sont obligatoires", "flow.iban"),
        ("AppliedTradeAllowanceCharge.ActualAmount.value est obligatoire", "flow.amounts"),
        ("Le montant TTC est incohérent", "flow.amounts"),
        ("Le cadre de facturation S1 n'est pas admis", "flow.cadre"),
        (
            "L'identifiant fournisseur de la demande de paiement 1 n'est pas reference dans notre systeme.",
            "flow.supplier",
        ),
        ("La structure destinataire 1 n'existe pas", "flow.recipient"),
        ("The recipient is not active", "flow.recipient"),
        (INVENTED["duplicate"].label, "flow.duplicate"),
        ("This invoice was already submitted by this supplier", "flow.duplicate"),
        ("Le fichier n'est pas conforme au schéma XSD", "flow.xml"),
        ("L'element ExchangedDocument.ID.value est obligatoire.", "flow.xml"),
        ("GDP_MSG_99.999", "flow.refused"),
        ("", "flow.refused"),
    ],
)
def test_messages_name_the_field_that_people_know(text: str, code: str) -> None:
    """With or without accents, in French or in English, and the original words stay."""
    found = reason(text)
    assert (found.code, found.params["label"]) == (code, text)
    if text and found.code != "flow.duplicate":
        assert "le même numéro de facture peut resservir" in message(catalogue("fr"), found)


NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ENTRY = Entry(
    *(1, "a.pdf", "a.pdf", State.INTEGRATING, "processing", NOW, NOW),
    number="FX-1",
    siret="22220001600434",
    date=date(2026, 11, 20),
    gross=Decimal("120.00"),
    action="flow",
    flow="CPP1",
    begun_at=NOW,
    sent_at=NOW,
)
DOUBTED = replace(ENTRY, doubts=1)
INCIDENT = Problem("flow.incident", {"flow": "CPP0"})
DOUBLE = (Problem("flow.duplicate", {"label": "déjà"}),)
OTHER = (Problem("flow.amounts", {"label": "x"}),)
ROW = Found(7, "FX-1", "DEPOSEE", "22220001600434", "2026-11-20", "2026-11-24", Decimal("120.00"), None, "CPP1")


@pytest.mark.parametrize(
    ("entry", "report", "expected"),
    [
        pytest.param(ENTRY, FlowReport("IN_INTEGRE"), Search(), id="integrated"),
        pytest.param(ENTRY, FlowReport("IN_INTEGRE_PARTIEL"), Search(), id="in part, no error"),
        pytest.param(
            ENTRY, FlowReport("IN_INTEGRE_PARTIEL", ("x",), (Blame("A", "y"),)), Search(), id="in part, not ours"
        ),
        pytest.param(
            ENTRY,
            FlowReport("IN_INTEGRE_PARTIEL", (), (Blame("A", "y"), Blame(" fx-1", "montant"))),
            Refuse((Problem("flow.amounts", {"label": "montant"}),)),
            id="in part, ours",
        ),
        pytest.param(
            ENTRY,
            FlowReport("IN_INTEGRE_PARTIEL", (), (Blame("", "x"),)),
            Refuse((Problem("flow.refused", {"label": "x"}),)),
            id="in part, nobody's by name",
        ),
        pytest.param(
            ENTRY,
            FlowReport("IN_REJETE", ("montant",), (Blame("A", "montant"), Blame("", "x"))),
            Refuse((Problem("flow.amounts", {"label": "montant"}), Problem("flow.refused", {"label": "x"}))),
            id="rejected: each message once",
        ),
        pytest.param(
            ENTRY,
            FlowReport("QP_IRRECEVABLE"),
            Refuse((Problem("flow.refused", {"label": "QP_IRRECEVABLE"}),)),
            id="inadmissible without a word",
        ),
        pytest.param(
            DOUBTED,
            FlowReport("IN_REJETE", ("x",)),
            Search((Problem("flow.refused", {"label": "x"}),)),
            id="rejected after a doubt",
        ),
        pytest.param(
            replace(ENTRY, problems=(INCIDENT,)),
            FlowReport("IN_REJETE", ("x",)),
            Search((Problem("flow.refused", {"label": "x"}),)),
            id="rejected after an incident",
        ),
        pytest.param(
            ENTRY, FlowReport("IN_INCIDENTE"), Unprocessed(Problem("flow.incident", {"flow": "CPP1"})), id="incident"
        ),
        pytest.param(
            replace(ENTRY, problems=(INCIDENT,) * 2),
            FlowReport("IN_INCIDENTE"),
            Refuse((Problem("flow.not_processed", {"tries": "3"}),)),
            id="the third incident",
        ),
        *(
            pytest.param(
                ENTRY,
                FlowReport(state),
                Pending(Problem("flow.integrating", {"flow": "CPP1", "status": state})),
                id=state or "not known yet",
            )
            for state in ("", "IN_RECU", "IN_TRAITE_SE_CPP", "IN_ERREUR_INTERNE", "QP_RECEVABLE_AVEC_ERREUR", "NEW")
        ),
        pytest.param(
            replace(ENTRY, sent_at=NOW - timedelta(days=1)),
            FlowReport("IN_RECU"),
            Pending(Problem("flow.slow", {"flow": "CPP1", "status": "IN_RECU"})),
            id="for a day",
        ),
    ],
)
def test_what_follows_from_a_report(entry: Entry, report: FlowReport, expected: object) -> None:
    """Only an end is an end; what is said against other numbers is not ours."""
    assert after_report(entry, report, NOW) == expected


ADOPTED = Adopt(Receipt(7, "DEPOSEE", "2026-11-24", "", "FX-1"))


@pytest.mark.parametrize(
    ("entry", "rows", "refusal", "expected"),
    [
        pytest.param(ENTRY, [ROW], (), ADOPTED, id="by our flow"),
        pytest.param(ENTRY, [replace(ROW, gross=Decimal(1))], (), ADOPTED, id="by our flow, whatever it says"),
        pytest.param(ENTRY, [replace(ROW, flow=None)], (), ADOPTED, id="no flow given, all agrees"),
        pytest.param(ENTRY, [replace(ROW, flow="CPP9")], (), None, id="by another flow"),
        pytest.param(ENTRY, [replace(ROW, flow=None, gross=Decimal(1))], (), None, id="no flow given, another total"),
        pytest.param(ENTRY, [replace(ROW, status="BROUILLON")], (), None, id="a draft"),
        pytest.param(ENTRY, [replace(ROW, number="FX-10")], (), None, id="another number"),
        pytest.param(ENTRY, [replace(ROW, flow=None, deposit_date="2026-11-22")], (), None, id="too old"),
        pytest.param(ENTRY, [replace(ROW, flow="CPP9"), ROW], (), ADOPTED, id="ours among others"),
        pytest.param(DOUBTED, [replace(ROW, flow="CPP0")], DOUBLE, ADOPTED, id="double: our first flow"),
        pytest.param(DOUBTED, [replace(ROW, flow="CPP0")], OTHER, ADOPTED, id="rejected: our first flow is there"),
        pytest.param(DOUBTED, [], OTHER, Refuse(OTHER), id="rejected and nothing there"),
        pytest.param(
            DOUBTED,
            [replace(ROW, gross=Decimal(1))],
            DOUBLE,
            Refuse(
                (
                    Problem(
                        "duplicate.portal",
                        {"number": "FX-1", "chorus_id": "7", "status": "DEPOSEE", "when": "2026-11-24"},
                    ),
                )
            ),
            id="double of another's",
        ),
        pytest.param(replace(DOUBTED, negatives=2), [], DOUBLE, Refuse(DOUBLE), id="a double that nobody finds"),
    ],
)
def test_what_follows_from_a_search(
    entry: Entry, rows: list[Found], refusal: tuple[Problem, ...], expected: object
) -> None:
    """Ours is what came by our flow, or agrees and is not older; an integrated one is waited for until it shows."""
    if expected is None:
        expected = Pending(Problem("flow.integrated", {"flow": "CPP1"}))
    assert after_search_of_flow(entry, rows, refusal) == expected


def test_several_that_may_be_ours() -> None:
    """A person must settle it."""
    found = after_search_of_flow(ENTRY, [ROW, replace(ROW, chorus_id=8)], ())
    assert isinstance(found, Pending)
    assert (found.problem.code, found.problem.params["ids"]) == ("doubt.several", "7, 8")


def test_a_double_is_searched_three_times() -> None:
    """An index may lag."""
    found = after_search_of_flow(DOUBTED, [], DOUBLE)
    assert isinstance(found, Pending)
    assert found.negatives == 1


@pytest.mark.parametrize(
    ("asked", "settle", "seconds"),
    [(0, 60, 30), (1, 60, 60), (6, 60, 1920), (7, 60, 3600), (99, 60, 3600), (0, 0, 0.5)],
)
def test_pauses_between_reports(asked: int, settle: float, seconds: float) -> None:
    """Thirty seconds at first, doubling up to an hour; never none at all."""
    assert report_pause(asked, settle) == seconds


@pytest.mark.parametrize(
    ("action", "negatives", "given", "settle"),
    [
        pytest.param("deposit", 1, 60, 60, id="no flow"),
        pytest.param("flow", 0, 60, 600, id="after the first"),
        pytest.param("flow", 1, 60, 3600, id="after the second"),
        pytest.param("flow", 2, 3600, 6 * 3600, id="six hours at most"),
        pytest.param("flow", 2, 86_400, 86_400, id="never less than configured"),
    ],
)
def test_searches_for_a_flow_in_doubt_are_far_apart(action: str, negatives: int, given: float, settle: float) -> None:
    """Ten minutes, then an hour; those for a deposit stay as they are."""
    entry = replace(ENTRY, action=action, negatives=negatives)
    assert searching(entry, Policy(1, 2, given, resend=True)) == Policy(1, 2, settle, resend=True)
