"""Texts as pypdf gives them for the invoices that French software prints, and what is certain in each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from chorus_outbox.core.draft import Source
from chorus_outbox.core.fields import FIELDS, Enclosure, FieldValue, Kind, VatLine, show
from chorus_outbox.core.pdftext import mentions, read_pdf_text

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real sample invoices are not beside the project")


@dataclass(frozen=True)
class Layout:
    """A text, and each field's value as ``show`` writes it; a field that is not named must be absent."""

    name: str
    text: str
    expected: dict[str, str]


LAYOUTS = (
    Layout(
        "dolibarr",
        """MA SOCIETE
Facture Réf. : FA2603-0012
Date facturation : 12/03/2026
Date échéance : 11/04/2026
Code client : CU2601-0003
Émetteur
Adressé à
Mairie de Trébeurden
Désignation TVA P.U. HT Qté Total HT
Entretien des espaces verts 20% 450,00 2 900,00
Total HT 900,00
Total TVA 20% 180,00
Total TTC 1 080,00
Siret : 732 829 320 00074 - NAF-APE : 8130Z - Num. TVA : FR44732829320 1/1
""",
        {
            "numero": "FA2603-0012",
            "date": "2026-03-12",
            "type": "facture",
            "ht": "900.00",
            "tva": "180.00",
            "ttc": "1080.00",
            "lignes_tva": "20 %: 900.00 / 180.00",
            "fournisseur": "73282932000074",
        },
    ),
    Layout(
        "odoo",
        """Facture FAC/2026/00017
Date de la facture:
02/11/2026
Date d'échéance:
02/12/2026
Origine:
S00042
Description Quantité Prix unitaire Taxes Montant
Tables 4,00 125,00 TVA 20% 500,00 €
Sous-total 500,00 €
TVA 20% 100,00 €
Total 600,00 €
Veuillez utiliser la référence suivante pour votre paiement : FAC/2026/00017
""",
        {
            "numero": "FAC/2026/00017",
            "date": "2026-11-02",
            "type": "facture",
            "ht": "500.00",
            "tva": "100.00",
            "ttc": "600.00",
            "lignes_tva": "20 %: 500.00 / 100.00",
        },
    ),
    Layout(
        "sage: headings over values, rates without a sign",
        """FACTURE
Numéro Date Code client
FC001234 16/11/2026 CLI0042
Référence Désignation Qté P.U. HT Montant HT
REF1 Fournitures 10,00 8,19 81,90
REF2 Denrées 1,00 543,00 543,00
Base HT Taux TVA Montant TVA
81,90 20,00 16,38
543,00 5,50 29,87
Total HT Total TVA Total TTC
624,90 46,25 671,15
NET A PAYER 671,15
""",
        {
            "numero": "FC001234",
            "date": "2026-11-16",
            "type": "facture",
            "ht": "624.90",
            "tva": "46.25",
            "ttc": "671.15",
            "a_payer": "671.15",
            "lignes_tva": "20 %: 81.90 / 16.38, 5.5 %: 543.00 / 29.87",
        },
    ),
    Layout(
        "ebp: labels in one run, values in another",
        """Facture
Numéro
Date
Code client
Date d'échéance
FA00000057
05/06/2026
CL00012
05/07/2026
Description Qté P.U. HT
Maintenance 1,00 1 234,50
Total HT
TVA 20 %
Total TTC
Net à payer
1 234,50 €
246,90 €
1 481,40 €
1 481,40 €
""",
        {
            "numero": "FA00000057",
            "date": "2026-06-05",
            "type": "facture",
            "ht": "1234.50",
            "tva": "246.90",
            "ttc": "1481.40",
            "a_payer": "1481.40",
            "lignes_tva": "20 %: 1234.50 / 246.90",
        },
    ),
    Layout(
        "ciel: upper case and dots",
        """FACTURE N° FAC00321
DATE : 31/01/26
TOTAL H.T. 150,00
T.V.A. 20,00 % 30,00
TOTAL T.T.C. 180,00
NET A PAYER T.T.C. : 180,00 EUR
""",
        {
            "numero": "FAC00321",
            "date": "2026-01-31",
            "type": "facture",
            "ht": "150.00",
            "tva": "30.00",
            "ttc": "180.00",
            "a_payer": "180.00",
            "lignes_tva": "20 %: 150.00 / 30.00",
        },
    ),
    Layout(
        "henrri: narrow no-break blanks",
        """Facture n° 2026-0042
Émise le 3 févr. 2026
À régler avant le 5 mars 2026
Montant total HT\u00a0: 1\u202f234,50\u00a0€
TVA (20,0\u00a0%)\u00a0: 246,90\u00a0€
Montant total TTC\u00a0: 1\u202f481,40\u00a0€
""",
        {
            "numero": "2026-0042",
            "date": "2026-02-03",
            "type": "facture",
            "ht": "1234.50",
            "tva": "246.90",
            "ttc": "1481.40",
            "lignes_tva": "20 %: 1234.50 / 246.90",
        },
    ),
    Layout(
        "pennylane: sentences round the labels",
        """Facture
Numéro de facture : F-2026-118
Date d'émission : 16 novembre 2026
Date d'échéance : 16 décembre 2026
SIRET : 732 829 320 00074
Facturé à
Conseil départemental
SIRET client : 222 200 016 00327
Total HT 300,00 €
TVA 10 % 30,00 €
Total TTC 330,00 €
Reste à payer 0,00 €
""",
        {
            "numero": "F-2026-118",
            "date": "2026-11-16",
            "type": "facture",
            "ht": "300.00",
            "tva": "30.00",
            "ttc": "330.00",
            "a_payer": "0.00",
            "lignes_tva": "10 %: 300.00 / 30.00",
            "fournisseur": "73282932000074",
            "siret": "22220001600327",
        },
    ),
    Layout(
        "axonaut: everything labelled, chorus references",
        """FACTURE N°: FA-2026-77
Date : 01/12/2026
N° d'engagement : 91821
Code service : COLLEGE
Total HT : 1.000,00 €
Dont TVA : 55,00 €
Total TTC : 1.055,00 €
""",
        {
            "numero": "FA-2026-77",
            "date": "2026-12-01",
            "type": "facture",
            "ht": "1000.00",
            "tva": "55.00",
            "ttc": "1055.00",
            "engagement": "91821",
            "service": "COLLEGE",
        },
    ),
    Layout(
        "word: a letter",
        """Plomberie Le Goff
Fait à Lannion, le 1er mars 2026
FACTURE N° 26-031
Réparation d'une fuite au collège
Montant HT 200 €
TVA 20 % 40 €
Montant TTC 240 €
Règlement sous 30 jours, sans escompte
""",
        {
            "numero": "26-031",
            "date": "2026-03-01",
            "type": "facture",
            "ht": "200",
            "tva": "40",
            "ttc": "240",
            "lignes_tva": "20 %: 200 / 40",
        },
    ),
    Layout(
        "excel: a cell a line, whole numbers",
        """FACTURE
N°
F26014
Date
14/02/2026
Total HT
100
TVA
20
Total TTC
120
""",
        {"numero": "F26014", "date": "2026-02-14", "type": "facture", "ht": "100", "tva": "20", "ttc": "120"},
    ),
    Layout(
        "value before its label",
        """FA-2026-009 N° de facture
12/05/2026 Date de facture
150,00 € Total HT
30,00 € Total TVA
180,00 € Total TTC
""",
        {
            "numero": "FA-2026-009",
            "date": "2026-05-12",
            "type": "facture",
            "ht": "150.00",
            "tva": "30.00",
            "ttc": "180.00",
        },
    ),
    Layout(
        "values in a run before their labels",
        """FACTURE
F-1044
10/10/2026
N° facture
Date facture
Total HT
TVA 5,5 %
Total TTC
Merci de votre confiance
""",
        {"numero": "F-1044", "date": "2026-10-10", "type": "facture"},
    ),
    Layout(
        "amounts in another column, far from their labels",
        """Facture n° A-778 du 09/09/2026
Total HT
TVA 20 %
Total TTC
Conditions générales de vente au verso
400,00 €
80,00 €
480,00 €
""",
        {
            "numero": "A-778",
            "date": "2026-09-09",
            "type": "facture",
            "ht": "400.00",
            "tva": "80.00",
            "ttc": "480.00",
            "lignes_tva": "20 %: 400.00 / 80.00",
        },
    ),
    Layout(
        "three rates, tax only, one base not printed",
        """Facture FA-3TX-01
Date de facturation 16.11.26
Repas 100,00 €
Livres 200,00 €
Papier 40,00 €
Encre 60,00 €
Total HT 400,00 €
TVA 10 % : 10,00 €
TVA 5,5 %: 11,00 €
TVA 20 % : 20,00 €
Total TTC 441,00 €
""",
        {
            "numero": "FA-3TX-01",
            "date": "2026-11-16",
            "type": "facture",
            "ht": "400.00",
            "tva": "41.00",
            "ttc": "441.00",
            "lignes_tva": "20 %: 100.00 / 20.00, 10 %: 100.00 / 10.00, 5.5 %: 200.00 / 11.00",
        },
    ),
    Layout(
        "franchise: one total",
        """Jeanne Martin, formatrice
Facture n° 2026-03
Date : 28-02-2026
Animation d'un atelier 3 h x 80,00 € 240,00 €
Total : 240,00 €
TVA non applicable, art. 293 B du CGI
""",
        {"numero": "2026-03", "date": "2026-02-28", "type": "facture", "ht": "240.00", "tva": "0", "ttc": "240.00"},
    ),
    Layout(
        "franchise: total HT and net à payer",
        """FACTURE
Facture N° 12-2026
Le 4 avril 2026
Total HT 350,00 €
TVA non applicable - article 293 B du CGI
Net à payer 350,00 €
""",
        {
            "numero": "12-2026",
            "date": "2026-04-04",
            "type": "facture",
            "ht": "350.00",
            "tva": "0",
            "ttc": "350.00",
            "a_payer": "350.00",
        },
    ),
    Layout(
        "credit note with negative amounts",
        """AVOIR N° AV-2026-004
Date : 20/11/2026
Annule la facture n° FA-2026-100 du 03/11/2026
Total HT -100,00 €
TVA 20 % -20,00 €
Total TTC -120,00 €
""",
        {
            "numero": "AV-2026-004",
            "date": "2026-11-20",
            "type": "avoir",
            "origine": "FA-2026-100",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
        },
    ),
    Layout(
        "credit note: trailing minus, number under an invoice's label",
        """NOTE DE CREDIT
N° facture : AV0012
Date : 20/11/2026
Total HT 50,00-
Total TVA 10,00-
Total TTC 60,00-
""",
        {"numero": "AV0012", "date": "2026-11-20", "type": "avoir", "ht": "50.00", "tva": "10.00", "ttc": "60.00"},
    ),
    Layout(
        "credit note: accountant's parentheses",
        """Facture d'avoir n° A26-07
Date de l'avoir : 20/11/2026
Montant HT (1 500,00 €)
Montant TVA (300,00 €)
Montant TTC (1 800,00 €)
""",
        {"numero": "A26-07", "date": "2026-11-20", "type": "avoir", "ht": "1500.00", "tva": "300.00", "ttc": "1800.00"},
    ),
    Layout(
        "an invoice that speaks of avoir",
        """Facture n° FA-88
Date : 15/06/2026
Prestation de juin 130,00 €
Avoir n° AV-12 du 01/06/2026 -30,00 €
Total HT 100,00 €
TVA 20 % 20,00 €
Total TTC 120,00 €
Notes Avoir suite à livraison incomplète déduit
Conditions pour avoir droit à l'escompte : néant
""",
        {
            "numero": "FA-88",
            "date": "2026-06-15",
            "type": "facture",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
        },
    ),
    Layout(
        "discount, carriage and deposit between the totals",
        """Facture FA-2026-555
Date de facture 01/07/2026
Sous-total HT 1 000,00 €
Remise 10% -100,00 €
Total HT 900,00 €
TVA 20 % 180,00 €
Total TTC 1 080,00 €
Acompte versé le 01/06/2026 -300,00 €
Net à payer 780,00 €
""",
        {
            "numero": "FA-2026-555",
            "date": "2026-07-01",
            "type": "facture",
            "ht": "900.00",
            "tva": "180.00",
            "ttc": "1080.00",
            "a_payer": "780.00",
            "lignes_tva": "20 %: 900.00 / 180.00",
        },
    ),
    Layout(
        "other dates and other numbers all around",
        """Devis n° D-2026-12 du 01/02/2026
Commande n° BC-889 du 05/02/2026
Bon de livraison n° BL-17 du 20/02/2026
Facture n° FA-2026-31 du 28/02/2026
Date limite de paiement 30/03/2026
Période du 01/02/2026 au 28/02/2026
Total TTC : 55,00 €
""",
        {"numero": "FA-2026-31", "date": "2026-02-28", "type": "facture", "ttc": "55.00"},
    ),
    Layout(
        "two different numbers: none is taken",
        """Facture n° FA-1
Facture n° FA-2
Date de facture : 01/03/2026
Date de facture : 02/03/2026
Total TTC 10,00 €
Total TTC 12,00 €
""",
        {"type": "facture"},
    ),
    Layout(
        "a number with blanks in it is not cut",
        """Facture n° 2026 - 014
Date : 01/03/2026
Numéro d'engagement : 13 000 12
""",
        {"date": "2026-03-01", "type": "facture"},
    ),
    Layout(
        "totals that contradict each other",
        """Facture n° FA-9 du 01/03/2026
Total HT 100,00
TVA 20 % 20,00
Total TTC 125,00
""",
        {"numero": "FA-9", "date": "2026-03-01", "type": "facture", "ttc": "125.00"},
    ),
    Layout(
        "only the due date is printed",
        """Facture n° FA-10
Date d'échéance : 01/03/2026
Livraison du 05/02/2026
""",
        {"numero": "FA-10", "type": "facture"},
    ),
    Layout(
        "two SIRETs without labels: the VAT number tells",
        """SIRET 73282932000074 - TVA FR44732829320
Facture n° FA-11 du 01/03/2026
Lycée
SIRET 22220001600327
""",
        {"numero": "FA-11", "date": "2026-03-01", "type": "facture", "fournisseur": "73282932000074"},
    ),
    Layout(
        "two SIRETs and nothing to tell them apart",
        "Facture n° FA-11 du 01/03/2026\nSIRET 73282932000074\nSIRET 22220001600327\n",
        {"numero": "FA-11", "date": "2026-03-01", "type": "facture"},
    ),
    Layout(
        "letters set apart, ligatures, English thousands",
        "F A C T U R E\nNuméro de facture : FA-12\nDate de facture : 2026-03-01\n"
        "Chiﬀre d'aﬀaires\nTotal HT : EUR 1,000.00\nTotal TVA : EUR 200.00\nTotal TTC : EUR 1,200.00\n",
        {
            "numero": "FA-12",
            "date": "2026-03-01",
            "type": "facture",
            "ht": "1000.00",
            "tva": "200.00",
            "ttc": "1200.00",
        },
    ),
    Layout(
        "reverse charge",
        "Facture n° ST-7 du 01/03/2026\nTotal HT : 5 000,00 €\nAutoliquidation de la TVA, art. 283-2 nonies du CGI\n",
        {
            "numero": "ST-7",
            "date": "2026-03-01",
            "type": "facture",
            "ht": "5000.00",
            "tva": "0",
            "ttc": "5000.00",
            "motif_exoneration": "autoliquidation, article 283 du CGI",
        },
    ),
    Layout(
        "total with its meaning after the amount",
        "FACTURE 2026-77\nLyon, le 5 mai 2026\nSous-total : 10,00 € HT\nTVA 20 % : 2,00 €\nTotal : 12,00 € TTC\n",
        {
            "numero": "2026-77",
            "date": "2026-05-05",
            "type": "facture",
            "ht": "10.00",
            "tva": "2.00",
            "ttc": "12.00",
            "lignes_tva": "20 %: 10.00 / 2.00",
        },
    ),
    Layout(
        "totals per rate and their sum",
        "Facture n° FA-13 du 01/03/2026\nTotaux 81,90 16,38 98,28\nTotal 543,00 29,87 572,87\n"
        "Total général HT 624,90\nTotal TVA 46,25\nTotal général TTC 671,15\n",
        {
            "numero": "FA-13",
            "date": "2026-03-01",
            "type": "facture",
            "ht": "624.90",
            "tva": "46.25",
            "ttc": "671.15",
        },
    ),
    Layout(
        "headings and values in turn",
        """MA SOCIETE
Facture 1042
FACTURER À
Mairie
DATE
12/10/2026
MONTANT À PAYER
EUR 120,00
DATE D'ÉCHÉANCE
11/11/2026
SOUS-TOTAL 100,00
TVA (20,0%) 20,00
TOTAL 120,00
SOLDE À PAYER EUR 120,00
""",
        {
            "numero": "1042",
            "date": "2026-10-12",
            "type": "facture",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "a_payer": "120.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
        },
    ),
    Layout(
        "credit note whose heading names the invoice as well",
        """AVOIR
Numéro Date Facture d'origine
AV-77 01/02/2026 FA-33
Total HT 10,00
TVA 20,00% 2,00
Total TTC 12,00
""",
        {
            "numero": "AV-77",
            "date": "2026-02-01",
            "type": "avoir",
            "origine": "FA-33",
            "ht": "10.00",
            "tva": "2.00",
            "ttc": "12.00",
            "lignes_tva": "20 %: 10.00 / 2.00",
        },
    ),
    Layout(
        "final invoice that deducts another",
        """Facture de solde n° FS-12 du 01/12/2026
Facture d'acompte n° FA-11 du 01/11/2026 -600,00 €
Total HT 1 000,00 €
TVA 20 % 200,00 €
Total TTC 1 200,00 €
Reste à payer 600,00 €
""",
        {
            "numero": "FS-12",
            "date": "2026-12-01",
            "type": "facture",
            "ht": "1000.00",
            "tva": "200.00",
            "ttc": "1200.00",
            "a_payer": "600.00",
            "lignes_tva": "20 %: 1000.00 / 200.00",
        },
    ),
    Layout(
        "date on the line below the number",
        """Facture N° F-20260300045
du 12/03/2026
Commande n° 889
du 01/03/2026
Total HT : 250,00
TVA 5,50 % : 13,75
Total TTC : 263,75
Échéance le 11/04/2026 : 263,75
""",
        {
            "numero": "F-20260300045",
            "date": "2026-03-12",
            "type": "facture",
            "ht": "250.00",
            "tva": "13.75",
            "ttc": "263.75",
            "lignes_tva": "5.5 %: 250.00 / 13.75",
        },
    ),
    Layout(
        "discount on the total",
        """Facture n° 9
Date : lundi 2 mars 2026
Total HT : 1 000,00 €
Remise commerciale : -50,00 €
Total HT après remise : 950,00 €
TVA 20 % : 190,00 €
Net à payer TTC : 1 140,00 €
""",
        {
            "numero": "9",
            "date": "2026-03-02",
            "type": "facture",
            "ht": "950.00",
            "tva": "190.00",
            "ttc": "1140.00",
            "a_payer": "1140.00",
            "lignes_tva": "20 %: 950.00 / 190.00",
        },
    ),
    Layout(
        "carriage between the totals: no third total is made up",
        "Facture n° 9\nTotal HT 100,00\nFrais de port 10,00\nTVA 20 % 22,00\nNet à payer 132,00\n",
        {"numero": "9", "type": "facture", "a_payer": "132.00"},
    ),
    Layout(
        "the due date alone on its line",
        "Facture n° FA-10\nDate d'échéance\n01/03/2026\n",
        {"numero": "FA-10", "type": "facture"},
    ),
    Layout(
        "only the customer's SIRET, in its address",
        "SIREN 732 829 320\nFacture n° F1 du 2/3/2026\nClient :\nMairie\n22300 Lannion\nSIRET : 22220001600327\n",
        {"numero": "F1", "date": "2026-03-02", "type": "facture"},
    ),
    Layout(
        "everything glued together",
        "FactureN°FA12 du 01/02/2026\nTotalHT100,00€\nTVA20%20,00€\nTotalTTC120,00€\n",
        {
            "numero": "FA12",
            "date": "2026-02-01",
            "type": "facture",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
        },
    ),
    Layout(
        "credit note in brackets",
        "AVOIR n° AV-1\nDate : 01/03/2026\nAvoir sur facture n° FA-9 du 01/02/2026\nTotal HT (100,00 €)\n"
        "TVA 20 % (20,00 €)\nTotal TTC (120,00 €)\n",
        {
            "numero": "AV-1",
            "date": "2026-03-01",
            "type": "avoir",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
            "origine": "FA-9",
        },
    ),
    Layout(
        "credit note with the minus behind",
        "AVOIR n° AV-2\nDate : 01/03/2026\nAnnule la facture FA-9\nTotal HT 100,00-\nTVA 20 % 20,00-\nTotal TTC 120,00-\n",
        {
            "numero": "AV-2",
            "date": "2026-03-01",
            "type": "avoir",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
            "origine": "FA-9",
        },
    ),
    Layout(
        "credit note of two invoices",
        "AVOIR n° AV-3\nDate : 01/03/2026\nAvoir sur facture n° FA-8\nAvoir sur facture n° FA-9\nTotal TTC 120,00\n",
        {"numero": "AV-3", "date": "2026-03-01", "type": "avoir", "ttc": "120.00"},
    ),
    Layout(
        "global discount",
        "Facture n° F2\nDate : 01/03/2026\nTotal HT 100,00\nTVA 20 % 20,00\nTotal TTC 120,00\nRemise globale TTC -20,00\n"
        "Net à payer 100,00\nOption pour le paiement de la taxe d'après les débits\n",
        {
            "numero": "F2",
            "date": "2026-03-01",
            "type": "facture",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "remise": "20.00",
            "a_payer": "100.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
            "regime_tva": "TVA_SUR_DEBIT",
        },
    ),
    Layout(
        "deposit paid, and nothing says what is left",
        "Facture n° F3\nDate : 01/03/2026\nTotal HT 100,00\nTVA 20 % 20,00\nTotal TTC 120,00\nAcompte déjà versé 50,00\n"
        "TVA acquittée sur les encaissements\n",
        {
            "numero": "F3",
            "date": "2026-03-01",
            "type": "facture",
            "ht": "100.00",
            "tva": "20.00",
            "ttc": "120.00",
            "a_payer": "70.00",
            "lignes_tva": "20 %: 100.00 / 20.00",
            "regime_tva": "TVA_SUR_ENCAISSEMENT",
        },
    ),
    Layout(
        "exempt",
        "Facture n° F4\nDate : 01/03/2026\nTotal 100,00 €\nExonération de TVA, article 261-4-4° du CGI\n",
        {
            "numero": "F4",
            "date": "2026-03-01",
            "type": "facture",
            "ht": "100.00",
            "tva": "0",
            "ttc": "100.00",
            "motif_exoneration": "article 261 du CGI",
        },
    ),
    Layout("pro forma", "FACTURE PROFORMA n° PF-3\nDate : 01/03/2026\n", {"date": "2026-03-01"}),
    Layout("a letter that is no invoice", "Madame,\nsans avoir reçu votre facture du mois, je vous prie de...\n", {}),
    Layout("nothing", "", {}),
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_layout(layout: Layout) -> None:
    """Each layout gives exactly the fields that are certain in it, and no other."""
    draft = read_pdf_text(layout.text)
    assert draft.source is Source.PDF_TEXT
    assert {name: show(value) for name, value in draft.values.items()} == layout.expected


def printed(name: str) -> str:
    """Return the text of a sample's pages."""
    return "\n".join(page.extract_text() for page in PdfReader(SAMPLES / name).pages)


@needs_samples
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "fnfe-Avoir_FR_type381_BASIC.pdf",
            {
                "numero": "AV-2017-0005",
                "date": "2017-11-16",
                "type": "avoir",
                "origine": "FA-2017-0010",
                "fournisseur": "99999999800010",
                "ht": "218.48",
                "tva": "14.99",
                "ttc": "233.47",
                "lignes_tva": "20 %: 20.48 / 4.10, 5.5 %: 198.00 / 10.89",
            },
            id="credit note, printed negative",
        ),
        pytest.param(
            "fnfe-Facture_DOM_BASICWL.pdf",
            {
                "numero": "FA-2017-0009",
                "date": "2017-11-05",
                "type": "facture",
                "motif_exoneration": "article 262 I du CGI",
                "fournisseur": "99999999800010",
                "ht": "530.75",
                "tva": "0.00",
                "ttc": "530.75",
                "a_payer": "383.75",
                "lignes_tva": "0 %: 530.75 / 0.00",
            },
            id="export, deposit paid",
        ),
        *(
            pytest.param(
                f"fnfe-Facture_FR_{profile}.pdf",
                {
                    "numero": "FA-2017-0010",
                    "date": "2017-11-13",
                    "type": "facture",
                    "ht": "624.90",
                    "tva": "46.25",
                    "ttc": "671.15",
                    "a_payer": "470.15",
                    "fournisseur": "99999999800010",
                    "lignes_tva": "20 %: 81.90 / 16.38, 5.5 %: 543.00 / 29.87",
                },
                id=f"two rates, {profile}",
            )
            for profile in ("BASICWL", "MINIMUM")
        ),
        pytest.param("unstructured_RE-E-974-Hetzner_2016-01-19_R0005532486.pdf", {}, id="German: nothing is guessed"),
    ],
)
def test_real_sample(name: str, expected: dict[str, str]) -> None:
    """The text of a real invoice, its XML left aside, gives what is printed."""
    assert {k: show(v) for k, v in read_pdf_text(printed(name)).values.items()} == expected


