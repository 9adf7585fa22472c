import gzip

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.neural.data import for_epoch, load, read_images
from drc.neural.experiment import Source, named

TOY = named("toy-sr")
RANDOM = np.random.default_rng(0)


def _idx(array):
    sizes = b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return bytes((0, 0, 8, array.ndim)) + sizes + array.astype(np.uint8).tobytes()


def _mnist(folder, zipped=True):
    for part, n in (("train", 10), ("t10k", 4)):
        for name, array in (
            (f"{part}-images-idx3-ubyte", RANDOM.integers(0, 256, (n, 4, 6))),
            (f"{part}-labels-idx1-ubyte", np.arange(n) % 3),
        ):
            content = _idx(array)
            path = folder / (f"{name}.gz" if zipped else name)
            path.write_bytes(gzip.compress(content) if zipped else content)
    return folder


def test_degraded_and_clean_draws_are_disjoint_and_the_test_is_apart():
    data, images = load(TOY), read_images(TOY.data)
    originals = [images.train[0::2], data.y, data.y_test]
    seen = [{image.tobytes() for image in part} for part in originals]
    assert len(seen[0] | seen[1] | seen[2]) == sum(map(len, seen))
    assert sum(map(len, originals)) == 1797
    np.testing.assert_array_equal(data.x, TOY.degradation.degrade(originals[0]))
    np.testing.assert_array_equal(data.x_test, TOY.degradation.degrade(data.y_test))


def test_the_clean_draw_may_be_smaller():
    """Every image is in one draw; each of the clean ones is there, and no draw is empty."""
    sixth, images = load(TOY.changed({"data.clean_every": 6})), read_images(TOY.data)
    np.testing.assert_array_equal(sixth.y, images.train[5::6])
    np.testing.assert_array_equal(sixth.s_y, images.train_labels[5::6])
    rest = np.delete(np.arange(len(images.train)), np.s_[5::6])
    np.testing.assert_array_equal(sixth.x_clean, images.train[rest])
    np.testing.assert_array_equal(sixth.s, images.train_labels[rest])
    np.testing.assert_array_equal(sixth.x, TOY.degradation.degrade(sixth.x_clean))
    with pytest.raises(ProblemError, match="clean_every must be at most 1438, so that.*has a clean image, got 2000"):
        load(TOY.changed({"data.clean_every": 2000}))


def test_the_images_behind_the_degraded_ones_are_at_hand():
    data = load(TOY)
    np.testing.assert_array_equal(data.x, TOY.degradation.degrade(data.x_clean))


