import pytest

torch = pytest.importorskip("torch")

from small import BLOCKS, KINDS, TOY

from drc.errors import ProblemError
from drc.images.networks import ACTIVATIONS, build, factor

pytestmark = pytest.mark.torch


@pytest.fixture(params=KINDS)
def case(request):
    changes, shape = KINDS[request.param]
    experiment = TOY.changed(changes)
    return experiment, shape, build(experiment, shape, 10)


def test_shapes_go_through(case):
    experiment, (h, w, c), networks = case
    x = torch.rand(3, c, h, w)
    z = networks["encoder"](x)
    side = factor(experiment)
    assert z.shape == (3, experiment.rate.dim, *((h // side, w // side) if side else ()))
    noise = torch.zeros(3, experiment.networks.noise, *z.shape[2:])
    assert networks["decoder"](torch.cat([z, noise], 1)).shape == x.shape
    assert networks["critic"](x).shape == (3,)
    assert networks["classifier"](x).shape == (3, 10)


def test_no_image_sees_another_of_its_batch(case):
    _, (h, w, c), networks = case
    x = torch.rand(4, c, h, w)
    for name in ("encoder", "critic", "classifier"):
        torch.testing.assert_close(networks[name](x)[1:2], networks[name](x[1:2]), atol=1e-5, rtol=1e-4)


def test_weights_are_a_function_of_the_seed_and_keep_the_scale(case):
    experiment, (h, w, c), networks = case
    again, other = build(experiment, (h, w, c), 10), build(experiment.changed({"seed": 1}), (h, w, c), 10)
    for name in networks:
        pairs = list(zip(networks[name].parameters(), again[name].parameters(), strict=True))
        assert all(torch.equal(a, b) for a, b in pairs)
        one, two = next(networks[name].parameters()), next(other[name].parameters())
        assert not torch.equal(one, two)
    draw = torch.Generator().manual_seed(0)
    # Of one colour each: where a critic takes the mean over all places, independent pixels would cancel.
    x = torch.randn(64, c, 1, 1, generator=draw).expand(-1, -1, h, w)
    assert 0.1 < networks["critic"](x).std() < 10
    latents = experiment.rate.dim + experiment.networks.noise
    z = torch.randn(16, latents, *networks["encoder"](x).shape[2:], generator=draw)
    assert 0.1 < networks["decoder"][:-1](z).std() < 10


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_has_a_slope_of_the_slope(activation):
    critic = build(TOY.changed({"networks.activation": activation}), (8, 8, 1), 10)["critic"]
    x = torch.rand(2, 1, 8, 8, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    assert torch.isfinite(torch.autograd.grad(slope.square().sum(), next(critic.parameters()))[0]).all()


@pytest.mark.parametrize(
    ("changes", "shape", "said"),
    [
        ({"networks.kind": "conv"}, (8, 8, 1), "networks.kind must be .*, got 'conv'"),
        ({"networks.output": "cube"}, (8, 8, 1), "networks.output must be .*, got 'cube'"),
        ({"networks": {"kind": "paper-mnist"}}, (8, 8, 1), "28 x 28 x 1"),
        ({"networks": {"kind": "paper-mnist", "critic": [3]}}, (28, 28, 1), "must be left out"),
        (
            {"networks": {"kind": "residual", "encoder": [8], "decoder": [8, 8]}},
            (8, 8, 1),
            "one width per halving",
        ),
        (
            {"networks": BLOCKS},
            (8, 10, 1),
            "images must have multiples of 4 as height and width for blocks, got 8 x 10",
        ),
        (
            {"networks": {**BLOCKS, "critic": [3]}},
            (8, 8, 1),
            "networks.critic must have at least two widths for blocks",
        ),
        (
            {"networks": {"kind": "residual", "classifier": []}},
            (8, 8, 1),
            "classifier must have at least one width, got \\(\\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, shape, said):
    base = TOY.changed(
        {"networks": TOY.changed({"networks.encoder": [128, 128], "networks.decoder": [128, 128]}).table()["networks"]}
    )
    with pytest.raises(ProblemError, match=said):
        build(base.changed(changes), shape, 10)