AMOUNTS = (
    *("1 234,50 €", "1\u00a0234,50\u00a0€", "1\u202f234,50", "1.234,50", "1234.50 EUR", "1 234,5", "1,234.50 €"),
    *("EUR 1234,50", "€ 1 234,50", "1'234,50", "1234,50 euros", "1 234,50€"),
)


@pytest.mark.parametrize("amount", AMOUNTS)
def test_amount_writing(amount: str) -> None:
    """An amount is read in every way that French software writes it."""
    values = read_pdf_text(f"Facture\nTotal TTC : {amount}\n").values
    assert values["ttc"] == Decimal("1234.50")
    assert mentions(amount, Decimal("1234.50"))


@pytest.mark.parametrize(
    "label",
    [
        "Net à payer",
        "NET A PAYER TTC",
        "Solde à payer",
        "Reste dû",
        "Reste à payer",
        "Montant dû",
        "À payer : net à payer",
    ],
)
def test_payable_label(label: str) -> None:
    """The amount to pay goes by many names."""
    text = f"Facture n° F-1\nTotal HT 100,00\nTVA 20 % 20,00\nTotal TTC 120,00\n{label} : 70,00 €\n"
    assert read_pdf_text(text).values["a_payer"] == Decimal("70.00")


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Facture n° FA-2017-0010",
            "FACTURE N°: FA-2017-0010",
            "Numéro de facture : FA-2017-0010",
            "Facture FA-2017-0010",
        ),
        *("Référence facture FA-2017-0010", "N° facture\nFA-2017-0010", "Facture no FA-2017-0010 du 01/03/2026"),
        *("Facture d'acompte n° FA-2017-0010", "MA SOCIETE Facture nº FA-2017-0010", "FACTURE\nN° : FA-2017-0010"),
        *("Facture / Invoice N° FA-2017-0010", "Pièce n° FA-2017-0010", "FACTURE\nFA-2017-0010\n"),
    ],
)
def test_number_wording(line: str) -> None:
    """The number is found under each usual wording."""
    assert read_pdf_text(line).values["numero"] == "FA-2017-0010"


