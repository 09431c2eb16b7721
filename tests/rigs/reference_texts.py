"""What ``reference.py`` can't read in the code: each text in English and in French, by the name of what it is about.

A name that is missing here, or one too many, fails ``tests/test_reference.py`` with that name. What a configuration key
means stands above it in ``config_text.py``; labels and states come from the program's own catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

Both = tuple[str, str]
"""English, French."""

HEADS: Mapping[str, tuple[Both, ...]] = {
    "configuration": (("key", "clé"), ("type", "type"), ("default", "défaut"), ("meaning", "ce que c'est")),
    "names": (("name of the file", "nom du fichier"), ("what it says", "ce qu'il dit")),
    "fields": (
        *(("field", "champ"), ("what it is", "ce que c'est"), ("other names", "autres noms")),
        *(("format", "format"), ("example", "exemple"), ("needed", "obligatoire")),
    ),
    "values": (("field", "champ"), ("values", "valeurs")),
    "list_keys": (("list", "liste"), ("key", "clé"), ("other names", "autres noms")),
    "files": (("file", "fichier"), ("what it is", "ce que c'est")),
    "folders": (("folder", "dossier"), ("what lies there", "ce qu'on y trouve")),
    "states": (
        ("state", "état"),
        *(("in words", "en clair"), ("what it means", "ce que cela veut dire"), ("may become", "peut devenir")),
    ),
    "exits": (("code", "code"), ("meaning", "ce que cela veut dire")),
    "environment": (("name", "nom"), ("what it does", "à quoi elle sert")),
    "json": (("command", "commande"), ("key", "clé"), ("value", "valeur")),
}

WORDS: Mapping[str, Both] = {
    "always": ("**must be given**", "**à donner**"),
    "none": ("–", "–"),
    "section": ("section", "rubrique"),
    "from": ("from {0} to {1}", "de {0} à {1}"),
    "above": ("above {0}, to {1}", "plus de {0}, jusqu'à {1}"),
    "at_most": ("at most {0} characters", "{0} caractères au plus"),
    "list_of": ("list: {0}", "liste : {0}"),
    "nothing": ("nothing", "rien"),
    "end": ("–", "–"),
    "needed": ("required", "obligatoire"),
    "options": ("option", "option"),
    "about": ("what it does", "ce qu'elle fait"),
}

TYPES: Mapping[str, Both] = {  # the function that reads a value (config_model.py), or the type itself
    "_flag": ("true or false", "true ou false"),
    "_number": ("number", "nombre"),
    "_whole": ("whole number", "nombre entier"),
    "_text": ("text", "texte"),
    "_path": ("path", "chemin"),
    "_ledger": ("path", "chemin"),
    "_siret": ("14 digits", "14 chiffres"),
    "_cadre": ("A1, A2, A9, A12", "A1, A2, A9, A12"),
    "_regex": ("regular expression", "expression régulière"),
    "_address": ("https address", "adresse https"),
    "_mail_address": ("mail address", "adresse de courriel"),
    "_addresses": ("mail address, or a list of them", "adresse de courriel, ou liste d'adresses"),
    "_smtp": ("address of a mail server", "adresse d'un serveur de courriel"),
    "_digest": ("time of day, or never", "heure, ou never"),
    "_patterns": ("list of templates", "liste de modèles"),
    "_aliases": ("section, a name a recipient", "rubrique, un nom par destinataire"),
    "dict": ("section", "rubrique"),
}

SHAPES: Mapping[str, Both] = {
    "text": ("text", "texte"),
    "siret": ("14 digits, or a name of the recipient book", "14 chiffres, ou un nom du carnet de destinataires"),
    "date": ("`2026-11-20`, `20/11/2026`", "`20/11/2026`, `2026-11-20`"),
    "amount": ("`1 234,50`, `1234.50`", "`1 234,50`, `1234.50`"),
    "kind": ("`facture` or `avoir`", "`facture` ou `avoir`"),
    "cadre": ("`A1`, or its long name", "`A1`, ou son nom long"),
    "choice": ("a word of the list below", "un mot de la liste ci-dessous"),
    "vat_lines": ("list of `{taux, base, montant}`", "liste de `{taux, base, montant}`"),
    "names": (
        "a name, or a list of names and of `{fichier, type, designation}`",
        "un nom, ou une liste de noms et de `{fichier, type, designation}`",
    ),
    "flag": ("`oui` or `non`", "`oui` ou `non`"),
}

_IF_ASKED: Both = ("if the recipient requires it", "si le destinataire l'exige")
_ALWAYS: Both = ("always (read in the PDF where possible)", "toujours (lu dans le PDF si possible)")
_NO: Both = ("no", "non")

FIELDS: Mapping[str, tuple[str, Both]] = {  # field -> what is written after the colon, when it is needed
    "siret": ('"22220001600327"', ("always", "toujours")),
    "service": ("COLLEGE", _IF_ASKED),
    "engagement": ("0091821", _IF_ASKED),
    "numero": ("FA2026-0042", _ALWAYS),
    "date": ("20/11/2026", _ALWAYS),
    "type": ("avoir", ("no: `facture`", "non : `facture`")),
    "ht": ("1 234,50", _ALWAYS),
    "tva": ("246,90", _ALWAYS),
    "ttc": ("1 481,40", _ALWAYS),
    "a_payer": ("981,40", ("no: TTC less the discount", "non : TTC moins la remise")),
    "remise": ("50,00", _NO),
    "motif_remise": ("remise de fin d'année", _NO),
    "lignes_tva": (
        '[{taux: "20", base: "1 234,50", montant: "246,90"}]',
        ("no: read in the PDF", "non : lu dans le PDF"),
    ),
    "devise": ("EUR", ("no: `EUR`", "non : `EUR`")),
    "cadre": ("A1", ("no: `A1`", "non : `A1`")),
    "regime_tva": ("TVA_SUR_ENCAISSEMENT", ("no: `TVA_SUR_DEBIT`", "non : `TVA_SUR_DEBIT`")),
    "motif_exoneration": (
        "article 261-4-4 du CGI",
        ("with `regime_tva: EXONERATION`", "avec `regime_tva: EXONERATION`"),
    ),
    "mode_paiement": ("VIREMENT", ("no: `VIREMENT`", "non : `VIREMENT`")),
    "marche": ("2026-M-017", _NO),
    "origine": (
        "FA2026-0007",
        ("for a credit note; `aucune`: there is none", "pour un avoir ; `aucune` : il n'y en a pas"),
    ),
    "valideur": ('"55210055400047"', ("with the frames A9 and A12", "avec les cadres A9 et A12")),
    "valideur_service": ("COMPTA", ("if the validator has several services", "si le valideur a plusieurs services")),
    "fournisseur": ('"73282932000074"', ("no: that of the configuration", "non : celui de la configuration")),
    "fournisseur_service": ("VENTES", ("no: that of the configuration", "non : celui de la configuration")),
    "compte_bancaire": ("COMPTE PRINCIPAL", ("no: that of the configuration", "non : celui de la configuration")),
    "pieces_jointes": ("[bon.pdf, {fichier: rib.pdf, type: RIB, designation: Notre RIB}]", _NO),
    "commentaire": ("Livré le 12, bon n° 7", _NO),
    "acquitter": ("oui", ("no; sidecar only", "non ; dans la fiche seulement")),
}

VALUES: Mapping[str, Both] = {
    "cadre": ("billing frames", "cadres de facturation"),
    "regime_tva": ("", ""),
    "mode_paiement": ("", ""),
    "type": ("", ""),
    "acquitter": ("", ""),
    "pieces_jointes": (
        "endings that Chorus Pro takes: {0}; under 10 MB each, 120 MB with the invoice",
        "terminaisons admises par Chorus Pro : {0} ; moins de 10 Mo chacune, 120 Mo avec la facture",
    ),
}

NAMES = (  # examples, read by the patterns that hold without configuration
    "22220001600327_COLLEGE_91821_FA2026-0042",
    "22220001600327_91821_FA2026-0042",
    "FA2026-0042_22220001600327_COLLEGE_91821",
    "FA2026-0042_22220001600327_91821",
    "FA2026-0042_22220001600327",
    "FA_2026_42_22220001600327",
    "FA2026-0042__22220001600327__SERVICE_A__91821",
    "FA2026-0042_22220001600327 (2)",
    "facture novembre",
)

FILES: Mapping[str, tuple[str, Both]] = {  # file name -> kind (core/names.py), what it is
    "FACTURE.pdf": ("pdf", ("an invoice", "une facture")),
    "FACTURE.yaml": ("sidecar", ("its sidecar; `.yml` as well", "sa fiche ; `.yml` aussi")),
    "FACTURE_PJ1.jpg": (
        "attachment-candidate",
        ("an attachment of `FACTURE.pdf`", "une pièce jointe de `FACTURE.pdf`"),
    ),
    "bon.pdf": (
        "pdf",
        (
            "an attachment, when a sidecar of the folder names it",
            "une pièce jointe, quand une fiche du dossier la nomme",
        ),
    ),
    "FACTURE - bon.pdf": (
        "pdf",
        ("`bon.pdf`, once it was put away with its invoice", "`bon.pdf`, une fois rangé avec sa facture"),
    ),
    "FACTURE (2).pdf": (
        "pdf",
        (
            "what gets a name that is taken already: nothing is overwritten",
            "ce qui reçoit un nom déjà pris : rien n'est écrasé",
        ),
    ),
    "FACTURE (original).pdf": (
        "pdf",
        (
            "what was really sent, when somebody changed the file meanwhile",
            "ce qui est vraiment parti, quand le fichier a été modifié entre-temps",
        ),
    ),
    "_defaults.yaml": (
        "reserved",
        ("fields for every invoice of its folder", "champs communs aux factures de son dossier"),
    ),
    "FACTURE.log": (
        "reserved",
        ("what happened and what to do; the proof", "ce qui s'est passé et que faire ; la preuve"),
    ),
    ".outbox-id": (
        "reserved",
        ("the program's mark of its outbox: leave it", "la marque du programme dans son dossier : laissez-la"),
    ),
    "FACTURE.pdf.part": (
        "temporary",
        ("temporary files of other programs: left untouched", "fichiers temporaires d'autres programmes : laissés là"),
    ),
    "~$FACTURE.docx": ("temporary", ("likewise", "de même")),
    "FACTURE.docx": (
        "other",
        (
            "everything else: left untouched, told once in the program's log",
            "tout le reste : laissé là, dit une fois dans le journal du programme",
        ),
    ),
}

FOLDERS: Mapping[str, Both] = {
    "outbox": (
        "what is to be sent; sub-folders may bear the name of a recipient of the book",
        "ce qui est à envoyer ; un sous-dossier peut porter le nom d'un destinataire du carnet",
    ),
    "processing": (
        "being sent, waiting for an answer, or in doubt: leave it alone",
        "en cours d'envoi, en attente d'une réponse, ou envoi incertain : n'y touchez pas",
    ),
    "sent/2026/11": (
        "deposited on Chorus Pro, with the proof, by year and month of sending",
        "déposé sur Chorus Pro, avec la preuve, par année et mois d'envoi",
    ),
    "failed": ("what needs a person", "ce qui attend une correction"),
}
