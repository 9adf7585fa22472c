"""What a GPU encodes, a CPU decodes, and the other way round; runs where there is a GPU."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from backend_laws import BackendLaws, trainer
from small import CONTEXT, REFINED, TOY

from drc.images.backend import TorchBackend
from drc.neural.data import load

DEVICE = "cuda:0"

pytestmark = [
    pytest.mark.torch,
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU"),
]

CPU, GPU = TorchBackend("cpu"), TorchBackend(DEVICE if torch.cuda.is_available() else "cpu")
DATA = load(TOY)
KINDS = {
    "fixed": {},
    "variable": {"rate": {"kind": "variable", "dim": 5, "weight": 1e-3}},
    "own noise, critic": {"common_randomness": False, "networks.noise": 3, "loss.distance": "critic"},
    "mixed": {"precision": "mixed"},
    "refined": REFINED,
    "context": CONTEXT,
}
trained = trainer(GPU, TOY, DATA)


@pytest.fixture(scope="module", params=KINDS)
def state(request):
    return trained(KINDS[request.param])[0]


class TestGPU(BackendLaws):
    backend, toy, data, trained = GPU, TOY, DATA, staticmethod(trained)

    def test_each_device_decodes_what_the_other_encoded(self, state):
        """The numbers that were sent are the same, or their checksums would not fit; pixels agree but for rounding."""
        arrays, x = GPU.save(state), DATA.x_test
        states = {backend: backend.load(state.codec.experiment, None, arrays) for backend in (CPU, GPU)}
        for here, there in ((GPU, CPU), (CPU, GPU)):
            coded = here.encode(states[here], x, seed=4).data
            y = there.decode(states[there], coded, seed=4)
            np.testing.assert_allclose(y, here.decode(states[here], coded, seed=4), atol=1e-3)

    def test_the_devices_train_alike(self):
        """Sums in another order: the weights part slowly, and not at all in the first step."""
        states = [backend.init(TOY, DATA) for backend in (CPU, GPU)]
        ends = [backend.epoch(each, DATA, 0)[1] for backend, each in zip((CPU, GPU), states, strict=True)]
        assert ends[0] == pytest.approx(ends[1], rel=1e-3)
