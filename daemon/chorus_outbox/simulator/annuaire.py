"""The downloadable directory of public structures, and the State's engagements (api.md 2.19, 4.1).

The flags' names in the directory are AIFE's (api.md 4.1). All else of the XML's layout is invented, as are the rows of
the search for engagements and the rule that it knows every engagement of the State: no source shows them.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from .answers import said
from .checks import Shape, Text, Whole
from .codes import NO_RESULT, OK_READ, refused
from .model import Account, Body, Structure
from .world import World

SHAPES: Mapping[str, Shape] = {
    "/transverses/v1/telecharger/annuaire/destinataire": {"idUtilisateurCourant": Whole()},
    "/engagementsJuridiques/v1/rechercher": {
        "structureReceptriceEngagementJuridique": Text(),
        "numeroEngagementJuridique": Text(),
        "etatCourantEngagementJuridique": Text(),
    },
}


def download(world: World, _account: Account, _body: Body) -> Body:
    """Answer telecharger/annuaire/destinataire: a ZIP with one XML file, in base64."""
    public = (s for s in list(world.structures.values()) if s.public)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annuaire.xml", directory_xml(public))
    return said(OK_READ, fichierResultat=base64.b64encode(out.getvalue()).decode())


def directory_xml(structures: Iterable[Structure]) -> str:
    """Return the directory of these structures, in a layout of our own."""
    rows = "".join(_structure(s) for s in structures)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<annuaire><listeStructures>{rows}</listeStructures></annuaire>'


def _structure(s: Structure) -> str:
    services = "".join(
        f"<service><codeService>{escape(one.code)}</codeService><libelleService>{escape(one.name)}</libelleService>"
        f"<estActif>{_flag(one.active)}</estActif><numeroEj>{_flag(one.needs_engagement)}</numeroEj></service>"
        for one in s.services
    )
    return (
        f"<structure><identifiantStructure>{s.siret}</identifiantStructure>"
        f"<designationStructure>{escape(s.name)}</designationStructure>"
        f"<statut>{'ACTIVE' if s.active else 'INACTIVE'}</statut><parametres>"
        f"<gestionNumeroEJOuCodeService>{_flag(s.engagement_or_service)}</gestionNumeroEJOuCodeService>"
        f"<numeroEjDoitEtreRenseigne>{_flag(s.engagement_required)}</numeroEjDoitEtreRenseigne>"
        f"<codeServiceDoitEtreRenseigne>{_flag(s.service_required)}</codeServiceDoitEtreRenseigne>"
        f"<avecMOA>{_flag(s.works_owner)}</avecMOA><estMOAUniquement>false</estMOAUniquement></parametres>"
        f"<listeServices>{services}</listeServices></structure>\n"
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


def search_engagements(world: World, account: Account, body: Body) -> Body:
    """Answer engagementsJuridiques/rechercher: those of the State, for one's own structure only."""
    if body.get("structureReceptriceEngagementJuridique") not in {str(i) for i in account.suppliers}:
        raise refused("supplier", id=body.get("structureReceptriceEngagementJuridique"))
    known = {e for s in world.structures.values() for e in s.engagements or ()}
    number = body.get("numeroEngagementJuridique")
    if number not in known:
        return said(NO_RESULT)
    return said(OK_READ, listeEngagementJuridique=[{"numeroEngagementJuridique": number}])
