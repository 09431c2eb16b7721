"""Attachments in the world in memory: waited for, uploaded once, kept with their invoice whatever people do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.settling import Signature
from chorus_outbox.simulator.start import SIRET_PLAIN
from chorus_outbox.worker import claims as claiming
from chorus_outbox.worker import uploads
from chorus_outbox.worker.claims import ClaimReader
from world import Fault, World, named, pdf, sha

SLIP = named("FA-9")  # were it not claimed, it could be sent as an invoice
SENT = "sent/2026/11"


def sidecar(*files: str) -> bytes:
    return f"numero: FA-1\nsiret: {SIRET_PLAIN}\npieces_jointes: [{', '.join(files)}]\n".encode()


def drop(world: World, **beside: bytes) -> None:
    """Drop the invoice FA-1, which claims a slip and a photo, and what is beside it."""
    world.folders.drop("FA-1.yaml", sidecar(SLIP, "photo.jpg"))
    world.folders.drop("FA-1.pdf", pdf("one"))
    for name, data in {SLIP: pdf("slip"), "photo.jpg": b"photo", **beside}.items():
        if data:
            world.folders.drop(name, data)
    world.claimed = {sha(pdf("slip"))}


def codes(world: World, number: str) -> list[str]:
    return [p.code for p in world.entry(number).problems]


def test_an_attachment_that_comes_late() -> None:
    """Its invoice waits for it, says so, and is sent with it."""
    world = World()
    drop(world, **{SLIP: b""})
    world.work()
    assert codes(world, "FA-1") == ["wait.attachment"]
    world.clock.advance(60)
    world.folders.drop(SLIP, pdf("slip"))
    world.finish()
    assert [len(d.attachments) for d in world.chorus.deposits] == [2]
    assert set(world.folders.files[SENT]) >= {"FA-1.pdf", f"FA-1 - {SLIP}", "FA-1 - photo.jpg", "FA-1.yaml"}


def test_an_attachment_that_comes_too_late() -> None:
    """Its invoice has gone to failed/ with the rest; it waits for it, and is sent as an invoice only when that is forgotten."""
    world = World()
    drop(world, **{SLIP: b""})
    world.work()
    world.wait(121)
    assert codes(world, "FA-1") == ["attachment.missing"]
    assert "FA-1 - photo.jpg" in world.folders.files["failed"]
    world.folders.drop(SLIP, pdf("slip"))
    world.finish()
    assert (world.entry("FA-9").state, codes(world, "FA-9")) == (State.SEEN, ["wait.its_invoice"])
    assert world.steps("FA-9").count("held") == 1
    world.claimed.clear()
    world.ledger.note(world.entry("FA-1").id, Event.FORGOTTEN, world.clock.now())
    world.wait(301)
    world.finish()
    assert world.entry("FA-9").state is State.SENT


def test_a_slip_that_was_there_before_its_sidecar() -> None:
    """What was first seen as an invoice is none any more once a sidecar claims it."""
    world = World()
    world.folders.drop("bon.pdf", pdf("slip"))
    world.work()
    assert world.entry("bon").state is State.SEEN
    world.clock.advance(60)
    world.folders.drop("FA-1.yaml", sidecar("bon.pdf"))
    world.work()
    assert world.entry("bon").state is State.WITHDRAWN
    world.folders.drop("FA-1.pdf", pdf("one"))
    world.finish()
    assert [len(d.attachments) for d in world.chorus.deposits] == [1]


@pytest.mark.parametrize("call", ["attach", "submit"])
def test_nothing_is_uploaded_twice(call: str) -> None:
    """Whatever did not arrive, the next try goes on with the files that are at Chorus Pro already."""
    world = World()
    fine = [] if call == "submit" else [Fault("not_arrived")]
    drop(world)
    world.chorus.faults.plan("lists")
    world.chorus.faults.plan(call, *fine or [Fault("not_arrived")])
    world.work()
    assert world.entry("FA-1").state is State.WAITING
    world.finish()
    assert world.chorus.attached == [SLIP, "photo.jpg"]
    assert world.entry("FA-1").attached == (sha(pdf("slip")), sha(b"photo"))


def test_an_upload_that_fails_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attachment's id is on disk when the second fails: a new process does not upload it again."""
    world = World()
    drop(world)
    attach, calls = world.chorus.attach, []

    def second_fails(file: Path, name: str) -> int:
        calls.append(name)
        if len(calls) == 2:
            world.chorus.faults.plan("attach", Fault("not_arrived"))
        return attach(file, name)

    monkeypatch.setattr(world.chorus, "attach", second_fails)
    world.work()
    assert world.entry("FA-1").state is State.WAITING
    world.restart()
    world.finish()
    assert calls == [SLIP, "photo.jpg", "photo.jpg"]


