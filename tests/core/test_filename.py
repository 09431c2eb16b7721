from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core.draft import Source
from chorus_outbox.core.filename import DEFAULT_PATTERNS, check_patterns, pair_key, read_filename, split_attachment

SIRET = "22220001600327"
OTHER = "21220278400015"


@pytest.mark.parametrize(
    ("stem", "values"),
    [
        pytest.param(f"FA-1_{SIRET}", {"numero": "FA-1", "siret": SIRET}, id="number, SIRET"),
        pytest.param(
            f"{SIRET}_COLLEGE_12345_FA-1",
            {"siret": SIRET, "service": "COLLEGE", "engagement": "12345", "numero": "FA-1"},
            id="SIRET, service, engagement, number",
        ),
        pytest.param(
            f"{SIRET}_0123_FA-1",
            {"siret": SIRET, "engagement": "0123", "numero": "FA-1"},
            id="SIRET, engagement, number",
        ),
        pytest.param(
            f"FA-1_{SIRET}_COLLEGE_12345",
            {"siret": SIRET, "service": "COLLEGE", "engagement": "12345", "numero": "FA-1"},
            id="number, SIRET, service, engagement",
        ),
        pytest.param(
            f"FA-1_{SIRET}_12345",
            {"siret": SIRET, "engagement": "12345", "numero": "FA-1"},
            id="number, SIRET, engagement",
        ),
        pytest.param(f"FA-1_{SIRET} (2)", {"numero": "FA-1", "siret": SIRET}, id="copy"),
        pytest.param(f"FA-1_{SIRET}(12)", {"numero": "FA-1", "siret": SIRET}, id="copy without space"),
        pytest.param(f"FA_2026_1_{SIRET}", {"numero": "FA_2026_1", "siret": SIRET}, id="underscores in the number"),
        pytest.param(
            f"FA_1_{SIRET}_12345",
            {"numero": "FA_1", "siret": SIRET, "engagement": "12345"},
            id="underscore in the number, engagement",
        ),
        pytest.param(
            f"FA_1__{SIRET}__A_B__12345",
            {"numero": "FA_1", "siret": SIRET, "service": "A_B", "engagement": "12345"},
            id="double underscores",
        ),
        pytest.param(
            f"{SIRET}__12345__FA_1",
            {"numero": "FA_1", "siret": SIRET, "engagement": "12345"},
            id="double underscores, SIRET first",
        ),
        pytest.param("scan", {}, id="bare name"),
        pytest.param("facture novembre", {}, id="bare words"),
        pytest.param("FA-2026-001", {}, id="bare number"),
        pytest.param(f"FA-1_{SIRET[:-1]}", {}, id="13 digits"),
        pytest.param(f"FA-1_{SIRET}9", {}, id="15 digits"),
        pytest.param("FA-1_cotes-armor", {}, id="alias"),
        pytest.param(f"_{SIRET}", {}, id="nothing for a number"),
        pytest.param(f"FA___{SIRET}_{SIRET}", {"numero": "FA__", "siret": SIRET, "engagement": SIRET}, id="three"),
        pytest.param("", {}, id="nothing"),
        pytest.param("FA-1_٢٢٢٢٠٠٠١٦٠٠٣٢٧", {}, id="Arabic digits"),
        pytest.param(f"FA\udce9_{SIRET}", {}, id="bytes that are no UTF-8"),
    ],
)
def test_default_patterns(stem: str, values: dict[str, str]) -> None:
    """The default templates read the names that the documentation promises, and nothing into other names."""
    draft = read_filename(stem, DEFAULT_PATTERNS)
    assert (draft.values, draft.problems, draft.source) == (values, (), Source.FILENAME)


def test_ambiguous() -> None:
    """Two readings of the same fields with other values are refused, both shown in words."""
    draft = read_filename(f"{SIRET}_{OTHER}_A_B", DEFAULT_PATTERNS)
    assert draft.values == {}
    assert [(p.code, p.params) for p in draft.problems] == [
        (
            "filename.ambiguous",
            {
                "first": f"siret={SIRET}, service={OTHER}, engagement=A, numero=B",
                "second": f"siret={OTHER}, service=A, engagement=B, numero={SIRET}",
            },
        )
    ]


