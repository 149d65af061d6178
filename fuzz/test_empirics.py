"""Experiments as data, sweeps and their store, damaged files, representations, training."""

import json
import sqlite3

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from empirics import diagonal, experiments
from empirics.sweep import task as sweep
from empirics.sweep.database import StoreError
from empirics.sweep.store import Store
from fuzz.depth import fuzzes
from fuzz.strategies import anything, attempt, damage, damaged, number
from numerics.initialization import Initialization, LayerWeights

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
        st.tuples(inner, inner),
    ),
    max_leaves=6,
)


@fuzzes(2500, experiments.settings, experiments.infeasible)
@given(
    experiment=st.one_of(
        st.sampled_from([*experiments.EXPERIMENTS, "none", ""]), st.text(max_size=4)
    ),
    slab=st.sampled_from(["gaussian", "sign", "cauchy", ""]),
)
def test_settings(experiment, slab):
    found = attempt(experiments.settings, experiment, slab)
    assert (found is not None) == (
        experiment in experiments.EXPERIMENTS and slab in ("gaussian", "sign")
    )
    if found is not None:
        names = [setting.name for setting in found]
        assert len(set(names)) == len(names)
        assert set(experiments.infeasible(found)) <= set(names)


@fuzzes(
    2500,
    experiments.Setting,
    experiments.Setting.name,
    experiments.Setting.initialization,
    experiments.Setting.task,
)
@given(
    rho_ft=st.one_of(st.floats(0.0, 1.0), number),
    overlap=st.one_of(st.none(), st.floats(0.0, 1.0)),
    c=st.one_of(st.floats(1e-6, 1.0), number),
    ratio=st.one_of(st.floats(-1.0, 1.0), number),
    gamma=number,
    slab=st.sampled_from(["gaussian", "sign", "x"]),
)
def test_one_setting(rho_ft, overlap, c, ratio, gamma, slab):
    setting = experiments.Setting("e", "l", rho_ft, overlap, c, ratio, gamma, slab)
    assert setting.name == f"e/{slab}/l"
    attempt(lambda: setting.task)
    attempt(lambda: setting.initialization)


@fuzzes(4000, sweep.Task, sweep.canonical_json, sweep.rows_json)
@given(
    function=st.one_of(
        st.sampled_from(["json:dumps", "a:b", "a.b:c", "a", ":", "a:b:c"]), st.text(max_size=6)
    ),
    configuration=st.one_of(json_values, anything),
    seed=st.one_of(st.integers(-3, 3), st.just(2**63), anything),
)
def test_tasks(function, configuration, seed):
    task = attempt(sweep.Task, function, configuration, seed)
    text = attempt(sweep.canonical_json, configuration)
    if text is not None:
        assert sweep.canonical_json(json.loads(text)) == text
    if task is not None:
        assert task.text == text
        again = sweep.Task(function, json.loads(task.text), seed)
        assert again == task
    rows = attempt(sweep.rows_json, [configuration])
    assert rows is None or json.loads(rows[0]) is not None


@fuzzes(2500, sweep.resolve)
@given(
    reference=st.one_of(
        st.sampled_from(["json:dumps", "json:none", "none:x", "math:pi", ":", "."]),
        st.text(max_size=8),
    )
)
def test_references(reference):
    found = attempt(sweep.resolve, reference)
    assert found is None or callable(found)


@pytest.fixture(scope="module")
def good_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "good.sqlite"
    with Store(path, create=True) as store:
        store.plan("sweep", [sweep.Task("json:dumps", {"a": index}, index) for index in range(3)])
    database = sqlite3.connect(path)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@fuzzes(1500, Store, Store.counts, Store.sweeps, Store.results, Store.failures, Store.states)
@given(how=damage)
def test_damaged_stores(how, good_store, tmp_path_factory):
    path = tmp_path_factory.mktemp("damaged") / "store.sqlite"
    path.write_bytes(damaged(good_store.read_bytes(), how))

    def read():
        with Store(path) as store:
            found = store.counts(), store.sweeps(), store.failures(), list(store.results())
            store.states([])
            return found

    attempt(read, refusals=(StoreError,))


@fuzzes(150, diagonal.train, diagonal.train_from_infinite_pretraining)
@given(
    seed=st.integers(0, 99),
    networks=st.integers(1, 3),
    n=st.integers(1, 3),
    d=st.integers(1, 4),
    rate=st.one_of(st.none(), st.floats(1e-3, 10.0), number),
    threshold=st.one_of(st.floats(1e-6, 1.0), number),
    most=st.integers(-1, 60),
)
def test_training(seed, networks, n, d, rate, threshold, most):
    pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((networks, n, d)), rng.standard_normal((networks, n))
    found = attempt(
        diagonal.train_from_infinite_pretraining,
        Initialization(0.5, 0.1, 0.2), rng.standard_normal((networks, d)), X, y,
        learning_rate=rate, threshold=threshold, most_epochs=most,
    )  # fmt: skip
    if found is not None:
        reasons = {diagonal.CONVERGED, diagonal.EPOCHS, diagonal.DIVERGED}
        assert set(found.stop_reason.tolist()) <= reasons
        assert (found.epochs <= most).all()
        assert found.beta.shape == (networks, d)


