"""What came back and is dropped again: recycled, completed, replaced; every wrong way to do it; every lost answer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chorus_outbox.core.entry import Member
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.ports_chorus import Attached
from chorus_outbox.simulator.start import SIRET_DEPARTEMENT, SIRET_FREE, SIRET_SILENT
from chorus_outbox.worker import deposit
from chorus_outbox.worker.correcting import prepare
from world import SETTLE, Fault, World, named, pdf, settings

FILE = named("FA-1")
STEM = FILE.removesuffix(".pdf")
SENT = "sent/2026/11"
TO_FREE = f"siret: {SIRET_FREE}\n".encode()


def came_back(status: str = "A_RECYCLER", comment: str = "motif", **options: object) -> World:
    """Return a world in which FA-1 was deposited and came back with this status."""
    world = World(**options)  # type: ignore[arg-type]
    world.folders.drop(FILE, pdf("one"))
    world.work()
    world.decide(status, comment=comment)
    world.wait(400)
    assert world.entry("FA-1").state is State.FAILED
    return world


def drop_again(world: World, sidecar: bytes, content: bytes | None = None) -> None:
    """Correct the sidecar in failed/ (and the PDF), and move both back."""
    folders = world.folders
    if content is not None:
        folders.edit("failed", FILE, content)
    folders.edit("failed", f"{STEM}.yaml", sidecar)
    for name in (FILE, f"{STEM}.yaml"):
        folders.carry("failed", name, name)
    world.work()


def codes(world: World, number: str = "FA-1") -> list[str]:
    return [p.code for p in world.entry(number).problems]


def log_of(world: World, folder: str, stem: str = STEM) -> str:
    return world.folders.files[folder][f"{stem}.log"].decode("utf-8-sig")


# --- to be recycled ----------------------------------------------------------------------------------------------------


def test_a_recycled_invoice_keeps_its_proof() -> None:
    """Id, day of deposit, certificate and sending time are the first ones; recipient and status are new; it is followed."""
    world = came_back()
    before = world.entry("FA-1")
    world.clock.advance(40 * 86_400)  # another month by now
    drop_again(world, f"siret: {SIRET_SILENT}\nmarche: M-1\ncommentaire: corrigé\n".encode())
    entry = world.entry("FA-1")
    assert (entry.state, entry.folder, entry.chorus_status) == (State.SENT, SENT, "DEPOSEE")
    assert before.receipt == replace(entry.receipt, status="A_RECYCLER") if entry.receipt else False
    assert (entry.sent_at, entry.sent_sha256, entry.number) == (before.sent_at, before.sent_sha256, "FA-1")
    assert (entry.siret, entry.fields["siret"][0], entry.pays_in_silence) == (SIRET_SILENT, SIRET_SILENT, True)
    assert entry.look_at is not None
    assert world.folders.files["failed"] == {}
    ((call, chorus_id, payload),) = world.follow.corrections
    assert (call, chorus_id) == ("recycle", entry.receipt.chorus_id if entry.receipt else 0)
    assert payload == {
        "destinataire": {"codeDestinataire": SIRET_SILENT},
        "reference": {"numeroMarche": "M-1"},
        "commentaire": "corrigé",
    }
    assert world.chorus.submits == ["FA-1"]
    assert "envoi à Chorus Pro : recyclage" in log_of(world, SENT)
    world.finish()


def test_what_is_taken_out_is_sent_as_empty() -> None:
    """Left out of the request, a service that was deposited would stay."""
    world = World()
    world.folders.drop("scan.pdf", pdf("one"))
    world.folders.drop(
        "scan.yaml", f"numero: FA-1\nsiret: {SIRET_DEPARTEMENT}\nservice: COLLEGE\nengagement: 7\n".encode()
    )
    world.work()
    world.decide("A_RECYCLER")
    world.wait(400)
    world.folders.edit("failed", "scan.yaml", b"numero: FA-1\n" + TO_FREE)
    for name in ("scan.pdf", "scan.yaml"):
        world.folders.carry("failed", name, name)
    world.work()
    assert world.follow.corrections[0][2] == {
        "destinataire": {"codeDestinataire": SIRET_FREE, "codeServiceExecutant": ""},
        "reference": {"numeroBonCommande": ""},
    }
    assert "service" not in world.entry("FA-1").fields
    world.finish()


def test_another_pdf_is_kept_beside_and_noted() -> None:
    """Chorus Pro keeps the first one, whose proof stays; the new one lies in sent/."""
    world = came_back()
    drop_again(world, TO_FREE, pdf("two"))
    assert codes(world) == ["returned.pdf_kept"]
    assert world.folders.where(pdf("two")) == [f"{SENT}/{FILE}"]
    assert "Chorus Pro garde celui du premier dépôt" in log_of(world, SENT)
    world.finish()


@pytest.mark.parametrize(
    ("status", "sidecar", "code"),
    [
        pytest.param("A_RECYCLER", b"siret: 22220001600434\n", "returned.unchanged", id="nothing corrected"),
        pytest.param("A_RECYCLER", TO_FREE + b"numero: FA-2\n", "returned.keeps_number", id="another number"),
        pytest.param("A_RECYCLER", TO_FREE + b"date: 21/11/2026\n", "returned.only_recipient", id="another date"),
        pytest.param("A_RECYCLER", b"siret: 12345678200036\n", "engagement.required", id="lacks what it needs"),
        pytest.param("SUSPENDUE", b"\n", "returned.nothing_added", id="nothing added"),
        pytest.param("SUSPENDUE", b"commentaire: x\n" + TO_FREE, "returned.only_addition", id="suspended, rerouted"),
        pytest.param("NON_CONFORME", TO_FREE, "returned.portal", id="only on the portal"),
        pytest.param("REFUSEE_1", TO_FREE, "returned.portal", id="the validator"),
    ],
)
def test_a_correction_that_can_not_be(status: str, sidecar: bytes, code: str) -> None:
    """A sentence, nothing sent, nothing lost: what was deposited stays known, and a right correction is taken then."""
    world = came_back(status)
    before = world.entry("FA-1")
    drop_again(world, sidecar)
    entry = world.entry("FA-1")
    assert (entry.id, entry.state) == (before.id, State.FAILED)
    assert code in codes(world)
    assert (entry.receipt, entry.fields, entry.number) == (before.receipt, before.fields, "FA-1")
    assert world.follow.corrections == []
    assert log_of(world, "failed").startswith("REVENUE")
    if status in ("A_RECYCLER", "SUSPENDUE"):
        drop_again(world, TO_FREE if status == "A_RECYCLER" else b"commentaire: voici\n")
        assert world.entry("FA-1").state is State.SENT
    world.finish()


def test_a_correction_that_comes_too_late() -> None:
    """Asked right before it is sent: it has moved on, so nothing is sent; its files follow it back to sent/."""
    world = came_back()
    world.decide("DEPOSEE", "MISE_A_DISPOSITION")
    drop_again(world, TO_FREE)
    assert codes(world) == ["returned.moved_on"]
    assert world.entry("FA-1").chorus_status == "MISE_A_DISPOSITION"
    assert world.follow.corrections == []
    world.wait(400)
    assert (world.entry("FA-1").state, world.entry("FA-1").folder) == (State.SENT, SENT)
    world.finish()


def test_what_is_paid_and_dropped_again() -> None:
    """The sentence says where it stands and that it is not to be recycled; the new file is in failed/, the old in sent/."""
    world = World()
    world.folders.drop(FILE, pdf("one"))
    world.work()
    world.decide("MISE_EN_PAIEMENT")
    world.wait(400)
    world.folders.drop("copie.pdf", pdf("two"))
    world.folders.drop("copie.yaml", b"numero: FA-1\n" + TO_FREE)
    world.work()
    assert codes(world, "copie") == ["duplicate.number"]
    assert "son statut : mise en paiement" in log_of(world, "failed", "copie")
    assert world.folders.where(pdf("one")) == [f"{SENT}/{FILE}"]
    world.finish()


def test_a_copy_of_what_came_back() -> None:
    """While it lies in failed/, the sentence says what to correct there."""
    world = came_back()
    world.folders.drop("copie.pdf", pdf("one"))
    world.folders.drop("copie.yaml", b"numero: FA-1\nsiret: 22220001600434\n")
    world.work()
    assert codes(world, "copie") == ["duplicate.returned"]
    assert "dans le dossier « failed »" in log_of(world, "failed", "copie")
    world.finish()


def test_a_refused_correction_can_be_corrected() -> None:
    """Chorus Pro's own words, and another try."""
    world = came_back()
    world.chorus.faults.plan("recycle", Fault("refused"))
    drop_again(world, TO_FREE)
    assert codes(world) == ["chorus.totals"]
    assert log_of(world, "failed").startswith("REVENUE")
    drop_again(world, f"siret: {SIRET_SILENT}\n".encode())
    assert world.entry("FA-1").siret == SIRET_SILENT
    world.finish()