@pytest.mark.parametrize(
    "line",
    [
        *("Facture du 16/11/2017", "Facture à régler sous 30 jours", "Facture 120,00 €", "N° de client : 4012"),
        *(
            "Acompte sur facture n° FA-3",
            "Règlement de la facture n° FA-3",
            "FACTURE 2 exemplaires",
            "Facture n° FA 2026 001",
        ),
        *("Facture\nN° TVA FR44732829320", "Facture n°\nDate", "Facture de 3 m2 de bois", "N° facture 01/02/2026"),
    ],
)
def test_no_number(line: str) -> None:
    """What is not surely this invoice's number is not taken for it."""
    assert "numero" not in read_pdf_text(line).values


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        *(
            (title, Kind.CREDIT_NOTE)
            for title in ("AVOIR", "Avoir n° A1", "Note de crédit n° 12", "FACTURE D'AVOIR\nN° 1")
        ),
        *(
            (title, Kind.INVOICE)
            for title in ("FACTURE", "Facture n° 12", "Facture d'acompte n° 3", "MON NOM FACTURE N° 12")
        ),
        *(
            (words, None)
            for words in (
                "Sans avoir",
                "Avoir suite à un retour",
                "pour avoir droit",
                "Facture jointe",
                "Devis",
                "Annule la facture n° 12",
            )
        ),
    ],
)
def test_kind(line: str, expected: Kind | None) -> None:
    """Invoice or credit note is said by a title, never by a word in a sentence."""
    assert read_pdf_text(line).values.get("type") is expected


