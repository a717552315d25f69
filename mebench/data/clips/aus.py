"""Action units as annotators write them: one parser for the notation of every dataset.

Sheets hold ``12``, ``4.0``, ``4+L10``, ``R14A or 17A``, ``ref(7B)+43``, ``AUR2+12(k)``, ``14,L24,`` and
notes in plain words. A code is read whole or not at all, so that ``L12 or L14`` can never become 1214,
and what was not understood is handed back instead of dropped:

>>> [(unit.side, unit.number) for unit in parse_aus("4+L10")]
[('', 4), ('L', 10)]
>>> parse_aus_with_rest("R14+17+soft focus").rest
('soft focus',)
>>> [unit.number for unit in parse_aus("(R6 or R12)+R15") if not unit.alternative]
[15]

Notation: P. Ekman, W. Friesen, J. Hager, Facial Action Coding System, 2002, with the habits of the
databases' own sheets. Which cells count as understood, and what of them as shown: :func:`shown_units`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from numbers import Real


@dataclass(frozen=True)
class ActionUnit:
    """One code of an annotation. A side or a letter belongs to its own number only (``R4,5``: R4 and 5)."""

    number: int
    """1 to 99."""
    side: str
    """``L``eft, ``R``ight, ``A``symmetric, ``T``op, ``B``ottom, two of them as in ``A/L``, or empty.

    ``L`` and ``R`` may stand after the number, before or behind its intensity: ``12L``, ``12LB``, ``12 L``."""
    intensity: str
    """``A`` (trace) to ``E`` (maximum), a range as in ``A/B``, or empty."""
    kind: str
    """``AU``, ``AD`` (action descriptor) or ``M`` (movement), by the prefix written; ``AU`` without one."""
    raw: str
    """The code as it stands in the text."""
    alternative: int = 0
    """0 for a code that stands by itself; codes joined by ``or`` (or ``/``) share a number from 1 up."""
    reflex: bool = False
    """Written ``ref(43)``: an involuntary reflex, not part of the expression."""
    kept: bool = False
    """Marked ``(k)``: already there before the clip and held, so nothing moves."""
    uncertain: bool = False
    """Followed by ``?``."""


@dataclass(frozen=True)
class AUText:
    """An annotation cell, the codes found in it, and the pieces that are no code, in order."""

    raw: str
    units: tuple[ActionUnit, ...]
    rest: tuple[str, ...]

    @property
    def numbers(self) -> frozenset[int]:
        """Numbers of all units of kind ``AU``, alternatives, reflexes, kept and uncertain ones included."""
        return frozenset(unit.number for unit in self.units if unit.kind == "AU")


_TOKEN = re.compile(
    r"""
    (?P<unit>
        (?P<reflex> ref\s?\(\s* )?
        (?P<kind> (?:AU|AD|M)[ ]? )?
        (?P<side> [LRATB] (?:/[LRATB])? )?
        (?P<number> \d{1,2} ) (?![.]0*(?!0)\d) (?:[.]0+)?
        (?P<early> [LR] )?
        (?P<intensity> [A-E] (?:/[A-E])? )?
        (?P<late> [LR] | \s[LR] (?= \s* (?: $ | [+,;)\uff0c\u3001\uff1b\uff0b\uff09] ) ) )?
        (?: (?!\w) | (?=or) )
        (?(reflex) \s*\) )
        (?P<kept> \s?\(k\) )?
        (?P<uncertain> \s?\? )?
    )
    | (?P<or> or (?![^\W\d]{2}) | / )
    | (?P<mark> [\s+,;&()\uff0c\u3001\uff1b\uff0b\uff08\uff09] )  # with the full-width forms
    | (?P<other> \w+ (?:[.]\d+)* | . )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

# Numbers up to 99 that the manual gives to nothing: no unit, descriptor, movement of head or eyes, nor visibility.
_NO_CODES = frozenset({3, 47, 48, 49, 67, *range(75, 80), *range(86, 91), *range(93, 97), 99})

