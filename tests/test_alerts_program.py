"""Messages to people by the program as a process, with a real mail server, a real webhook and the simulator."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from chorus_outbox.edge.ledger.account import keep_password_end
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.start import LOGIN
from chorus_outbox.simulator.world import World
from mailbox_server import PASSWORD, Mailbox, free_port, mail_server, silent_server, wait_for, webhook
from outbox_site import CONFIG, Site, invoice_pdf, today

TO = "22220001600434"  # a recipient that requires nothing
WRONG = "22220001600372"  # no SIRET


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


def site_with(root: Path, simulator: RunningSimulator, notify: str) -> Site:
    return Site(root, simulator, CONFIG + f"notify: {{{{{notify}}}}}\nlog: {{{{level: debug, file: daemon.log}}}}\n")


def mailed(root: Path, simulator: RunningSimulator, port: int, more: str = "") -> Site:
    return site_with(root, simulator, f'to: compta@example.org, smtp: "smtp://127.0.0.1:{port}", digest: never{more}')


def expired(site: Site) -> None:
    """Let the daemon have learned just now that its password ended yesterday: that is told at any time of the day."""
    with contextlib.closing(SqliteLedger(site.root / "state" / "ledger.db")) as ledger:
        keep_password_end(ledger, LOGIN, today() - timedelta(days=1), World().now())


HOSTILE = "a\r\nBcc: evil@example.org\n\n<b>@everyone\u202egnp.pdf"


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Mailbox]]:
    """Give a site where three invoices failed and one was sent, in one run, and who was told."""
    with running(World()) as simulator, mail_server() as mailbox:
        site = mailed(tmp_path_factory.mktemp("failed"), simulator, mailbox.port)
        site.drop(f"A1_{WRONG}_91821.pdf", invoice_pdf("A1"))
        site.drop("inconnu.pdf", invoice_pdf("A2"), "siret: 44306184100047")
        site.drop(HOSTILE, b"no PDF", f"siret: {TO}")
        site.drop(f"GOOD_{TO}.pdf", invoice_pdf("GOOD"))
        assert site.once() == 1
        yield site, mailbox


def test_a_failed_invoice_is_told_with_what_is_wrong_and_what_to_do(failed: tuple[Site, Mailbox]) -> None:
    """One message for all that failed: how many, of each the words of its log; sandbox in the subject."""
    site, mailbox = failed
    message = mailbox.messages[0]
    assert message["Subject"] == "[ESSAI] chorus-outbox : factures à traiter - non envoyées : 3"
    assert (message["To"], message["From"]) == ("compta@example.org", "chorus-outbox <compta@example.org>")
    assert (message.get_content_type(), message["Auto-Submitted"]) == ("text/plain", "auto-generated")
    text = mailbox.text()
    log = site.log("inconnu").splitlines()
    assert f"- {log[0]}\n" in text
    assert f"  {log[2]}\n" in text
    assert "chiffres de contrôle" in text
    assert "NON ENVOYÉES : 3" in text
    assert "GOOD" not in text


def test_hostile_names_stay_text(failed: tuple[Site, Mailbox]) -> None:
    """A file name with line breaks, HTML, mentions and direction overrides begins no header and no line of its own."""
    _, mailbox = failed
    message = mailbox.messages[0]
    assert message["Bcc"] is None
    assert mailbox.receivers == ["compta@example.org"]
    assert len(message.get_all("Subject", [])) == 1
    text = mailbox.text()
    assert "\u202e" not in text
    assert [line for line in text.splitlines() if line.startswith(("Bcc", "<b>"))] == []
    assert "<b>@everyone" in text


def test_nothing_is_told_twice(failed: tuple[Site, Mailbox]) -> None:
    """The next run has nothing to say."""
    site, mailbox = failed
    assert site.once() == 0
    assert len(mailbox.messages) == 1


def test_many_failures_are_one_message(tmp_path: Path, simulator: RunningSimulator, mailbox: Mailbox) -> None:
    """One message for all that failed in one go, the first 20 explained, the others counted."""
    site = mailed(tmp_path, simulator, mailbox.port)
    for number in range(60):
        site.drop(f"faux-{number}.pdf", b"PK\x03\x04", f"siret: {TO}")
    assert site.once() == 1
    assert mailbox.subjects() == ["[ESSAI] chorus-outbox : factures à traiter - non envoyées : 60"]
    text = mailbox.text()
    assert text.count("- NON ENVOYÉE : ") == 20
    assert "et d'autres encore : 40." in text


def test_a_returned_invoice_is_told_with_the_customers_reason(
    tmp_path: Path, simulator: RunningSimulator, mailbox: Mailbox
) -> None:
    """À recycler: what the customer says, and what to do; under its own heading."""
    site = mailed(tmp_path, simulator, mailbox.port)
    text = site.config.read_text("utf-8") + "follow_up: {first_seconds: 1, every_seconds: 1}\n"
    site.config.write_text(text, "utf-8")
    site.drop(f"R1_{TO}.pdf", invoice_pdf("R1"))
    assert site.once() == 0
    assert mailbox.messages == []
    body = {"numeroFacture": "R1", "statut": "A_RECYCLER", "commentaire": "Mauvais service, voir M. <Martin>"}
    assert httpx.post(f"{simulator.url}/_control/status", json=body).status_code == 200
    time.sleep(1.1)  # the shortest follow_up.first_seconds
    assert site.once() == 1
    assert mailbox.subjects() == ["[ESSAI] chorus-outbox : factures à traiter - revenues : 1"]
    assert "- REVENUE : " in mailbox.text()
    assert "« Mauvais service, voir M. <Martin> »" in mailbox.text()


def test_refused_credentials_are_told_at_once(tmp_path: Path, simulator: RunningSimulator, mailbox: Mailbox) -> None:
    """A password that Chorus Pro refuses needs a person: nobody waits five minutes; and it is told once."""
    site = mailed(tmp_path, simulator, mailbox.port)
    simulator.world.accounts.clear()
    site.drop(f"C1_{TO}.pdf", invoice_pdf("C1"))
    daemon = site.start()
    try:
        wait_for(lambda: bool(mailbox.messages))
        assert mailbox.subjects() == ["[ESSAI] chorus-outbox : les envois sont suspendus"]
        assert "compte technique" in mailbox.text()
        assert "en attente maintenant : 1" in mailbox.text()
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=30)
    assert len(mailbox.messages) == 1


def test_an_outage_is_told_when_it_lasts(tmp_path: Path, simulator: RunningSimulator, mailbox: Mailbox) -> None:
    """Maintenance for longer than `outage_after_seconds`: one message; a longer patience, none."""
    (tmp_path / "patient").mkdir()
    patient = mailed(tmp_path / "patient", simulator, mailbox.port, ", outage_after_seconds: 600")
    (tmp_path / "quick").mkdir()
    site = mailed(tmp_path / "quick", simulator, mailbox.port, ", outage_after_seconds: 2")
    simulator.world.rules.append(Rule("*", "maintenance", times=None))
    daemons = []
    for one in (patient, site):
        one.drop(f"O1_{TO}.pdf", invoice_pdf("O1"))
        daemons.append(one.start())
    try:
        wait_for(lambda: bool(mailbox.messages))
        wait_for(lambda: "outage.started" in (patient.root / "daemon.log").read_text("utf-8"))
    finally:
        for daemon in daemons:
            daemon.send_signal(signal.SIGTERM)
            daemon.communicate(timeout=30)
    assert mailbox.subjects() == ["[ESSAI] chorus-outbox : les envois sont suspendus"]
    assert "maintenance" in mailbox.text()
    assert str(site.root / "outbox") in mailbox.text()


def test_a_mail_server_that_hangs_delays_no_invoice(tmp_path: Path, simulator: RunningSimulator) -> None:
    """While a message waits for a server that says nothing, invoices are sent as fast as ever; later it is told, once."""
    with silent_server() as (port, connections):
        site = mailed(tmp_path, simulator, port)
        expired(site)
        daemon = site.start()
        wait_for(lambda: bool(connections))
        for number in range(3):
            site.drop(f"H{number}_{TO}.pdf", invoice_pdf(f"H{number}"))
        wait_for(lambda: len(list((site.root / "sent").rglob("*.log"))) == 3)
        daemon.kill()  # in the middle of the delivery
        daemon.communicate()
    assert "notify." not in (site.root / "daemon.log").read_text("utf-8")  # it waited all that time
    expired(site)  # the daemon had asked meanwhile, and learned better
    with mail_server(port=port) as mailbox:
        assert site.once() == 0
        assert mailbox.subjects() == ["[ESSAI] chorus-outbox : le mot de passe du compte technique a expiré"]
        assert site.once() == 0
        assert len(mailbox.messages) == 1


def test_a_dead_mail_server_is_said_once_and_loses_nothing(tmp_path: Path, simulator: RunningSimulator) -> None:
    """Invoices are handled as ever; one line in the log; what was not told stands in the ledger for the next try."""
    site = mailed(tmp_path, simulator, free_port())
    site.drop(f"D1_{WRONG}_91821.pdf", invoice_pdf("D1"))
    assert site.once() == 1
    site.drop(f"D2_{WRONG}_91821.pdf", invoice_pdf("D2"))
    assert site.once() == 1
    log = (site.root / "daemon.log").read_text("utf-8")
    assert log.count("notify.failed") == 1
    assert "mail:compta@example.org" in log


def webhooks(*urls: str) -> Mapping[str, str]:
    return {"CHORUS_OUTBOX_NOTIFY_URLS": "\n".join(("# ours", *urls))}


def run(site: Site, environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = site.command(*words, "--config", str(site.config))
    return subprocess.run(
        command, env={**site.environ, **environ}, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_webhook_gets_the_message_and_its_address_is_told_nowhere(
    tmp_path: Path, simulator: RunningSimulator
) -> None:
    """An Apprise address from the environment: the message arrives; no output, log, report or ledger shows it."""
    site = Site(tmp_path, simulator, CONFIG + "log: {{level: debug, file: daemon.log}}\n")
    site.drop(f"W1_{WRONG}_91821.pdf", invoice_pdf("W1"))
    with webhook() as hook, webhook() as broken:
        broken.status = 500
        environ = webhooks(
            f"json://u5er:pa55-canary@127.0.0.1:{hook.port}/tok-canary", f"json://127.0.0.1:{broken.port}/canary-9"
        )
        done = run(site, environ, "run", "--once")
        assert done.returncode == 1, done.stderr
        (got,) = hook.got
        assert got["title"] == "[ESSAI] chorus-outbox : factures à traiter - non envoyées : 1"
        assert "chiffres de contrôle" in got["message"]
        checked = run(site, environ, "check", "--notify")
        assert checked.returncode == 1
        assert "message d'essai parti vers json (line 2)" in checked.stdout
        assert "n'est pas parti vers json (line 3)" in checked.stdout
        assert "essai" in hook.got[-1]["title"]
    told = done.stdout + done.stderr + checked.stdout + checked.stderr
    told += "".join(p.read_bytes().decode("latin-1") for p in site.root.rglob("*") if p.is_file())
    assert "canary" not in told
    assert "notify.failed" in told


def test_check_says_who_is_told(tmp_path: Path, simulator: RunningSimulator) -> None:
    """Nobody: said as a matter of fact. An address that nobody understands: what to put right, without quoting it."""
    site = Site(tmp_path, simulator)
    done = run(site, {}, "check", "--offline")
    assert (done.returncode, "personne n'est averti" in done.stdout) == (0, True)
    assert run(site, {}, "check", "--notify").returncode == 1
    done = run(site, webhooks("json://localhost/canary-1", "nonsense://canary-2"), "check", "--offline")
    assert done.returncode == 78
    assert "compris." in done.stdout
    assert "adresse non comprise" in done.stdout
    assert "canary" not in done.stdout + done.stderr


def test_mail_by_an_account_over_tls(tmp_path: Path, simulator: RunningSimulator) -> None:
    """`check --notify` logs in after STARTTLS with the password of its file, which nothing shows."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    (tmp_path / "mail-password").write_text(PASSWORD + "\n")
    (tmp_path / "mail-password").chmod(0o600)
    with mail_server(tls="starttls", authority=authority) as mailbox:
        notify = (
            f'to: [a@example.org, b@example.org], smtp: "smtp://localhost:{mailbox.port}", smtp_user: moi@example.org,'
            " smtp_password_file: mail-password"
        )
        site = site_with(tmp_path, simulator, notify)
        good = run(site, {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}, "check", "--notify")
        assert good.returncode == 0, good.stdout
        assert sorted(mailbox.receivers) == ["a@example.org", "b@example.org"]
        assert mailbox.logins[0] == ("moi@example.org", PASSWORD)
        assert mailbox.messages[0]["From"] == "chorus-outbox <moi@example.org>"
        (tmp_path / "mail-password").write_text("wrong-canary")
        bad = run(site, {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}, "check", "--notify")
        assert bad.returncode == 1
        assert "535" in bad.stdout
        assert "wrong-canary" not in bad.stdout + bad.stderr
