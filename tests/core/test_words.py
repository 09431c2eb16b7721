from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.draft import Source
from chorus_outbox.core.fields import FIELDS, Enclosure, Kind, VatLine
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.problem import CODES, Problem
from chorus_outbox.core.words import (
    Who,
    Words,
    amount_text,
    catalogue,
    date_text,
    field_of,
    fill,
    message,
    moment_text,
    plain,
    render,
    source_text,
    time_text,
    value_text,
)
from chorus_outbox.simulator.enums import STATUSES

FR, EN = catalogue("fr"), catalogue("en")
BOTH = [pytest.param(FR, id="fr"), pytest.param(EN, id="en")]

# Code -> the params that its sentences speak of: those of the comments in core/problem.py.
PARAMS = {
    "file.too_big": "size limit",
    "file.unreadable": "detail",
    "file.not_regular": "kind",
    "file.other_kind": "name",
    "file.gone": "name",
    "sidecar.too_big": "limit",
    "sidecar.syntax": "text",
    "sidecar.other_file": "kind",
    **{f"sidecar.{code}": "text fixed" for code in ("no_space", "colon", "quote", "curly_quotes", "backslash")},
    **{f"sidecar.{code}": "text fixed" for code in ("bracket", "special", "indent", "tab")},
    "sidecar.duplicate_key": "key",
    "sidecar.unknown_key": "key nearest",
    "sidecar.not_text": "key",
    "sidecar.several": "names",
    "filename.ambiguous": "first second",
    "siret.format": "value",
    "siret.checksum": "value",
    "siret.alias": "value nearest",
    "number.too_long": "value length",
    "number.characters": "value characters",
    "number.date": "value",
    "date.format": "field value",
    "date.future": "value today",
    "amount.format": "field value",
    "field.choice": "field value allowed",
    "field.too_long": "field value limit",
    "field.vat_lines": "value",
    "cadre.works": "value",
    "cadre.justice": "value",
    "cadre.refund": "value",
    "validator.missing": "cadre",
    "validator.same": "value",
    "validator.unused": "cadre",
    "exemption.unknown": "value known",
    "exemption.unlisted": "value known",
    "origin.same": "value",
    "type.differs": "first first_source second second_source",
    "type.unsaid": "value",
    "type.name": "value",
    "totals.sum": "ht tva ttc sum",
    "totals.vat_base": "lines ht",
    "totals.vat_tax": "lines tva",
    "totals.payable": "a_payer ttc",
    "totals.sign": "ttc",
    "totals.discount": "remise a_payer ttc",
    "totals.vat_regime": "tva",
    "missing.field": "field",
    "conflict.sources": "field first first_source second second_source",
    "mismatch.pdf": "field ours source pdf",
    "mismatch.pdf_warn": "field ours source pdf",
    "mismatch.chorus": "field ours chorus",
    "mismatch.chorus_warn": "field ours chorus",
    "supplier.differs": "pdf ours",
    "recipient.unknown": "siret",
    "recipient.inactive": "siret name",
    "recipient.changed": "name changes when",
    "recipient.copy": "when",
    "engagement.not_found": "value",
    "bank_account.ambiguous": "value allowed",
    "password.soon": "days when",
    "password.urgent": "days when",
    "outage.password_expired": "when",
    "outage.attachment_pending": "siret",
    "outage.attachment_refused": "siret",
    "outage.attachment_disabled": "siret",
    "outage.attachment_deleted": "siret",
    "outage.forbidden": "api",
    "service.required": "name known",
    "service.unknown": "service name known",
    "service.inactive": "service name",
    "service.public": "service",
    "engagement.required": "name",
    "engagement.required_by_service": "service name",
    "engagement.or_service": "name",
    "engagement.pattern": "value pattern name",
    "attachment.unsafe": "name kind",
    "attachment.unnamed": "value",
    "attachment.in_defaults": "names",
    "attachment.invoice": "name",
    "attachment.shared": "name other",
    "attachment.double": "name other",
    "attachment.type": "name value allowed",
    "attachment.missing": "name",
    "attachment.empty": "name",
    "attachment.too_big": "name size limit",
    "attachment.extension": "name",
    "attachments.too_big": "size limit",
    "returned.recycle": "when comment name",
    "returned.suspended": "when comment name",
    "returned.rejected": "when comment name",
    "returned.validator": "status when comment name",
    "returned.other": "status when comment name",
    "returned.routing": "status when comment name",
    "returned.keeps_number": "number value",
    "returned.only_recipient": "field value",
    "returned.only_addition": "field value",
    "returned.unchanged": "number",
    "returned.nothing_added": "number",
    "returned.portal": "number status",
    "returned.moved_on": "number status",
    "returned.new_number": "number chorus_id",
    "returned.acknowledged": "number chorus_id",
    "returned.pdf_kept": "number",
    "returned.file_gone": "name",
    "followed.silent": "name",
    "followed.ended": "status",
    "duplicate.number": "number file chorus_id when status",
    "duplicate.in_progress": "number file",
    "duplicate.bytes": "number file chorus_id when status",
    "duplicate.returned": "number file chorus_id status",
    "duplicate.portal": "number chorus_id when status",
    "chorus.refused": "code label",
    "chorus.other_invoice": "number chorus_id differs",
    "chorus.not_taken": "tries detail",
    "chorus.unexplained": "code",
    "chorus.incident": "code label",
    "chorus.incomplete": "code label",
    "chorus.recipient": "code label",
    "chorus.service": "code label",
    "chorus.engagement": "code label",
    "chorus.service_or_engagement": "code label",
    "chorus.number": "code label",
    "chorus.duplicate": "code label",
    "chorus.date": "code label",
    "chorus.totals": "code label",
    "chorus.vat": "code label",
    "chorus.exemption": "code label",
    "chorus.currency": "code label",
    "chorus.payment_mode": "code label",
    "chorus.cadre": "code label",
    "chorus.validator": "code label",
    "chorus.contract": "code label",
    "chorus.origin": "code label",
    "chorus.comment": "code label",
    "chorus.supplier": "code label",
    "chorus.bank_account": "code label",
    "chorus.pdf": "code label",
    "chorus.file_name": "code label",
    "chorus.attachment": "code label",
    "chorus.attachment_type": "code label",
    "chorus.attachment_too_big": "code label",
    "chorus.state": "code label",
    "chorus.unknown_invoice": "code label",
    "chorus.not_yours": "code label",
    "chorus.not_suspended": "code label",
    "chorus.recycling": "code label",
    "chorus.malformed": "code label",
    "facturx.missing": "field",
    "facturx.differs": "field ours source pdf",
    "facturx.lacks": "field ours source",
    "facturx.field": "field ours source",
    "facturx.siret": "field found",
    "facturx.cadre": "found",
    "facturx.cadre_reform": "found",
    "facturx.discount": "lines",
    "facturx.service": "name known",
    "facturx.engagement": "name",
    "facturx.either": "name",
    "flow.attachments": "names",
    "flow.service": "label",
    "flow.engagement": "label",
    "flow.payment_means": "label",
    "flow.iban": "label",
    "flow.supplier": "label",
    "flow.recipient": "label",
    "flow.duplicate": "label",
    "flow.amounts": "label",
    "flow.cadre": "label",
    "flow.xml": "label",
    "flow.refused": "label",
    "flow.not_processed": "tries",
    "flow.incident": "flow",
    "flow.integrating": "flow status",
    "flow.slow": "flow status",
    "flow.integrated": "flow",
    "outage.unreachable": "detail",
    "outage.maintenance": "status",
    "outage.quota": "seconds",
    "outage.piste_credentials": "detail",
    "outage.technical_account": "detail",
    "outage.wrong_route": "status",
    "outage.not_attached": "siret",
    "outage.storage": "detail",
    "doubt.no_answer": "detail",
    "doubt.person": "number",
    "doubt.several": "number ids",
    "wait.sidecar": "until lacks",
    "wait.incomplete": "until",
    "wait.attachment": "until names",
    "wait.its_invoice": "file",
    "wait.not_readable": "detail",
}


