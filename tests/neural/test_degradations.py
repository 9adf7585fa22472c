import numpy as np
import pytest

from drc.errors import ProblemError
from drc.neural.degradations import Bicubic, Blur, Mask, Noise, bicubic, interpolation

IMAGES = np.random.default_rng(0).random((5, 12, 8, 2)).astype(np.float32)


@pytest.mark.parametrize(("size", "other"), [(28, 7), (7, 28), (8, 4), (4, 8), (9, 3), (10, 7), (5, 5)])
def test_bicubic_is_pillow_s(size, other):
    """An independent road: Pillow resamples floats with the same kernel and the same borders."""
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(size).random((size, size)).astype(np.float32)
    theirs = np.asarray(image.fromarray(pixels).resize((other, other), image.Resampling.BICUBIC))
    ours = bicubic(size, other) @ pixels @ bicubic(size, other).T
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_bicubic_keeps_straight_lines_inside():
    """The kernel reproduces polynomials of degree one away from the borders."""
    line = np.arange(32.0)
    enlarged = bicubic(32, 64) @ line
    np.testing.assert_allclose(enlarged[8:-8], (np.arange(64) + 0.5)[8:-8] / 2 - 0.5, atol=1e-12)


def test_interpolation_keeps_places_borders_and_symmetry():
    """With any `a` the kernel gives a pixel back at its own place, sums to one, and knows no left and right."""
    np.testing.assert_allclose(interpolation(9, 3), np.eye(9)[1::3], atol=1e-15)
    for size, other in ((28, 7), (7, 28), (10, 7)):
        matrix = interpolation(size, other)
        np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-14)
        np.testing.assert_allclose(matrix[::-1, ::-1], matrix, atol=1e-14)


def test_interpolation_has_torch_s_numbers():
    """An independent road, where torch is installed."""
    torch = pytest.importorskip("torch")
    pixels = np.random.default_rng(1).random((1, 1, 28, 28))
    theirs = torch.nn.functional.interpolate(torch.from_numpy(pixels), size=(7, 7), mode="bicubic").numpy()[0, 0]
    np.testing.assert_allclose(interpolation(28, 7) @ pixels[0, 0] @ interpolation(28, 7).T, theirs, atol=1e-12)
    back = torch.nn.functional.interpolate(torch.from_numpy(theirs[None, None]), size=(28, 28), mode="bicubic")
    np.testing.assert_allclose(interpolation(7, 28) @ theirs @ interpolation(7, 28).T, back.numpy()[0, 0], atol=1e-12)


def test_interpolation_overshoots_and_varies_more():
    """Nothing is averaged and nothing clipped: of a hard edge more is left, and it leaves [0, 1]."""
    edge = np.zeros((1, 16, 16, 1))
    edge[:, :, 7:] = 1
    sharp, smooth = Bicubic(4, antialias=False).degrade(edge), Bicubic(4).degrade(edge)
    assert sharp.min() < -0.01
    assert smooth.min() >= 0
    assert smooth.max() <= 1
    noise = np.random.default_rng(0).random((20, 16, 16, 1))
    assert Bicubic(4, antialias=False).degrade(noise).var() > 2 * Bicubic(4).degrade(noise).var()


def test_the_same_size_is_the_identity():
    np.testing.assert_allclose(bicubic(6, 6), np.eye(6), atol=1e-15)


@pytest.mark.parametrize(
    "degradation", [Bicubic(4), Bicubic(4, antialias=False), Noise(0.1), Mask(2, 1, 3, 4), Blur(1.5)]
)
def test_shape_and_type_stay_and_the_image_given_does_not_change(degradation):
    before = IMAGES.copy()
    degraded = degradation.degrade(IMAGES, seed=3)
    assert degraded.shape == IMAGES.shape
    assert degraded.dtype == np.float32
    assert not np.array_equal(degraded, IMAGES)
    np.testing.assert_array_equal(IMAGES, before)