@pytest.mark.parametrize("degradation", [{"kind": "noise", "deviation": 0.1}, {"kind": "bicubic", "factor": 2}])
def test_an_epoch_moves_each_image_and_degrades_it_anew(degradation):
    toy = TOY.changed({"degradation": degradation, "schedule.shift": 2})
    data = load(toy)
    moved, again, other = (for_epoch(data, toy, number) for number in (3, 3, 4))
    np.testing.assert_array_equal(moved.x, again.x)
    assert not np.array_equal(moved.x_clean, other.x_clean)
    assert moved.x.dtype == data.x.dtype
    np.testing.assert_array_equal(moved.x, toy.degradation.degrade(moved.x_clean, 0, "train 3"))
    for name in ("s", "y", "s_y", "x_test", "s_test", "y_test"):
        assert getattr(moved, name) is getattr(data, name)
    # Each image is one of the 25 that it may become, and each way to move it is taken.
    wide = np.pad(data.x_clean, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    ways = [(i, j) for i in range(5) for j in range(5)]
    fits = np.array([(wide[:, i : i + 8, j : j + 8] == moved.x_clean).all(axis=(1, 2, 3)) for i, j in ways])
    assert fits.any(axis=0).all()
    counts = fits[:, fits.sum(axis=0) == 1].sum(axis=1)
    assert counts.min() > 10
    assert for_epoch(data, TOY, 3) is data


def test_every_part_has_every_digit():
    data = load(TOY)
    for labels in (data.s, data.s_y, data.s_test):
        counts = np.bincount(labels, minlength=10)
        assert counts.min() > 0.7 * counts.mean()


def test_the_split_does_not_depend_on_the_seed_but_the_noise_does():
    noisy = TOY.changed({"degradation": {"kind": "noise", "deviation": 0.1}})
    first, second = load(noisy), load(noisy.changed({"seed": 1}))
    np.testing.assert_array_equal(first.y_test, second.y_test)
    assert not np.array_equal(first.x_test, second.x_test)
    assert not np.array_equal(first.x[:100] - load(TOY).y[:100], first.x_test[:100] - first.y_test[:100])


@pytest.mark.parametrize("zipped", [True, False])
def test_idx_files_are_read_plain_and_zipped(tmp_path, zipped):
    images = read_images(Source("idx"), _mnist(tmp_path, zipped))
    assert images.train.shape == (10, 4, 6, 1)
    assert images.test.shape == (4, 4, 6, 1)
    assert images.train.dtype == np.float32
    assert images.train.max() <= 1
    assert images.classes == ("0", "1", "2")


@pytest.mark.parametrize("inner", ["", "raw", "MNIST/raw"])
@pytest.mark.parametrize("dot", [True, False])
def test_idx_files_are_found_where_programs_put_them(tmp_path, inner, dot):
    place = tmp_path / inner
    place.mkdir(parents=True, exist_ok=True)
    _mnist(place)
    for path in list(place.iterdir()):
        path.rename(place / path.name.replace("-idx", ".idx")) if dot else None
    assert read_images(Source("idx"), tmp_path).train.shape == (10, 4, 6, 1)


def test_two_sets_in_one_folder_are_not_chosen_from(tmp_path):
    for name in ("MNIST", "FashionMNIST"):
        (tmp_path / name / "raw").mkdir(parents=True)
        _mnist(tmp_path / name / "raw")
    with pytest.raises(
        ProblemError, match="must be there once, got FashionMNIST/raw/.*gz, MNIST/raw/.*gz: give the folder"
    ):
        read_images(Source("idx"), tmp_path)
    assert len(read_images(Source("idx"), tmp_path / "MNIST").train) == 10


def test_training_images_that_alternate_are_dealt_to_both_draws_alike(tmp_path):
    path = _mnist(tmp_path, zipped=False) / "train-images-idx3-ubyte"
    written = np.zeros((400, 4, 6)) + 200 * (np.arange(400) % 2)[:, None, None]  # two hands, in turn
    path.write_bytes(_idx(written))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(_idx(np.arange(400) % 2))
    data = load(TOY.changed({"data": {"kind": "idx"}}), tmp_path)
    assert 0.4 < data.s.mean() < 0.6
    np.testing.assert_array_equal(data.y[:, 0, 0, 0] > 0, data.s_y == 1)


def test_images_of_one_group_stay_together(tmp_path):
    groups = np.repeat(RANDOM.permutation(30), 4)
    x = RANDOM.integers(0, 256, (120, 3, 3, 3)).astype(np.uint8)
    x[:, 0, 0, 0] = groups
    np.savez(tmp_path / "a.npz", x=x, y=np.where(groups % 2, "odd", "even"), street=groups)
    images = read_images(Source("npz", "a.npz", group="street"), tmp_path)
    train, test = (set((part[:, 0, 0, 0] * 255).round().astype(int)) for part in (images.train, images.test))
    assert not train & test
    assert len(test) == 6
    assert images.classes == ("even", "odd")


def _npz(folder, **arrays):
    np.savez(folder / "a.npz", **arrays)
    return Source("npz", "a.npz")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": np.zeros((4, 3, 3))}, "a.npz must have the field y, got x"),
        ({"x": np.zeros((4, 3)), "y": np.zeros(4)}, r"a.npz, field x: must have the shape .*, got \(4, 3\)"),
        ({"x": np.zeros((4, 3, 3)), "y": np.zeros(5)}, r"a.npz, field y, must have the shape \(4,\), got \(5,\)"),
        ({"x": np.full((4, 3, 3), 2.0), "y": np.zeros(4)}, "got floats from 2 to 2: divide by 255"),
        (
            {"x": np.full((4, 3, 3), -1.0), "y": np.zeros(4)},
            r"must be uint8 or floats in \[0, 1\], got floats from -1",
        ),
        ({"x": np.full((4, 3, 3), np.nan), "y": np.zeros(4)}, "got floats from nan to nan"),
        ({"x": np.full((4, 3, 3), 9), "y": np.zeros(4)}, r"of type uint8 or of floats in \[0, 1\], got int64"),
        ({"x": np.ones((4, 3, 3), np.uint8), "y": np.zeros(4)}, "bytes from 0 to 255, got none above 1"),
        (
            {"x": np.zeros((4, 3, 8, 8)), "y": np.zeros(4)},
            r"got \(4, 3, 8, 8\), with the channels in front: move them by",
        ),
        ({"x": np.zeros((4, 1, 8, 8)), "y": np.zeros(4)}, "with the channels in front"),
        ({"x": np.zeros((4, 3, 3)), "y": np.array([0, np.nan, 1, np.nan])}, "got 2, the first for image 1"),
        ({"x": np.zeros((2, 3, 3)), "y": np.array(["cat", ""])}, "field y: must not have missing values, got 1"),
        (
            {"x": np.zeros((4, 3, 3)), "y": np.zeros((4, 1))},
            r"a.npz, field y, must have the shape \(4,\), got \(4, 1\)",
        ),
        (
            {"x": np.array([{}], dtype=object), "y": np.zeros(1)},
            "a.npz, field x must be a plain array, got one of Python objects",
        ),
    ],
)
def test_bad_archives_are_named_with_their_field(tmp_path, arrays, said):
    source = _npz(tmp_path, **arrays)
    with pytest.raises(ProblemError, match=said):
        read_images(source, tmp_path)