# --- lost answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "sidecar", "call"),
    [
        pytest.param("A_RECYCLER", TO_FREE, "recycle", id="recycle"),
        pytest.param("SUSPENDUE", b"commentaire: voici\n", "complete", id="complete"),
    ],
)
class TestDoubts:
    """A correction is never sent again blindly."""

    def test_arrived(self, status: str, sidecar: bytes, call: str) -> None:
        """History shows that it left its status: accepted, and sent once."""
        world = came_back(status)
        world.chorus.faults.plan(call, Fault("doubt_arrived"))
        drop_again(world, sidecar)
        assert world.entry("FA-1").state is State.IN_DOUBT
        world.wait(SETTLE + 1)
        assert world.entry("FA-1").state is State.SENT
        assert [c for c, _, _ in world.follow.corrections] == [call]
        world.finish()

    def test_not_arrived(self, status: str, sidecar: bytes, call: str) -> None:
        """Three spaced looks show it unchanged: sent again, and taken."""
        world = came_back(status)
        world.chorus.faults.plan(call, Fault("doubt_lost"))
        drop_again(world, sidecar)
        for negatives in (1, 2):
            world.wait(SETTLE + 1)
            assert (world.entry("FA-1").state, world.entry("FA-1").negatives) == (State.IN_DOUBT, negatives)
        assert world.follow.corrections == []
        world.wait(SETTLE + 1)
        assert world.entry("FA-1").state is State.SENT
        assert [c for c, _, _ in world.follow.corrections] == [call]
        world.finish()

    def test_arrived_late(self, status: str, sidecar: bytes, call: str) -> None:
        """It turned up when it was proved absent and about to be sent again: it is ours, and not sent twice."""
        world = came_back(status)
        world.chorus.faults.plan(call, Fault("doubt_lost"))
        drop_again(world, sidecar)
        world.wait(SETTLE + 1)
        world.wait(SETTLE + 1)
        now = world.clock.now()
        world.ledger.note(world.entry("FA-1").id, Event.PROVED_ABSENT, now, next_try_at=now)
        world.decide("DEPOSEE" if call == "recycle" else "COMPLETEE")
        world.work()
        assert world.entry("FA-1").state is State.IN_DOUBT
        world.wait(SETTLE + 1)
        assert world.entry("FA-1").state is State.SENT
        assert world.follow.corrections == []
        world.finish()

    def test_an_outage_keeps_it_waiting(self, status: str, sidecar: bytes, call: str) -> None:
        """Nothing arrived: it waits in processing/ and leaves by itself."""
        world = came_back(status)
        world.chorus.faults.plan(call, Fault("not_arrived", retry_after=30))
        drop_again(world, sidecar)
        assert (world.entry("FA-1").state, world.entry("FA-1").folder) == (State.WAITING, "processing")
        world.wait(31)
        world.work()
        assert world.entry("FA-1").state is State.SENT
        world.finish()

    def test_taken_out_of_processing(self, status: str, sidecar: bytes, call: str) -> None:
        """A person takes the correction back before it left: the invoice waits for one as before, never withdrawn."""
        world = came_back(status)
        before = world.entry("FA-1")
        world.chorus.faults.plan(call, Fault("not_arrived", retry_after=30))
        drop_again(world, sidecar)
        world.folders.take_away("processing", FILE)
        world.wait(31)
        entry = world.entry("FA-1")
        assert (entry.state, entry.folder, entry.problems) == (State.FAILED, "failed", before.problems)
        assert world.steps("FA-1")[-1] == "abandoned"
        world.folders.drop(FILE, pdf("one"))
        world.work()
        assert world.entry("FA-1").state is State.SENT
        world.finish()


