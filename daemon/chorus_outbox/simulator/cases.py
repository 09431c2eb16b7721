"""The invoices of the demonstration: what a supplier's clerk would drop, right and wrong, and what becomes of each.

All are from MA SOCIETE, to recipients of the simulator (``start.py``); each PDF prints what is sent. Where the files are
put and who watches them is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Literal
from zipfile import ZipFile, ZipInfo

from chorus_outbox.core.fields import Kind

from .drawing import Line, Party, Sketch, draw, facturx
from .start import SIRET_DEPARTEMENT, SIRET_ENGAGEMENT, SIRET_PLAIN, SUPPLIER_SIRET

Files = Mapping[str, bytes]

SUPPLIER = Party("MA SOCIETE", SUPPLIER_SIRET, ("12 rue des Lices", "35000 Rennes"))
_DEPARTEMENT = Party("DEP COTES-D'ARMOR", None, ("9 place du Général de Gaulle", "22000 Saint-Brieuc"))
_ANNEXE = Party("DEP COTES-D'ARMOR BUDGET ANNEXE", None, ("9 place du Général de Gaulle", "22000 Saint-Brieuc"))
_WITH_ENGAGEMENT = Party("DESTINATAIRE AVEC ENGAGEMENT", None, ("1 place de la Mairie", "22300 Lannion"))
_ENGAGEMENT = "91821"
_WRONG_SIRET = "22220001600372"  # two digits changed places: the checksum fails


@dataclass(frozen=True)
class Case:
    """One thing that a clerk drops into the outbox.

    Args:
        name: Short, for lists and test ids.
        files: ``files(today, tag)`` -> file name -> bytes. The tag (letters and digits, 11 at most) makes the invoice
            numbers unique, as Chorus Pro wants them to be.
        where: Sub-folder of the outbox, or empty.
        expect: In which folder the invoice ends.
        says: A few words of its French log.
        story: What it shows, in one French sentence.

    """

    name: str
    files: Callable[[date, str], Files]
    where: str
    expect: Literal["sent", "failed"]
    says: str
    story: str


def number(today: date, tag: str, case: int, prefix: str = "FA") -> str:
    """Return the invoice number of a case (counted from 1)."""
    return f"{prefix}{today.year}-{tag}{case:02d}"


def _line(label: str, quantity: int, price: str, rate: str = "20") -> Line:
    return Line(label, Decimal(quantity), Decimal(price), Decimal(rate))


def _by_name(today: date, tag: str) -> Files:
    lines = (_line("Entretien des espaces verts du collège", 3, "450.00"), _line("Taille des haies", 1, "180.00"))
    sketch = Sketch(
        number(today, tag, 1), today, SUPPLIER, _DEPARTEMENT, lines, engagement=_ENGAGEMENT, service="COLLEGE"
    )
    return {f"{sketch.number}_{SIRET_DEPARTEMENT}_COLLEGE_{_ENGAGEMENT}.pdf": draw(None, sketch)}


def _by_sidecar(today: date, tag: str) -> Files:
    lines = (_line("Location d'une nacelle, la journée", 2, "312.50"),)
    sketch = Sketch(number(today, tag, 2), today, SUPPLIER, _ANNEXE, lines, layout="moderne")
    sidecar = "# Destinataire de la facture\nsiret: 222 200 016 00434\n"
    return {"location nacelle.pdf": draw(None, sketch), "location nacelle.yaml": sidecar.encode()}


def _by_folder(today: date, tag: str) -> Files:
    lines = (_line("Remplacement de trois fenêtres", 3, "640.00", "10"), _line("Évacuation des déchets", 1, "95.00"))
    sketch = Sketch(number(today, tag, 3), today, SUPPLIER, _DEPARTEMENT, lines, layout="lettre")
    return {
        "fenêtres collège.pdf": draw(None, sketch),
        "fenêtres collège.yaml": f"engagement: {_ENGAGEMENT}\n".encode(),
    }


def _credit_note(today: date, tag: str) -> Files:
    origin = number(today, tag, 2)
    sketch = Sketch(
        *(
            number(today, tag, 4, "AV"),
            today,
            SUPPLIER,
            _ANNEXE,
            (_line("Nacelle rendue un jour plus tôt", 1, "312.50"),),
        ),
        kind=Kind.CREDIT_NOTE,
        origin=origin,
    )
    sidecar = f"type: avoir\nsiret: {SIRET_PLAIN}\norigine: {origin}\n"
    return {"avoir nacelle.pdf": draw(None, sketch), "avoir nacelle.yaml": sidecar.encode()}


def _with_facturx(today: date, tag: str) -> Files:
    lines = (_line("Abonnement annuel au logiciel", 1, "1200.00"), _line("Formation, la demi-journée", 2, "350.00"))
    sketch = Sketch(number(today, tag, 5), today, SUPPLIER, _ANNEXE, lines, layout="moderne")
    return {"abonnement logiciel.pdf": facturx(sketch, SIRET_PLAIN)}


def _three_rates(today: date, tag: str) -> Files:
    lines = (
        _line("Vaisselle de service", 40, "3.15"),
        _line("Repas servis sur place", 120, "6.80", "10"),
        _line("Denrées pour la cantine", 85, "2.37", "5.5"),
    )
    sketch = Sketch(number(today, tag, 6), today, SUPPLIER, _ANNEXE, lines, layout="tableur")
    return {f"{sketch.number}_{SIRET_PLAIN}.pdf": draw(None, sketch)}


def _wrong_siret(today: date, tag: str) -> Files:
    lines = (_line("Réparation du portail", 1, "260.00"),)
    sketch = Sketch(number(today, tag, 7), today, SUPPLIER, _DEPARTEMENT, lines)
    return {f"{sketch.number}_{_WRONG_SIRET}_COLLEGE_{_ENGAGEMENT}.pdf": draw(None, sketch)}


def _no_engagement(today: date, tag: str) -> Files:
    lines = (_line("Nettoyage des vitres", 4, "75.00"),)
    sketch = Sketch(number(today, tag, 8), today, SUPPLIER, _WITH_ENGAGEMENT, lines, layout="lettre")
    # With a sidecar nothing more is waited for, so that the answer comes at once.
    return {"vitres mairie.pdf": draw(None, sketch), "vitres mairie.yaml": f"siret: {SIRET_ENGAGEMENT}\n".encode()}


def _from_notepad(today: date, tag: str) -> Files:
    lines = (_line("Réfection du préau", 1, "4850.00", "10"),)
    sketch = Sketch(
        number(today, tag, 9), today, SUPPLIER, _ANNEXE, lines, layout="tableur", prepaid=Decimal("1500.00")
    )
    sidecar = f"siret: {SIRET_PLAIN}\r\ncommentaire: Réfection du préau – élèves déplacés jusqu’à Noël\r\n"
    return {"préau.pdf": draw(None, sketch), "préau.yaml": sidecar.encode("cp1252")}


def _word_document(today: date, tag: str) -> Files:
    types = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, text in (("[Content_Types].xml", types), ("word/document.xml", "<document>Facture</document>")):
            archive.writestr(ZipInfo(name), text)  # a ZipInfo without time: the same bytes each time
    return {f"{number(today, tag, 10)}_{SIRET_PLAIN}.pdf": buffer.getvalue()}


def _exempt(today: date, tag: str) -> Files:
    lines = (_line("Formation aux premiers secours", 2, "480.00", "0"),)
    exemption = "Exonération de TVA, article 261-4-4° du CGI"
    sketch = Sketch(number(today, tag, 11), today, SUPPLIER, _ANNEXE, lines, exemption=exemption)
    return {f"{sketch.number}_{SIRET_PLAIN}.pdf": draw(None, sketch)}


DEMO_CASES = (
    Case(
        *("nom de fichier", _by_name, "", "sent", "ENVOYÉE"),
        story="Le nom du fichier dit tout : numéro, SIRET, code service et numéro d'engagement.",
    ),
    Case(
        *("fiche à côté", _by_sidecar, "", "sent", "ENVOYÉE"),
        story="Une petite fiche du même nom donne le SIRET, tapé avec des espaces ; le reste est lu dans le PDF.",
    ),
    Case(
        *("dossier du client", _by_folder, "cotes-armor", "sent", "ENVOYÉE"),
        story="Le dossier porte le nom d'un client connu ; la fiche n'ajoute que le numéro d'engagement.",
    ),
    Case(
        *("avoir", _credit_note, "", "sent", "ENVOYÉE"),
        story="Un avoir, imprimé en montants négatifs, qui rappelle la facture qu'il corrige.",
    ),
    Case(
        *("Factur-X", _with_facturx, "", "sent", "ENVOYÉE"),
        story="Une facture Factur-X : toutes ses données sont lues dans le fichier XML que contient le PDF.",
    ),
    Case(
        *("trois taux de TVA", _three_rates, "", "sent", "ENVOYÉE"),
        story="Trois taux de TVA (20, 10 et 5,5 %), relevés dans le tableau récapitulatif de la facture.",
    ),
    Case(
        *("exonérée", _exempt, "", "sent", "ENVOYÉE"),
        story="Une formation exonérée de TVA : le motif imprimé est retrouvé dans la liste de Chorus Pro.",
    ),
    Case(
        *("SIRET mal tapé", _wrong_siret, "", "failed", "SIRET"),
        story="Deux chiffres du SIRET ont été intervertis : la facture est refusée avant tout envoi.",
    ),
    Case(
        *("engagement oublié", _no_engagement, "", "failed", "engagement"),
        story="Ce destinataire exige un numéro d'engagement, et il n'y en a nulle part.",
    ),
    Case(
        *("fiche du Bloc-notes", _from_notepad, "", "sent", "ENVOYÉE"),
        story="Une fiche enregistrée par le Bloc-notes de Windows, accents compris ; un acompte a déjà été versé.",
    ),
    Case(
        *("document Word", _word_document, "", "failed", "pas un PDF"),
        story="Un document Word renommé en .pdf : il est mis de côté avec une explication.",
    ),
)
