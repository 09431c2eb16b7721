from __future__ import annotations

from decimal import Decimal

import pytest

from chorus_outbox.core.fields import VatLine
from chorus_outbox.core.invoice import Cadre, Siret, check_number, check_siret, check_totals


def code(problem: object) -> str | None:
    return getattr(problem, "code", None)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("22220001600327", None, id="good"),
        pytest.param("35600000049837", None, id="La Poste: a sum of digits"),
        pytest.param("35600000000048", None, id="La Poste, head office"),
        pytest.param("35600000049838", "siret.checksum", id="La Poste, wrong"),
        pytest.param("22220001600328", "siret.checksum", id="wrong digit"),
        pytest.param("2222000160032", "siret.format", id="13 digits"),
        pytest.param("222200016003270", "siret.format", id="15 digits"),
        pytest.param("2222000160032O", "siret.format", id="letter O"),
        pytest.param("22220001600327\n", "siret.format", id="line end"),
        pytest.param("٢٢٢٢٠٠٠١٦٠٠٣٢٧", "siret.format", id="Arabic digits"),
        pytest.param("", "siret.format", id="nothing"),
    ],
)
def test_siret(text: str, wrong: str | None) -> None:
    """A SIRET is 14 digits with a checksum; a wrong one can't be built."""
    assert code(check_siret(text)) == wrong
    if wrong:
        with pytest.raises(ValueError, match="not a SIRET"):
            Siret(text)
    else:
        assert str(Siret(text)) == text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("FA-2026_1/3+", None, id="all allowed characters"),
        pytest.param("A" * 20, None, id="20 characters"),
        pytest.param("A" * 21, "number.too_long", id="21 characters"),
        pytest.param("FA 1", "number.characters", id="space"),
        pytest.param("FA.1", "number.characters", id="point"),
        pytest.param("FÀ1", "number.characters", id="accent"),
        pytest.param("20230305", "number.date", id="date"),
        pytest.param("2023-03-05", "number.date", id="ISO date"),
        pytest.param("05/03/2023", "number.date", id="French date"),
        pytest.param("05032023", "number.date", id="French date without marks"),
        pytest.param("20231305", None, id="no such month"),
        pytest.param("2026-0042", None, id="year and count"),
        pytest.param("FA-20230305", None, id="date and more"),
    ],
)
def test_number(text: str, wrong: str | None) -> None:
    """A number has at most 20 characters of Chorus Pro's list, and is no bare date."""
    assert code(check_number(text)) == wrong


D = Decimal
LINES = (VatLine(D(20), D(100), D(20)), VatLine(D("5.5"), D(10), D("0.55")))


@pytest.mark.parametrize(
    ("amounts", "lines", "wrong"),
    [
        pytest.param(("110", "20.55", "130.55", "130.55"), LINES, [], id="good"),
        pytest.param(("110", "20.55", "130.56", "130"), (), [], id="one cent, as rounding leaves"),
        pytest.param(("110", "20.55", "130.57", "130"), (), ["totals.sum"], id="two cents"),
        pytest.param(("110.02", "20.55", "130.57", "1"), LINES, [], id="a cent a line"),
        pytest.param(("110.03", "20.55", "130.58", "1"), LINES, ["totals.vat_base"], id="bases"),
        pytest.param(("110", "20.58", "130.58", "1"), LINES, ["totals.vat_tax"], id="taxes"),
        pytest.param(("100", "20", "120", "120.01"), (), ["totals.payable"], id="more to pay than the total"),
    ],
)
def test_totals(amounts: tuple[str, str, str, str], lines: tuple[VatLine, ...], wrong: list[str]) -> None:
    """Totals must add up, but for what rounding leaves."""
    net, vat, gross, payable = map(Decimal, amounts)
    assert [p.code for p in check_totals(net, vat, gross, payable, lines)] == wrong


def test_validators() -> None:
    """Only the frames of subcontractors and co-contractors need a validator."""
    assert [cadre.name for cadre in Cadre if cadre.needs_validator] == ["A9", "A12"]
