"""Draws the page from what is to be seen (``core/overview.py``): one file that needs nothing else, and may do nothing else.

Every value is escaped by Jinja2; the page's own style and script are the only ones that its policy lets run. Decides
nothing about invoices.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from chorus_outbox.core.overview import ROWS, Overview
from chorus_outbox.core.overview_rows import Band, Row, days, grouped
from chorus_outbox.core.overview_totals import Total
from chorus_outbox.core.words import Words, amount_text, catalogue, date_text, fill
from chorus_outbox.core.words import render as rendered
from chorus_outbox.core.words.shown import PARIS

FIRST: Mapping[Band, int] = {Band.NEEDS: 300}
"""Rows of a band that stand in the table at once: what needs a person can be read without the script too."""
FIRST_OF_OTHERS = 50  # the script brings the rest when it is asked for
_FRENCH_SPACE = re.compile("(?<=«) | (?=[:;?!»])")  # where no line may break
FULL = 100.0  # length of the longest bar, per cent


def render(overview: Overview, words: Words) -> bytes:
    """Return the page."""
    style, script = _text("page.css"), _text("page.js")
    text = (
        _environment(words.language)
        .get_template("page.html.j2")
        .render(
            o=overview,
            now=overview.situation,
            first={band: FIRST.get(band, FIRST_OF_OTHERS) for band in Band},
            css=Markup(style),  # noqa: S704 - our own file
            js=Markup(script),  # noqa: S704 - our own file
            policy=_policy(style, script),
            row=partial(_row, words.language, overview.situation.today),
        )
    )
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=2 * ROWS)
def _row(language: str, today: date, row: Row) -> Markup:
    """Return the markup of one invoice; most of them are as they were when the page was written last."""
    return Markup(_environment(language).get_template("row.html.j2").render(r=row, days=days(row, today)))  # noqa: S704 - escaped


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy under which nothing is loaded, and nothing runs but these two."""
    only = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return f"default-src 'none'; {only}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


@lru_cache
def _environment(language: str) -> jinja2.Environment:
    """Return where the templates are found, with what they say and how they show values."""
    words = catalogue(language)
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def amount(value: Decimal, currency: str) -> str:
        return amount_text(words, value, currency).replace(" ", "\N{NO-BREAK SPACE}")

    def moment(at: datetime) -> str:
        local = at.astimezone(PARIS)
        return words.report["moment"].format(date=date_text(local), time=f"{local:%H:%M}")

    def month(key: str) -> str:
        return f"{words.page[f'month.{key[5:]}']} {key[:4]}"

    def say(name: str, **texts: object) -> str:
        return fill(words.page[name], {key: str(text) for key, text in texts.items()})

    environment.globals.update(t=words.page, language=language, Band=Band, say=say, scale=_scale)
    environment.filters.update(
        amount=amount,
        moment=moment,
        day=date_text,
        month=month,
        siret=grouped,
        share=_share,
        breakable=lambda name: escape(name).replace("_", Markup("_<wbr>")),
        prose=lambda text: _FRENCH_SPACE.sub("\N{NO-BREAK SPACE}", text),
        whole=lambda number: f"{number:,}".replace(",", words.thousands),
        told=lambda problem: rendered(words, problem),
    )
    return environment


def _scale(totals: Sequence[Total]) -> Decimal:
    """Return the amount of the longest bar."""
    return max((abs(total.amount) for total in totals), default=Decimal(0))


def _share(part: Decimal, whole: Decimal) -> str:
    """Return the length of a bar, per cent; of a negative sum none."""
    return f"{max(0.0, FULL * float(part / whole)) if whole else 0.0:.1f}"
