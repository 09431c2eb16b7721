"""The program as a process of its own, against the simulator as a real server: what a site sees."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World
from outbox_site import Site, invoice_pdf, today


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator) -> Site:
    return Site(tmp_path, simulator)


def test_an_invoice_named_by_its_file_is_sent_with_its_proof(site: Site) -> None:
    """The file name says all; the PDF ends in sent/ unchanged, its log holds the proof, the portal has the same bytes."""
    name = "F2026-1_22220001600327_COLLEGE_91821.pdf"
    site.drop(name, invoice_pdf("F2026-1"))
    assert site.once() == 0
    folder = f"sent/{today():%Y/%m}"
    assert site.where(name) == folder
    assert site.sha256(folder, name) == site.dropped[name]
    (deposit,) = site.simulator.world.accepted()
    log = site.log(Path(name).stem)
    assert log.splitlines()[0].startswith("ENVOYÉE")
    assert str(deposit.id) in log
    assert deposit.certificate
    assert deposit.certificate in log
    assert site.dropped[name] in log
    (file,) = site.simulator.world.files.values()
    assert file.sha256 == site.dropped[name]
    assert site.status()[name] | {"sent_at": "", "next_try_at": None} == {
        "file": name,
        "number": "F2026-1",
        "siret": "22220001600327",
        "state": "sent",
        "chorus_id": deposit.id,
        "chorus_status": "DEPOSEE",
        "sha256": site.dropped[name],
        "reason": None,
        "sent_at": "",
        "next_try_at": None,
        "folder": folder,
    }


def encrypted(pdf: bytes) -> bytes:
    """Return the PDF with a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    writer.encrypt("mot de passe", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


SOON = today() + timedelta(days=40)
TO = "22220001600434"  # a recipient that requires nothing
BAD: dict[str, tuple[str, bytes, tuple[str, ...], str]] = {
    # name of the case: file name, content, lines of its sidecar, words of its log
    "no PDF": ("mot.pdf", b"PK\x03\x04 un document Word", (f"siret: {TO}",), "n'est pas un PDF"),
    "truncated": ("coupe.pdf", invoice_pdf("B2")[:-700], (f"siret: {TO}",), "incomplet"),
    "encrypted": ("protege.pdf", encrypted(invoice_pdf("B3")), (f"siret: {TO}",), "protégé"),
    "over 10 MB": ("lourd.pdf", invoice_pdf("B4") + b"%" * 10_000_001, (f"siret: {TO}",), "trop lourd"),
    "empty": ("vide.pdf", b"", (), "vide"),
    "wrong SIRET": ("B6_22220001600372_91821.pdf", invoice_pdf("B6"), (), "chiffres de contrôle"),
    "unknown SIRET": ("inconnu.pdf", invoice_pdf("B7"), ("siret: 44306184100047",), "44306184100047"),
    "unknown service": ("service.pdf", invoice_pdf("B8"), (f"siret: {TO}", "service: XYZ"), "XYZ"),
    "inactive service": (
        "ancien.pdf",
        invoice_pdf("B9"),
        ("siret: 12345678200028", "service: ANCIEN_SERVICE"),
        "ANCIEN",
    ),
    "public service": (
        "public.pdf",
        invoice_pdf("B10"),
        ("siret: 22220001600327", "service: FACTURES_PUBLIQUES", "engagement: 91821"),
        "FACTURES_PUBLIQUES",
    ),
    "no engagement": ("engagement.pdf", invoice_pdf("B11"), ("siret: 12345678200036",), "numéro d'engagement"),
    "no engagement for the service": (
        "college.pdf",
        invoice_pdf("B12"),
        ("siret: 22220001600327", "service: COLLEGE"),
        "numéro d'engagement",
    ),
    "engagement of another shape": (
        "cotes-armor/forme.pdf",
        invoice_pdf("B13"),
        ("engagement: AB12",),
        "AB12",
    ),
    "number too long": ("long.pdf", invoice_pdf("B14"), (f"siret: {TO}", "numero: F2026-000000000000001"), "20"),
    "number is a date": ("date.pdf", invoice_pdf("20261120"), (f"siret: {TO}", "numero: 20261120"), "date"),
    "future date": ("futur.pdf", invoice_pdf("B16", SOON), (f"siret: {TO}",), f"{SOON:%d/%m/%Y}"),
    "totals": ("totaux.pdf", invoice_pdf("B17"), (f"siret: {TO}", "ht: 100", "tva: 20", "ttc: 121"), "121,00"),
    "contradiction": (f"B18_{TO}.pdf", invoice_pdf("B18"), ("siret: 22220001600327",), TO),
    "not what the PDF says": ("autre.pdf", invoice_pdf("B19"), (f"siret: {TO}", "numero: B91"), "B91"),
    "unknown key": ("cle.pdf", invoice_pdf("B20"), (f"siret: {TO}", "engagment: 12"), "engagement"),
    "broken YAML": ("yaml.pdf", invoice_pdf("B21"), (f"siret: {TO}", "commentaire: 'pas fini"), "ligne"),
    "works invoice": ("travaux.pdf", invoice_pdf("B22"), (f"siret: {TO}", "cadre: A4"), "A4"),
    "inactive recipient": ("fusion.pdf", invoice_pdf("B23"), ("siret: 20005678600011",), "COMMUNE FUSIONNEE"),
    "attachment": ("jointe.pdf", invoice_pdf("B24"), (f"siret: {TO}", "pieces_jointes: bon.png"), "bon.png"),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site where every bad case was dropped together with a good invoice, and the program has run."""
    with running(World()) as server:
        site = Site(tmp_path_factory.mktemp("refused"), server)
        site.drop(f"GOOD_{TO}.pdf", invoice_pdf("GOOD"))
        for name, data, sidecar, _ in BAD.values():
            site.drop(name, data, *sidecar)
        assert site.once() == 1
        yield site


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_explained_and_nothing_is_lost(refused: Site, case: str) -> None:
    """It ends in failed/ unchanged, with a French log that says what is wrong, and a sidecar to correct."""
    name, _, sidecar, says = BAD[case]
    base = Path(name).name
    assert refused.where(base) == "failed"
    assert refused.sha256("failed", base) == refused.dropped[name]
    log = refused.log(Path(base).stem)
    lines = log.splitlines()
    assert lines[0].startswith("NON ENVOYÉE")
    assert lines[1].startswith("Qui a refusé :")
    assert lines[2].startswith("Que faire :")
    assert says in log
    written = (refused.root / "failed" / base).with_suffix(".yaml").read_text("utf-8-sig")
    assert written == "\n".join(sidecar) + "\n" if sidecar else "siret" in written


def test_bad_input_blocks_nobody_and_reaches_nobody(refused: Site) -> None:
    """The good invoice among them is sent, and it alone reached Chorus Pro."""
    assert refused.where(f"GOOD_{TO}.pdf").startswith("sent/")
    assert [f.number for f in refused.simulator.world.accepted()] == ["GOOD"]


def test_a_corrected_invoice_is_sent(site: Site) -> None:
    """The sidecar that was written is corrected and moved back with the PDF: it is sent, and stays one invoice."""
    name = "C1_22220001600372_COLLEGE_91821.pdf"
    site.drop(name, invoice_pdf("C1"))
    assert site.once() == 1
    sidecar = (site.root / "failed" / name).with_suffix(".yaml")
    text = sidecar.read_text("utf-8-sig")
    sidecar.write_text(text.replace("22220001600372", "22220001600327"), "utf-8")
    for path in (sidecar, site.root / "failed" / name):
        path.rename(site.root / "outbox" / path.name)
    assert site.once() == 0
    assert site.where(name).startswith("sent/")
    assert [row["state"] for row in site.status().values()] == ["sent"]


def test_a_lost_answer_is_asked_about_and_not_sent_twice(site: Site) -> None:
    """The answer to the deposit never came: the portal is asked, and the one deposit is found to be ours."""
    site.simulator.world.rules.append(_rule("soumettre", "answer_lost"))
    site.drop(f"D1_{TO}.pdf", invoice_pdf("D1"))
    assert site.once() == 0
    assert site.where(f"D1_{TO}.pdf").startswith("sent/")
    assert len(site.simulator.world.accepted()) == 1
    assert "incertain" in site.log(f"D1_{TO}")


def test_a_deposit_that_never_arrived_is_sent_again_after_the_searches(site: Site) -> None:
    """The connection broke before the portal did anything: three searches prove it, then it is sent once."""
    site.simulator.world.rules.append(_rule("soumettre", "drop"))
    site.drop(f"D2_{TO}.pdf", invoice_pdf("D2"))
    assert site.once() == 0
    assert len(site.simulator.world.accepted()) == 1
    searches = [r for r in site.simulator.world.journal if r["path"].endswith("rechercher/fournisseur")]
    assert len(searches) == 3


def test_an_outage_keeps_files_waiting_and_they_leave_by_themselves(site: Site, simulator: RunningSimulator) -> None:
    """While the portal is in maintenance the file waits and says why; afterwards it is sent."""
    simulator.world.rules.append(_rule("*", "maintenance", times=None))
    site.drop(f"E1_{TO}.pdf", invoice_pdf("E1"))
    assert site.once() == 1
    row = site.status()[f"E1_{TO}.pdf"]
    assert row["state"] in ("seen", "waiting")
    assert "maintenance" in row["reason"]
    assert site.where(f"E1_{TO}.pdf") in ("outbox", "processing")
    simulator.world.rules.clear()
    assert site.once() == 0
    assert site.where(f"E1_{TO}.pdf").startswith("sent/")


def test_a_kill_during_the_deposit_leads_to_a_question_not_to_a_second_deposit(site: Site) -> None:
    """Killed with -9 while the portal has the deposit and has not answered: after a restart it is found, once."""
    site.simulator.world.rules.append(_rule("soumettre", "hang", seconds=60, after=True))
    site.drop(f"K1_{TO}.pdf", invoice_pdf("K1"))
    daemon = site.start()
    _wait_for(lambda: bool(site.simulator.world.accepted()))
    daemon.kill()
    daemon.communicate()
    assert site.where(f"K1_{TO}.pdf") == "processing"
    assert site.once() == 0
    assert site.where(f"K1_{TO}.pdf").startswith("sent/")
    assert len(site.simulator.world.accepted()) == 1


def test_a_file_still_being_written_waits(site: Site) -> None:
    """A writer that holds the file open, however long it pauses, is waited for; then the whole file is sent."""
    data = invoice_pdf("W1")
    path = site.root / "outbox" / f"W1_{TO}.pdf"
    daemon = site.start()
    with path.open("wb") as writer:
        writer.write(data[:1000])
        writer.flush()
        time.sleep(2.5)
        assert path.is_file()
        writer.write(data[1000:])
    _wait_for(lambda: bool(site.simulator.world.accepted()))
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=30)
    assert daemon.returncode == 0
    (file,) = site.simulator.world.files.values()
    assert file.content == data


def test_the_daemon_tells_systemd_and_stops_when_told(site: Site) -> None:
    """READY after the first look, WATCHDOG from the working loop, STOPPING at the end, on a real datagram socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(site.root / "notify"))
        listener.settimeout(30)
        daemon = site.start({"NOTIFY_SOCKET": str(site.root / "notify")})
        heard = ""
        while "READY=1" not in heard or "WATCHDOG=1" not in heard:
            heard += listener.recv(4096).decode() + "\n"
        site.drop(f"N1_{TO}.pdf", invoice_pdf("N1"))
        _wait_for(lambda: any((site.root / "sent").rglob("N1*.log")))
        daemon.send_signal(signal.SIGTERM)
        while "STOPPING=1" not in heard:
            heard += listener.recv(4096).decode() + "\n"
        daemon.communicate(timeout=30)
    assert daemon.returncode == 0
    assert "STATUS=" in heard


def test_a_second_daemon_on_the_same_ledger_is_refused(site: Site) -> None:
    """It ends with 78 and says why; the first goes on."""
    daemon = site.start()
    _wait_for((site.root / "state" / "ledger.db.lock").is_file)
    time.sleep(0.3)
    second = site.program("run", "--config", str(site.config), "--once")
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=30)
    assert second.returncode == 78
    assert "another chorus-outbox is running" in second.stderr