def test_taken_out_of_the_outbox() -> None:
    """The same before it was understood; on the portal it can go on meanwhile."""
    world = came_back()
    world.folders.busy.add(FILE)
    drop_again(world, TO_FREE)
    assert world.entry("FA-1").state is State.SEEN
    world.folders.take_away("outbox", FILE)
    world.work()
    entry = world.entry("FA-1")
    assert (entry.state, codes(world)) == (State.FAILED, ["returned.recycle"])
    assert entry.problems[0].params["comment"] == "motif"
    assert world.ledger.failed_as(STEM) == entry
    world.decide("DEPOSEE")
    world.wait(1.2 * 86_400)
    assert codes(world) == ["returned.moved_on"]


def test_what_has_a_receipt_can_not_be_submitted() -> None:
    """Whatever the ledger says of its action: the call is chosen by the receipt."""
    world = came_back()
    world.chorus.faults.plan("recycle", Fault("not_arrived"))
    drop_again(world, TO_FREE)
    world.ledger.schedule(world.entry("FA-1").id, action="deposit")
    with pytest.raises(KeyError):  # no correction is called that
        deposit.send(world.parts(), world.entry("FA-1"))
    assert world.chorus.submits == ["FA-1"]


def test_a_ledger_that_forgot_asks_no_search_about_a_correction() -> None:
    """Its history is asked before it is sent anyway."""
    world = came_back()
    world.doubt_until = world.clock.now().date()
    world.restart()
    drop_again(world, TO_FREE)
    assert world.entry("FA-1").state is State.SENT
    assert "doubted" not in world.steps("FA-1")


