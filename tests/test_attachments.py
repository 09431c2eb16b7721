"""Attachments end to end: the program as a process against the simulator, deposits and refusals."""

from __future__ import annotations

import json
import os
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


BIG = 10_000_000  # bytes: one more than is taken
SMALL = b"%PDF-1.4 not looked into"


def claims(*files: str) -> tuple[str, ...]:
    return (f"siret: {TO}", f"pieces_jointes: [{', '.join(files)}]")


BAD: dict[str, tuple[str, tuple[str, ...], str]] = {  # case -> name of the invoice, its sidecar, what its log says
    "missing": ("B1", claims("absente.png"), "« absente.png » est annoncée, mais elle n'est pas là"),
    "absolute": ("B2", claims("/etc/hostname"), "un chemin, et non un simple nom"),
    "parent folder": ("B3", claims("../config.yaml"), "un chemin, et non un simple nom"),
    "sub-folder": ("B4", claims("autre/bon.pdf"), "un chemin, et non un simple nom"),
    "Windows path": ("B5", claims(r"'C:\bon.pdf'"), "un chemin, et non un simple nom"),
    "link": ("B6", claims("lien.jpg"), "c'est un lien"),
    "hard link": ("B7", claims("double.jpg"), "c'est un second nom d'un autre fichier"),
    "pipe": ("B8", claims("tube.jpg"), "c'est un tube"),
    "link by its name": ("B9", (f"siret: {TO}",), "« B9_PJ1.jpg » n'est pas acceptée : c'est un lien"),
    "too big": ("B10", claims("grande.png"), "trop lourde : 10 Mo"),
    "extension": ("B11", claims("programme.exe"), "pas ce genre de pièce jointe : « programme.exe »"),
    "no extension": ("B12", claims("bon"), "ce genre de pièce jointe : « bon »"),
    "type": ("B13", claims("{fichier: b13.png, type: BON_DE_COMMANDE}"), "le type « BON_DE_COMMANDE »"),
    "empty": ("B14", claims("vide.png"), "« vide.png » est vide"),
    "shared, one": ("B15", claims("commun.pdf"), "réclamée aussi par une autre facture (B16.yaml)"),
    "shared, other": ("B16", claims("commun.pdf"), "réclamée aussi par une autre facture (B15.yaml)"),
    "an invoice": ("B17", claims("GOOD.pdf"), "« GOOD.pdf » est annoncé comme pièce jointe, mais c'est une facture"),
    "itself": ("B18", claims("B18.pdf"), "c'est la facture elle-même"),
    "too big together": ("B19", claims(*(f"partie{n}.png" for n in range(13))), "trop lourdes ensemble : 129,9 Mo"),
    "nameless": ("B20", claims("{type: RIB}"), "annoncée sans nom de fichier ({type: RIB})"),
    "device": ("B21", claims("NUL.pdf"), "c'est un périphérique"),
    "of a folder": ("cgv/B22", (f"siret: {TO}",), "annoncées pour tout un dossier"),
}
BESIDE = {
    **dict.fromkeys(("programme.exe", "bon", "b13.png", "commun.pdf"), SMALL),
    **{f"partie{n}.png": bytes([n]) for n in range(13)},
    "grande.png": b"g",
    "vide.png": b"",
}
SIZES = {**{f"partie{n}.png": BIG - 10_000 for n in range(13)}, "grande.png": BIG}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site where every bad case was dropped together with a good invoice, and the program has run."""
    with running(World()) as server:
        site = Site(tmp_path_factory.mktemp("attachments"), server)
        outbox = site.root / "outbox"
        site.drop("GOOD.pdf", invoice_pdf("GOOD"), "numero: GOOD", *claims("NUL (2).pdf"))
        site.drop("NUL (2).pdf", SMALL)
        (outbox / "cgv").mkdir()
        (outbox / "cgv" / "_defaults.yaml").write_text("pieces_jointes: cgv.pdf\n", "utf-8")
        for name, data in BESIDE.items():
            (outbox / name).write_bytes(data)
            os.truncate(outbox / name, SIZES.get(name, len(data)))
        secret = site.root / "secret.jpg"
        secret.write_bytes(b"secret")
        (outbox / "lien.jpg").symlink_to(secret)
        (outbox / "B9_PJ1.jpg").symlink_to(secret)
        (site.root / "other.jpg").write_bytes(b"of somebody else")
        os.link(site.root / "other.jpg", outbox / "double.jpg")
        os.mkfifo(outbox / "tube.jpg")
        for name, sidecar, _ in BAD.values():
            site.drop(f"{name}.pdf", invoice_pdf(Path(name).name), *sidecar)
        assert site.once() == 1
        yield site


@pytest.mark.parametrize("case", BAD)
def test_a_bad_attachment_is_explained_and_nothing_is_lost(refused: Site, case: str) -> None:
    """The invoice ends in failed/ unchanged, with its sidecar and a French log that says what is wrong."""
    name, _, says = BAD[case]
    base = Path(name).name
    assert refused.where(f"{base}.pdf") == refused.where(f"{base}.yaml") == "failed"
    assert refused.sha256("failed", f"{base}.pdf") == refused.dropped[f"{name}.pdf"]
    log = refused.log(base)
    assert log.startswith("NON ENVOYÉE")
    assert says in log


def test_bad_attachments_reach_nobody(refused: Site) -> None:
    """Only the good invoice and its attachment were uploaded, and only it was deposited."""
    accepted = refused.simulator.world.accepted()
    assert [(f.number, len(f.attachments)) for f in accepted] == [("GOOD", 1)]
    uploads = [request for request in refused.simulator.world.journal if "fichier" in request["path"]]
    assert len(uploads) == 1


@pytest.mark.parametrize("name", BESIDE)
def test_no_attachment_is_lost(refused: Site, name: str) -> None:
    """Each lies in exactly one place with its bytes: with its invoice, or where it was when nobody got it."""
    found = [p for folder in ("outbox", "failed") for p in (refused.root / folder).rglob(f"*{name}")]
    assert [p.stat().st_size for p in found] == [SIZES.get(name, len(BESIDE[name]))]
    assert found[0].parent.name == ("outbox" if name == "commun.pdf" else "failed")


@pytest.mark.parametrize("name", ["lien.jpg", "B9_PJ1.jpg", "double.jpg", "tube.jpg"])
def test_what_is_no_file_stays_untouched(refused: Site, name: str) -> None:
    """Links and pipes are neither followed nor moved."""
    assert os.path.lexists(refused.root / "outbox" / name)


def test_an_attachment_that_two_claim_is_no_invoice(refused: Site) -> None:
    """When both have gone to failed/, the file they claimed waits for them, and says so."""
    told = refused.status()["commun.pdf"]
    assert told["state"] == "seen"
    assert "pièce jointe de la facture « B1" in told["reason"]


def test_retry_brings_the_attachments_back(site: Site) -> None:
    """After a wrong type is corrected, `retry` puts all files back, and the sidecar finds them under their new names."""
    site.drop("bon.pdf", invoice_pdf("NOT-AN-INVOICE"))
    site.drop("F1_PJ1.jpg", PHOTO)
    site.drop("F1.pdf", invoice_pdf("F1"), *claims("{fichier: bon.pdf, type: BON_DE_COMMANDE}"))
    assert site.once() == 1
    assert site.where("F1 - bon.pdf") == site.where("F1_PJ1.jpg") == "failed"
    assert "remettez F1.pdf, F1_PJ1.jpg, F1 - bon.pdf et F1.yaml dans" in site.log("F1")
    sidecar = site.root / "failed" / "F1.yaml"
    sidecar.write_text(sidecar.read_text("utf-8").replace("BON_DE_COMMANDE", "RIB"), "utf-8")
    assert site.program("retry", "F1.pdf", "--yes", "--config", str(site.config)).returncode == 0
    assert site.once() == 0
    (facture,) = site.simulator.world.accepted()
    assert [piece[:3] for piece in pieces(site, facture)] == [
        ("F1_PJ1.jpg", "AUTRE", "F1 PJ1"),
        ("bon.pdf", "RIB", "bon"),
    ]
    assert site.where("F1 - bon.pdf") == site.where("F1.yaml") == site.where("F1_PJ1.jpg")


def test_put_and_inspect(site: Site, tmp_path: Path) -> None:
    """`inspect` shows what would be sent, and no attachment as an invoice; `put` deposits all files in the right order."""
    folder = tmp_path / "erp"
    folder.mkdir()
    (folder / "bon.pdf").write_bytes(SMALL)
    (folder / "F1_PJ1.png").write_bytes(PHOTO)
    (folder / "F1.pdf").write_bytes(invoice_pdf("F1"))
    (folder / "F1.yaml").write_text("\n".join(claims("{fichier: bon.pdf, type: RIB}", "plan.png")), "utf-8")
    files = [str(p) for p in sorted(folder.iterdir())]
    done = site.program("inspect", *files, "--config", str(site.config), "--offline", "--json")
    (told,) = json.loads(done.stdout)
    assert told["attachments"] == [
        {"file": "F1_PJ1.png", "size": len(PHOTO), "name": "F1_PJ1.png", "designation": "F1 PJ1", "type": ""},
        {"file": "bon.pdf", "size": len(SMALL), "name": "bon.pdf", "designation": "bon", "type": "RIB"},
    ]
    assert [p["code"] for p in told["problems"]] == ["attachment.missing"]
    (folder / "plan.png").write_bytes(b"plan")
    online = site.program("inspect", str(folder / "F1.pdf"), "--config", str(site.config))
    assert online.returncode == 0
    assert "+ plan.png : 4 octets, AUTRE, plan, plan.png" in online.stdout
    put = site.program("put", *files, str(folder / "plan.png"), "--config", str(site.config))
    assert [Path(line).name for line in put.stdout.splitlines()][-2:] == ["F1.pdf", "F1.yaml"]
    assert site.once() == 0
    assert len(site.simulator.world.accepted()[0].attachments) == 3
