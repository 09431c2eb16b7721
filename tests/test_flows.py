"""The life of a Factur-X that goes as a flow, in the world in memory."""

from __future__ import annotations

import pytest

from chorus_outbox.core.flow import Blame
from chorus_outbox.core.lifecycle import State
from world import DOUBLE, SETTLE, Fault, World, facturx, named, pdf, settings

FILE = named("FX-1")
MANDATORY = "L'element SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire."
DAY = 86_400.0


@pytest.fixture
def world() -> World:
    return World(settings(facturx="flux"))


def taken(world: World, number: str = "FX-1") -> str:
    """Drop an invoice, let it be deposited, and return its flow."""
    world.flows.seconds = 10 * DAY  # nothing happens by itself
    world.folders.drop(named(number), facturx(number))
    world.work()
    return world.entry(number).flow


def codes(world: World, number: str = "FX-1") -> list[str]:
    return [p.code for p in world.entry(number).problems]


# --- the ordinary way ----------------------------------------------------------------------------------------------------


def test_a_flow_becomes_an_invoice(world: World) -> None:
    """Taken, asked about more and more rarely, found under its own id, sent; its story tells what was new, once."""
    content = facturx("FX-1")
    world.folders.drop(FILE, content)
    world.work()
    entry = world.entry("FX-1")
    assert (entry.state, entry.action, entry.folder) == (State.INTEGRATING, "flow", "processing")
    assert entry.sent_sha256 == entry.sha256
    world.wait(SETTLE)
    assert "flux CPP" in world.folders.files["processing"]["FX-1_22220001600434.log"].decode("utf-8-sig")
    world.finish()
    entry = world.entry("FX-1")
    (deposit,) = world.chorus.deposits
    assert entry.receipt is not None
    assert (entry.state, entry.receipt.chorus_id, deposit.content) == (State.SENT, deposit.chorus_id, content)
    assert (entry.flow, entry.looks, entry.told) == (deposit.flow, 0, "DEPOSEE")
    assert world.steps("FX-1") == ["seen", "understood", "begun", "taken", "asked", "accepted", "moving", "filed"]


def test_other_pdfs_go_the_ordinary_way(world: World) -> None:
    """Without a Factur-X it is an ordinary deposit, its embedded files taken out as ever."""
    world.folders.drop(named("FA-1"), pdf("one", embedded=True))
    world.finish()
    assert world.entry("FA-1").action == "deposit"
    assert not world.flows.flows


def test_a_signed_facturx_goes_unchanged(world: World) -> None:
    """Nothing is taken out, so that the signature holds."""
    content = facturx("FX-1").replace(b"FACTURX", b"SIGNED\nFACTURX", 1)
    world.folders.drop(FILE, content)
    world.finish()
    assert world.chorus.deposits[0].content == content


def test_pauses_widen_and_unchanged_answers_fill_no_story(world: World) -> None:
    """The report is asked for after half of the settling time, then after twice as long each time, an hour at most."""
    flow = taken(world)
    at = world.entry("FX-1").next_try_at
    pauses = []
    for _ in range(10):
        assert at is not None
        world.clock.advance((at - world.clock.now()).total_seconds())
        world.work()
        before, at = at, world.entry("FX-1").next_try_at
        assert at is not None
        pauses.append((at - before).total_seconds())
    assert pauses == [SETTLE, 2 * SETTLE, 4 * SETTLE, 8 * SETTLE, 16 * SETTLE, 32 * SETTLE, *[3600.0] * 4]
    assert world.steps("FX-1").count("asked") == 1
    world.flows.decide(flow, "IN_INTEGRE")
    world.finish()
    assert world.entry("FX-1").state is State.SENT


