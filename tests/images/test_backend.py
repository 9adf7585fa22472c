"""The backend as the machinery of experiments sees it: training, states, bitstreams, with and without a shared dither."""

import io

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small
from backend_laws import BackendLaws, trainer
from small import BLOCKS, CONTEXT, PAPER, REFINED, RESIDUAL, TAUGHT, TOY

from drc.codes.container import Header, Writer
from drc.errors import CodeError, ProblemError
from drc.files import write_whole
from drc.images import backend as module
from drc.images.backend import TorchBackend, critic_loss
from drc.images.codec import Law, quantised
from drc.neural.data import load
from drc.neural.evaluate import BITSTREAM, decoded_apart
from drc.neural.numpy import NumpyBackend
from drc.neural.quantiser import Quantiser
from drc.neural.run import train

pytestmark = pytest.mark.torch

BACKEND = TorchBackend("cpu")
DATA = load(TOY)
VARIABLE = {"rate": {"kind": "variable", "dim": 5, "weight": 1e-3}}
KINDS = {
    "fixed": {},
    "three levels, soft to hard": {"rate.levels": 3, "rate.softness": 0.5},
    "cosine": {"schedule": {"warm_up": 0.5, "decay": "cosine", "drops": []}},
    "double": {"precision": "float64", "loss.distance": "critic"},
    "mixed": {"precision": "mixed", "loss.distance": "critic"},
    "variable, own noise": VARIABLE | {"common_randomness": False, "networks.noise": 3},
    "residual": RESIDUAL,
    "refined": REFINED,
    "context": CONTEXT,
    "teacher": TAUGHT,
    "context without dither": CONTEXT | {"common_randomness": False},
}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


trained = trainer(BACKEND, TOY, DATA)


@pytest.fixture(scope="module", params=KINDS)
def state(request):
    return trained(KINDS[request.param])[0]


class TestTorch(BackendLaws):
    backend, toy, data, trained = BACKEND, TOY, DATA, staticmethod(trained)


def test_the_rate_of_a_file_is_the_entropy_under_the_model():
    state, _ = trained({**VARIABLE, "loss.perception": 0}, 8)
    codec, x = state.codec, DATA.x_test
    index = codec.index(x, 4)
    values = codec.quantiser.value(index, codec.dither(4, "coding", 0, len(index)))
    with torch.no_grad():
        bits = codec.networks["law"](torch.from_numpy(values).float()).sum().item()
    assert 8 * BACKEND.encode(state, x, seed=4).payload == pytest.approx(bits, rel=0.01)


@pytest.mark.parametrize("dithered", [True, False])
def test_the_rate_of_a_file_is_the_entropy_under_a_context(dithered):
    data = small.data(32, 32, 3, count=32)
    changes = {"schedule.batch": 8, "loss.perception": 0, "rate.weight": 1e-6, "common_randomness": dithered}
    state, _ = trained(CONTEXT | changes, 2, data)
    codec, x = state.codec, small.blobs(4, 96, 128, 3)[0]
    index, grid = codec.index(x, 4), codec.grid(96, 128)
    latents = codec.spread(codec.quantiser.value(index, codec.dither(4, "coding", 0, len(index))), grid)
    with torch.no_grad():
        bits = codec.networks["law"](latents).sum().item()
    assert bits > 4 * 5000
    assert 8 * BACKEND.encode(state, x, seed=4).payload == pytest.approx(bits, rel=0.01)


def test_a_file_of_many_small_images_has_hardly_more_than_their_entropy():
    data = small.data(32, 32, 3, count=32)
    state, _ = trained(CONTEXT | {"schedule.batch": 8, "loss.perception": 0, "rate.weight": 1e-6}, 2, data)
    x = small.blobs(300, 32, 32, 3)[0]
    index = state.codec.index(x, 4)
    latents = state.codec.spread(
        state.codec.quantiser.value(index, state.codec.dither(4, "coding", 0, len(index))), (8, 8)
    )
    with torch.no_grad():
        bits = state.codec.networks["law"](latents).sum().item()
    coded = BACKEND.encode(state, x, seed=4)
    assert 8 * len(coded.data) == pytest.approx(bits, rel=0.01)
    np.testing.assert_array_equal(BACKEND.decode(state, coded.data, seed=4), BACKEND.reconstruct(state, x, seed=4))