@pytest.mark.parametrize("words", BOTH)
def test_every_code_has_a_sentence(words: Words) -> None:
    """Each problem code has its two sentences in each language, and there is none for a code that does not exist."""
    assert set(words.problems) == set(CODES)


@pytest.mark.parametrize("words", BOTH)
@pytest.mark.parametrize("code", CODES)
def test_sentences_use_the_documented_params(words: Words, code: str) -> None:
    """A sentence speaks of exactly the params of its code, and of the field it is about."""
    sentence = words.problems[code]
    used = set(re.findall(r"\{(\w+)\}", f"{sentence.what} {sentence.do}")) - {"field_name"}
    assert used == set(PARAMS.get(code, "").split())


@pytest.mark.parametrize("words", BOTH)
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("known", [True, False], ids=["all params", "no param"])
def test_every_sentence_is_finished(words: Words, code: str, *, known: bool) -> None:
    """Whether or not the params are there, no mark of a template is left, and each sentence begins and ends as one."""
    params = {name: "FIELD" if name != "field" else "numero" for name in PARAMS.get(code, "").split() if known}
    for text in render(words, Problem(code, params)):
        assert text.isprintable()
        assert not re.search(r"[{}\[\]]|\s,|\s\.(?!yaml|pdf)|  ", text)
        assert text[0].isupper() or text[0] in "«“"
        assert text[-1] in ".»”"