@pytest.mark.parametrize(
    ("line", "regime"),
    [
        ("TVA acquittée sur les encaissements", "TVA_SUR_ENCAISSEMENT"),
        ("T.V.A. exigible à l'encaissement", "TVA_SUR_ENCAISSEMENT"),
        ("TVA acquittée d'après les débits", "TVA_SUR_DEBIT"),
        ("T.V.A. sur les débits", "TVA_SUR_DEBIT"),
        ("Option pour le paiement de la taxe d'après\nles débits.", "TVA_SUR_DEBIT"),
        ("Total TVA 20,00 € Encaissements 50,00 €", None),
        ("Option pour le paiement de la TVA d'après les débits", "TVA_SUR_DEBIT"),
        ("Pas d'option pour le paiement de la taxe d'après les débits", None),
        ("TVA sur les encaissements\nTVA sur les débits", None),
        ("Carte de débit acceptée", None),
    ],
)
def test_how_vat_falls_due(line: str, regime: str | None) -> None:
    """The notice that the law asks for is understood; a denied one, or two that contradict each other, say nothing."""
    assert read_pdf_text(line).values.get("regime_tva") == regime


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("TVA non applicable, art. 293 B du CGI", None),
        ("Autoliquidation", "autoliquidation"),
        ("Autoliquidation de la TVA - art. 283-2 nonies du CGI", "autoliquidation, article 283 du CGI"),
        ("Livraison intracommunautaire exonérée, art. 262 ter I du CGI", "article 262 ter du CGI"),
        ("Exonération de TVA\narticle 261 A du code", "article 261 A du CGI"),
        ("Article 261 chaise pliante", None),
        ("Exonération partielle, 261 parts", None),
        ("Exonération art. 261 du CGI\nExonération art. 262 I du CGI", None),
        ("Exonération art. 261 du CGI\nTotal HT 100,00\nTVA 20 % 20,00\nTotal TTC 120,00", None),
    ],
)
def test_why_there_is_no_vat(text: str, reason: str | None) -> None:
    """The article that exempts is the reason; that of small businesses is none; of a taxed invoice nothing is said."""
    assert read_pdf_text(text).values.get("motif_exoneration") == reason


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("Avoir sur facture n° FA-9 du 01/02/2026", "FA-9"),
        ("Avoir partiel sur la facture FA-9", "FA-9"),
        ("Annule la facture n° FA-9", "FA-9"),
        ("Annule et remplace la facture FA-9", "FA-9"),
        ("Facture d'origine : FA-9", "FA-9"),
        ("Facture liée\tFA-9", "FA-9"),
        ("Réf. facture : FA-9", "FA-9"),
        ("Remboursement de votre facture n° FA-9", "FA-9"),
        ("Facture n° FA-9", "FA-9"),
        ("Numéro de facture : AV-1", None),
        ("Facture d'origine : 01/02/2026", None),
        ("Facture d'origine : FA-2026-0000000000000009", None),
    ],
)
def test_origin_wording(line: str, origin: str | None) -> None:
    """A credit note names the invoice that it corrects in many ways; an invoice says nothing of that."""
    assert read_pdf_text(f"AVOIR n° AV-1\n{line}").values.get("origine") == origin
    assert "origine" not in read_pdf_text(f"FACTURE n° F-1\n{line}").values