def test_a_wrong_configuration_ends_with_78_and_every_problem(site: Site) -> None:
    """Unknown keys with the nearest known one, wrong values, all at once."""
    text = site.config.read_text("utf-8").replace("quiet_seconds: 0.3", "quiet_second: 0.3").replace("sandbox", "test")
    site.config.write_text(text, "utf-8")
    done = site.program("run", "--config", str(site.config))
    assert done.returncode == 78
    assert "quiet_seconds" in done.stderr
    assert "environment" in done.stderr


def test_no_secret_is_ever_told(site: Site) -> None:
    """With the log at its most talkative, neither secret is in any output, log, report, ledger or command line."""
    text = site.config.read_text("utf-8") + "log: {level: debug, file: daemon.log}\n"
    site.config.write_text(text, "utf-8")
    site.simulator.world.rules += [_rule("soumettre", "unauthorized"), _rule("deposer/pdf", "truncated_json")]
    site.drop(f"S1_{TO}.pdf", invoice_pdf("S1"))
    done = site.program("run", "--config", str(site.config), "--once")
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    told += "".join(p.read_bytes().decode("latin-1") for p in site.root.rglob("*") if p.is_file())
    for secret in ("11111111-1111-1111-1111-111111111111", ":PASSWORD", "VEVDSF8x", "Bearer"):
        assert secret not in told


