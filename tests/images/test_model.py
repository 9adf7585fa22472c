import json
import os
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small
from PIL import Image
from safetensors.numpy import load, save
from small import RESIDUAL, TOY
from typer.testing import CliRunner

from drc.cli import app
from drc.errors import CodeError, ProblemError
from drc.images.model import decode_image, encode_image, load_model, save_model
from drc.neural.bitstream import TOTAL
from drc.neural.coding import CODING
from drc.neural.pictures import eight_bits, read_image, write_image
from drc.neural.run import train

pytestmark = pytest.mark.torch

COLOUR = TOY.changed(RESIDUAL | {"schedule.epochs": 1, "schedule.batch": 16})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    torch.set_num_threads(1)
    return train(COLOUR, tmp_path_factory.mktemp("runs") / "run", data=small.data(12, 12, 3, count=32))


@pytest.fixture(scope="module")
def path(run):
    return save_model(run, run.folder.parent / "model.safetensors")


@pytest.fixture
def picture(tmp_path):
    return write_image(tmp_path / "in.png", small.blobs(1, 21, 34, 3)[0][0])


def test_a_model_file_is_the_codec_of_the_run(run, path):
    model, x = load_model(path), small.blobs(3, 16, 16, 3)[0]
    assert np.array_equal(model.reconstruct(x), run.model().reconstruct(x))
    assert model.encode(x) == run.model().encode(x)
    assert np.array_equal(model.classify(x), run.model().classify(x))
    assert not any(name.startswith(("adam", "critic")) for name in load(path.read_bytes()))


def test_an_image_goes_through_a_file(path, picture, tmp_path):
    model, x = load_model(path), read_image(picture, 3)
    data = encode_image(model, picture, seed=5)
    assert decode_image(model, data, tmp_path / "out.png") == (21, 34)
    y = model.backend.reconstruct(model.state, x[None], 5)[0]
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out.png")), eight_bits(y))
    with pytest.raises(CodeError, match="seed"):
        decode_image(model, data, tmp_path / "out.png", seed=6)
    with pytest.raises(ProblemError, match=r"ends in \.png"):
        decode_image(model, data, tmp_path / "out.jpg")


def test_the_command_decodes_in_another_process(run, picture, tmp_path):
    model, coded, out = (tmp_path / name for name in ("m.safetensors", "x.drc", "out.png"))
    for words in (["export", run.folder, model], ["encode", model, picture, coded, "--seed", "3"]):
        result = CliRunner().invoke(app, ["codec", *map(str, words)])
        assert result.exit_code == 0, result.output
    command = [sys.executable, "-m", "drc", "codec", "decode", coded, out, "--model", model]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    subprocess.run(command, check=True, env=environment, timeout=120)
    loaded = load_model(model)
    meant = loaded.backend.reconstruct(loaded.state, read_image(picture, 3)[None], 3)[0]
    assert np.abs(np.asarray(Image.open(out)).astype(int) - eight_bits(meant)).max() <= 1


@pytest.mark.parametrize("law", ["factorised", "context"])
def test_a_file_takes_what_the_model_says_and_48_bytes(tmp_path, law):
    """A picture in a file, by a model from a file; what the model says is in its tables, or a term of the loss."""
    experiment = COLOUR.changed({"rate": {"kind": "variable", "dim": 8, "weight": 1e-7, "law": law}})
    made = train(experiment, tmp_path / "run", data=small.data(16, 16, 3, count=32))
    model = load_model(save_model(made, tmp_path / "m.safetensors"))
    noisy = small.blobs(1, 256, 384, 3)[0][0] + 0.1 * np.random.default_rng(0).normal(size=(256, 384, 3))
    path, codec = write_image(tmp_path / "in.png", noisy), model.state.codec
    encoded = model.backend.encode(model.state, x := read_image(path, 3)[None], 100)
    assert encoded.data == encode_image(model, path, seed=100)
    index = codec.index(x, 100)
    if (tables := codec.integer_tables()) is not None:
        bits = -np.log2(tables[np.arange(8), codec.phase(100, 0, len(index)), index] / TOTAL).sum()
    else:
        latents = codec.quantiser.value(index, codec.dither(100, CODING, 0, len(index)))
        with torch.no_grad():
            bits = codec.networks["law"](codec.spread(latents, codec.grid(256, 384))).item()
    assert len(encoded.data) - encoded.payload <= 48
    assert bits > 8 * 5000
    assert 8 * encoded.payload == pytest.approx(bits, rel=0.01)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["encode", "MODEL", "IN", "OUT", "-R", "0.5"], "rate must be left out for an image"),
        (["encode", "MODEL", "no.png", "OUT"], "no.png cannot be read: No such file"),
        (["decode", "CODED", "OUT"], "--model must name the model that decodes"),
        (["decode", "IN", "OUT", "--model", "MODEL"], "magic"),
        (["export", "nowhere", "OUT"], "nowhere must be a run folder"),
    ],
)
def test_wrong_words_are_one_line(path, picture, tmp_path, words, said):
    coded = tmp_path / "coded.drc"
    coded.write_bytes(encode_image(load_model(path), picture))
    names = {"MODEL": path, "IN": picture, "OUT": tmp_path / "out.png", "CODED": coded}
    result = CliRunner().invoke(app, ["codec", *(str(names.get(word, word)) for word in words)])
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out.png").exists()