@pytest.mark.parametrize("state", ["IN_EN_ATTENTE_RETRAITEMENT_CPP", "IN_SOMETHING_NEW"], ids=["stuck", "unknown"])
def test_a_state_without_end_stays_and_is_told_after_a_day(world: World, state: str) -> None:
    """It is asked again for ever, shown as it is, and after a day its log says to ask the support."""
    world.flows.decide(taken(world), state)
    world.wait(SETTLE)
    assert codes(world) == ["flow.integrating"]
    assert world.entry("FX-1").problems[0].params["status"] == state
    for _ in range(30):
        world.wait(3600)
    assert codes(world) == ["flow.slow"]
    assert world.entry("FX-1").state is State.INTEGRATING
    log = world.folders.files["processing"]["FX-1_22220001600434.log"].decode("utf-8-sig")
    assert "plus d'un jour" in log
    assert "support de Chorus Pro" in log


def test_a_report_that_is_not_known_yet(world: World) -> None:
    """Right after the deposit there may be none: asked again."""
    flow = taken(world)
    world.flows.decide(flow, "")
    world.wait(SETTLE)
    assert codes(world) == ["flow.integrating"]
    world.flows.decide(flow, "IN_INTEGRE")
    world.finish()
    assert world.entry("FX-1").state is State.SENT


def test_integrated_but_not_found_yet(world: World) -> None:
    """An index that lags is waited for, and told."""
    flow = taken(world)
    world.flows.flows[flow].lag = 500
    world.flows.decide(flow, "IN_INTEGRE")
    world.wait(SETTLE)
    assert (world.entry("FX-1").state, codes(world)) == (State.INTEGRATING, ["flow.integrated"])
    world.finish()
    assert world.entry("FX-1").state is State.SENT


@pytest.mark.parametrize("call", ["report", "search"])
@pytest.mark.parametrize("kind", ["not_arrived", "faulty", "refused"])
def test_a_question_that_fails_changes_nothing(world: World, call: str, kind: str) -> None:
    """It is asked again later; an invoice is never sent again for it."""
    world.chorus.faults.plan(call, Fault(kind))
    world.folders.drop(FILE, facturx("FX-1"))
    world.finish()
    assert world.entry("FX-1").state is State.SENT
    assert len(world.flows.flows) == 1


# --- rejected --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["IN_REJETE", "QP_IRRECEVABLE", "IN_INTEGRE_PARTIEL"])
def test_every_reason_of_a_rejection_is_told(world: World, state: str) -> None:
    """Each message becomes a sentence; the file goes to failed/ alone, as no sidecar can correct an XML."""
    world.flows.decide(taken(world), state, MANDATORY, "Le montant TTC est faux", "Rien de connu")
    world.finish()
    assert world.entry("FX-1").state is State.FAILED
    assert codes(world) == ["flow.payment_means", "flow.amounts", "flow.refused"]
    assert not [n for n in world.folders.files["failed"] if n.endswith(".yaml")]
    log = world.folders.files["failed"]["FX-1_22220001600434.log"].decode("utf-8-sig")
    assert "Qui a refusé : Chorus Pro." in log
    assert "« Rien de connu »" in log
    assert ".yaml" not in log


def test_a_rejection_without_a_reason(world: World) -> None:
    """Its state is quoted."""
    world.flows.decide(taken(world), "IN_REJETE")
    world.finish()
    assert [(p.code, p.params["label"]) for p in world.entry("FX-1").problems] == [("flow.refused", "IN_REJETE")]


def test_partly_integrated_for_another_number(world: World) -> None:
    """Only errors about our own number are ours."""
    world.flows.decide(taken(world), "IN_INTEGRE_PARTIEL", Blame("OTHER", "wrong"))
    world.finish()
    assert world.entry("FX-1").state is State.SENT


def test_the_number_of_a_rejected_flow_is_free(world: World) -> None:
    """Corrected and dropped again under the same name, the same entry goes as a new flow."""
    world.flows.verdict("IN_REJETE", MANDATORY)
    world.folders.drop(FILE, facturx("FX-1", "first"))
    world.work()
    world.wait(200)
    assert world.entry("FX-1").state is State.FAILED
    world.folders.take_away("failed", FILE)
    world.folders.drop(FILE, facturx("FX-1", "second"))
    world.finish()
    assert world.entry("FX-1").state is State.SENT
    assert len(world.ledger.rows) == 1
    assert len(world.flows.flows) == 2


