"""What a clerk reads when something is refused, and how she puts it right: by the program as a process.

Chorus Pro's refusals come over HTTP from the simulator; the pre-filled sidecar is filled in as its comments say, saved as
Windows does, and put back with its PDF.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pypdf
import pytest

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf, today

TO = "22220001600434"  # requires nothing


# --- who refused, and what to do -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refusal:
    """A refusal by one call, and what the log must say of it: words of the three lines, and the field marked."""

    call: str
    status: int
    code: int
    label: str
    what: str
    do: str
    field: str = ""


REFUSALS = {
    "an upload too big": Refusal("deposer/pdf", 413, 20987, "", "Chorus Pro a refusé le fichier : il est trop lourd.", "Allégez le PDF"),
    "a wording of ours": Refusal("soumettre", 200, 20923, "Le code service A n'existe pas pour ce destinataire", "le code service manque ou ne convient pas : « Le code service A n'existe pas pour ce destinataire » (code 20923).", "Recopiez le code service du bon de commande à la ligne « service ».", "service"),
    "totals, by their code": Refusal("soumettre", 400, 20303, "", "les montants ne s'accordent pas (code 20303).", "corrigez les lignes « ht », « tva », « ttc » ou « a_payer ».", "ttc"),
    "a message key": Refusal("soumettre", 200, 20981, "GDP_MSG_11.001", "ne permet pas cela (code 20981, GDP_MSG_11.001).", "dans « Factures émises »"),
    "a double that is not found": Refusal("soumettre", 200, 20982, "Vous avez déjà déposé une demande de paiement avec ce numéro de facture pour cette structure", "ce numéro de facture a déjà servi : « Vous avez déjà", "donnez à celle-ci son propre numéro", "numero"),
    "not a word": Refusal("soumettre", 200, 20983, "", "sans dire pourquoi (code 20983).", "en citant ce code"),
    "not understood": Refusal("soumettre", 200, 20984, "Requête mal formée : propriété inconnue x", "n'a pas compris la demande de ce programme", "Prévenez votre administrateur"),
    "an incident": Refusal("soumettre", 200, 20985, "Une erreur technique est survenue", "un incident technique de son côté", "Déposez-la de nouveau plus tard"),
    "nothing known": Refusal("soumettre", 200, 20986, "Désolé", "Chorus Pro a refusé la facture : « Désolé » (code 20986).", "Corrigez l'information dont parle ce message"),
    "an attachment too big": Refusal("ajouter/fichier", 200, 20003, "", "une pièce jointe, ou l'ensemble, est trop lourde (code 20003).", "Allégez les pièces jointes", "pieces_jointes"),
}  # fmt: skip


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site after one invoice met each refusal; which met which does not matter."""
    with running(World()) as server:
        site = Site(tmp_path_factory.mktemp("explained"), server)
        for number, refusal in enumerate(REFUSALS.values()):
            rule = Rule(refusal.call, "refuse", status=refusal.status, code=refusal.code, label=refusal.label)
            server.world.rules.append(rule)
            site.drop(f"X{number}_{TO}.pdf", invoice_pdf(f"X{number}"))
            if refusal.call == "deposer/pdf":
                assert site.once() == 1
        (site.root / "outbox" / f"X{len(REFUSALS) - 1}_{TO}_PJ1.png").write_bytes(b"a delivery note")
        assert site.once() == 1
        assert server.world.accepted() == []
        yield site


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_told_by_what_it_is_about(refused: Site, name: str) -> None:
    """Line 1 says what, line 2 that it was Chorus Pro, line 3 what to do; the sidecar marks the line to correct."""
    refusal = REFUSALS[name]
    stems = [path.stem for path in (refused.root / "failed").glob("*.pdf")]
    (stem,) = [s for s in stems if refusal.what in refused.log(s).split("\r\n")[0]]
    result, who, do, sandbox, nothing = refused.log(stem).split("\r\n")[:5]
    assert result.startswith(f"NON ENVOYÉE : {stem}.pdf. ")
    assert sandbox.startswith("*** ENVIRONNEMENT D'ESSAI")
    assert who == "Qui a refusé : Chorus Pro. Votre client ne l'a pas vue."
    assert do.startswith("Que faire : ")
    assert refusal.do in do
    assert nothing == ""
    sidecar = (refused.root / "failed" / f"{stem}.yaml").read_text("utf-8-sig")
    marked = re.search(r"# À CORRIGER : .*\n#     .*\n(\w+): ", sidecar)
    assert (marked[1] if marked else "") == refusal.field


