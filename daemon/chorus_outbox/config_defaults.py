"""The section ``defaults`` of the configuration: fields of an invoice that hold for every one."""

from __future__ import annotations

from typing import Any

from .config_refusals import Lines, did_you_mean, where
from .core.fields import BY_NAME, FIELDS, SIDECAR_ONLY, FieldValue, Shape, read
from .core.invoice import PAYMENT_MODES, VAT_REGIMES, Cadre
from .core.problem import Problem
from .core.words import catalogue, message


def defaults_of(given: Any, lines: Lines) -> tuple[dict[str, FieldValue], list[str]]:
    """Read the section ``defaults`` as fields of an invoice."""
    values: dict[str, FieldValue] = {}
    problems = []
    for key, text in given.items() if isinstance(given, dict) else ():
        place = where(("defaults", key), lines)
        name = BY_NAME.get(key.lower())
        if name is None or name in SIDECAR_ONLY:
            problems.append(f"{place}: is not a field of an invoice{did_you_mean(key, list(FIELDS))}")
        elif not isinstance(text, str) or FIELDS[name].shape is Shape.VAT_LINES:
            problems.append(f"{place}: must be a single value")
        elif isinstance(value := _default(name, text), Problem):
            problems.append(f"{place}: {message(catalogue('en'), value)}")
        else:
            values[name] = value
    return values, problems


def _default(name: str, text: str) -> FieldValue | Problem:
    value = read(name, text)
    if name == "cadre":
        value = next((c.value for c in Cadre if value == c.name), value)
    choices = {
        "cadre": tuple(c.value for c in Cadre),
        "regime_tva": VAT_REGIMES,
        "mode_paiement": PAYMENT_MODES,
    }
    if name in choices and value not in choices[name]:
        return Problem("field.choice", {"field": name, "value": text, "allowed": ", ".join(choices[name])})
    return value