@pytest.mark.parametrize("words", BOTH)
def test_labels_are_complete(words: Words) -> None:
    """Each field, source, state, event of the life cycle and refuser has its words; both languages the same phrases."""
    assert list(words.fields) == list(FIELDS)
    assert set(words.sources) == set(Source)
    assert {s.value for s in State} <= set(words.states)
    assert {e.value for e in Event} <= set(words.events)
    assert set(words.who) == set(Who)
    for part in ("report", "prefilled", "events", "statuses", "kinds", "states", "check", "recipient"):
        assert set(getattr(words, part)) == set(getattr(FR, part))


@pytest.mark.parametrize("words", BOTH)
def test_every_status_has_its_words(words: Words) -> None:
    """All 57 statuses of Chorus Pro (api.md 3.7) are shown in words, no two alike; the states of a flow as well."""
    shown = {status: text for status, text in words.statuses.items() if not status.startswith(("IN_", "QP_"))}
    shown |= {s: words.statuses[s] for s in STATUSES}
    assert set(shown) == set(STATUSES)
    assert len(set(shown.values())) == len(STATUSES) == 57


def test_french_is_french() -> None:
    """No English word of the trade, and no tutoiement, slips into what a clerk reads in French."""
    texts = [t for s in FR.problems.values() for t in (s.what, s.do)]
    for mapping in (FR.fields, FR.events, FR.report, FR.prefilled, FR.statuses, FR.states, FR.kinds):
        texts += mapping.values()
    shown = re.sub(r"\{\w+\}", "", " ".join([*texts, *FR.who.values(), *FR.sources.values()])).lower()
    alien = r"sidecar|sandbox|outbox|invoice|file|folder|error|missing|upload|token|the|tu|ton|tes|toi"
    assert re.findall(rf"\b(?:{alien})\b", shown) == []


def test_unknown_language() -> None:
    """A language without a catalogue is a KeyError."""
    with pytest.raises(KeyError):
        catalogue("de")


def test_checksum_names_the_siret_and_its_line() -> None:
    """A wrong SIRET is quoted, with the file and line where it stands, and the remedy names the line to correct."""
    what, do = render(FR, Problem("siret.checksum", {"value": "22220001600328", "file": "FA-1.yaml", "line": "3"}))
    assert what.startswith("FA-1.yaml, ligne 3 : le SIRET 22220001600328 n'existe pas")
    assert "« siret »" in do


@pytest.mark.parametrize(
    ("params", "start"),
    [
        pytest.param({"key": "k", "line": "2"}, "Ligne 2 : l'information « k »", id="line only"),
        pytest.param({"key": "k", "file": "a.yaml"}, "a.yaml : l'information « k »", id="file only"),
        pytest.param({"key": "k"}, "L'information « k »", id="neither"),
    ],
)
def test_place(params: dict[str, str], start: str) -> None:
    """What is known of the place comes first."""
    assert render(FR, Problem("sidecar.duplicate_key", params))[0].startswith(start)


def test_a_file_that_is_part_of_the_sentence_is_no_place() -> None:
    """The file that was sent earlier is quoted in the sentence about a duplicate, not as its place."""
    what, _ = render(FR, Problem("duplicate.number", {"number": "F1", "file": "F1.pdf", "when": "2026-11-24"}))
    assert what == "La facture F1 a déjà été envoyée le 24/11/2026 (F1.pdf)."


