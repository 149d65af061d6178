"""The command line, from a run to its CSV; and the comparisons that it offers."""

import pytest

torch = pytest.importorskip("torch")

from empirics.sweep.store import Store  # noqa: E402
from empirics.vision import __main__ as command_line  # noqa: E402
from empirics.vision import data, precision, results, throughput  # noqa: E402
from empirics.vision.measure import Workload  # noqa: E402
from empirics.vision.plan import Plan, Round  # noqa: E402
from empirics.vision.recipe import Machine  # noqa: E402
from empirics.vision.synthetic import synthetic_images  # noqa: E402
from tests.empirics.vision.conftest import TINY  # noqa: E402


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setitem(command_line.PROTOCOLS, "reduced", TINY)
    monkeypatch.setattr(
        command_line.data, "read", lambda source, **options: synthetic_images((4, 2))
    )


def test_from_a_run_to_its_csv(tmp_path, capsys):
    store, out = str(tmp_path / "study"), str(tmp_path / "out")
    run = ["run", "--study", "gamma", "--seeds", "0", "--factors", "0.5", "1", "--sizes", "2"]
    run += ["--protocol", "reduced", "--data", "x.npz", "--store", store, "--device", "cpu"]
    assert command_line.main([*run, "--stop-after", "0"]) == 3
    assert "time is over" in capsys.readouterr().out
    assert command_line.main(run) == 0
    printed = capsys.readouterr().out
    assert "2 conditions, 2 to do" in printed
    assert "a second" in printed
    name = "tiny(sizes=(2,))"
    assert command_line.main(["status", "--store", store]) == 0
    assert capsys.readouterr().out == f"vision/{name}/gamma/0: 2 of 2 done, 0 failed\n"
    export = ["export", "--store", store, "--protocol", name, "--out", out]
    export += ["--made-by", "this test", "--revision", "none"]
    assert command_line.main(export) == 0
    rows = results.read(name, folder=tmp_path / "out")
    assert [(row["study"], row["factor"], row["n"]) for row in rows] == [
        ("gamma", 0.5, 2.0),
        ("gamma", 1.0, 2.0),
    ]
    with Store(tmp_path / "study" / "store.sqlite") as opened:
        opened.plan(f"vision/{name}/gamma/0/0.5", [])
    assert command_line.main(["status", "--store", store]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"vision/{name}/gamma/0: 1 of 1 done, 0 failed",
        "1 more of older plans or code, not exported",
    ]
    missing = [*export[:-4], "--protocol", "none", *export[-4:]]
    assert command_line.main(missing) == 1
    assert "no results of the protocol 'none'" in capsys.readouterr().err


def test_a_plan_is_followed_seed_by_seed(tmp_path, capsys, monkeypatch):
    rounds = (Round(("kappa", "gamma"), (1.0, 0.5)), Round(("scale",), (1.0, 2.0)))
    planned = Plan("reduced", Machine(), 1, True, (7, 3), rounds, {})
    monkeypatch.setattr(command_line.plan, "read", lambda name: planned)
    store = tmp_path / "study"
    follow = ["follow", "it", "--data", "x.npz", "--store", str(store)]
    assert command_line.main([*follow, "--seeds", "7", "8"]) == 1
    assert "must be of the plan, (7, 3), got [8]" in capsys.readouterr().err
    assert command_line.main([*follow, "--stop-after", "0"]) == 3
    assert "time is over" in capsys.readouterr().out
    assert command_line.main([*follow, "--seeds", "3"]) == 0
    assert command_line.main(follow) == 0
    lines = capsys.readouterr().out.splitlines()
    # Two conditions of the first round are one and the same baseline, and the second has it done.
    printed = [line for line in lines if "to do" in line or line.startswith("pretrained")]
    assert [line.partition(":")[0] for line in printed] == [
        "6 conditions, 6 to do",
        "pretrained seed 3",
        "pretrained seed 3, kappa x 0.5",
        "4 conditions, 2 to do",
        "pretrained seed 3, scale x 2",
        "6 conditions, 6 to do",
        "pretrained seed 7",
        "pretrained seed 7, kappa x 0.5",
        "4 conditions, 2 to do",
        "pretrained seed 7, scale x 2",
        "6 conditions, 0 to do",
        "4 conditions, 0 to do",
    ]
    assert len(list((store / "tuned").glob("*.pt"))) == 2 * 8


