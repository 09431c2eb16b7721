"""What a recipient requires of an invoice (api.md 4.2): who it is, its service, its engagement number."""

from __future__ import annotations

from .codes import refused
from .model import Body, Service, Structure
from .world import World


def check_recipient(world: World, recipient: Body, references: Body) -> Structure:
    """Return the recipient when it can receive this.

    Args:
        world: The portal.
        recipient: ``destinataire`` of the request.
        references: ``references`` of the request (its ``numeroBonCommande`` is the engagement number).

    Raises:
        RefusedError: Naming the first rule that is broken.

    """
    siret = recipient["codeDestinataire"]
    structure = world.structure(siret)
    if structure is None or not structure.public:
        raise refused("recipient_unknown", siret=siret)
    if not structure.active:
        raise refused("recipient_inactive", siret=siret)
    code, engagement = recipient.get("codeServiceExecutant") or "", references.get("numeroBonCommande") or ""
    _check_presence(structure, code, engagement)
    if code:
        _check_service(structure, code, engagement)
    if structure.engagements is not None and engagement and engagement not in structure.engagements:
        raise refused("engagement_unknown", engagement=engagement)
    return structure


def find_service(structure: Structure, code: str | None) -> Service | None:
    """Return the service with that code, letters' case and all."""
    return next((s for s in structure.services if s.code == code), None)


def _check_presence(structure: Structure, code: str, engagement: str) -> None:
    if structure.engagement_or_service:
        if not code and not engagement:
            raise refused("engagement_or_service")
        return
    if structure.service_required and not code:
        raise refused("service_required")
    if structure.engagement_required and not engagement:
        raise refused("engagement_required")


def _check_service(structure: Structure, code: str, engagement: str) -> None:
    service = find_service(structure, code)
    if code == "FACTURES_PUBLIQUES":  # the service by which public entities emit (api.md 2.7)
        raise refused("service_public")
    if service is None:
        raise refused("service_unknown", code=code)
    if not service.active:
        raise refused("service_inactive", code=code)
    if service.needs_engagement and not engagement:
        raise refused("engagement_required_by_service", code=code)