@pytest.mark.parametrize(
    ("problem", "part"),
    [
        pytest.param(Problem("missing.field", {"field": "engagement"}), "numéro d'engagement", id="field"),
        pytest.param(
            Problem("totals.sum", {"ht": "1000", "tva": "200.5", "ttc": "1300", "sum": "1200.5"}),
            "1 000,00 HT et 200,50 de TVA font 1 200,50",
            id="amounts",
        ),
        pytest.param(Problem("file.too_big", {"size": "12345678", "limit": "10000000"}), "12,3 Mo", id="bytes"),
        pytest.param(Problem("sidecar.too_big", {"limit": "65536"}), "65,5 ko", id="kilobytes"),
        pytest.param(
            Problem("field.too_long", {"field": "service", "value": "x", "limit": "100"}),
            "100 caractères",
            id="a limit in characters",
        ),
        pytest.param(Problem("outage.quota", {"seconds": "90"}), "attendre 90 secondes", id="seconds"),
        pytest.param(Problem("outage.quota", {"seconds": "301"}), "attendre 6 minutes", id="minutes, rounded up"),
        pytest.param(Problem("date.future", {"value": "2027-01-02", "today": "2026-11-24"}), "02/01/2027", id="date"),
        pytest.param(
            Problem("wait.sidecar", {"lacks": "numero, service.required"}),
            "numéro de facture, code service",
            id="lacks",
        ),
        pytest.param(
            Problem("chorus.other_invoice", {"number": "1", "chorus_id": "2", "differs": "siret, ttc"}),
            "SIRET du destinataire, montant TTC",
            id="differs",
        ),
        pytest.param(
            Problem("duplicate.portal", {"number": "1", "chorus_id": "2", "when": "?", "status": "MANDATEE"}),
            "mandatée",
            id="status",
        ),
        pytest.param(
            Problem(
                "conflict.sources",
                {
                    "field": "ttc",
                    "first": "1200",
                    "first_source": "sidecar",
                    "second": "1300",
                    "second_source": "file name",
                },
            ),
            "1 200,00 (fichier .yaml), 1 300,00 (nom du fichier)",
            id="sources",
        ),
        pytest.param(Problem("file.not_regular", {"kind": "link"}), "un lien ou un raccourci", id="kind"),
    ],
)
def test_params_are_shown_as_people_write(problem: Problem, part: str) -> None:
    """Fields, amounts, sizes, dates, sources and statuses appear in the reader's words."""
    assert part in message(FR, problem)


def test_params_are_never_templates() -> None:
    """A value that looks like a placeholder or an optional part is shown as it is."""
    what, _ = render(EN, Problem("siret.format", {"value": "{line}[{x}]"}))
    assert "“{line}[{x}]”" in what


def test_optional_parts() -> None:
    """A part in brackets goes when one of its params is missing or empty; elsewhere a missing one shows as ?."""
    assert fill("a[ b {x} {y}] {z}", {"x": "1", "y": ""}) == "a ?"
    assert fill("a[ b {x} {y}] {z}", {"x": "1", "y": "2", "z": "3"}) == "a b 1 2 3"


@given(code=st.sampled_from(list(CODES)), text=st.text(), line=st.text(max_size=3))
def test_any_param_gives_one_safe_line(code: str, text: str, line: str) -> None:
    """Whatever stands in the params, the message is one line without control characters or direction overrides."""
    names = {*PARAMS.get(code, "").split(), "file"}
    shown = message(FR, Problem(code, {**dict.fromkeys(names, text), "line": line}))
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\nNOT SENT: b", "a NOT SENT: b", id="line break"),
        pytest.param("fdp.\u202eexe", "fdp.\ufffdexe", id="direction override"),
        pytest.param("\x1b[31mred", "\ufffd[31mred", id="escape"),
        pytest.param("caf\udce9", "caf\ufffd", id="lone surrogate"),
        pytest.param("1\u00a0234\u2028x", "1 234 x", id="odd spaces"),
        pytest.param("x" * 600, "x" * 499 + "…", id="too long"),
        pytest.param("Société – été 🙂", "Société – été 🙂", id="ordinary text"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    """What strangers wrote is shown on one line, without anything invisible."""
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        pytest.param("1234.5", "1 234,50 €", "1,234.50 €", id="thousands"),
        pytest.param("-12", "-12,00 €", "-12.00 €", id="negative"),
        pytest.param("1234567.891", "1 234 567,891 €", "1,234,567.891 €", id="three decimals"),
        pytest.param("0", "0,00 €", "0.00 €", id="zero"),
        pytest.param("1E+3", "1 000,00 €", "1,000.00 €", id="exponent"),
    ],
)
def test_amounts(amount: str, french: str, english: str) -> None:
    """Amounts have two decimals at least, grouped thousands and plain spaces."""
    assert (amount_text(FR, Decimal(amount)), amount_text(EN, Decimal(amount))) == (french, english)