def test_inspect_sends_nothing_and_says_where_each_value_comes_from(site: Site) -> None:
    """The dry run gives fields with their sources as JSON, problems with codes, and touches neither file nor portal."""
    site.drop(f"I1_{TO}.pdf", invoice_pdf("I1"))
    path = site.root / "outbox" / f"I1_{TO}.pdf"
    done = site.program("inspect", str(path), "--config", str(site.config), "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert found["ok"] is True
    assert found["fields"]["siret"] == {"value": TO, "source": "file name"}
    assert found["fields"]["ttc"] == {"value": "120.00", "source": "PDF text"}
    assert found["problems"] == []
    assert site.where(f"I1_{TO}.pdf") == "outbox"
    assert not site.simulator.world.files
    other = site.program("inspect", str(path), "--config", str(site.config), "--offline")
    assert other.returncode == 0
    assert "SIRET du destinataire : 22220001600434 (nom du fichier)" in other.stdout


def test_check_is_green_on_a_good_site_and_names_what_is_wrong(site: Site) -> None:
    """0 when all is in order; 78 with a wrong password; 69 when nobody answers."""
    good = site.program("check", "--config", str(site.config))
    assert good.returncode == 0, good.stdout
    assert "rattachée" in good.stdout
    site.simulator.world.accounts.clear()
    wrong = site.program("check", "--config", str(site.config))
    assert wrong.returncode == 78
    assert "compte technique" in wrong.stdout
    text = site.config.read_text("utf-8").replace(site.simulator.url, "http://127.0.0.1:9")
    site.config.write_text(text, "utf-8")
    assert site.program("check", "--config", str(site.config)).returncode == 69
    assert site.program("check", "--config", str(site.config), "--offline").returncode == 0


def test_put_deposits_without_overwriting(site: Site) -> None:
    """The PDF and its sidecar are in the outbox, whole; a second time is refused and changes nothing."""
    for name, data in (("P1.pdf", invoice_pdf("P1")), ("P1.yaml", f"siret: {TO}\n".encode())):
        (site.root / name).write_bytes(data)
    words = ("put", str(site.root / "P1.pdf"), str(site.root / "P1.yaml"), "--config", str(site.config))
    assert site.program(*words).returncode == 0
    assert site.program(*words).returncode == 1
    assert site.once() == 0
    assert [f.number for f in site.simulator.world.accepted()] == ["P1"]


def test_init_makes_a_site_and_overwrites_nothing(tmp_path: Path, site: Site) -> None:
    """Folders and a commented configuration; run again, it leaves what was filled in."""
    folder = tmp_path / "neuf"
    assert site.program("init", str(folder)).returncode == 0
    config = folder / "chorus-outbox.yaml"
    config.write_text("filled in", "utf-8")
    assert site.program("init", str(folder)).returncode == 0
    assert config.read_text("utf-8") == "filled in"
    assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == ["failed", "outbox", "processing", "sent"]


def test_why_tells_the_story_by_file_name_and_by_number(site: Site) -> None:
    """Both find the invoice; a name that nobody knows ends with 1."""
    site.drop(f"Y1_{TO}.pdf", invoice_pdf("Y1"))
    assert site.once() == 0
    for name in (f"Y1_{TO}.pdf", f"Y1_{TO}", "Y1"):
        told = site.program("why", name, "--config", str(site.config))
        assert told.returncode == 0
        assert "acceptée par Chorus Pro" in told.stdout
    assert site.program("why", "nobody", "--config", str(site.config)).returncode == 1


@pytest.mark.parametrize("command", ["run", "check", "inspect", "status", "why", "put", "init", "simulator", "demo"])
def test_every_command_has_help_with_an_example(site: Site, command: str) -> None:
    """``--help`` names an example that starts with the program's name."""
    told = site.program(command, "--help")
    assert told.returncode == 0
    assert f"Example: chorus-outbox {command}" in told.stdout


def test_strange_entries_are_left_untouched_and_the_rest_is_sent(site: Site) -> None:
    """Links, pipes, folders named .pdf, temporary names and other kinds stay; the invoice beside them leaves."""
    outbox = site.root / "outbox"
    (outbox / "lien.pdf").symlink_to("/etc/hostname")
    os.mkfifo(outbox / "tube.pdf")
    (outbox / "dossier.pdf").mkdir()
    (outbox / "~$brouillon.pdf").write_bytes(b"x")
    (outbox / "lisez-moi.docx").write_bytes(b"x")
    site.drop(f"X1_{TO}.pdf", invoice_pdf("X1"))
    assert site.once() == 0
    assert sorted(p.name for p in outbox.iterdir()) == sorted(
        [".outbox-id", "lien.pdf", "tube.pdf", "dossier.pdf", "~$brouillon.pdf", "lisez-moi.docx"]
    )


def test_the_same_invoice_dropped_again_is_refused_with_the_first_deposit_quoted(site: Site) -> None:
    """The same bytes, or the same number, do not leave twice; the log names the first deposit."""
    site.drop(f"Z1_{TO}.pdf", invoice_pdf("Z1"))
    assert site.once() == 0
    (deposit,) = site.simulator.world.accepted()
    site.drop("copie.pdf", invoice_pdf("Z1"), f"siret: {TO}")
    site.drop("autre.pdf", invoice_pdf("Z1", price="200.00"), f"siret: {TO}")
    assert site.once() == 1
    for stem in ("copie", "autre"):
        assert site.where(stem + ".pdf") == "failed"
        assert str(deposit.id) in site.log(stem)
    assert len(site.simulator.world.accepted()) == 1


def _rule(path: str, kind: str, **more: object) -> Rule:
    return Rule(path, kind, **{"times": 1, **more})  # type: ignore[arg-type]


def _wait_for(happens: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)