_EMPTY_CELLS = frozenset({"", "nan", "none", "<na>", "nat"})


def parse_aus(text: object) -> tuple[ActionUnit, ...]:
    """Return the codes of one annotation cell in the order written; never raises.

    ``text`` is what a sheet gave: a string, an int or float, or an empty cell (``None``, NaN, ``""``).
    """
    return parse_aus_with_rest(text).units


def parse_aus_with_rest(text: object) -> AUText:
    """Return the codes of one annotation cell and whatever else stands in it; never raises.

    ``or`` joins the two codes next to it, brackets or not. A cell that is neither text nor a number (a
    spreadsheet turns ``4-7`` into a date) is all rest, as are numbers outside 1 to 99, fractions, codes with
    letters that this notation lacks, a code with a side before and after it, and action units whose number
    FACS does not give (``48``).
    """
    raw = str(text)
    if raw.strip().casefold() in _EMPTY_CELLS:
        return AUText(raw, (), ())
    if not (isinstance(text, str) or (isinstance(text, Real) and text in range(1, 100))):
        return AUText(raw, (), (raw,))

    units: list[ActionUnit] = []
    rest: list[re.Match[str]] = []
    after_unit = False
    joint: re.Match[str] | None = None
    groups = 0
    for token in _TOKEN.finditer(raw):
        if token["mark"]:
            continue
        if token["or"] and after_unit and not joint:
            joint = token
            continue
        after_unit = bool(token["unit"]) and _is_code(token)
        if not after_unit:
            rest += [joint, token] if joint else [token]
        elif not joint:
            units.append(_unit(token, 0))
        else:
            if not units[-1].alternative:
                groups += 1
                units[-1] = replace(units[-1], alternative=groups)
            units.append(_unit(token, groups))
        joint = None
    if joint:
        rest.append(joint)
    return AUText(raw, tuple(units), _pieces(raw, rest))


def shown_units(text: object) -> frozenset[int] | None:
    """Return the action units that an annotation cell says were shown; None where it is empty or not understood.

    A cell is understood as a whole or not at all: one piece that is no code (``soft focus``, ``4-7``) leaves the
    others in doubt too, since what was not read may be a unit. Alternatives (``R6 or R12``), reflexes and
    units marked ``?`` count as shown, as published counts take every number that occurs; units marked ``(k)``
    do not move and do not count, nor do action descriptors and movements.
    """
    read = parse_aus_with_rest(text)
    if read.rest or not read.units:
        return None
    return frozenset(unit.number for unit in read.units if unit.kind == "AU" and not unit.kept)


def _is_code(token: re.Match[str]) -> bool:
    number, kind = int(token["number"]), (token["kind"] or "AU").strip().upper()
    sides = sum(bool(token[place]) for place in ("side", "early", "late"))
    return number > 0 and sides < 2 and (kind != "AU" or number not in _NO_CODES)


def _unit(token: re.Match[str], alternative: int) -> ActionUnit:
    return ActionUnit(
        number=int(token["number"]),
        side=(token["side"] or token["early"] or token["late"] or "").strip().upper(),
        intensity=(token["intensity"] or "").upper(),
        kind=(token["kind"] or "AU").strip().upper(),
        raw=token["unit"],
        alternative=alternative,
        reflex=bool(token["reflex"]),
        kept=bool(token["kept"]),
        uncertain=bool(token["uncertain"]),
    )


def _pieces(raw: str, tokens: list[re.Match[str]]) -> tuple[str, ...]:
    """Return the texts of the tokens, those with nothing but space between them as one piece."""
    spans: list[tuple[int, int]] = []
    for token in tokens:
        start, end = token.span()
        if spans and not raw[spans[-1][1] : start].strip():
            start = spans.pop()[0]
        spans.append((start, end))
    return tuple(raw[start:end] for start, end in spans)