def test_a_refused_correction_is_not_said_to_be_unseen(tmp_path: Path) -> None:
    """The customer has the invoice: only what was added was not taken. Corrected once more, it goes."""
    with running(World()) as server:
        site = Site(tmp_path, server, CONFIG + "follow_up: {{first_seconds: 1, every_seconds: 1}}\n")
        stem = f"R1_{TO}"
        site.drop(f"{stem}.pdf", invoice_pdf("R1"))
        assert site.once() == 0
        reason = ("Il manque le bon de livraison. " * 130)[:4000]
        body = {"numeroFacture": "R1", "statut": "SUSPENDUE", "commentaire": reason}
        assert httpx.post(f"{server.url}/_control/status", json=body).status_code == 200
        time.sleep(1.1)  # the shortest follow_up.first_seconds
        assert site.once() == 1
        told = site.log(stem).split("\r\n")
        assert told[4] == ""
        assert len(told[0]) < 500
        start = told.index("MOTIF DE VOTRE CLIENT, EN ENTIER") + 1
        full = " ".join(line.strip() for line in told[start : told.index("", start)])
        assert full == reason.strip()

        server.world.rules.append(Rule("completer", "refuse", status=200, code=20002, label="GDP_MSG_11.033"))
        _fill(site, stem, {"commentaire": "Livré le 12"}, _notepad)
        assert site.once() == 1
        result, who, *_ = site.log(stem).split("\r\n")
        assert result.startswith(f"REVENUE : {stem}.pdf. La facture n'est plus suspendue sur Chorus Pro")
        assert result.endswith("(code 20002, GDP_MSG_11.033).")
        assert who == "Qui a refusé : Chorus Pro, qui n'a pas pris votre correction."


# --- the pre-filled sidecar ------------------------------------------------------------------------------------------


def _notepad(text: str) -> bytes:
    return text.encode("utf-8-sig")


def _old_notepad(text: str) -> bytes:
    return text.encode("cp1252", "replace")


def _unicode(text: str) -> bytes:
    return b"\xff\xfe" + text.encode("utf-16-le")


def _fill(site: Site, stem: str, values: dict[str, str], save: Callable[[str], bytes]) -> None:
    """Write values into the lines of a sidecar in failed/, save it as Windows does, and put it back with its PDF."""
    sidecar = site.root / "failed" / f"{stem}.yaml"
    text = sidecar.read_bytes().decode("utf-8-sig")
    for name, value in values.items():
        text, count = re.subn(rf"(?m)^#?{name}: [^\r\n]*", f"{name}: {value}", text, count=1)
        assert count == 1, f"{name} is no line of {text}"
    sidecar.write_bytes(save(text))
    for end in (".yaml", ".pdf"):
        (site.root / "failed" / f"{stem}{end}").rename(site.root / "outbox" / f"{stem}{end}")


def _blank() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@dataclass(frozen=True)
class Loop:
    """A failed invoice: its name, its PDF, what the sidecar must mark, and what a person writes there."""

    stem: str
    pdf: bytes
    marks: dict[str, str]  # field -> words of the comment above it
    values: dict[str, str]
    save: Callable[[str], bytes]


