"""Attachments end to end: the program as a process against the simulator, deposits and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus_outbox.simulator.model import Facture
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import Site, invoice_pdf

TO = "22220001600434"
PHOTO = b"\xff\xd8\xff\xe0 a photo"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(World()) as server:
        yield Site(tmp_path, server)


def pieces(site: Site, facture: Facture) -> list[tuple[str, str, str, bytes]]:
    """Return name, type, designation and content of each attachment of a deposit."""
    files = site.simulator.world.files
    return [
        (
            files[one["pieceJointeComplementaireId"]].name,
            one["pieceJointeComplementaireType"],
            one["pieceJointeComplementaireDesignation"],
            files[one["pieceJointeComplementaireId"]].content,
        )
        for one in facture.body["pieceJointeComplementaire"]
    ]


def test_one_deposit_with_three_pieces(site: Site) -> None:
    """By name and by sidecar: one invoice, sent with its three files, all filed together; none is an invoice itself."""
    slip, plan = invoice_pdf("NOT-AN-INVOICE"), invoice_pdf("NOR-THIS")
    site.drop("bon.pdf", slip)
    site.drop("photo.jpg", PHOTO)
    site.drop("F1_PJ1.pdf", plan)
    site.drop(
        "F1.pdf",
        invoice_pdf("F1"),
        f"siret: {TO}",
        "pieces_jointes:",
        "  - {fichier: bon.pdf, type: bon de livraison, designation: 'Bon, signé'}",
        "  - photo.jpg",
    )
    assert site.once() == 0
    (facture,) = site.simulator.world.accepted()
    assert pieces(site, facture) == [
        ("F1_PJ1.pdf", "AUTRE", "F1 PJ1", plan),
        ("bon.pdf", "BON_DE_LIVRAISON", "Bon, signé", slip),
        ("photo.jpg", "AUTRE", "photo", PHOTO),
    ]
    folder = site.where("F1.pdf")
    assert folder.startswith("sent/")
    names = {"F1.pdf", "F1.yaml", "F1.log", "F1_PJ1.pdf", "F1 - bon.pdf", "F1 - photo.jpg"}
    assert {p.name for p in (site.root / folder).iterdir()} == names
    assert site.sha256(folder, "F1 - photo.jpg") in site.log("F1")
    assert site.status().keys() == {"F1.pdf"}
    assert site.program("check", "--offline", "--ledger", "--config", str(site.config)).returncode == 0
    assert [p for p in (site.root / "state" / "spool").iterdir() if p.suffix in (".pdf", ".jpg")] == []