def test_a_file_is_decoded_whatever_the_rounding_of_a_device(monkeypatch):
    """Networks that are off by a thousandth, and by another thousandth where it is decoded: far more than any device."""
    data = small.data(32, 32, 3, count=32)
    state, _ = trained(CONTEXT | {"schedule.batch": 8, "loss.perception": 0}, 2, data)
    x = small.blobs(2, 40, 56, 3)[0]
    exact = BACKEND.reconstruct(state, x, seed=4)
    conv2d = torch.nn.functional.conv2d
    draw = torch.Generator().manual_seed(0)

    def off(*args, **options):
        y = conv2d(*args, **options)
        return y * (1 + 1e-3 * torch.randn(y.shape, generator=draw))

    monkeypatch.setattr(torch.nn.functional, "conv2d", off)
    coded = BACKEND.encode(state, x, seed=4).data
    y = BACKEND.decode(state, coded, seed=4)
    monkeypatch.undo()
    assert not np.array_equal(y, exact)
    np.testing.assert_allclose(y, exact, atol=0.2)
    np.testing.assert_allclose(BACKEND.decode(state, coded, seed=4), y, atol=0.05)


def test_a_run_is_trained_and_decoded_by_another_process(tmp_path):
    experiment = TOY.changed(VARIABLE)
    run = train(experiment, tmp_path / "run", data=DATA)
    write_whole(run.folder / BITSTREAM, run.model().encode(DATA.x_test).data)
    np.testing.assert_array_equal(decoded_apart(run.folder), run.model().reconstruct(DATA.x_test))


@pytest.mark.parametrize("changes", [{}, {"loss.distance": "critic", "loss.perception": 1e-4}])
def test_training_lowers_distortion_and_confusion(changes):
    first, last = trained(changes)[1], trained(changes, 16)[1]
    assert first.keys() == {"distortion", "classification", "perception"}
    assert all(last[name] < 0.8 * first[name] for name in ("distortion", "classification"))


@pytest.mark.parametrize("kind", ["paper-mnist", "residual"])
def test_convolutions_learn_pictures_of_blobs(kind):
    data = small.data(count=64)
    changes = PAPER | {"rate.dim": 8} if kind == "paper-mnist" else RESIDUAL | {"rate.weight": 1e-5}
    # Adam's usual memory: with the short one of a critic's game, few steps lead nowhere.
    changes |= {
        "loss.perception": 0,
        "schedule.batch": 16,
        "schedule.learning_rate": 4e-3,
        "schedule.betas": [0.9, 0.999],
    }
    _, last = trained(changes, 10, data)
    flat = ((data.x - data.x.mean(axis=0)) ** 2).mean()
    assert last["distortion"] < 0.8 * flat


def test_the_paper_networks_train_against_a_critic():
    data = small.data(count=16)
    state, terms = trained(PAPER, 1, data)
    assert np.isfinite(list(terms.values())).all()
    fewer = {name: array for name, array in BACKEND.save(state).items() if not name.startswith(("critic", "adam"))}
    x = data.x_test[:3]
    again = BACKEND.load(TOY.changed(PAPER), None, fewer)
    assert np.array_equal(BACKEND.reconstruct(again, x, 1), BACKEND.reconstruct(state, x, 1))


def test_residual_networks_code_images_of_any_size():
    data = small.data(10, 13, channels=3, count=32)
    state, _ = trained(RESIDUAL | {"schedule.batch": 8, "loss.perception": 0}, 1, data)
    x = np.concatenate([small.blobs(2, 37, 22, 3)[0]])
    coded = BACKEND.encode(state, x, seed=3, start=2)
    y = BACKEND.decode(state, coded.data, seed=3)
    assert y.shape == x.shape
    assert np.array_equal(y, BACKEND.reconstruct(state, x, seed=3, start=2))
    with pytest.raises(ProblemError, match="must have the shape \\(n, height, width, 3\\)"):
        BACKEND.encode(state, x[..., :1], seed=3)
    with pytest.raises(ProblemError, match="residual and refined networks take any size"):
        BACKEND.encode(trained({}, 0 + 1)[0], x[..., :1], seed=3)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ([12], "must take 4 bytes, got 2"),
        ([12, 0], "must be a height and width from 1 to 32768, got \\[12, 0\\]"),
        ([12, 2**15 + 1], "got \\[12, 32769\\]"),
        ([32768, 32768], "a frame must hold whole images of .*, got 9 places"),
        ([8, 16], "a frame must hold whole images of .*, got 9 places"),
    ],
)
def test_sizes_that_a_file_cannot_have_are_named(size, said):
    """The checksums of each fit: who wrote them has the model."""
    data = small.data(12, 12, channels=3, count=32)
    state = BACKEND.init(TOY.changed(RESIDUAL), data)
    codec = state.codec
    index = np.zeros((9, codec.experiment.rate.dim), int)
    with Writer(stream := io.BytesIO(), Header("neural", codec.digest(), 3, {})) as writer:
        packed = codec.packer((3, 3)).pack(index, codec.phase(3, 0, 9)) if len(size) == 2 else b""
        writer.write(np.array(size, "<u2").tobytes() + packed, index.astype(np.uint8))
    with pytest.raises(CodeError, match=f"^size.*{said}"):
        BACKEND.decode(state, stream.getvalue(), 3)


