"""The published results on both stages as they come with the code, and files that are refused."""

from importlib.resources import files

import numpy as np
import pytest

from empirics.published_two_stage import MONTECARLO, NETWORKS, montecarlo, networks


@pytest.fixture(scope="module")
def text():
    return (files("empirics") / "recorded" / NETWORKS).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def points():
    return (files("empirics") / "recorded" / MONTECARLO).read_text(encoding="utf-8")


def test_the_files_say_where_they_are_from(text, points):
    for one in (text, points):
        assert "source: the authors' repository Nico31415/toy-unlearning" in one
        assert "read 2026-11-28; numbers only" in one


def test_there_are_18_networks_of_two_pretrainings(text):
    few, many = networks()
    assert (few.alpha_pt, many.alpha_pt) == (0.2, 1.0)
    for one in (few, many):
        assert one.errors.shape == (3, 3)
        assert one.pt_errors.shape == (3,)
        assert one.alpha == pytest.approx([0.05, 0.1, 0.15])
    assert few.errors[1] == pytest.approx([1.0202, 0.7987, 0.6196], abs=1e-4)
    assert many.pt_errors == pytest.approx([1.272e-4, 1.445e-4, 1.511e-4], rel=1e-3)
    assert networks(text)[0].errors == pytest.approx(few.errors)


def test_noise_and_threshold_are_in_this_projects_units():
    few, many = networks()
    assert few.run.noise_variance == 0.0
    assert many.run.noise_variance == pytest.approx(1e-4)
    assert few.run.threshold == pytest.approx(5e-4)
    assert many.stages(0.1).noise_variance_pt == pytest.approx(1e-4)
    assert few.stages(0.1).initialization.c == 1e-3
    assert few.stages(0.1).task.second_moment == pytest.approx(1.0)


def test_the_labels_published_and_here_have_noise_of_the_same_ratio():
    """Published inputs are √(n_PT/d) of ours; so are labels and noise: σ_PT² = σ₀² d/n_PT."""
    one = networks()[1]
    published = one.sigma0_pt**2 / (one.rho_pt * 1.0)  # Var y is ρ_PT where X has variance 1/d
    own = one.run.noise_variance / (one.rho_pt / one.alpha_pt)
    assert own == pytest.approx(published)


def test_there_are_23_points(points):
    found = montecarlo()
    assert len(found) == 23
    assert {one.overlap for one in found} == {0.0, 1.0}
    assert {one.alpha_pt for one in found} == {0.01, 0.5, 1.0}
    assert found[10].error == pytest.approx(2.84494e-3)
    assert montecarlo(points) == found
    assert np.isfinite([one.error for one in found]).all()


def test_what_is_no_such_file_is_refused(text, points):
    with pytest.raises(ValueError, match="must have the columns"):
        networks(points)
    with pytest.raises(ValueError, match="error must be finite, got nan in row 0"):
        networks(text.replace(",1.0582047\n", ",\n"))
    with pytest.raises(ValueError, match="gamma_published must be 0"):
        networks(text.replace("0.001,0,0,0.0696603,1.0582047", "0.001,0,1,0.0696603,1.0582047"))
    with pytest.raises(ValueError, match="must be there once at each alpha"):
        networks(text.replace("0.2,0,0.05,1,1000", "0.2,0,0.05,0,1000"))
    with pytest.raises(ValueError, match="the same at each alpha"):
        networks(text.replace("0.0696603,1.0582047", "0.0796603,1.0582047"))
    with pytest.raises(ValueError, match="must have the columns"):
        montecarlo(text)