def test_a_double_quotes_the_first_deposit(world: World) -> None:
    """Chorus Pro has that number from somebody else: no doubt was there, so it is refused with the first one's id."""
    payload = {
        "numeroFactureSaisi": "FX-1",
        "dateFacture": "2026-01-02",
        "fournisseur": {"idFournisseur": 26300989},
        "destinataire": {"codeDestinataire": "22220001600434"},
        "montantTotal": {"montantTtcTotal": 1},
    }
    first = world.chorus.deposit_by_hand(payload)
    world.folders.drop(FILE, facturx("FX-1"))
    world.finish()
    assert codes(world) == ["duplicate.portal"]
    assert world.entry("FX-1").problems[0].params["chorus_id"] == str(first.chorus_id)


# --- not processed ---------------------------------------------------------------------------------------------------------


def test_an_incident_is_sent_again(world: World) -> None:
    """The whole flow leaves once more, and its log says why."""
    world.flows.verdict("IN_INCIDENTE")
    world.folders.drop(FILE, facturx("FX-1"))
    world.work()
    world.wait(200)
    assert world.entry("FX-1").state is State.WAITING
    assert "incident" in world.folders.files["processing"]["FX-1_22220001600434.log"].decode("utf-8-sig")
    world.finish()
    assert world.entry("FX-1").state is State.SENT
    assert codes(world) == ["flow.incident"]


def test_three_incidents_are_enough(world: World) -> None:
    """Then a person is asked."""
    for _ in range(4):
        world.flows.verdict("IN_INCIDENTE")
    world.folders.drop(FILE, facturx("FX-1"))
    world.finish()
    assert world.entry("FX-1").state is State.FAILED
    assert codes(world) == ["flow.incident", "flow.incident", "flow.not_processed"]
    assert len(world.flows.flows) == 3


def test_an_incident_that_was_integrated_after_all(world: World) -> None:
    """The second flow is then a double of our own first one: found and adopted."""
    first = taken(world)
    begun = world.entry("FX-1").begun_at
    world.flows.decide(first, "IN_INCIDENTE")
    world.wait(SETTLE)
    world.flows.decide(first, "IN_INTEGRE")
    world.wait(SETTLE)
    second = world.entry("FX-1").flow
    assert second != first
    assert world.entry("FX-1").begun_at == begun  # or the first would be too old to be ours
    world.flows.decide(second, "IN_REJETE", DOUBLE)
    world.finish()
    assert world.entry("FX-1").state is State.SENT
    assert [d.flow for d in world.chorus.deposits] == [first]


# --- an answer lost --------------------------------------------------------------------------------------------------------


def test_an_answer_lost_is_found_by_number(world: World) -> None:
    """No flow number is known: the invoice is searched, later than a deposit would be, and adopted."""
    world.flows.seconds = 9 * SETTLE
    world.chorus.faults.plan("flow", Fault("doubt_arrived"))
    world.folders.drop(FILE, facturx("FX-1"))
    world.work()
    assert world.entry("FX-1").state is State.IN_DOUBT
    for _ in range(12):
        world.wait(SETTLE)
    assert world.entry("FX-1").state is State.SENT
    assert len(world.flows.flows) == 1


def test_what_is_proved_absent_is_sent_again(world: World) -> None:
    """Three searches, over more than an hour; then it leaves again, once."""
    world.chorus.faults.plan("flow", Fault("doubt_lost"))
    world.folders.drop(FILE, facturx("FX-1"))
    world.work()
    since = world.clock.now()
    while not world.flows.flows:
        world.wait(SETTLE)
    assert (world.clock.now() - since).total_seconds() == (1 + 10 + 60) * SETTLE
    world.finish()
    assert world.entry("FX-1").state is State.SENT
    assert len(world.flows.flows) == 1


