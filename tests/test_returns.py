"""Invoices that come back, by the program as a process: each loop from the deposit to its end, and what can go wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf, today

TO = "22220001600434"  # requires nothing
CORRECT = "22220001600327"  # requires a service and an engagement number
NAME = f"R1_{TO}.pdf"
STEM = f"R1_{TO}"
FOLLOWED = CONFIG + "follow_up: {{first_seconds: 1, every_seconds: 1}}\n"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator) -> Site:
    """Give a site with one deposited invoice."""
    made = Site(tmp_path, simulator, FOLLOWED)
    made.drop(NAME, invoice_pdf("R1"))
    assert made.once() == 0
    return made


def decide(site: Site, status: str, comment: str | None = None, number: str = "R1") -> None:
    """Act as the recipient, by the simulator's control interface."""
    body = {"numeroFacture": number, "statut": status, "commentaire": comment}
    url = f"{site.simulator.url}/_control/status"
    assert httpx.post(url, json=body).status_code == 200


def look(site: Site) -> int:
    """Let the next look become due, and run the program once."""
    time.sleep(1.1)  # the shortest follow_up.first_seconds
    return site.once()


def drop_again(site: Site, sidecar: str, stem: str = STEM) -> None:
    """Correct the sidecar in failed/, and move it and the PDF back, as a person does."""
    failed, outbox = site.root / "failed", site.root / "outbox"
    (failed / f"{stem}.yaml").write_text(sidecar, "utf-8")
    for name in (f"{stem}.pdf", f"{stem}.yaml"):
        (failed / name).rename(outbox / name)


def calls(site: Site, end: str) -> list[Any]:
    """Return the bodies of the requests to one endpoint."""
    return [entry["request"] for entry in site.simulator.world.journal if entry["path"].endswith(end)]


def test_a_recycled_invoice_goes_all_the_way_to_its_payment(site: Site) -> None:
    """A_RECYCLER: back in failed/ with the customer's reason; corrected: recycled under its number; then paid.

    Dropped once more, corrected again: a sentence with its status, nothing sent, nothing lost.
    """
    (deposit,) = site.simulator.world.accepted()
    first = site.status()[NAME]
    decide(site, "A_RECYCLER", "Le code service COLLEGE du SIRET 22220001600327 est attendu")
    assert look(site) == 1
    assert site.where(NAME) == site.where(f"{STEM}.yaml") == site.where(f"{STEM}.log") == "failed"
    log = site.log(STEM)
    assert log.startswith("REVENUE")
    for told in (
        "à recycler",
        "Le code service COLLEGE",
        "Qui a refusé : votre client",
        "SIRET",
        f"{STEM}.yaml",
        "outbox",
    ):
        assert told in log
    sidecar = (site.root / "failed" / f"{STEM}.yaml").read_text("utf-8-sig")
    written = [line for line in sidecar.splitlines() if line and not line.startswith("#")]
    assert written[:3] == [f'siret: "{TO}"', "service: ", "engagement: "]
    row = site.status()[NAME]
    assert (row["state"], row["chorus_status"]) == ("failed", "A_RECYCLER")
    assert "COLLEGE" in row["reason"]

    drop_again(
        site,
        sidecar.replace(TO, CORRECT)
        .replace("service: ", "service: COLLEGE")
        .replace("engagement: ", 'engagement: "91822"'),
    )
    assert site.once() == 0
    assert site.where(NAME) == site.where(f"{STEM}.yaml") == f"sent/{today():%Y/%m}"
    assert deposit.body["destinataire"] == {"codeDestinataire": CORRECT, "codeServiceExecutant": "COLLEGE"}
    assert deposit.body["references"]["numeroBonCommande"] == "91822"
    assert [f.number for f in site.simulator.world.accepted()] == ["R1"]
    assert (len(calls(site, "/soumettre")), len(calls(site, "/recycler"))) == (1, 1)
    row = site.status()[NAME]
    assert (row["chorus_id"], row["siret"], row["sent_at"]) == (first["chorus_id"], CORRECT, first["sent_at"])
    log = site.log(STEM)
    assert log.startswith("ENVOYÉE")
    assert deposit.certificate in log
    assert CORRECT in log

    decide(site, "MISE_EN_PAIEMENT")
    assert look(site) == 0
    row = site.status()[NAME]
    assert (row["state"], row["chorus_status"], row["reason"]) == ("paid", "MISE_EN_PAIEMENT", None)
    assert site.log(STEM).startswith("PAYÉE")

    site.drop("copie.pdf", invoice_pdf("R1"), f'siret: "{TO}"')
    assert site.once() == 1
    assert "mise en paiement" in site.log("copie")
    assert "pas à recycler" in site.log("copie")
    assert site.where(NAME).startswith("sent/")
    assert (len(calls(site, "/soumettre")), len(calls(site, "/recycler"))) == (1, 1)


