"""Everything that Chorus Pro and PISTE are known to say no with (api.md) has a sentence of its own, in both languages."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core import flowreasons
from chorus_outbox.core.followup import RETURNED, Passage, returned
from chorus_outbox.core.problem import CODES, Problem
from chorus_outbox.core.refusals import ATTACH, CALLS, COMPLETE, FLOW, KNOWN, MESSAGES, RECYCLE, SUBMIT, refused
from chorus_outbox.core.words import catalogue, field_of, render
from chorus_outbox.simulator.codes import INVENTED
from chorus_outbox.simulator.enums import STATUSES

DOUBLE = "Vous avez déjà déposé une demande de paiement avec ce numéro de facture pour cette structure"
UPLOAD = "deposer/pdf"


class Said(NamedTuple):
    """What is said, by which call, where the reference has it from, and what it is called here."""

    section: str
    call: str
    code: str
    label: str
    problem: str


REFUSALS = (  # every code and message of api.md that is a no to one of our calls
    Said("6.2, 5.1", ATTACH, "20003", "", "chorus.attachment_too_big"),
    Said("6.2, 2.10", ATTACH, "HTTP 400", "", "chorus.file_name"),
    Said("6.2, 2.9", UPLOAD, "HTTP 413", "", "chorus.too_big"),
    Said("6.2, 2.12", FLOW, "20001", "GDP_MSG_11.022", "chorus.too_big"),
    Said("6.2", COMPLETE, "20000", "GDP_MSG_11.008", "chorus.unknown_invoice"),
    Said("6.2", COMPLETE, "20001", "GDP_MSG_11.005", "chorus.not_yours"),
    Said("6.2, 2.17", COMPLETE, "20002", "GDP_MSG_11.033", "chorus.not_suspended"),
    *(Said("6.2", RECYCLE, str(code), "", "chorus.recycling") for code in range(20004, 20015)),
    *(Said("6.2, 5.4", SUBMIT, str(code), "", "chorus.totals") for code in (20013, 20303, 20304, 20305)),
    Said("6.2, 3.7", SUBMIT, "20099", "GDP_MSG_11.001", "chorus.state"),
    Said("6.2, 5.3", SUBMIT, "20099", DOUBLE, "chorus.duplicate"),
    Said("1.4", SUBMIT, "HTTP 415", "", "chorus.malformed"),
    Said("7.1", SUBMIT, "20099", "propriété inconnue parametres", "chorus.malformed"),
    Said(
        "2.11, 7.4",
        SUBMIT,
        "20099",
        "Le type de pièce jointe BON_DE_COMMANDE n'est pas admis",
        "chorus.attachment_type",
    ),
    Said("6.1", SUBMIT, "20099", "", "chorus.unexplained"),
    Said("2.11", SUBMIT, "20099", "La date de la facture est postérieure à la date de dépôt", "chorus.date"),
    Said("4.2", SUBMIT, "20099", "Le numéro d'engagement n'existe pas", "chorus.engagement"),
    Said(
        "4.2",
        SUBMIT,
        "20099",
        "Le code service ou le numéro d'engagement est obligatoire",
        "chorus.service_or_engagement",
    ),
    Said("5.3", SUBMIT, "20099", "Le numéro de facture dépasse 20 caractères", "chorus.number"),
    Said("2.11, 3.1", SUBMIT, "20099", "La structure valideur est obligatoire", "chorus.validator"),
)
OF_A_FLOW = (  # in a flow's report
    Said(
        "6.2",
        "",
        "",
        "L'identifiant fournisseur de la demande de paiement 1 n'est pas reference dans notre systeme.",
        "flow.supplier",
    ),
    Said("6.2, 7.3", "", "", "L'element PaymentMeans.TypeCode.value est obligatoire.", "flow.payment_means"),
    Said("7.3", "", "", "L'element AppliedTradeAllowanceCharge.ActualAmount.value est obligatoire.", "flow.amounts"),
    Said("6.2", "", "", "The legal commitment (SupplyChain.BuyerReference.value) is mandatory", "flow.service"),
    Said("6.2", "", "", "The legal commitment (SupplyChain.IssuerAssignedID.value) is mandatory", "flow.engagement"),
    Said("2.12", "", "", "L'IBAN est obligatoire pour un virement", "flow.iban"),
    Said("2.12", "", "", "Le cadre de facturation B1 n'est pas connu (BT-23)", "flow.cadre"),
    Said("2.12", "", "", "Le SIRET de l'acheteur doit avoir 14 caractères", "flow.recipient"),
    Said("5.3", "", "", DOUBLE, "flow.duplicate"),
)
OF_PISTE = {  # what else can stand between, by section; recognised where answers are read (tests/edge/test_wire.py)
    "1.2 invalid_client": "outage.piste_credentials",
    "1.4 401": "outage.technical_account",
    "1.4 403": "outage.forbidden",
    "1.4 404": "outage.wrong_route",
    "1.5 424 days": "outage.password_expired",
    "2.3 EN_COURS_DE_VALIDATION": "outage.attachment_pending",
    "2.3 REFUSEE": "outage.attachment_refused",
    "2.3 DESACTIVEE": "outage.attachment_disabled",
    "2.3 SUPPRIMEE": "outage.attachment_deleted",
    "5.5 429": "outage.quota",
    "6.1 no answer": "outage.unreachable",
    "6.3 503": "outage.maintenance",
    "6.3 unclear": "doubt.no_answer",
    "3.10 IN_INCIDENTE": "flow.incident",
}
GENERIC = ("chorus.refused", "flow.refused", "returned.other")


@pytest.mark.parametrize("said", REFUSALS, ids=lambda said: f"{said.section} {said.call} {said.code} {said.label[:30]}")
def test_every_known_refusal_has_its_own_problem(said: Said) -> None:
    """Told by what it is about, and not only quoted; code and words stay with it."""
    problem = refused(f"/cpro/x/v1/{said.call}", said.code, said.label)
    assert problem == Problem(said.problem, {"code": said.code, "label": said.label})
    assert problem.code not in GENERIC


@pytest.mark.parametrize("said", OF_A_FLOW, ids=lambda said: f"{said.section} {said.label[:40]}")
def test_every_known_message_of_a_flow_has_its_own_problem(said: Said) -> None:
    """The same of the messages in a flow's report."""
    assert flowreasons.reason(said.label) == Problem(said.problem, {"label": said.label})