def test_files_that_chorus_pro_has_forgotten() -> None:
    """A no about files of an earlier try is none about the invoice: they are uploaded anew, once."""
    world = World()
    drop(world)
    world.chorus.faults.plan("submit", Fault("not_arrived"))
    world.work()
    world.chorus.files.clear()
    world.finish()
    assert world.entry("FA-1").state is State.SENT
    assert world.chorus.attached == [SLIP, "photo.jpg"] * 2


def test_a_no_about_fresh_files_is_final() -> None:
    """Nothing goes round in circles."""
    world = World()
    drop(world)
    world.effects.watchers.append(lambda what: world.chorus.files.clear() if what == "ledger.begun" else None)
    world.finish()
    assert world.entry("FA-1").state is State.FAILED
    assert world.entry("FA-1").attempts == 1


def test_a_lost_answer() -> None:
    """The deposit that is found has the attachments that were sent with it."""
    world = World()
    drop(world)
    world.chorus.faults.plan("submit", Fault("doubt_arrived"))
    world.finish()
    assert len(world.entry("FA-1").attached) == 2


@pytest.mark.parametrize("empty", [False, True], ids=["outage", "empty list"])
def test_the_list_of_types_can_not_be_had(monkeypatch: pytest.MonkeyPatch, empty: bool) -> None:
    """The invoice waits in the outbox and says why; it is sent when the list is there again."""
    world = World()
    drop(world)
    with monkeypatch.context() as patch:
        if empty:
            patch.setattr(world.lists, "attachment_types", dict)
        else:
            world.chorus.faults.plan("lists", Fault("not_arrived"))
        world.work(turns=2)
        assert world.entry("FA-1").state is State.SEEN
        assert codes(world, "FA-1")[0].startswith("outage.")
    world.finish()
    assert world.entry("FA-1").state is State.SENT


def test_without_attachments_nobody_asks_for_types() -> None:
    """An invoice alone needs no list."""
    world = World()
    world.chorus.faults.plan("lists", Fault("refused"))
    world.folders.drop(named("FA-2"), pdf("two"))
    world.finish()
    assert world.entry("FA-2").state is State.SENT


@pytest.mark.parametrize("edit", [False, True], ids=["taken away", "edited"])
def test_what_people_do_in_processing(edit: bool) -> None:
    """What was sent is kept: in place of what was taken away, beside what was edited."""
    world = World()
    drop(world)
    world.chorus.faults.plan("submit", Fault("doubt_arrived"))
    world.work()
    name = "FA-1 - photo.jpg"
    if edit:
        world.folders.edit("processing", name, b"another")
    else:
        world.folders.take_away("processing", name)
    world.finish()
    sent = world.folders.files[SENT]
    assert sent["FA-1 (original) - photo.jpg" if edit else name] == b"photo"
    assert sent[name] == (b"another" if edit else b"photo")


