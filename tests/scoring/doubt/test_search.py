"""The search for a matrix agrees with every matrix that there is, and says so when it did not see all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from mebench.scoring.doubt import correct
from mebench.scoring.doubt import search as searching
from mebench.scoring.doubt.bounds import broken_bounds
from mebench.scoring.doubt.matrices import Matrix, figures_of
from mebench.scoring.doubt.printed import Printed, Window, windows
from mebench.scoring.doubt.question import Question
from mebench.scoring.doubt.search import search
from mebench.scoring.metrics import accuracy, uar, uf1


def splits(clips: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (clips,)
        return
    for first in range(clips + 1):
        for rest in splits(clips - first, parts - 1):
            yield (first, *rest)


def every_matrix(counts: tuple[int, ...]) -> Iterator[Matrix]:
    yield from itertools.product(*(splits(count, len(counts)) for count in counts))


def every_pair(counts: tuple[int, ...]) -> set[tuple[Fraction, Fraction, Fraction]]:
    found = (figures_of(matrix) for matrix in every_matrix(counts))
    return {(each["uf1"], each["uar"], each["accuracy"]) for each in found}


def asked(counts: tuple[int, ...], manner: str, **texts: str) -> Question:
    return Question.of(
        counts, windows({name: Printed.read(name, text) for name, text in texts.items()}, manner)
    )


def fits(triples: set[tuple[Fraction, Fraction, Fraction]], question: Question) -> bool:
    def inside(window: Window | None, value: Fraction) -> bool:
        return window is None or value in window

    return any(
        inside(question.uf1, u) and inside(question.uar, r) and inside(question.accuracy, a)
        for u, r, a in triples
    )


@pytest.mark.parametrize(
    ("counts", "manner", "step"),
    [
        ((4, 3, 3), "either", 9),
        ((5, 2, 1), "rounded", 11),
        ((3, 2, 1, 1), "rounded", 13),
        ((6, 4), "either", 7),
    ],
)
def test_of_every_printed_pair_it_says_what_all_matrices_say(
    counts: tuple[int, ...], manner: str, step: int
) -> None:
    triples = every_pair(counts)
    wrong = []
    shares = [*(f".{n:02d}" for n in range(0, 100, step)), "1.00"]
    for uf1_text, uar_text in itertools.product(shares, repeat=2):
        question = asked(counts, manner, uf1=uf1_text, uar=uar_text)
        found = search(question)
        assert found.complete
        if (found.correct is not None) != fits(triples, question):
            wrong.append((uf1_text, uar_text))
    assert not wrong


@pytest.mark.parametrize("counts", [(4, 3, 2), (3, 2, 1, 1)])
def test_what_large_counts_need_finds_the_same_with_small_ones(
    counts: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Likely ways first, tables of what the classes that follow can have, and ways in lots."""
    monkeypatch.setattr(searching, "_FEW", 0)
    monkeypatch.setattr(correct, "_FEW", 0)
    monkeypatch.setattr(correct, "_ROWS", 20)
    monkeypatch.setattr(correct, "_STEPS", 50)
    triples = every_pair(counts)
    texts = [f".{n:02d}" for n in range(4, 100, 17)]
    questions = [asked(counts, "either", uf1=one, uar=two) for one, two in itertools.product(texts, repeat=2)]
    assert [search(each).correct is not None for each in questions] == [
        fits(triples, each) for each in questions
    ]


@pytest.mark.parametrize("names", [("uf1", "uar"), ("uf1", "accuracy"), ("uar", "accuracy"), ("accuracy",)])
def test_no_bound_is_broken_by_figures_that_a_matrix_has(names: tuple[str, ...]) -> None:
    counts = (5, 3, 2)
    triples = every_pair(counts)
    shares = [f".{n:02d}" for n in range(0, 100, 6)] + ["1.00"]
    broken = 0
    for each in itertools.product(shares, repeat=len(names)):
        figures = {name: Printed.read(name, text) for name, text in zip(names, each, strict=True)}
        if list(broken_bounds(counts, figures)):
            broken += 1
            assert not fits(triples, Question.of(counts, windows(figures, "either")))
    assert broken > len(shares) ** len(names) / 4, "and most of what cannot be breaks one"


@pytest.mark.parametrize(
    ("names", "digits", "step"),
    [(("uf1",), 3, 37), (("uar",), 3, 37), (("accuracy",), 3, 37), (("uf1", "accuracy"), 2, 11)],
)
def test_of_other_figures_too(names: tuple[str, ...], digits: int, step: int) -> None:
    counts = (4, 3, 2)
    triples = every_pair(counts)
    texts = [f".{n:0{digits}d}" for n in range(0, 10**digits, step)]
    questions = [
        asked(counts, "either", **dict(zip(names, each, strict=True)))
        for each in itertools.product(texts, repeat=len(names))
    ]
    said = [search(question).correct is not None for question in questions]
    assert said == [fits(triples, question) for question in questions]
    assert {*said} == {True, False}


@pytest.mark.parametrize(("uf1_text", "uar_text"), [(".3", ".4"), (".6", ".6"), (".25", ".5")])
def test_three_figures_at_once(uf1_text: str, uar_text: str) -> None:
    counts = (5, 3, 2)
    triples = every_pair(counts)
    for right in range(11):
        question = asked(counts, "rounded", uf1=uf1_text, uar=uar_text, accuracy=f"{right / 10:.2f}")
        assert (search(question).correct is not None) == fits(triples, question)


def test_an_answer_is_a_matrix_with_these_counts_whose_figures_print_so() -> None:
    counts = (250, 187, 161, 86, 64, 57, 55)
    question = asked(counts, "rounded", uf1=".2365", uar=".2373", accuracy=".3012")
    matrix = search(question).matrix(counts)
    assert matrix is not None
    assert tuple(map(sum, matrix)) == counts
    # By the metrics that score runs, not by those of the search.
    values = [float(metric(np.array(matrix))) for metric in (uf1, uar, accuracy)]
    assert [f"{value:.4f}" for value in values] == ["0.2365", "0.2373", "0.3012"]


@pytest.mark.parametrize(
    "given",
    [((70, 51, 43), ".2000", ".5280"), ((70, 51, 43), ".6900", ".5280"), ((250, 109, 83), ".9999", ".9950")],
)
def test_what_cannot_be_is_found_out_at_real_sizes(given: tuple[tuple[int, ...], str, str]) -> None:
    counts, uf1_text, uar_text = given
    found = search(asked(counts, "either", uf1=uf1_text, uar=uar_text))
    assert found.complete
    assert found.correct is None


def test_a_search_that_may_not_look_at_all_says_so_and_not_that_there_is_none() -> None:
    question = asked((70, 51, 43), "either", uf1=".412345678912", uar=".5280")
    assert not search(question, effort=1e4).complete
