"""The start data: the credentials and structures of the API reference (api.md 1.5 and 9), and some that are awkward.

The real names come from that document; every rule attached to them here is invented (nobody could check).
"""

from __future__ import annotations

from datetime import date

from .model import Account, Service, Structure

CLIENT_ID = "00000000-0000-0000-0000-000000000000"
CLIENT_SECRET = "11111111-1111-1111-1111-111111111111"  # noqa: S105 - the example of api.md 9, opens nothing real
LOGIN = "TECH_1_12345678901234@cpro.fr"
PASSWORD = "PASSWORD"  # noqa: S105 - same

SUPPLIER_ID = 26300989
SUPPLIER_SIRET = "73282932000074"
SECOND_SUPPLIER_ID = 26300990
SECOND_SUPPLIER_SIRET = "44012345300019"

SIRET_FREE = "12345678200051"  # nothing required
SIRET_ENGAGEMENT = "12345678200036"  # engagement number required
SIRET_SERVICE = "12345678200028"  # service code required
SIRET_DEPARTEMENT = "22220001600327"  # service required; COLLEGE asks for an engagement number as well
SIRET_PLAIN = "22220001600434"  # nothing required, no services
SIRET_EITHER = "21290019500075"  # engagement number or service code
SIRET_MANY = "26220001700016"  # 23 services: three pages of ten; SERVICE_07 is inactive
SIRET_INACTIVE = "20005678600011"  # can't receive
SIRET_STATE = "11000201100044"  # the State's legal entity (SIREN 110002011, [INF]): engagement numbers are checked
SIRET_POSTE = "35600000009075"  # La Poste: its own checksum rule
SIRET_SILENT = "21350238800035"  # never reports MISE_EN_PAIEMENT
SIRET_VALIDATOR = "55210055400047"  # a main contractor (private): validates A9 and A12
STATE_ENGAGEMENTS = frozenset({"1300000001", "1300000002", "EJ-2026-0042"})

_PUBLIC = Service(10655399, "FACTURES_PUBLIQUES", "FACTURES PUBLIQUES")


def structures() -> tuple[Structure, ...]:
    """Return every structure of a new world."""
    return (*_companies(), *_public_bodies())


def _companies() -> tuple[Structure, ...]:
    return (
        Structure(
            *(SUPPLIER_ID, SUPPLIER_SIRET, "MA SOCIETE"),
            public=False,
            services=(Service(10600001, "VENTES", "Service des ventes"),),
            bank_accounts=((410001, "COMPTE PRINCIPAL"), (410002, "COMPTE AFFACTURAGE")),
            password_expires=date(2027, 10, 1),
        ),
        Structure(SECOND_SUPPLIER_ID, SECOND_SUPPLIER_SIRET, "MA SECONDE SOCIETE", public=False),
        Structure(26300991, SIRET_VALIDATOR, "ENTREPRISE PRINCIPALE", public=False),
    )


def _public_bodies() -> tuple[Structure, ...]:
    many = tuple(
        Service(10700000 + n, f"SERVICE_{n:02d}", f"Service numéro {n}", active=n != 7)  # noqa: PLR2004 - any will do
        for n in range(1, 24)
    )
    return (
        Structure(25780051, SIRET_FREE, "DESTINATAIRE SANS EXIGENCE"),
        Structure(25780036, SIRET_ENGAGEMENT, "DESTINATAIRE AVEC ENGAGEMENT", engagement_required=True),
        Structure(
            *(25780028, SIRET_SERVICE, "DESTINATAIRE AVEC SERVICE"),
            service_required=True,
            services=(
                Service(10650001, "SERVICE_DEST_SERV_OBL", "Service obligatoire"),
                Service(10650002, "ANCIEN_SERVICE", "Ancien service", active=False),
            ),
        ),
        Structure(
            *(25784150, SIRET_DEPARTEMENT, "DEP COTES-D'ARMOR"),
            service_required=True,
            works_owner=True,
            services=(Service(10655321, "COLLEGE", "COLLEGES", needs_engagement=True), _PUBLIC),
        ),
        Structure(25784151, SIRET_PLAIN, "DEP COTES-D'ARMOR BUDGET ANNEXE"),
        Structure(
            *(25784200, SIRET_EITHER, "COMMUNE DE L'UN OU L'AUTRE"),
            engagement_or_service=True,
            services=(Service(10656001, "MAIRIE", "Mairie"),),
        ),
        Structure(25784300, SIRET_MANY, "HOPITAL AUX NOMBREUX SERVICES", service_required=True, services=many),
        Structure(25784400, SIRET_INACTIVE, "COMMUNE FUSIONNEE", active=False),
        Structure(
            *(25784500, SIRET_STATE, "ETAT"),
            service_required=True,
            engagements=STATE_ENGAGEMENTS,
            services=(Service(10657001, "D2205922", "Ministère exemple", needs_engagement=True),),
        ),
        Structure(25784600, SIRET_POSTE, "LA POSTE"),
        Structure(25784700, SIRET_SILENT, "COMMUNE SANS RETOUR DE PAIEMENT", payment_reported=False),
    )


def accounts() -> tuple[Account, ...]:
    """Return every technical account of a new world."""
    return (Account(LOGIN, PASSWORD, (SUPPLIER_ID, SECOND_SUPPLIER_ID)),)