def test_a_suspended_invoice_is_completed(site: Site) -> None:
    """SUSPENDUE: a comment in the sidecar is sent by `completer`; the invoice is COMPLETEE and back in sent/."""
    (deposit,) = site.simulator.world.accepted()
    decide(site, "SUSPENDUE", "Bon de livraison manquant")
    assert look(site) == 1
    log = site.log(STEM)
    assert "suspendue" in log.splitlines()[0]
    assert "Bon de livraison manquant" in log
    sidecar = (site.root / "failed" / f"{STEM}.yaml").read_text("utf-8-sig")
    drop_again(site, sidecar.replace("commentaire: ", 'commentaire: "Livré le 12, bon n° 7"'))
    assert site.once() == 0
    assert site.where(NAME).startswith("sent/")
    assert (deposit.status, deposit.steps[-1].comment) == ("COMPLETEE", "Livré le 12, bon n° 7")
    assert site.status()[NAME]["chorus_status"] == "COMPLETEE"
    assert len(calls(site, "/completer")) == 1


def test_a_suspended_invoice_is_completed_by_a_document(site: Site) -> None:
    """SUSPENDUE: the missing document beside the PDF is uploaded and joined, once, and filed with its invoice."""
    (deposit,) = site.simulator.world.accepted()
    decide(site, "SUSPENDUE", "Bon de livraison manquant")
    assert look(site) == 1
    document = f"{STEM}_PJ1.png"
    (site.root / "outbox" / document).write_bytes(b"a signed delivery note")
    drop_again(site, "# rien de plus\n")
    assert site.once() == 0
    assert site.where(NAME) == site.where(document) == f"sent/{today():%Y/%m}"
    (attached,) = deposit.attachments
    assert site.simulator.world.files[attached].content == b"a signed delivery note"
    assert (deposit.status, len(calls(site, "/completer")), len(calls(site, "/soumettre"))) == ("COMPLETEE", 1, 1)

    decide(site, "SUSPENDUE", "Il manque encore la signature")
    assert look(site) == 1
    (site.root / "failed" / document).rename(site.root / "outbox" / document)
    drop_again(site, "# toujours rien\n")
    assert site.once() == 1
    assert "rien" in site.log(STEM).splitlines()[0]
    assert len(calls(site, "/completer")) == 1


def test_a_rejected_invoice_is_acknowledged_and_replaced(site: Site) -> None:
    """REJETEE: the old number is refused with a request for a new one; `acquitter: oui` and a new number settle both."""
    (old,) = site.simulator.world.accepted()
    decide(site, "REJETEE", "Montant erroné")
    assert look(site) == 1
    log = site.log(STEM)
    assert "rejetée" in log.splitlines()[0]
    assert "7 jours" in log
    sidecar = (site.root / "failed" / f"{STEM}.yaml").read_text("utf-8-sig")
    drop_again(site, sidecar)
    assert site.once() == 1
    assert "ce numéro ne peut plus servir" in site.log(STEM)
    assert not site.simulator.world.invoices[old.id].rejection_handled
    assert len(site.simulator.world.accepted()) == 1

    (site.root / "failed" / NAME).write_bytes(invoice_pdf("R1-BIS"))
    drop_again(site, f'siret: "{TO}"\nnumero: R1-BIS\nacquitter: oui\n')
    assert site.once() == 0
    assert old.rejection_handled
    assert [f.number for f in site.simulator.world.accepted()] == ["R1", "R1-BIS"]
    assert site.where(NAME).startswith("sent/")
    assert [row["number"] for row in site.status().values()] == ["R1-BIS"]
    why = site.program("why", "R1", "--config", str(site.config))
    assert "rejet acquitté" in why.stdout


def test_the_daemon_follows_by_itself(site: Site) -> None:
    """The running daemon makes the looks when they are due: each change reaches the log, the ledger and `status`."""
    daemon = site.start()
    try:
        decide(site, "MISE_A_DISPOSITION")
        _wait_for(site, "MISE_A_DISPOSITION")
        decide(site, "QUELQUE_CHOSE_DE_NOUVEAU", "on ne sait pas")
        _wait_for(site, "QUELQUE_CHOSE_DE_NOUVEAU")
    finally:
        daemon.terminate()
        _, told = daemon.communicate(timeout=30)
    assert "invoice.status" in told
    log = site.log(STEM)
    assert "statut Chorus Pro : mise à disposition" in log
    assert "QUELQUE_CHOSE_DE_NOUVEAU" in log
    assert "motif : on ne sait pas" in log
    assert "statut sur Chorus Pro : QUELQUE_CHOSE_DE_NOUVEAU" in log


def _wait_for(site: Site, status: str) -> None:
    ends = time.monotonic() + 30
    while site.status()[NAME]["chorus_status"] != status:
        assert time.monotonic() < ends, f"{status} was not seen"
        time.sleep(0.2)