MENTIONS: tuple[tuple[str, FieldValue, bool], ...] = (
    ("Facture FA-2026-001", "fa-2026-001", True),
    ("Facture FA 2026 001", "FA2026001", True),
    ("Facture FA/2026/001", "FA-2026-001", True),
    ("Facture FA-2026-0010", "FA-2026-001", False),
    ("Facture AFA-2026-001", "FA-2026-001", False),
    ("SIRET 732 829 320 00074", "73282932000074", True),
    ("le 1er mars 2026", date(2026, 3, 1), True),
    ("2026-03-01", date(2026, 3, 1), True),
    ("01.03.26", date(2026, 3, 1), True),
    ("1er avril 2026", date(2026, 3, 1), False),
    ("Total -1 200,00 €", Decimal(1200), True),
    ("Total 1.200", Decimal("1200.00"), True),
    ("Total 1200.5", Decimal("1200.50"), True),
    ("Total 1 200,50", Decimal(1200), False),
    ("Total 11 200,00", Decimal("200.00"), True),  # may be two columns: lenient
    ("Total 11200,00", Decimal("1200.00"), False),
    ("Total 0,05", Decimal("0.05"), True),
    ("Note de crédit", Kind.CREDIT_NOTE, True),
    ("Facture", Kind.CREDIT_NOTE, False),
    ("20 % 100,00 20,00", (VatLine(Decimal(20), Decimal(100), Decimal(20)),), True),
    ("20 % 100,00", (VatLine(Decimal(20), Decimal(100), Decimal(21)),), False),
    ("plan.pdf", (Enclosure("plan.pdf"),), True),
    ("anything", "", False),
)


