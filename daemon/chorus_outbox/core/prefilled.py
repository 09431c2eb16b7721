"""The sidecar that is written into ``failed/`` when there was none: what was understood, ready to be corrected.

Every value stands in double quotes, so that the strict reader (``sidecar.py``) gives back the very text; what is
missing is an empty value, which that reader takes as not given. Amounts and dates are those that ``fields.read``
understands. The sentences stand in ``words/``; where the file goes is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from .fields import FIELDS, Enclosure, FieldValue, Shape, VatLine, parse_date, show
from .problem import Problem, Weight
from .report import Sourced
from .words import Words, date_text, field_of, fill, plain, render, source_text

_PARAMS = {"numero": "number"}  # field -> the param that holds it, where the names differ
_EXAMPLES = {"pieces_jointes": '[bon.pdf, {fichier: rib.pdf, type: RIB, designation: "Notre RIB"}]  '}
_TO_CHOOSE = ("type.unsaid", "type.differs")
_AMBIGUOUS_PLACES = 3
_LONGEST, _MOST = 1000, 100  # characters of a value, items of a list: with more, the reader might refuse the file
_ASKED: Mapping[str, tuple[str, ...]] = {  # problem -> the fields that its correction may need: written even when empty
    "returned.recycle": ("siret", "service", "engagement"),
    "returned.suspended": ("commentaire",),
    "returned.unchanged": ("siret", "service", "engagement"),
    "returned.rejected": ("numero", "acquitter"),
    "returned.new_number": ("numero", "acquitter"),
    "filename.ambiguous": ("siret", "numero", "engagement"),
    "engagement.or_service": ("service", "engagement"),
    "chorus.service_or_engagement": ("service", "engagement"),
    "chorus.recycling": ("siret", "service", "engagement"),
    "chorus.unexplained": ("siret", "service", "engagement", "ht", "tva", "ttc"),
    "chorus.totals": ("ht", "tva", "ttc", "a_payer"),
    "chorus.vat": ("regime_tva", "lignes_tva"),
    "totals.sum": ("ht", "tva", "ttc"),
    "totals.sign": ("type", "origine"),
    "validator.unused": ("cadre", "valideur"),
}
_YAML_ESCAPES = {'"': '\\"', "\\": "\\\\"}


def prefilled_sidecar(file: str, fields: Mapping[str, Sourced], problems: tuple[Problem, ...], words: Words) -> str:
    """Return the text of a sidecar for an invoice that could not be sent; lines end in a line feed.

    ``encode_log`` of ``report.py`` turns it into bytes that Notepad and our own reader like.

    Args:
        file: Name of the PDF.
        fields: What was understood, by canonical name.
        problems: Why it could not be sent.
        words: The language of the explanations; the names of the fields are always the French ones.

    """
    causes = [p for p in problems if p.weight in (Weight.STOP, Weight.LACK)]
    by_field = {name: [p for p in causes if field_of(p) == name] for name in FIELDS}
    lines = [f"# {fill(words.prefilled['title'], {'file': plain(file)})}", f"# {words.prefilled['how']}"]
    for problem in causes:
        if field_of(problem) is None:
            lines += _explained(words, problem)
    lines.append("")
    others = []
    asked = [name for problem in causes for name in _ASKED.get(problem.code, ())]
    for name in dict.fromkeys((*asked, *by_field)):
        about = by_field[name]
        value = _value(name, fields, about)
        if about or value is not None or name in asked:
            lines += [line for p in about for line in _explained(words, p)] or [_named(words, name, fields.get(name))]
            lines += _written(name, value)
        else:
            others.append(f"#{name}: {_EXAMPLES.get(name, '')}".ljust(24) + f"# {words.fields[name]}")
    if others:
        lines += ["", f"# {words.prefilled['others']}", *others]
    return "\n".join(lines) + "\n"


def _named(words: Words, name: str, known: Sourced | None) -> str:
    """Return the comment that says what a field is, and where its value comes from."""
    texts = {"label": words.fields[name], "source": source_text(words, known.source) if known else ""}
    return f"# {fill(words.prefilled['field'], texts)}"


def _explained(words: Words, problem: Problem) -> list[str]:
    what, do = render(words, problem)
    mark = words.prefilled["lack" if problem.weight is Weight.LACK else "stop"]
    return [f"# {fill(mark, {'what': what})}", f"# {fill(words.prefilled['do'], {'do': do})}"]


def _value(name: str, fields: Mapping[str, Sourced], about: list[Problem]) -> FieldValue | None:
    """Return what was understood, else what was typed and could not be, else nothing.

    Nothing either where a person must choose: a value written here would count as theirs when the file comes back.
    """
    if any(p.code in _TO_CHOOSE for p in about):
        return None
    if known := fields.get(name):
        return known.value
    typed = (p.params.get(param) for p in about for param in ("value", "first", _PARAMS.get(name, name)))
    return next((text for text in typed if text and FIELDS[name].shape is not Shape.VAT_LINES), None)


def _written(name: str, value: FieldValue | None) -> list[str]:
    match value:
        case None:
            return [f"{name}: "]  # the space stays: `name:value` without one would not be YAML
        case tuple() if len(value) > _MOST:  # only a PDF made to harm has so many: it still says so itself
            return [f"{name}: "]
        case tuple():
            return [f"{name}:", *(f"  - {_item(v)}" for v in value)]
        case _:
            return [f"{name}: {_quoted(_text(name, value))}"]


def _item(value: VatLine | Enclosure) -> str:
    if isinstance(value, VatLine):
        numbers = {"taux": value.rate, "base": value.base, "montant": value.tax}
        return _mapping({key: show(number) for key, number in numbers.items()})
    if value == Enclosure(value.file):
        return _quoted(value.file)
    return _mapping({"fichier": value.file, "type": value.type, "designation": value.designation})


def _mapping(texts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {_quoted(text)}" for key, text in texts.items() if text) + "}"


def _text(name: str, value: FieldValue) -> str:
    """Return a value as people write it and ``fields.read`` reads it."""
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, Decimal):
        return _amount(value)
    text = show(value)
    day = parse_date(text) if FIELDS[name].shape is Shape.DATE else None
    return date_text(day) if day else text


def _amount(value: Decimal) -> str:
    """Return an amount with two decimals or more, never three: ``1234.567`` could also mean a million."""
    whole, _, cents = f"{value.normalize():f}".partition(".")
    return f"{whole}.{cents.ljust(_AMBIGUOUS_PLACES + 1 if len(cents) == _AMBIGUOUS_PLACES else 2, '0')}"


def _quoted(text: str) -> str:
    return '"' + "".join(_YAML_ESCAPES.get(c) or _visible(c) for c in text[:_LONGEST]) + '"'


def _visible(character: str) -> str:
    """Return a character as it may stand in YAML; the strict reader refuses control characters even when escaped."""
    if character.isprintable():
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