def test_damaged_model_files_are_refused(path, tmp_path):
    content, bad = path.read_bytes(), tmp_path / "bad.safetensors"
    length = int.from_bytes(content[:8], "little")
    arrays = load(content)
    fewer = {name: array for name, array in arrays.items() if not name.startswith("decoder")}
    said = json.loads(content[8 : 8 + length])["__metadata__"]
    forged = [
        (b"", "damaged"),
        (content[: len(content) // 2], "damaged"),
        (content[:8] + b"x" * length + content[8 + length :], "damaged"),
        (save(arrays), "field format"),
        (save(arrays, {**said, "format": "drc model 2"}), "field format"),
        (save(arrays, {**said, "experiment": "["}), "damaged"),
        (save(arrays, {**said, "experiment": "{}"}), "name must be given|degradation must be given"),
        (save(fewer, said), "'decoder/0.inner.0.weight' must be given"),
    ]
    for made, message in forged:
        bad.write_bytes(made)
        with pytest.raises(ProblemError, match=message):
            load_model(bad)


def test_a_model_file_of_any_length_is_never_read_whole(tmp_path):
    with open(tmp_path / "bad.safetensors", "wb") as file:
        file.truncate(2**40)
    with pytest.raises(ProblemError, match="bad.safetensors must be at most 1073741824 bytes long"):
        load_model(tmp_path / "bad.safetensors")
    with pytest.raises(ProblemError, match="none.safetensors cannot be opened"):
        load_model(tmp_path / "none.safetensors")


def test_only_torch_runs_have_model_files(run, tmp_path):
    with pytest.raises(ProblemError, match=r"ends in \.safetensors"):
        save_model(run, tmp_path / "model.npz")
    numpy = train(TOY.changed({"backend": "numpy", "schedule.epochs": 1}), tmp_path / "numpy")
    with pytest.raises(ProblemError, match="backend must be 'torch' for a model file, got 'numpy'"):
        save_model(numpy, tmp_path / "model.safetensors")


def test_pictures_that_do_not_fit_are_named(tmp_path):
    Image.new("RGBA", (4, 4)).save(tmp_path / "clear.png")
    Image.new("L", (4, 4)).save(tmp_path / "grey.png")
    (tmp_path / "text.png").write_text("no image")
    write_image(tmp_path / "cut.png", np.random.default_rng(0).random((32, 32, 3)))
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:1500])
    for name, said in (
        ("clear", "transparent"),
        ("grey", "channels RGB, as the model has, got L"),
        ("text", "must be a picture"),
        ("cut", "damaged"),
    ):
        with pytest.raises(ProblemError, match=said):
            read_image(tmp_path / f"{name}.png", 3)
    with pytest.raises(ProblemError, match="channels must be 1 or 3 .*, got 2"):
        read_image(tmp_path / "grey.png", 2)
    assert read_image(tmp_path / "grey.png", 1).shape == (4, 4, 1)


def test_a_picture_keeps_its_bits(tmp_path):
    numbers = np.random.default_rng(0).integers(0, 256, (5, 7, 3))
    write_image(tmp_path / "x.png", numbers / 255)
    np.testing.assert_array_equal(eight_bits(read_image(tmp_path / "x.png", 3)), numbers)
