"""Who stands behind a problem: this program, PISTE, Chorus Pro, the customer, or nobody. Knows no sentence."""

from __future__ import annotations

from collections.abc import Mapping

from .problem import Problem
from .words import Who

REFUSERS: Mapping[str, Who] = {  # problem code, or its family; all others: this program
    "chorus": Who.CHORUS,
    "chorus.not_taken": Who.NOBODY,
    "duplicate.portal": Who.CHORUS,
    "flow": Who.CHORUS,
    "flow.attachments": Who.PROGRAM,
    "flow.integrating": Who.NOBODY,
    "flow.slow": Who.NOBODY,
    "flow.integrated": Who.NOBODY,
    "outage": Who.NOBODY,
    "outage.quota": Who.PISTE,
    "outage.piste_credentials": Who.PISTE,
    "outage.forbidden": Who.PISTE,
    "outage.wrong_route": Who.PISTE,
    "outage.technical_account": Who.CHORUS,
    "outage.not_attached": Who.CHORUS,
    "outage.password_expired": Who.CHORUS,
    "outage.attachment_pending": Who.CHORUS,
    "outage.attachment_refused": Who.CHORUS,
    "outage.attachment_disabled": Who.CHORUS,
    "outage.attachment_deleted": Who.CHORUS,
    "outage.credentials_of_sandbox": Who.PISTE,
    "outage.credentials_of_production": Who.PISTE,
    "doubt": Who.NOBODY,
    "wait": Who.NOBODY,
    "returned.recycle": Who.CUSTOMER,
    "returned.suspended": Who.CUSTOMER,
    "returned.rejected": Who.CUSTOMER,
    "returned.validator": Who.VALIDATOR,
    "returned.routing": Who.CHORUS,
    "returned.other": Who.CUSTOMER,
    "returned.moved_on": Who.NOBODY,
    "returned.acknowledged": Who.NOBODY,
}


def refuser(problem: Problem) -> Who:
    """Say who stands behind a problem."""
    family = problem.code.partition(".")[0]
    return REFUSERS.get(problem.code) or REFUSERS.get(family) or Who.PROGRAM
