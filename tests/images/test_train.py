"""Two processes on one CPU, as `torchrun` starts them, against one."""

import os
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from small import TOY

from drc.errors import ProblemError
from drc.images.train import main
from drc.neural.run import Run, train

pytestmark = pytest.mark.torch


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no distributed training")
def test_two_processes_train_what_one_trains(tmp_path):
    experiment = TOY.changed(
        {"schedule.epochs": 3, "schedule.shift": 1, "loss.distance": "critic", "precision": "float64"}
    )
    toml = tmp_path / "mine.toml"
    toml.write_text(experiment.toml(), encoding="utf-8")
    alone = train(experiment, tmp_path / "alone")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "DRC_TORCH_DEVICE": "cpu"}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, "-m", "drc.images.train", toml, tmp_path / "both"]
    ended = subprocess.run(command, env=environment, timeout=240, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-4000:]
    both = Run.read(tmp_path / "both")
    assert both.done
    one, two = alone.arrays(), both.arrays()
    assert one.keys() == two.keys()
    for name in one:
        np.testing.assert_allclose(two[name], one[name], atol=1e-6, rtol=1e-4, err_msg=name)
    for a, b in zip(alone.metrics(), both.metrics(), strict=True):
        assert b["distortion"] == pytest.approx(a["distortion"], rel=1e-6)
        assert b["perception"] == pytest.approx(a["perception"], rel=1e-4)


def test_wrong_words_are_named(tmp_path):
    with pytest.raises(ProblemError, match=r"must be EXPERIMENT RUN \[DATA\]"):
        main(["toy-sr"])
    with pytest.raises(ProblemError, match="backend must be 'torch', got 'numpy'"):
        main(["toy-sr", str(tmp_path)])