@fuzzes(1500, diagonal.initial_state, diagonal.rebalanced, diagonal.TrainingResult.squared_error)
@given(
    shapes=st.tuples(*(hnp.array_shapes(min_dims=0, max_dims=3, max_side=2) for _ in "123")),
    gamma=anything,
    truth=anything,
)
def test_shapes_of_training(shapes, gamma, truth):
    pytest.importorskip("torch")
    start = LayerWeights(*(np.ones(shapes[0]) for _ in range(4)))
    state = attempt(diagonal.rebalanced, start, gamma)
    if state is not None:
        assert np.asarray(state.w_plus).shape == shapes[0]
    found = attempt(diagonal.train, start, np.ones(shapes[1]), np.ones(shapes[2]), most_epochs=1)
    if found is not None:
        attempt(found.squared_error, truth)
    weights = diagonal.initial_state(Initialization(1.0, 0.0), 2, 3)
    assert weights.w_plus.shape == (2, 3)


PROTOCOL_FIELDS = [
    "classes", "images_per_class", "inputs", "batch", "learning_rate", "momentum",
    "pretraining_goal", "most_pretraining_epochs", "sizes",
]  # fmt: skip


@st.composite
def features(draw):
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    elements = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, 1.0]), number.map(float))
    return draw(hnp.arrays(np.float64, shape, elements=elements))


def _representation():
    pytest.importorskip("torch")
    from empirics.vision import representation

    return representation


@fuzzes(2500)
@given(
    first=st.one_of(features(), anything),
    second=features(),
    of=st.sampled_from(["features", "inputs"]),
)
def test_representations(first, second, of):
    module = _representation()
    with np.errstate(all="ignore"):
        ratio = attempt(module.participation_ratio, first)
        shared = attempt(module.shared_dimensions, first, second, of=of)
    if ratio is not None:
        assert 1.0 - 1e-9 <= ratio <= min(np.shape(first)) * (1.0 + 1e-9)
    if shared is not None:
        bound = np.sqrt(module.participation_ratio(first) * module.participation_ratio(second))
        assert -1e-9 <= shared <= bound * (1.0 + 1e-9)


@pytest.fixture(scope="module")
def good_checkpoint(tmp_path_factory):
    torch = pytest.importorskip("torch")
    from empirics.vision import checkpoint

    path = tmp_path_factory.mktemp("checkpoint") / "good"
    checkpoint.save(path, {"epoch": 3}, {"w": torch.ones(3)})
    return path


@fuzzes(1500)
@given(how=damage, header=st.one_of(st.none(), st.tuples(st.integers(0, 120), st.integers(0, 255))))
def test_damaged_checkpoints(how, header, good_checkpoint, tmp_path_factory):
    from empirics.vision import checkpoint

    raw = bytearray(good_checkpoint.read_bytes())
    if header is not None:
        raw[header[0]] = header[1]
    path = tmp_path_factory.getbasetemp() / "damaged-checkpoint"
    path.write_bytes(damaged(bytes(raw), how))
    refusals = (checkpoint.CheckpointError,)
    contents = attempt(checkpoint.read_contents, path, refusals=refusals)
    found = attempt(checkpoint.load, path, {"epoch": 3}, refusals=refusals)
    if found is not None:
        assert contents == {"epoch": 3}
        assert found["w"].tolist() == [1.0, 1.0, 1.0]


@pytest.fixture(scope="module")
def good_image(tmp_path_factory):
    pytest.importorskip("torch")
    path = tmp_path_factory.mktemp("images") / "good.npz"
    labels = np.arange(100)
    images = np.zeros((100, 32, 32, 3), dtype=np.uint8)
    np.savez_compressed(
        path, train_images=images, train_labels=labels, test_images=images, test_labels=labels
    )
    return path


@fuzzes(400)
@given(how=damage)
def test_damaged_images(how, good_image, tmp_path_factory):
    from empirics.vision import data as images

    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    path.write_bytes(damaged(good_image.read_bytes(), how))
    found = attempt(images.read_npz, path, counts=(1, 1), refusals=(images.DataError,))
    if found is not None:
        assert found.train_images.shape == (100, 32, 32, 3)


@fuzzes(2500)
@given(
    changes=st.dictionaries(st.sampled_from(PROTOCOL_FIELDS), anything, max_size=3),
    dropped=st.sampled_from([None, None, "sizes", "name"]),
)
def test_protocols(changes, dropped):
    pytest.importorskip("torch")
    from empirics.vision.protocol import PROTOCOLS, Protocol

    values = {**PROTOCOLS["published"].as_json(), **changes}
    values.pop(dropped, None)
    found = attempt(Protocol.of_json, values, refusals=(ValueError, TypeError))
    if found is not None:
        assert found.sizes