def test_files_cut_short_or_missing_are_named(tmp_path):
    with pytest.raises(ProblemError, match="the source 'idx' is read from files: a folder must be given"):
        read_images(Source("idx"))
    with pytest.raises(ProblemError, match="train-images-idx3-ubyte is missing"):
        read_images(Source("idx"), tmp_path)
    path = _mnist(tmp_path) / "t10k-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(ProblemError, match="t10k-images-idx3-ubyte.gz cannot be read"):
        read_images(Source("idx"), tmp_path)
    path.write_bytes(gzip.compress(gzip.decompress(whole)[:-1]))
    with pytest.raises(ProblemError, match="field sizes"):
        read_images(Source("idx"), tmp_path)
    path.write_bytes(gzip.compress(b"junk" * 9))
    with pytest.raises(ProblemError, match="field magic"):
        read_images(Source("idx"), tmp_path)
    path.write_bytes(gzip.compress(gzip.decompress(whole) + b"x"))
    with pytest.raises(ProblemError, match="field sizes: must fit the bytes of data, got .* and more bytes"):
        read_images(Source("idx"), tmp_path)
    path.write_bytes(gzip.compress(bytes((0, 0, 8, 3)) + b"\xff" * 12))
    with pytest.raises(ProblemError, match="field sizes: must have 1 to 268435456 bytes"):
        read_images(Source("idx"), tmp_path)
    path.unlink()
    with gzip.open(path, "wb") as file:
        file.write(bytes((0, 0, 8, 3)) + np.array([2**20, 28, 28], ">u4").tobytes())
    with pytest.raises(ProblemError, match="field sizes: must have 1 to 268435456 bytes"):
        read_images(Source("idx"), tmp_path)
    (tmp_path / "a.npz").write_bytes(b"PK junk")
    with pytest.raises(ProblemError, match=r"a.npz must be a plain array, got a damaged.*\(File is not a zip file\)"):
        read_images(Source("npz", "a.npz"), tmp_path)
    with pytest.raises(ProblemError, match="the folder of the data must have b.npz"):
        read_images(Source("npz", "b.npz"), tmp_path)


def test_archives_that_unpack_to_far_more_than_their_length_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("drc.reading.MOST_ARRAYS", 2**16)
    source = _npz(tmp_path, x=np.zeros((100, 30, 30)), y=np.zeros(100))
    assert len(read_images(source, tmp_path).train)
    np.savez_compressed(tmp_path / source.file, x=np.zeros((100, 30, 30)), y=np.zeros(100))
    with pytest.raises(ProblemError, match="a.npz must have arrays of at most [0-9]{5} bytes together"):
        read_images(source, tmp_path)