def test_every_known_problem_has_a_sentence_and_a_remedy_in_both_languages() -> None:
    """And no two of them the same: whoever reads it knows which it was."""
    told = (
        {s.problem for s in (*REFUSALS, *OF_A_FLOW)}
        | set(OF_PISTE.values())
        | set(KNOWN.values())
        | set(MESSAGES.values())
    )
    for language in ("fr", "en"):
        words = catalogue(language)
        whats = [words.problems[code].what for code in told]
        assert len(set(whats)) == len(told)
        assert all(words.problems[code].do for code in told)


@pytest.mark.parametrize("key", [k for k in INVENTED if k not in ("structure", "flow_unknown", "not_simulated")])
def test_every_refusal_of_the_simulator_is_understood(key: str) -> None:
    """Its wordings are ours, but they are what a portal would say: none is only quoted."""
    number, label = INVENTED[key]
    for call in (SUBMIT, ATTACH, UPLOAD, RECYCLE, COMPLETE):
        assert refused(f"/{call}", str(number), label).code != "chorus.refused"


@pytest.mark.parametrize("status", RETURNED)
def test_every_return_has_its_own_problem(status: str) -> None:
    """api.md 3.7: what a recipient, a validator or the routing sent back, with the reason given."""
    problem = returned(Passage(status, "2026-11-24 09:00", "parce que"), "MAIRIE")
    for language in ("fr", "en"):
        assert "parce que" in render(catalogue(language), problem)[0]
    assert status in STATUSES


@pytest.mark.parametrize(
    ("label", "field"),
    [
        pytest.param("Le code service XYZ n'existe pas pour ce destinataire", "service", id="service"),
        pytest.param("Le numéro d'engagement est obligatoire pour le service A", "engagement", id="engagement"),
        pytest.param("La structure destinataire n'est pas active", "siret", id="recipient"),
        pytest.param("La devise ABC n'est pas un code ISO 4217", "devise", id="currency"),
        pytest.param("Une facture SANS_TVA ne peut pas porter de TVA", "regime_tva", id="VAT"),
        pytest.param("Le montant TTC n'est pas la somme", "ttc", id="totals"),
        pytest.param("Service non disponible", None, id="an incident"),
        pytest.param("non", None, id="anything"),
    ],
)
def test_the_field_to_correct_is_known(label: str, field: str | None) -> None:
    """The pre-filled sidecar marks the line that Chorus Pro's words are about."""
    assert field_of(refused(SUBMIT, "1", label)) == field


def test_message_keys_stand_with_the_code() -> None:
    """Nobody can read ``GDP_MSG_11.033``: it is not quoted as if it were a sentence."""
    what, _ = render(catalogue("fr"), refused(COMPLETE, "20002", "GDP_MSG_11.033"))
    assert what.endswith("n'a pas été pris (code 20002, GDP_MSG_11.033).")


def test_what_asks_is_known_by_its_call() -> None:
    """Each action of an entry has its call, so that a refusal kept in the ledger is read as when it came."""
    assert set(CALLS) == {"deposit", "flow", "recycle", "complete"}
    assert refused(CALLS["complete"], "20002", "").code == "chorus.not_suspended"


@given(path=st.sampled_from([*CALLS.values(), ATTACH, UPLOAD, ""]), code=st.text(max_size=8), label=st.text())
def test_any_refusal_is_told(path: str, code: str, label: str) -> None:
    """Whatever comes, there is one problem that keeps code and words, with safe sentences."""
    problem = refused(path, code, label)
    assert problem.code in CODES
    assert problem.params == {"code": code, "label": label}
    assert all(text.isprintable() for text in render(catalogue("fr"), problem))