@pytest.mark.parametrize(
    "degradation", [Bicubic(4), Bicubic(4, antialias=False), Mask(2, 1, 3, 4, fill=0.5), Blur(1.5)]
)
def test_what_is_not_random_is_the_same_for_every_seed(degradation):
    np.testing.assert_array_equal(degradation.degrade(IMAGES, 1), degradation.degrade(IMAGES, 2))


@pytest.mark.parametrize("degradation", [Bicubic(2), Bicubic(2, antialias=False), Blur(0.7)])
def test_greys_stay(degradation):
    grey = np.full((1, 8, 8, 3), 0.3)
    np.testing.assert_allclose(degradation.degrade(grey), grey, atol=1e-12)


def test_blur_is_linear_self_adjoint_and_keeps_the_mean():
    a, b = np.random.default_rng(1).random((2, 1, 9, 9, 1))
    blur = Blur(1.2).degrade
    np.testing.assert_allclose(blur(2 * a - b), 2 * blur(a) - blur(b), atol=1e-12)
    np.testing.assert_allclose((blur(a) * b).sum(), (a * blur(b)).sum())
    np.testing.assert_allclose(blur(a).mean(), a.mean())


def test_blurs_compose_as_their_variances_add():
    image = np.random.default_rng(2).random((1, 64, 64, 1))
    twice = Blur(4.0).degrade(Blur(3.0).degrade(image))
    np.testing.assert_allclose(twice, Blur(5.0).degrade(image), atol=1e-6)


def test_a_wide_blur_of_a_small_image_is_its_mean():
    image = np.random.default_rng(3).random((1, 3, 2, 1))
    np.testing.assert_allclose(Blur(20.0).degrade(image), image.mean(), atol=1e-6)


def test_noise_has_its_law():
    noise = Noise(0.2).degrade(np.zeros((400, 10, 10, 1)), seed=5)
    n = noise.size
    assert abs(noise.mean()) < 5 * 0.2 / n**0.5
    assert abs(noise.std() - 0.2) < 5 * 0.2 / (2 * n) ** 0.5
    assert abs((noise**4).mean() / 0.2**4 - 3) < 5 * (96 / n) ** 0.5


def test_noise_of_an_image_depends_on_its_index_seed_and_stream_alone(monkeypatch):
    x = np.zeros((7, 2, 3, 1))
    whole = Noise(1.0).degrade(x, seed=2, stream="a")
    monkeypatch.setattr("drc.neural.degradations._BLOCK", 2)
    np.testing.assert_array_equal(Noise(1.0).degrade(x, seed=2, stream="a"), whole)
    assert not np.array_equal(Noise(1.0).degrade(x, seed=3, stream="a"), whole)
    assert not np.array_equal(Noise(1.0).degrade(x, seed=2, stream="b"), whole)


def test_the_mask_hides_the_block_and_nothing_else():
    mask = Mask(top=2, left=1, height=3, width=4, fill=0.5)
    changed = mask.degrade(IMAGES)
    hidden = np.zeros(IMAGES.shape, dtype=bool)
    hidden[:, 2:5, 1:5] = True
    assert (changed[hidden] == 0.5).all()
    np.testing.assert_array_equal(changed[~hidden], IMAGES[~hidden])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Bicubic(1), "factor must be a whole number, from 2 to 64, got 1"),
        (lambda: Noise(-1.0), "deviation must be positive, got -1.0"),
        (lambda: Blur(float("nan")), "deviation must be one real number, got nan"),
        (lambda: Mask(0, 0, 0, 2), "height must be a whole number, at least 1, got 0"),
        (lambda: Mask(0, 0, 1, 2, fill=2), r"fill must be in \[0, 1\], got 2"),
        (lambda: Bicubic(5).degrade(IMAGES), "factor must divide the height 12, got 5"),
        (lambda: Mask(0, 6, 1, 3).degrade(IMAGES), r"left \+ width must be at most 8, within the image, got 9"),
    ],
)
def test_bad_input_is_named(make, said):
    with pytest.raises(ProblemError, match=said):
        make()