def test_other_currencies() -> None:
    """Another currency keeps its code, an unknown one is not invented."""
    assert amount_text(FR, Decimal(1), "CHF") == "1,00 CHF"
    assert amount_text(FR, Decimal(1), "") == "1,00"


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        pytest.param(datetime(2026, 11, 24, 13, 5, 9, tzinfo=UTC), "24/11/2026 à 14:05:09", id="winter"),
        pytest.param(datetime(2026, 7, 14, 22, 30, 0, tzinfo=UTC), "15/07/2026 à 00:30:00", id="summer, next day"),
    ],
)
def test_times_are_french(at: datetime, shown: str) -> None:
    """Times are shown in French time, summer and winter."""
    assert time_text(FR, at) == shown


def test_dates() -> None:
    """Dates are day, month, year."""
    assert date_text(date(2026, 1, 2)) == "02/01/2026"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("2026-11-24", "24/11/2026", id="date"),
        pytest.param("2026-11-24T13:05:09+00:00", "24/11/2026 à 14:05:09", id="time"),
        pytest.param("2026-11-24 10:05", "24/11/2026 à 10:05", id="the portal's time"),
        pytest.param("?", "?", id="unknown"),
    ],
)
def test_moments(text: str, shown: str) -> None:
    """A date or time that came as text is shown as such, anything else as it stands."""
    assert moment_text(FR, text) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        pytest.param("ttc", Decimal(1200), "1 200,00 €", id="amount"),
        pytest.param("ttc", "1200.00", "1 200,00 €", id="amount from the ledger"),
        pytest.param("date", date(2026, 11, 24), "24/11/2026", id="date"),
        pytest.param("date", "2026-11-24", "24/11/2026", id="date from the ledger"),
        pytest.param("numero", "2026-11", "2026-11", id="a number that is no date"),
        pytest.param("type", Kind.CREDIT_NOTE, "avoir", id="kind"),
        pytest.param("type", "avoir", "avoir", id="kind from the ledger"),
        pytest.param(
            "lignes_tva",
            (VatLine(Decimal("5.5"), Decimal(100), Decimal("5.5")),),
            "100,00 € à 5,5 % : 5,50 €",
            id="VAT line",
        ),
        pytest.param(
            "pieces_jointes",
            (Enclosure("a.pdf"), Enclosure("b\n.jpg", "RIB", "Notre RIB")),
            "a.pdf ; b .jpg (RIB, Notre RIB)",
            id="names",
        ),
    ],
)
def test_values(name: str, value: str, shown: str) -> None:
    """Values look the same whether they come fresh or from the ledger."""
    assert value_text(FR, name, value) == shown


def test_sources() -> None:
    """A source is known by itself and by its text in the ledger; an unknown one is shown as it is."""
    assert source_text(FR, Source.PDF_TEXT) == source_text(FR, "PDF text") == "texte du PDF"
    assert source_text(FR, "a person") == "a person"


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        pytest.param(Problem("missing.field", {"field": "ttc"}), "ttc", id="named"),
        pytest.param(Problem("siret.checksum", {"field": "valideur"}), "valideur", id="named before the family"),
        pytest.param(Problem("siret.checksum"), "siret", id="family"),
        pytest.param(Problem("totals.vat_tax"), "lignes_tva", id="code before family"),
        pytest.param(Problem("engagement.required_by_service", {"service": "S"}), "engagement", id="engagement"),
        pytest.param(Problem("duplicate.bytes"), None, id="no field"),
        pytest.param(Problem("file.empty"), None, id="the file"),
    ],
)
def test_field_of(problem: Problem, name: str | None) -> None:
    """A problem knows the field a person corrects, if any."""
    assert field_of(problem) == name
