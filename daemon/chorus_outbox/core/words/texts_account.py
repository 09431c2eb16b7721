"""Texts: what is said of the account and its credentials, and of what recipients require."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

_THEN = " The invoices will then leave by themselves."

PROBLEMS: Mapping[str, Sentence] = {
    "bank_account.ambiguous": Sentence(
        'Several of your bank accounts on Chorus Pro are called "{value}": {allowed}.',
        "Write on the line “compte_bancaire” the number of the account, in brackets above, rather than its name.",
    ),
    "password.soon": Sentence(
        "The password of the technical account ends on {when} (days left: {days}).",
        "Tell your administrator: the structure's principal manager must renew it on the portal, and the program be "
        "given the new one, before that day.",
    ),
    "password.urgent": Sentence(
        "The password of the technical account ends on {when} (days left: {days}): after that no invoice will leave.",
        "Tell your administrator today: the structure's principal manager must renew it on the portal, and the "
        "program be given the new one.",
    ),
    "outage.password_expired": Sentence(
        "Chorus Pro refuses the technical account: its password ended on {when}.",
        "Tell your administrator: the principal manager renews this password on the portal. If that has been done, "
        "the program does not have the new one yet." + _THEN,
    ),
    "outage.credentials_of_sandbox": Sentence(
        "PISTE refuses the application's credentials: they are those of the test environment, and the configuration "
        "says production.",
        "Tell your administrator: production needs the credentials of a PISTE application of production; for mere "
        "tests, the configuration must name the test environment." + _THEN,
    ),
    "outage.credentials_of_production": Sentence(
        "PISTE refuses the application's credentials: they are those of production, and the configuration says test "
        "environment.",
        "Tell your administrator: for real invoices the configuration must name production; for tests, it needs the "
        "credentials of the test environment." + _THEN,
    ),
    "outage.attachment_pending": Sentence(
        "The technical account's attachment to your structure (SIRET {siret}) is still to be validated.",
        "Ask the structure's principal manager to validate it on the portal." + _THEN,
    ),
    "outage.attachment_refused": Sentence(
        "The technical account's attachment to your structure (SIRET {siret}) was refused.",
        "Ask the structure's principal manager for the reason, then for a new attachment." + _THEN,
    ),
    "outage.attachment_disabled": Sentence(
        "The technical account's attachment to your structure (SIRET {siret}) was disabled.",
        "Ask the structure's principal manager to enable it again on the portal." + _THEN,
    ),
    "outage.attachment_deleted": Sentence(
        "The technical account's attachment to your structure (SIRET {siret}) was deleted.",
        "Ask the structure's principal manager for a new attachment." + _THEN,
    ),
    "recipient.changed": Sentence(
        "The recipient's rules have changed ({name}): since {when}, it {changes}.",
        "Check that your next invoices to this recipient heed it.",
    ),
    "recipient.copy": Sentence(
        "The recipient was checked by what Chorus Pro said of it on {when}, without asking again.",
        "Nothing to do: before anything is sent, Chorus Pro is always asked.",
    ),
    "engagement.not_found": Sentence(
        "Chorus Pro does not find the engagement number {value} among the State's orders to you.",
        "Compare it with the purchase order: if it is wrong, Chorus Pro will refuse the invoice.",
    ),
}

CHECK: Mapping[str, str] = {
    "attached": "Structure {siret}: attached to the technical account; it is the configured one.[ {answer}]",
    "attached_other": "Structure {siret}: attached as well; an invoice chooses it by `fournisseur: {siret}`.[ {answer}]",
    "book_supplier": "Recipient book, {alias}: the supplier {siret} is not attached to the technical account. Correct it,"
    " or ask for that attachment.",
    "bank_account": 'Bank account "{value}": known to Chorus Pro, no. {answer}.',
    "own_service": 'Your service code "{value}": known to Chorus Pro.',
    "rights": "Attachments of the technical account: can be consulted.",
    "directory": "Directory of recipients: can be consulted.",
    "invoices": "Invoices sent: can be consulted.",
}

RECIPIENT: Mapping[str, str] = {
    "title": "{name} (SIRET {siret})",
    "unknown": "SIRET {siret}: unknown to Chorus Pro.",
    "unknown_copy": "SIRET {siret}: not in the directory of {when}.",
    "no_copy": "There is no directory on this machine: chorus-outbox directory downloads it.",
    "no_siret": '"{value}" is neither a SIRET nor a name of the recipient book.',
    "active": "Can receive invoices.",
    "inactive": "Can't receive invoices any more (inactive).",
    "needs_either": "Requires a service code or an engagement number (at least one of them).",
    "needs_service": "Requires a service code.",
    "needs_engagement": "Requires an engagement number.",
    "needs_nothing": "Requires neither service code nor engagement number.",
    "payment": "Reports its payments.",
    "payment_silent": "Does not report its payments: the invoice will stay at its last status.",
    "services": "Services:",
    "no_services": "Has no services.",
    "service": "  {code}: {name}[ ({notes})]",
    "service_inactive": "inactive",
    "service_engagement": "requires an engagement number",
    "service_free": "no engagement number needed",
    "book": "Recipient book: {aliases}.",
    "asked": "By Chorus Pro, asked on {when}.",
    "copied": "By the directory downloaded on {when}.",
    "downloaded": "Directory downloaded: {count} structures, in {path}.",
    "change.needs_either": "requires a service code or an engagement number",
    "change.needs_either_no_more": 'requires "service code or engagement number" no more',
    "change.needs_service": "requires a service code",
    "change.needs_service_no_more": "requires no service code any more",
    "change.needs_engagement": "requires an engagement number",
    "change.needs_engagement_no_more": "requires no engagement number any more",
    "change.inactive": "can't receive invoices any more",
    "change.active_again": "can receive invoices again",
    "change.service_gone": "has no service {service} any more",
    "change.service_closed": "has closed the service {service}",
    "change.service_engagement": "requires an engagement number for the service {service}",
    "change.service_engagement_no_more": "requires no engagement number for the service {service} any more",
    "change.and": "; ",
    "change.more": "and other changes",
}