@pytest.mark.parametrize("command", ["factors", "levers"])
def test_factors_are_printed(command, capsys):
    assert command_line.main([command]) == 0
    printed = capsys.readouterr().out
    assert "kappa (κ), before pretraining: 45 of 122 tensors" in printed
    assert printed.count("fc.weight  (100, 512)") == 3
    assert "running_mean" not in printed


def test_what_cannot_be_done_is_said(tmp_path, capsys, monkeypatch):
    def unreadable(source, **options):
        raise data.DataError("no images here")

    monkeypatch.setattr(command_line.data, "read", unreadable)
    arguments = ["run", "--study", "kappa", "--seeds", "0", "--data", "x", "--store", "y"]
    assert command_line.main(arguments) == 1
    assert capsys.readouterr().err == "error: no images here\n"
    assert command_line.main(["status", "--store", str(tmp_path)]) == 1
    assert "there is no store" in capsys.readouterr().err
    for bad in (["run", "--study", "lambda"], ["throughput", "--threads", "0"]):
        with pytest.raises(SystemExit) as stopped:
            command_line.main(bad)
        assert stopped.value.code == 2


@pytest.mark.parametrize(
    "command",
    [
        ["throughput"],
        ["precision", "--seeds", "0", "1", "--data", "x"],
        ["run", "--study", "kappa", "--seeds", "0", "--data", "x", "--store", "y"],
    ],
)
def test_a_device_that_is_not_there_is_named(command, capsys):
    for device, said in (("cuda:99", "got cuda:99: torch"), ("gpu", "cuda:N, got 'gpu'")):
        assert command_line.main([*command, "--device", device]) == 1
        assert said in capsys.readouterr().err


def test_a_device_without_enough_memory_is_said(monkeypatch, capsys):
    def full(*arguments, **options):
        raise error

    monkeypatch.setattr(throughput, "measure", full)
    error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
    assert command_line.main(["throughput", "--device", "cpu"]) == 1
    assert "Tried to allocate 2 GiB. Fewer networks at a time" in capsys.readouterr().err
    error = RuntimeError("anything else")
    with pytest.raises(RuntimeError, match="anything else"):
        command_line.main(["throughput", "--device", "cpu"])


def test_throughput_is_measured(capsys):
    arguments = ["throughput", "--together", "2", "--images", "8", "--batch", "4"]
    assert command_line.main(arguments) == 0
    assert "2 networks: " in capsys.readouterr().out
    # 37 million multiply-adds forward for a 32 x 32 image; three times that for a step.
    assert throughput.operations() == pytest.approx(6 * 37.0e6, rel=0.02)
    found = throughput.Throughput(4, 200.0, plain=20.0, memory=40.0, ceiling=1e12, operations=10**9)
    assert (found.ratio, found.ratio_to_memory) == (10.0, 5.0)
    assert found.share_of_ceiling == pytest.approx(0.2)
    assert "from memory, channels-last: 40; ratio 5.00" in found.described


def test_lower_precision_is_held_to_seed_noise(capsys):
    workload = Workload.of(TINY, Machine(), synthetic_images((4, 2)))
    found = precision.compare(workload, [0, 1, 2], "bfloat16", epochs=2)
    assert len(found.difference) == len(found.error) == len(found.seed_noise) == 2
    assert any(found.difference)
    assert all(noise > 0 for noise in found.seed_noise)
    for seeds, kind in (([0], "bfloat16"), ([0, 1], "float32")):
        with pytest.raises(ValueError, match="two seeds and a lower precision"):
            precision.compare(workload, seeds, kind, epochs=1)
    outside = precision.PrecisionComparison("tf32", (0.1, -0.5), (0.1, 0.1), (0.2, 0.4))
    assert not outside.within_noise
    arguments = ["precision", "--protocol", "reduced", "--data", "x", "--seeds", "0", "1"]
    assert command_line.main([*arguments, "--epochs", "1"]) in (0, 3)
    *_, header, only, verdict = capsys.readouterr().out.splitlines()
    assert header.startswith("epoch ")
    assert only.split()[0] == "1"
    assert verdict.startswith("bfloat16: ")