def test_attachments_of_a_completion_are_uploaded_once() -> None:
    """What the invoice has is left out; an id that was noted is used again."""
    world = came_back("SUSPENDUE")
    entry = world.entry("FA-1")
    attachments = tuple(
        Member("attachment", f"{s}.pdf", f"_{s}.pdf", s * 64, "RIB", f"{s}.pdf", f"{s}.pdf") for s in "abc"
    )
    payload = json.dumps({"body": {"comment": ""}, "then": {"fields": {}}})
    world.ledger.schedule(
        entry.id,
        members=(*entry.members, *attachments),
        attached=("a" * 64,),
        uploaded={"b" * 64: 7},
        action="complete",
        payload=payload,
    )
    world.folders.spool["c" * 64 + ".pdf"] = b"%PDF-c"
    ready = prepare(world.parts(), world.entry("FA-1"))
    ready.call()
    ((_, _, given),) = world.follow.corrections
    first, second = given["attachments"]
    assert isinstance(first, Attached)
    assert (first.attachment_id, first.designation) == (7, "b.pdf")
    assert world.chorus.files[second.attachment_id] == b"%PDF-c"
    assert world.entry("FA-1").uploaded == {"b" * 64: 7, "c" * 64: second.attachment_id}


# --- rejected ----------------------------------------------------------------------------------------------------------


def test_a_rejected_number_needs_a_new_one() -> None:
    """The old number is refused with what to do; the rejection stays until a person says that it is dealt with."""
    world = came_back("REJETEE")
    drop_again(world, TO_FREE)
    first, second = world.ledger.get(1), world.ledger.get(2)
    assert [p.code for p in second.problems] == ["returned.new_number"]
    assert (first.state, world.follow.acknowledged) == (State.FAILED, [])
    assert set(world.folders.files["failed"]) == {FILE, f"{STEM}.yaml", f"{STEM}.log"}
    world.finish()


def test_a_new_number_without_a_word_leaves_the_rejection_in_the_lists() -> None:
    """The new invoice is deposited; only a person's word acknowledges."""
    world = came_back("REJETEE")
    drop_again(world, b"numero: FA-1B\n", pdf("new"))
    assert (world.ledger.get(1).state, world.ledger.get(2).state) == (State.FAILED, State.SENT)
    assert world.follow.acknowledged == []
    world.finish()