@pytest.mark.parametrize(("text", "value", "expected"), MENTIONS)
def test_mentions(text: str, value: FieldValue, expected: bool) -> None:
    """A value is found in any of its writings, and not inside another one."""
    assert mentions(text, value) is expected


PIECES = st.sampled_from(
    [
        *(
            "Facture",
            "avoir",
            "n°",
            "Total HT",
            "TVA 20 %",
            "Total TTC",
            "net à payer",
            "date",
            "du",
            "12/03/2026",
            "99/99/9999",
        ),
        *(
            "1 234,50",
            "€",
            "(12,00)",
            "-",
            "SIRET",
            "73282932000074",
            "\n",
            "\t",
            " ",
            ":",
            "293 B",
            "\ud800",
            "ﬁ",
            "\u202f",
            "１２",
        ),
    ]
)


@given(st.one_of(st.text(st.characters()), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_any_text(text: str) -> None:
    """Whatever the text, reading it raises nothing and gives known fields without a lone surrogate."""
    values = read_pdf_text(text).values
    assert set(values) <= set(FIELDS)
    for value in values.values():
        show(value).encode()
        mentions(text, value)


@given(
    st.decimals(min_value=0, max_value=999999, places=2),
    st.sampled_from([Decimal(20), Decimal(10), Decimal("5.5"), Decimal("2.1")]),
)
def test_totals_add_up(net: Decimal, rate: Decimal) -> None:
    """Totals that are given always add up, whatever is printed."""
    tax = round(net * rate / 100, 2)
    text = f"Facture n° F1\nTotal HT {net}\nTVA {rate} % {tax}\nTotal TTC {net + tax}\n".replace(".", ",")
    values = read_pdf_text(text).values
    if net:
        assert (values["ht"], values["tva"], values["ttc"]) == (net, tax, net + tax)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "1 234 ",
            "total ht 1 tva 2 ",
            "Facture n° ",
            "9",
            "12/03/2026 ",
            "date\n",
            "date date\n1 2\n",
            "\t \t",
            "A ",
            "- (€",
        ),
        *(
            "total ht\n12,00\n",
            "TVA 20% 1,00 0,20\n",
            "avoir facture d'avoir ",
            "siret 123 ",
            "facture n° 1 du 12/03/2026 ",
        ),
    ],
)
def test_hostile_length(piece: str) -> None:
    """200 kB made to be slow are read in about a second (twice the promise: the machine may be busy)."""
    text = piece * (200_000 // len(piece))
    begin = time.process_time()
    read_pdf_text(text)
    mentions(text, "9" * 30)
    assert time.process_time() - begin < 2