def test_the_invoice_is_taken_back() -> None:
    """What belongs to it lies in the outbox again, its sidecar there at every instant at which the slip is."""
    world = World()
    drop(world)
    world.chorus.faults.plan("submit", Fault("not_arrived"))
    world.work()
    outbox = world.folders.files["outbox"]
    world.effects.watchers.append(
        lambda _: world.broken.append("slip alone") if SLIP in outbox and "FA-1.yaml" not in outbox else None
    )
    world.folders.take_away("processing", "FA-1.pdf")
    world.finish()
    assert set(outbox) == {"FA-1.yaml", SLIP, "photo.jpg"}
    assert world.entry("FA-1").state is State.WITHDRAWN


def test_the_sidecar_vanishes_between_reading_and_moving() -> None:
    """What was taken with an invoice stays its own, whoever claims it still: it is sent with it, and not as another."""
    world = World()
    drop(world)
    world.folders.faults.plan("move", "before")
    world.work(turns=2)
    assert world.entry("FA-1").state is State.READY
    world.folders.take_away("outbox", "FA-1.yaml")
    world.finish()
    assert [len(d.attachments) for d in world.chorus.deposits] == [2]
    assert [e.file for e in world.ledger.rows.values()] == ["FA-1.pdf"]


def test_only_what_the_invoice_does_not_have_is_uploaded() -> None:
    """For a completion: what was deposited before is not sent again, nor the same bytes twice."""
    world = World()
    drop(world, **{"FA-1_PJ1.jpg": b"photo"})
    world.chorus.faults.plan("submit", Fault("not_arrived"))
    world.work()
    entry = world.entry("FA-1")
    assert len(entry.attachments) == 3
    assert len(uploads.attach(world.parts(), entry)) == 2
    (new,) = uploads.attach(world.parts(), replace(entry, attached=(sha(b"photo"),)))
    assert (new.type_code, new.designation) == ("AUTRE", f"FA-9 {SIRET_PLAIN}")


def test_a_sidecar_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at files that did not change reads none of them; one that can't be read is tried again."""
    world = World()
    drop(world)
    read, calls = world.folders.read, []

    def counted(name: str, limit: int, signature: Signature) -> bytes:
        calls.append(name)
        return read(name, limit, signature)

    monkeypatch.setattr(world.folders, "read", counted)
    reader, present = ClaimReader(world.parts()), world.folders.scan().present
    world.folders.faults.plan("read", "before")
    assert reader.of(present) == ({}, [])
    for _ in range(3):
        assert reader.of(present) == ({"FA-1.yaml": (SLIP, "photo.jpg")}, [])
    assert len(calls) == 2
    world.folders.edit("outbox", "FA-1.yaml", sidecar("photo.jpg"))
    assert reader.of(world.folders.scan().present)[0] == {"FA-1.yaml": ("photo.jpg",)}
    assert reader.of({})[0] == {}


def test_reading_does_not_hold_up_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are more sidecars than there is time for, the rest is left for the next look, and said."""
    world = World()
    for n in range(9):
        world.folders.drop(f"F{n}.yaml", sidecar(f"{n}.jpg"))
    read = world.folders.read

    def slow(name: str, limit: int, signature: Signature) -> bytes:
        world.clock.advance(claiming.SECONDS / 2)
        return read(name, limit, signature)

    monkeypatch.setattr(world.folders, "read", slow)
    reader, present = ClaimReader(world.parts()), world.folders.scan().present
    claims, unread = reader.of(present)
    assert (len(claims), len(unread)) == (3, 6)
    for _ in range(2):
        claims, unread = reader.of(present)
    assert (len(claims), len(unread)) == (9, 0)


def test_empty_attachments_wait_for_their_content() -> None:
    """As long as an empty PDF; then the invoice is refused for it."""
    world = World()
    drop(world, **{"photo.jpg": b""})
    world.folders.drop("photo.jpg", b"")
    world.work()
    world.wait(800)
    assert not world.ledger.entries()
    world.wait(200)
    assert codes(world, "FA-1") == ["attachment.empty"]
    assert world.clock.now() - world.entry("FA-1").first_seen < timedelta(seconds=1)