def test_order_is_precedence_between_different_fields() -> None:
    """Of templates that give different fields, the first that fits counts."""
    stem = f"{SIRET}_X_Y"
    by_service = "{siret}_{service}_{numero}"
    by_engagement = "{siret}_{engagement}_{numero}"
    assert read_filename(stem, [by_service, by_engagement]).values["service"] == "X"
    assert read_filename(stem, [by_engagement, by_service]).values["engagement"] == "X"


@pytest.mark.parametrize(
    ("pattern", "stem", "values"),
    [
        pytest.param("{numero} - {siret}", f"FA-1 - {SIRET}", {"numero": "FA-1", "siret": SIRET}, id="spaced dash"),
        pytest.param(
            "{numero}-{service}-{engagement}",
            "FA-2026-1-X-Y",
            {"numero": "FA-2026-1", "service": "X", "engagement": "Y"},
            id="the number alone holds separators",
        ),
        pytest.param("Facture {numero} du {date}", "Facture A1 du 2026-11-20", {"numero": "A1"}, id="words"),
        pytest.param("{invoice_number}_{recipient}", f"A1_{SIRET}", {"numero": "A1", "siret": SIRET}, id="synonyms"),
        pytest.param("{numero}_{date}", "A1_hier", {}, id="no date: does not fit"),
        pytest.param("{numero}_é", unicodedata.normalize("NFD", "A1_é"), {"numero": "A1"}, id="accents of a Mac"),
        pytest.param("{numero}.*", "A1xx", {}, id="a literal is no regular expression"),
    ],
)
def test_own_patterns(pattern: str, stem: str, values: dict[str, str]) -> None:
    """A configured template is taken at its word."""
    assert check_patterns([pattern]) == []
    found = read_filename(stem, [pattern]).values
    assert {name: found[name] for name in found if name != "date"} == values


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{numro}_{siret}", "unknown field 'numro' (did you mean 'numero'?)"),
        ("{siret}{numero}", "no separator between 'siret' and 'numero'"),
        ("{siret}A{numero}", "no separator between 'siret' and 'numero'"),
        ("{siret}_{recipient}", "field 'siret' occurs twice"),
        ("facture", "it names no field, such as {numero}"),
        ("{siret}_{pieces_jointes}", "field 'pieces_jointes' is a list, it can't stand in a name"),
        ("{siret}_{numero", "a brace without its partner"),
        ("{siret}/{numero}", "a file name can't hold / or \\"),
    ],
)
def test_bad_patterns(pattern: str, why: str) -> None:
    """A template that could not work is refused with the reason."""
    assert check_patterns([pattern]) == [f"{pattern!r}: {why}"]


def test_default_patterns_are_good() -> None:
    """Nothing is wrong with the default templates."""
    assert check_patterns(DEFAULT_PATTERNS) == []


@pytest.mark.parametrize(
    ("stem", "parts"),
    [
        ("FA-1_PJ1", ("FA-1", 1)),
        ("FA-1_pj12", ("FA-1", 12)),
        ("A_PJ1_PJ2", ("A_PJ1", 2)),
        ("FA-1_PJ", None),
        ("_PJ1", None),
        ("FA-1 PJ1", None),
        ("FA-1_PJ1 bis", None),
        ("FA-1_PJ٣", None),
    ],
)
def test_attachments(stem: str, parts: tuple[str, int] | None) -> None:
    """``NAME_PJ1`` is an attachment of ``NAME``."""
    assert split_attachment(stem) == parts


def test_pairs() -> None:
    """PDF and sidecar belong together whatever the case and the Unicode form of their names."""
    assert pair_key("Facture É") == pair_key(unicodedata.normalize("NFD", "FACTURE é"))
    assert pair_key("A") != pair_key("B")


@given(st.one_of(st.text(max_size=80), st.text("_-0123456789 ()A", max_size=80)))
@settings(deadline=None)
def test_any_name(stem: str) -> None:
    """Any name is read, and no lone surrogate comes out."""
    draft = read_filename(stem, [*DEFAULT_PATTERNS, "{numero}-{service}-{engagement}-{marche}-{origine}"])
    repr(draft).encode()


PART = st.text("ABCxyz0123456789-+", min_size=1, max_size=10)


@given(PART, PART, PART)
@settings(deadline=None)
def test_a_name_made_by_a_template_is_read_back(number: str, service: str, engagement: str) -> None:
    """A name written by a template gives back exactly what was put in."""
    draft = read_filename(f"{number}_{SIRET}_{service}_{engagement}")
    assert draft.values == {"numero": number, "siret": SIRET, "service": service, "engagement": engagement}