def test_never_sent_again_when_so_configured() -> None:
    """``resend_after_doubt: never`` holds for flows too."""
    world = World(settings(facturx="flux", resend=False))
    world.chorus.faults.plan("flow", Fault("doubt_lost"))
    world.folders.drop(FILE, facturx("FX-1"))
    for _ in range(30):
        world.wait(3600)
    assert codes(world) == ["doubt.person"]
    assert not world.flows.flows


@pytest.mark.parametrize("number_of_first", ["shown", "not shown"])
def test_a_double_after_a_doubt_is_our_own(world: World, number_of_first: str) -> None:
    """The first flow took longer than all searches: the second is rejected as a double, the first one adopted."""
    world.flows.seconds = 10 * DAY
    world.chorus.faults.plan("flow", Fault("doubt_arrived"))
    world.folders.drop(FILE, facturx("FX-1"))
    while len(world.flows.flows) < 2:
        world.wait(SETTLE)
    first, second = world.flows.flows
    world.flows.decide(first, "IN_INTEGRE")
    world.flows.decide(second, "IN_INTEGRE")  # which the portal refuses
    assert world.flows.report(second).state == "IN_REJETE"
    if number_of_first == "not shown":
        world.chorus.deposits[0] = world.chorus.deposits[0].__class__(
            **{**vars(world.chorus.deposits[0]), "flow": None}
        )
    world.finish()
    entry = world.entry("FX-1")
    assert entry.state is State.SENT
    assert entry.receipt is not None
    assert entry.receipt.chorus_id == world.chorus.deposits[0].chorus_id


def test_a_double_after_a_doubt_that_nobody_finds(world: World) -> None:
    """Searched three times; then Chorus Pro's words stand."""
    world.chorus.faults.plan("flow", Fault("doubt_lost"))
    world.flows.verdict("IN_REJETE", DOUBLE)
    world.folders.drop(FILE, facturx("FX-1"))
    world.finish()
    assert world.entry("FX-1").state is State.FAILED
    assert codes(world) == ["flow.duplicate"]


def test_a_restart_while_sending_only_asks(world: World) -> None:
    """What was being sent is in doubt; what is being integrated goes on being asked about."""
    taken(world)
    world.restart()
    assert world.entry("FX-1").state is State.INTEGRATING
    world.flows.decide(world.entry("FX-1").flow, "IN_INTEGRE")
    world.finish()
    assert len(world.flows.flows) == 1


def test_taken_out_of_processing_while_it_is_integrated(world: World) -> None:
    """A copy of what was sent is put into sent/, as for any invoice."""
    flow = taken(world)
    world.folders.take_away("processing", FILE)
    world.flows.decide(flow, "IN_INTEGRE")
    world.finish()
    assert world.entry("FX-1").state is State.SENT
    assert FILE in world.folders.files[world.entry("FX-1").folder]


# --- what people say -------------------------------------------------------------------------------------------------------


def test_a_sidecar_that_says_something_else_stops_it(world: World) -> None:
    """Nothing is sent; the sentence names the field."""
    world.folders.drop(FILE, facturx("FX-1"))
    world.folders.drop(FILE.replace(".pdf", ".yaml"), b"service: COLLEGE\n")
    world.finish()
    assert codes(world) == ["facturx.lacks"]
    assert not world.flows.flows


def test_what_the_recipient_requires_is_asked_of_the_xml(world: World) -> None:
    """An engagement number that the XML lacks stops it at once: no sidecar is waited for."""
    wanted = ("22220001600434", "12345678200036")
    world.folders.drop("FX-1.pdf", facturx("FX-1", change=wanted))
    world.work()
    assert world.entry("FX-1").state is State.FAILED
    assert codes(world) == ["facturx.engagement"]
