"""The totals of a French invoice, read from the lines of its text: HT, TVA, TTC, net à payer, and the VAT lines.

The labels stand in ``pdflabels.py``; here: which label goes with which amount (on a line, or in columns), and the
arithmetic that picks among what was found (HT + TVA = TTC; base x rate = tax). What is doubtful is left out. Signs are
those printed; that a credit note's amounts become positive is for ``pdftext.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise, product

from .pdflabels import LABEL, NAMES
from .pdfvat import RATES, tax_matches
from .pdfwords import Money, find_amounts, find_rates, fold

_CENT = Decimal("0.01")
_MAX_CANDIDATES = 12  # distinct amounts with the same label; with more, the label tells nothing
_HIGHEST_RATE = Decimal("0.201")  # of VAT in France, with room for rounding

_FILLERS = frozenset(["eur", "euro", "euros", "en", "de", "a", "au", "taux", "sur"])
_WORD = re.compile(r"[a-z0-9]+")

# TVA = 0: art. 293 B CGI (small businesses), or the customer owes it (autoliquidation).
_FRANCHISE = re.compile(
    r"tva non applicable|293[ -]?b(?![a-z])|franchise en base|franchise de tva|auto-?liquidation"
    r"|exoneration de (?:la )?tva|exoneree? de (?:la )?tva|tva exoneree"
)


@dataclass(frozen=True)
class _Label:
    name: str
    start: int
    end: int
    rate: Decimal | None = None  # per cent, when printed beside the label


_Token = _Label | Money
_Read = tuple[list[_Token], bool]  # what stands in a line, and whether nothing else does
Found = Mapping[str, frozenset[Decimal]]


def read_totals(lines: Sequence[str]) -> dict[str, Decimal]:
    """Return what is certain among ``ht, tva, ttc, a_payer``, with the signs printed."""
    read = [_tokens(line) for line in lines]
    found = _candidates(read)
    rates = (
        frozenset(t.rate for tokens, _ in read for t in tokens if isinstance(t, _Label) and t.rate in RATES) or RATES
    )
    franchise = any(_FRANCHISE.search(fold(line)) for line in lines)
    totals = (
        _consistent(found)
        or (franchise and _franchise(found))
        or _in_column(read, found, rates)
        or _partial(found, rates)
    )
    payable = _only(found["rest"]) if found["rest"] else _only(found["due"])
    if payable is not None and abs(payable) <= abs(totals.get("ttc", payable)):
        totals["a_payer"] = payable
    return totals | _taken_off(found, totals)


def _taken_off(found: Found, totals: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return a discount on the total that leaves what is to pay, and what a deposit leaves when nothing else says it."""
    gross, payable, off = totals.get("ttc", Decimal()), totals.get("a_payer"), _only(found["discount"])
    paid = _only(found["prepaid"])
    if off and payable in (gross - abs(off), gross - abs(off) - abs(paid or Decimal())):
        return {"remise": abs(off)}
    if paid and payable is None and not off and 0 < abs(paid) <= gross and not found["due"] | found["rest"]:
        return {"a_payer": gross - abs(paid)}
    return {}


# 1. Which label goes with which amount.


def _candidates(lines: Iterable[_Read]) -> Found:
    """Return every amount that each label may stand for; ``vat`` holds the sum over the rates as well."""
    found: dict[str, set[Decimal]] = {name: set() for name in (*NAMES, "rated")}
    rated: dict[Decimal, set[Decimal]] = {}
    for label, amounts in _pairs(lines):
        if label.name == "vat" and label.rate is not None:
            rated.setdefault(label.rate, set()).update(_taxes(label.rate, amounts))
        elif len(amounts) == 1:
            found[_meaning(label, amounts[0])].add(amounts[0].value)
        elif label.name == "total" and len(amounts) == 3 and _adds_up(*(a.value for a in amounts)):  # noqa: PLR2004
            for name, amount in zip(("net", "vat", "gross"), amounts, strict=True):
                found[name].add(amount.value)
    if rated and all(len(taxes) == 1 for taxes in rated.values()):
        found["vat"].add(sum((next(iter(t)) for t in rated.values()), Decimal()))
    found["rated"] = set().union(*rated.values())
    return {
        name: frozenset(values) if len(values) <= _MAX_CANDIDATES else frozenset() for name, values in found.items()
    }