LOOPS = {
    "missing engagement": Loop("L1_12345678200036", invoice_pdf("L1"), {"engagement": "À COMPLÉTER : Ce destinataire"}, {"engagement": "91821"}, _notepad),
    "unknown service": Loop("L2_22220001600327_XYZ_91821", invoice_pdf("L2"), {"service": "À CORRIGER : Le code service « XYZ »"}, {"service": "COLLEGE"}, _unicode),
    "wrong SIRET in the name": Loop("L3_22220001600372_COLLEGE_91821", invoice_pdf("L3"), {"siret": "À CORRIGER : Le SIRET 22220001600372"}, {"siret": "222 200 016 00327"}, _old_notepad),
    "a scan without a word": Loop("scan", _blank(), {"siret": "À COMPLÉTER : ", "numero": "À COMPLÉTER : ", "date": "À COMPLÉTER : ", "ttc": "À COMPLÉTER : "}, {"siret": TO, "numero": "L4", "date": f"{today():%d/%m/%Y}", "ht": "1 000,00", "tva": "200,00", "ttc": "1 200,00 €"}, _unicode),
    "another number than the PDF's": Loop(f"L5-BIS_{TO}", invoice_pdf("L5"), {"numero": "À CORRIGER : Le PDF dit autre chose"}, {"numero": "L5"}, _old_notepad),
    "contradicting totals": Loop(f"totaux/L6_{TO}", invoice_pdf("L6"), {"ttc": "À CORRIGER : Les montants ne s'accordent pas"}, {"ht": "100,00"}, _notepad),
}  # fmt: skip


@pytest.fixture(scope="module", params=["fr", "en"])
def corrected(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, dict[str, str]]]:
    """Give a site after everything was put back, and the text of each sidecar as it was written."""
    with running(World()) as server:
        site = Site(tmp_path_factory.mktemp("loops"), server, CONFIG + f"language: {request.param}\n")
        for loop in LOOPS.values():
            site.drop(f"{loop.stem}.pdf", loop.pdf)
        (site.root / "outbox" / "totaux" / "_defaults.yaml").write_text("ht: 90\n", "utf-8")
        assert site.once() == 1
        written = {}
        for name, loop in LOOPS.items():
            stem = Path(loop.stem).name
            written[name] = (site.root / "failed" / f"{stem}.yaml").read_bytes().decode("utf-8-sig")
            _fill(site, stem, loop.values, loop.save)
            if "/" in loop.stem:
                for end in (".yaml", ".pdf"):
                    (site.root / "outbox" / f"{stem}{end}").rename(site.root / "outbox" / f"{loop.stem}{end}")
        assert site.once() == 0, [p.name for p in (site.root / "failed").iterdir()]
        yield site, written


@pytest.mark.parametrize("name", LOOPS)
def test_a_sidecar_filled_in_as_it_says_is_sent(corrected: tuple[Site, dict[str, str]], name: str) -> None:
    """What was wrong is marked above its line, in the site's language; filled in and put back, the invoice is sent."""
    site, written = corrected
    loop, text = LOOPS[name], written[name]
    assert site.where(f"{Path(loop.stem).name}.pdf") == f"sent/{today():%Y/%m}"
    french = "À C" in text
    for field, words in loop.marks.items():
        above = text.partition(f"\r\n{field}: ")[0].split("\r\n")[-2]
        assert above.startswith(f"# {words}" if french else "# TO CO"), above
    assert "explications" in text if french else "explanations" in text


def test_each_was_sent_once(corrected: tuple[Site, dict[str, str]]) -> None:
    """Six invoices, six deposits, with the corrected values."""
    site, _ = corrected
    accepted = {str(f.number): f.body for f in site.simulator.world.accepted()}
    assert sorted(accepted) == ["L1", "L2", "L3", "L4", "L5", "L6"]
    assert accepted["L1"]["references"]["numeroBonCommande"] == "91821"
    assert accepted["L2"]["destinataire"]["codeServiceExecutant"] == "COLLEGE"
    assert accepted["L3"]["destinataire"]["codeDestinataire"] == "22220001600327"
    assert float(accepted["L4"]["montantTotal"]["montantTtcTotal"]) == 1200
    assert float(accepted["L6"]["montantTotal"]["montantHtTotal"]) == 100