def test_a_new_number_and_a_word() -> None:
    """The rejection is acknowledged, then the new invoice deposited; the old one leaves the lists and keeps its number."""
    world = came_back("REJETEE")
    drop_again(world, b"numero: FA-1B\nacquitter: oui\n", pdf("new"))
    old, new = world.ledger.get(1), world.ledger.get(2)
    assert (old.state, old.holds_number, old.look_at) == (State.WITHDRAWN, True, None)
    assert (new.state, new.number) == (State.SENT, "FA-1B")
    assert world.follow.acknowledged == [old.receipt.chorus_id if old.receipt else 0]
    assert world.chorus.submits == ["FA-1", "FA-1B"]
    assert world.folders.files["failed"] == {}
    world.finish()


def test_the_same_number_and_a_word() -> None:
    """The rejection is acknowledged, and the file is in failed/: a new invoice needs a new number."""
    world = came_back("REJETEE")
    drop_again(world, b"acquitter: oui\n")
    assert (world.ledger.get(1).state, len(world.follow.acknowledged)) == (State.WITHDRAWN, 1)
    assert [p.code for p in world.ledger.get(2).problems] == ["returned.acknowledged"]
    drop_again(world, b"acquitter: oui\n")
    assert ([p.code for p in world.ledger.get(2).problems], len(world.follow.acknowledged)) == (
        ["returned.acknowledged"],
        1,
    )
    world.finish()


def test_the_rejected_file_still_lies_there() -> None:
    """Found by its number: it is acknowledged, and its log says so."""
    world = came_back("REJETEE")
    world.folders.drop("autre.pdf", pdf("one"))
    world.folders.drop("autre.yaml", b"numero: FA-1\nsiret: 22220001600434\nacquitter: oui\n")
    world.work()
    assert world.ledger.get(1).state is State.WITHDRAWN
    assert "rejet acquitté" in log_of(world, "failed")
    assert "est acquitté" in log_of(world, "failed").splitlines()[0]
    world.finish()


def test_nothing_to_acknowledge() -> None:
    """Said, and the invoice is deposited all the same."""
    world = World()
    world.folders.drop("scan.pdf", pdf("one"))
    world.folders.drop("scan.yaml", b"numero: FA-1\nsiret: 22220001600434\nacquitter: oui\n")
    world.work()
    assert (world.entry("FA-1").state, codes(world)) == (State.SENT, ["acknowledge.nothing"])
    world.finish()


def test_an_acknowledgement_that_is_refused() -> None:
    """Chorus Pro's words; the new invoice waits for a person."""
    world = came_back("REJETEE")
    world.chorus.faults.plan("acknowledge", Fault("refused"))
    drop_again(world, b"numero: FA-1B\nacquitter: oui\n", pdf("new"))
    assert [p.code for p in world.ledger.get(2).problems] == ["chorus.totals"]
    assert world.ledger.get(1).state is State.FAILED
    world.finish()


def test_an_acknowledgement_in_an_outage() -> None:
    """The new invoice waits in the outbox, then both are done."""
    world = came_back("REJETEE")
    world.chorus.faults.plan("acknowledge", Fault("not_arrived", retry_after=30))
    drop_again(world, b"numero: FA-1B\nacquitter: oui\n", pdf("new"))
    assert world.ledger.get(2).state is State.SEEN
    assert world.chorus.submits == ["FA-1"]
    world.wait(31)
    world.work()
    assert (world.ledger.get(1).state, world.ledger.get(2).state) == (State.WITHDRAWN, State.SENT)
    world.finish()


def test_the_bytes_of_a_rejected_invoice_may_serve_again() -> None:
    """A scan without a readable number, under a new one."""
    world = came_back("REJETEE")
    drop_again(world, b"numero: FA-1B\n")
    assert world.ledger.get(2).state is State.SENT
    world.finish()


def test_follow_up_can_be_off() -> None:
    """Corrections do not need it."""
    world = came_back()
    world.settings = replace(settings(), follow=None)
    world.restart()
    drop_again(world, TO_FREE)
    assert (world.entry("FA-1").state, world.entry("FA-1").look_at) == (State.SENT, None)