def _meaning(label: _Label, amount: Money) -> str:
    """Return what a label means with its amount: ``Total : 120,00 € TTC`` is a total TTC."""
    if label.name in ("total", "subtotal") and amount.suffix:
        return "gross" if amount.suffix == "ttc" else "net"
    return label.name


def _taxes(rate: Decimal, amounts: Sequence[Money]) -> set[Decimal]:
    """Return the tax printed beside a rate: the only amount, or the one that is the rate's part of another."""
    values = [a.value for a in amounts]
    if len(values) == 1:
        return set(values)
    return {tax for base in values for tax in values if base and base != tax and tax_matches(base, rate, tax)}


def _pairs(lines: Iterable[_Read]) -> Iterator[tuple[_Label, list[Money]]]:
    """Pair labels with amounts within each block: one mixed line, or neighbouring lines with nothing else in them."""
    for pure, group in groupby(lines, key=lambda line: line[1]):
        for block in [[t for tokens, _ in group for t in tokens]] if pure else [tokens for tokens, _ in group]:
            yield from _within(block)


def _within(block: Sequence[_Token]) -> Iterator[tuple[_Label, list[Money]]]:
    """Pair runs of labels with the run of amounts that follows, or, when the block ends with labels, comes before."""
    runs = [list(run) for _, run in groupby(block, key=lambda t: isinstance(t, Money))]
    if runs and isinstance(runs[0][0], Money):
        if isinstance(runs[-1][0], _Label):
            yield from _zip_runs(runs[1::2], runs[0::2])
        runs = runs[1:]
    yield from _zip_runs(runs[0::2], runs[1::2])


def _zip_runs(
    label_runs: Iterable[Sequence[_Token]], amount_runs: Iterable[Sequence[_Token]]
) -> Iterator[tuple[_Label, list[Money]]]:
    for label_run, amount_run in zip(label_runs, amount_runs, strict=False):
        labels = [t for t in label_run if isinstance(t, _Label)]
        amounts = [t for t in amount_run if isinstance(t, Money)]
        if len(labels) != len(amounts):
            amounts = [a for a in amounts if a.sure] or amounts
        if len(labels) == len(amounts):
            yield from ((label, [amount]) for label, amount in zip(labels, amounts, strict=True))
        elif len(labels) == 1 or len(amounts) == 1:  # "Total TTC / Net à payer : 120,00": both
            yield from ((label, amounts) for label in (labels if _one_title(labels) else labels[-1:]))


def _one_title(labels: Sequence[_Label]) -> bool:
    return all(0 <= after.start - before.end <= 3 for before, after in pairwise(labels))  # noqa: PLR2004


def _tokens(line: str) -> _Read:
    """Return the labels and amounts of a line, and whether nothing else stands in it.

    A number without cents or currency counts only when the line is pure: ``Total HT 100``.
    """
    folded = fold(line)
    rates = list(find_rates(line))
    labels = list(_labels(line, folded, rates))
    money = [m for m in find_amounts(line) if not any(x.start < m.end and m.start < x.end for x in labels)]
    for amounts in ([m for m in money if m.sure], money):
        tokens: list[_Token] = sorted([*labels, *amounts], key=lambda t: t.start)
        pure = bool(tokens) and _nothing_else(
            folded, [*((t.start, t.end) for t in tokens), *((s, e) for _, s, e in rates)]
        )
        if pure:
            return tokens, True
    return sorted([*labels, *(m for m in money if m.sure)], key=lambda t: t.start), False


def _labels(line: str, folded: str, rates: Sequence[tuple[Decimal, int, int]]) -> Iterator[_Label]:
    matches = list(LABEL.finditer(folded))
    ends = [*(m.start() for m in matches[1:]), len(folded)]
    for m, end in zip(matches, ends, strict=False):
        rate = next((r for r, at, _ in rates if m.end() <= at < end), None)
        name = (m.lastgroup or "").partition("_")[0]
        if name in ("due", "rest") and m[0].endswith("du") and line[m.end() - 1] not in "ûÛU":
            continue  # "montant du marché": the article, not "dû"
        yield _Label(name, m.start(), m.end(), rate)