@pytest.mark.parametrize("said", [[12, 12], [12], "12", [12, 0], [12.5, 12]])
def test_older_files_have_their_size_in_the_header(said):
    data = small.data(12, 12, channels=3, count=32)
    state = BACKEND.init(TOY.changed(RESIDUAL), data)
    index = np.zeros((9, state.codec.experiment.rate.dim), int)
    with Writer(stream := io.BytesIO(), Header("neural", state.codec.digest(), 3, {"size": said})) as writer:
        writer.write(state.codec.packer((3, 3)).pack(index, state.codec.phase(3, 0, 9)), index.astype(np.uint8))
    if said == [12, 12]:
        assert BACKEND.decode(state, stream.getvalue(), 3).shape == (1, 12, 12, 3)
    else:
        with pytest.raises(CodeError, match="^size must be a height and width from 1 to 32768, got"):
            BACKEND.decode(state, stream.getvalue(), 3)


def test_a_decoder_without_the_dither_is_worse_than_one_with_it():
    state, _ = trained({"loss.perception": 0, "loss.classification": 0}, 30)
    codec, x = state.codec, DATA.x_test
    index = codec.index(x, 1)
    errors = [((codec.decoded(index, (8, 8), seed) - x) ** 2).mean() for seed in (1, 2)]
    assert errors[1] > 1.05 * errors[0]


def test_the_quantiser_is_that_of_the_numpy_backend():
    rng = np.random.default_rng(0)
    for q in (Quantiser.of_levels(4), Quantiser.of_levels(3, 0.5), Quantiser.of_integers()):
        z, u = rng.normal(0, 2, (40, 3)), q.dither(rng.random((40, 3)))
        values = quantised(q, torch.from_numpy(z), torch.from_numpy(u)).numpy()
        np.testing.assert_allclose(values, q.value(q.index(z, u), u), atol=1e-12)


def test_the_soft_assignment_is_what_is_differentiated():
    q = Quantiser.of_levels(4, 0.5)
    z, u = torch.tensor([[0.1, -0.4]], dtype=torch.float64, requires_grad=True), torch.tensor([[0.2, -0.1]]).double()
    (slope,) = torch.autograd.grad(quantised(q, z, u).sum(), z)

    def soft(v):
        weights = np.exp(-(((v[..., None] + u.numpy()[..., None] - q.centres) / (0.5 * q.step)) ** 2))
        return (weights / weights.sum(-1, keepdims=True) * q.centres).sum()

    v = z.detach().numpy()
    for i in range(2):
        step = np.eye(2)[i] * 1e-6
        assert slope[0, i].item() == pytest.approx((soft(v + step) - soft(v - step)) / 2e-6, rel=1e-5)


def test_the_law_is_that_of_the_numpy_backend():
    law, r = Law(3, 0), np.random.default_rng(1).normal(0, 2, (20, 3))
    weights = [p.detach().double().numpy() for p in (law.shares, law.centres, law.scales)]
    np.testing.assert_allclose(law.double()(torch.from_numpy(r)).detach(), law.mixtures.bits(weights, r), rtol=1e-9)


def test_the_critic_loss_has_the_slope_between_the_images():
    square = lambda images: images.flatten(1).square().sum(1) / 2  # noqa: E731
    fake, real, mix = (torch.rand(shape, dtype=torch.float64) for shape in ((5, 1, 2, 2), (5, 1, 2, 2), 5))
    loss, distance = critic_loss(square, fake, real, mix, 7.0)
    between = mix.view(-1, 1, 1, 1) * real + (1 - mix.view(-1, 1, 1, 1)) * fake
    norms = between.flatten(1).norm(dim=1)
    assert distance.item() == pytest.approx((square(real) - square(fake)).mean().item(), abs=1e-9)
    assert (loss + distance).item() == pytest.approx(7 * ((norms - 1) ** 2).mean().item(), abs=1e-9)


