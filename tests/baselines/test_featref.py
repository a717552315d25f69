from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from small_fits import count, faults, made, share_right  # noqa: E402

from mebench.plugin.registry import Registry  # noqa: E402
from mebench_baselines.featref import FeatRef, Proposal  # noqa: E402


def test_each_expression_has_a_score_and_a_proposal() -> None:
    scores, present = FeatRef(5)(torch.rand(2, 3, 28, 28))
    assert scores.shape == present.shape == (2, 5)


def test_an_expression_more_is_a_proposal_and_its_part_of_the_fusion_more() -> None:
    more = count(FeatRef(4)) - count(FeatRef(3))
    fusion = (4 * 64 * 4 + 4) - (3 * 64 * 3 + 3)
    assert more == count(Proposal(256, 64, 0.5)) + fusion


def test_strain_is_not_read() -> None:
    network, picture = FeatRef(3).eval(), torch.rand(2, 3, 28, 28)
    for channel, read in ((0, True), (1, True), (2, False)):
        changed = picture.clone()
        changed[:, channel] = 1 - changed[:, channel]
        assert torch.equal(network(changed)[0], network(picture)[0]) is not read


def test_a_proposal_sees_shared_values_by_its_factors() -> None:
    proposal, shared = Proposal(32, 8, 0.5).eval(), torch.rand(2, 32)
    specific, present = proposal(shared)
    torch.testing.assert_close(specific, proposal.refine(shared * proposal.factors(shared)))
    torch.testing.assert_close(present, proposal.present(specific)[:, 0])


def test_proposals_learn_by_their_own_loss_alone(registry: Registry, tmp_path: Path) -> None:
    found = faults(lambda: made(registry, "featref", epochs=2, proposal=0), tmp_path)
    assert found == [
        "6 parameter(s) never got a gradient, proposals.0.present.weight the first: use them, take them out, or list "
        "them in `idle`"
    ]


def test_featref_learns(registry: Registry, tmp_path: Path) -> None:
    assert share_right(made(registry, "featref", epochs=15), tmp_path) > 0.8
