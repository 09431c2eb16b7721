"""Keeps the translations in step with the English texts: ``make catalogue``.

Each ``locale/LANGUAGE/LC_MESSAGES/chorus_outbox.po`` gets the messages of ``core/words/texts*.py``, in their order: a
new one without a translation, one whose English text has changed marked fuzzy for a translator to look at, one that is
gone taken out. Then it is compiled. A new language begins with an empty file there, and its name in ``LANGUAGES``.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from chorus_outbox.core.words.texts import ENGLISH
from chorus_outbox.core.words.translation import DOMAIN, LOCALE, translated

WIDTH = 110  # characters a line
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def messages() -> dict[str, str]:
    """Return each place with its English text, in the order of the source."""
    found: dict[str, str] = {}

    def note(place: str, text: str) -> str:
        found[place] = text
        return text

    translated(ENGLISH, note)
    return found


def in_step(old: Catalog) -> Catalog:
    """Return a catalogue with exactly today's messages, and what was translated before."""
    known = {message.context: message for message in old if message.id}
    new = Catalog(old.locale, DOMAIN, header_comment=old.header_comment, project=DOMAIN, fuzzy=False)
    new.mime_headers = [h for h in old.mime_headers if h[0] in ("Language", "Plural-Forms", "Content-Type")]
    for place, text in messages().items():
        before = known.get(place)
        changed = before is not None and before.id != text
        flags = {"fuzzy"} if changed or (before and before.fuzzy) else set()
        previous = [str(before.id)] if before and changed else []
        new.add(text, before.string if before else "", context=place, flags=flags, previous_id=previous)
    return new


def text_of(catalogue: Catalog) -> bytes:
    """Return a catalogue as a .po file."""
    out = io.BytesIO()
    write_po(out, catalogue, width=WIDTH, omit_header=False, include_previous=True)
    dated = (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Project-Id",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
        "Report-Msgid",
    )
    lines = out.getvalue().decode().splitlines(keepends=True)  # without dates and versions: they would only make noise
    return "".join(line for line in lines if not line.startswith(tuple(f'"{name}' for name in dated))).encode()


def compiled(text: bytes, language: str) -> bytes:
    """Return the .mo file of a .po file."""
    out = io.BytesIO()
    read = read_po(io.BytesIO(text), locale=language)
    read.creation_date = read.revision_date = NEVER  # Babel would write the present minute into it
    write_mo(out, read)
    return out.getvalue()


def files() -> list[Path]:
    """Return the .po file of each language."""
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def main() -> int:
    """Bring every language into step; 1 when a translator has something to do."""
    undone = 0
    for path in files():
        language = path.parent.parent.name
        catalogue = in_step(read_po(io.BytesIO(path.read_bytes()), locale=language))
        path.write_bytes(text_of(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(path.read_bytes(), language))
        todo = [m for m in catalogue if m.id and (m.fuzzy or not m.string)]
        for message in todo:
            print(f"{language}: {'look again at' if message.string else 'translate'} {message.context}: {message.id}")
        undone += len(todo)
        print(f"{path.relative_to(LOCALE.parent)}: {len(catalogue)} messages, {len(todo)} to do")
    return int(undone > 0)


if __name__ == "__main__":
    sys.exit(main())