@pytest.mark.parametrize("name", ["encoder/1.weight", "adam/critic/1/exp_avg", "shape"])
def test_arrays_of_another_experiment_are_refused(name):
    arrays = BACKEND.save(BACKEND.init(TOY, DATA))
    with pytest.raises(ProblemError, match=f"{name}' must be given"):
        BACKEND.load(TOY, DATA, {key: array for key, array in arrays.items() if key != name})
    with pytest.raises(ProblemError, match=f"{name}' must be"):
        BACKEND.load(TOY, DATA, arrays | {name: arrays[name][:1]})


def test_a_context_is_refused_where_there_is_no_grid():
    rate = {"rate": {"kind": "variable", "dim": 5, "weight": 1e-3, "law": "context"}}
    for used, said in ((BACKEND, "other than residual"), (NumpyBackend(), "backend numpy")):
        with pytest.raises(ProblemError, match=f"rate.law must be 'factorised' for .*{said}.*, got 'context'"):
            used.init(TOY.changed(rate), DATA)


def test_devices_that_are_not_there_are_named(monkeypatch):
    monkeypatch.setenv("DRC_TORCH_DEVICE", "cuda:99")
    with pytest.raises(ProblemError, match="device must be cpu, .*, got 'cuda:99'"):
        TorchBackend()


@pytest.mark.parametrize(
    ("size", "changes"),
    [
        ((28, 28, 1), PAPER),
        ((28, 28, 1), {"networks": BLOCKS}),
        ((32, 32, 3), RESIDUAL),
        ((32, 32, 3), REFINED | {"loss.distance": "critic"}),
    ],
    ids=["paper", "blocks", "residual", "refined"],
)
def test_an_epoch_is_that_of_the_optimiser_that_looks_at_the_layout_of_its_gradients(size, changes, monkeypatch):
    """Gradients of convolutions may have channels last: a fused step takes their numbers as they lie in memory."""
    data, ends = small.data(*size, count=32), []
    for fused in (True, False):
        plain = torch.optim.Adam
        monkeypatch.setattr(module.torch.optim, "Adam", lambda *a, fused, plain=plain, f=fused: plain(*a, fused=f))
        state, _ = trained(changes | {"schedule.batch": 8}, 1, data)
        monkeypatch.undo()
        ends.append(BACKEND.save(state))
    for name, array in ends[0].items():
        np.testing.assert_allclose(array, ends[1][name], rtol=1e-3, atol=1e-4, err_msg=name)


def test_every_step_has_the_learning_rate_of_its_middle():
    experiment = TOY.changed({"schedule": {"batch": 100, "epochs": 9, "warm_up": 4, "decay": "cosine", "drops": []}})
    state = BACKEND.init(experiment, DATA)
    rates = [batch.rate for batch in BACKEND._batches(state, DATA, 3)]
    assert rates == [experiment.schedule.rate_at(3 + (k + 0.5) / 7) for k in range(7)]
    BACKEND.epoch(state, DATA, 3)
    assert {adam.param_groups[0]["lr"] for adam in state.optimisers.values()} == {rates[-1]}


def test_several_processes_make_the_step_of_one(monkeypatch):
    """Each of two ranks, with gradients averaged by hand, sees its half of the batch."""
    experiment = TOY.changed({"networks.noise": 2})
    whole = list(BACKEND._batches(BACKEND.init(experiment, DATA), DATA, 3))
    halves = []
    for rank in range(2):
        part = TorchBackend("cpu")
        part.rank, part.world = rank, 2
        halves.append(list(part._batches(part.init(experiment, DATA), DATA, 3)))
    for full, one, two in zip(whole, *halves, strict=True):
        for name in ("x", "s", "y", "dither", "own", "mix"):
            both = torch.stack([getattr(one, name), getattr(two, name)], 1).flatten(0, 1)
            assert torch.equal(both, getattr(full, name))
    with pytest.raises(ProblemError, match="batch must be a multiple of the number of processes, 2, got 63"):
        next(part._batches(part.init(experiment.changed({"schedule.batch": 63}), DATA), DATA, 0))


def test_numpy_and_torch_dense_networks_reach_the_same():
    ends = []
    for used in (NumpyBackend(), BACKEND):
        experiment = TOY.changed({"loss.perception": 0})
        state = used.init(experiment, DATA)
        for number in range(25):
            state, terms = used.epoch(state, DATA, number)
        ends.append(terms["distortion"])
    assert ends[1] == pytest.approx(ends[0], rel=0.1)


def test_large_draws_are_cut_without_a_trace(monkeypatch):
    one = BACKEND.save(trained({"networks.noise": 1})[0])
    monkeypatch.setattr(module, "_DRAWN", 1)
    two = BACKEND.save(trained({"networks.noise": 1})[0])
    assert all(np.array_equal(one[name], two[name]) for name in one)