def _nothing_else(folded: str, spans: Sequence[tuple[int, int]]) -> bool:
    at, rest = 0, []
    for start, end in sorted(spans):
        rest.append(folded[at:start])
        at = max(at, end)
    return all(word in _FILLERS for word in _WORD.findall(" ".join([*rest, folded[at:]])))


# 2. The arithmetic.


def _adds_up(net: Decimal, vat: Decimal, gross: Decimal) -> bool:
    return bool(gross) and abs(net + vat - gross) <= _CENT and abs(vat) <= abs(net) * _HIGHEST_RATE + _CENT


def _only(values: frozenset[Decimal]) -> Decimal | None:
    return next(iter(values)) if len(values) == 1 else None


def _named(net: Decimal, vat: Decimal, gross: Decimal) -> dict[str, Decimal]:
    return {"ht": net, "tva": vat, "ttc": gross}


def _consistent(found: Found) -> dict[str, Decimal]:
    """Return the one HT, TVA, TTC that add up; plain ``Total`` and ``Sous-total`` count when nothing better does."""
    vats = found["vat"] | found["rated"]
    weak_nets, weak_grosses = found["net"] | found["subtotal"], found["gross"] | found["total"] | found["due"]
    for nets, grosses in ((found["net"], found["gross"]), (weak_nets, weak_grosses)):
        triples = {t for t in product(nets, vats, grosses) if _adds_up(*t)}
        if triples:
            return _named(*best) if (best := _whole(triples)) else {}
    return {}


def _whole(triples: set[tuple[Decimal, Decimal, Decimal]]) -> tuple[Decimal, Decimal, Decimal] | None:
    """Return the only triple, or the one that the others (one per VAT rate) sum up to."""
    biggest, *others = sorted(triples, key=lambda t: abs(t[2]), reverse=True)
    if others and sum((t[2] for t in others), Decimal()) != biggest[2]:
        return None
    return biggest


def _franchise(found: Found) -> dict[str, Decimal]:
    """Return the one total of an invoice without VAT."""
    totals = (found["net"] | found["gross"] | found["total"] | found["subtotal"]) - {Decimal()}
    total = _only(totals or found["due"] - {Decimal()})
    if total is None or (found["vat"] | found["rated"]) - {Decimal()}:
        return {}
    return _named(total, Decimal(), total)


def _in_column(lines: Sequence[_Read], found: Found, rates: frozenset[Decimal]) -> dict[str, Decimal]:
    """Return three neighbouring amounts that add up at a rate, when their labels stand in another column."""
    named = {t.name for tokens, _ in lines for t in tokens if isinstance(t, _Label)}
    if found["net"] or found["vat"] or found["gross"] or not named >= {"net", "vat", "gross"}:
        return {}
    triples = set()
    for alone, group in groupby(lines, key=lambda line: line[1] and isinstance(line[0][0], Money)):
        values = [t.value for tokens, _ in group for t in tokens if isinstance(t, Money)] if alone else []
        triples |= {t for t in zip(values, values[1:], values[2:], strict=False) if _at_rate(*t, rates)}
    return _named(*triples.pop()) if len(triples) == 1 else {}


def _partial(found: Found, rates: frozenset[Decimal]) -> dict[str, Decimal]:
    """Return what two totals say of the third, or the single TTC (or HT) when that is all there is.

    The third is told only when the tax is a rate's part of the base: a discount or carriage may stand between.
    """
    net, gross, vat = _only(found["net"]), _only(found["gross"]), _only(found["vat"] or found["rated"])
    no_vat = not found["vat"] and not found["rated"]
    triple = None
    if net is not None and gross is not None and no_vat:
        triple = net, gross - net, gross
    elif net is not None and vat is not None and not found["gross"]:
        triple = net, vat, net + vat
    elif vat is not None and gross is not None and not found["net"]:
        triple = gross - vat, vat, gross
    if triple and _at_rate(*triple, rates):
        return _named(*triple)
    if gross is not None:
        return {"ttc": gross}
    return {"ht": net} if net is not None and no_vat else {}


def _at_rate(net: Decimal, vat: Decimal, gross: Decimal, rates: frozenset[Decimal]) -> bool:
    """Tell whether totals add up with the tax at one of the rates, or at several that are printed."""
    several = len(rates) > 1 and rates != RATES
    return _adds_up(net, vat, gross) and (several or any(tax_matches(net, rate, vat) for rate in rates))
