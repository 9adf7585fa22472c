"""What every backend keeps; a test file says which backend it is, and for which experiments."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from drc.errors import CodeError


def trainer(backend, toy, data):
    """Return a function that trains for some epochs: the state, and the terms of the loss in the last epoch."""

    def trained(changes, epochs=1, data=data):
        state = backend.init(toy.changed(changes), data)
        for number in range(epochs):
            state, terms = backend.epoch(state, data, number)
        return state, terms

    return trained


class BackendLaws:
    """Laws of one backend; the module of a subclass has the fixture `state`, one trained state a kind of experiment.

    `trained` takes changes of the toy experiment and a number of epochs, and returns the state and the terms of the loss.
    """

    backend: Any
    toy: Any
    data: Any
    trained: Any

    def test_a_state_that_was_saved_goes_on_bit_for_bit(self, state):
        save, load, experiment = self.backend.save, self.backend.load, state.codec.experiment
        arrays = save(state)
        one, two = (load(experiment, self.data, arrays) for _ in range(2))
        assert all(np.array_equal(save(one)[name], array) for name, array in arrays.items())
        one, two = (save(self.backend.epoch(each, self.data, 1)[0]) for each in (one, two))
        assert all(np.array_equal(one[name], two[name]) for name in one)
        assert any(not np.array_equal(one[name], arrays[name]) for name in one)

    def test_what_is_decoded_is_what_the_encoder_foresaw(self, state):
        x, experiment = self.data.x_test[:50], state.codec.experiment
        coded = self.backend.encode(state, x, seed=9, start=7)
        fresh = self.backend.load(experiment, None, self.backend.save(state))
        y = self.backend.decode(fresh, coded.data, seed=9)
        assert y.shape == x.shape
        assert y.dtype == (np.float64 if experiment.precision == "float64" else np.float32)
        assert np.array_equal(y, self.backend.reconstruct(state, x, seed=9, start=7))
        if state.codec.fixed:
            bits = 50 * self.toy.rate.dim * np.log2(state.codec.quantiser.count)
            assert bits <= 8 * coded.payload <= bits + 64

    def test_an_image_is_coded_alike_wherever_a_file_begins(self, state):
        x = self.data.x_test[:20]
        all_of_it = self.backend.reconstruct(state, x, seed=3)
        assert np.allclose(self.backend.reconstruct(state, x[5:], seed=3, start=5), all_of_it[5:], atol=1e-5)

    def test_wrong_seeds_models_and_damaged_files_are_refused(self, state):
        coded = self.backend.encode(state, self.data.x_test[:9], seed=9).data
        with pytest.raises(CodeError, match="seed"):
            self.backend.decode(state, coded, seed=8)
        arrays = self.backend.save(state)
        arrays[next(name for name in arrays if name.startswith("decoder"))].flat[0] += 1
        with pytest.raises(CodeError, match="digest"):
            self.backend.decode(self.backend.load(state.codec.experiment, None, arrays), coded, seed=9)
        for i in range(0, len(coded), 17):
            with pytest.raises(CodeError):
                self.backend.decode(state, coded[:i] + bytes([coded[i] ^ 4]) + coded[i + 1 :], seed=9)

    def test_a_price_on_bits_lowers_them(self):
        bits = [
            self.trained({"rate": {"kind": "variable", "dim": 5, "weight": weight}, "loss.perception": 0}, 15)[1][
                "bits"
            ]
            for weight in (1e-4, 1e-1)
        ]
        assert bits[1] < bits[0] - 1.5

    def test_the_error_is_to_the_reference(self):
        def after_an_epoch(reference, aim):
            """Return the weights and the error of a training that has `aim` behind its images."""
            experiment, data = self.toy.changed({"loss.reference": reference}), replace(self.data, x_clean=aim)
            state, terms = self.backend.epoch(self.backend.init(experiment, data), data, 0)
            return self.backend.save(state), terms["distortion"]

        x = self.data.x
        one, error = after_an_epoch("degraded", x + 1)
        two, same = after_an_epoch("clean", x)
        assert all(np.array_equal(one[name], two[name]) for name in one)
        assert same == error < 0.5
        three, far = after_an_epoch("clean", x + 2)
        assert far > 2
        assert any(not np.array_equal(one[name], three[name]) for name in one if name.startswith("encoder"))

    def test_the_seed_alone_decides(self):
        one, two, three = (self.backend.save(self.trained({"seed": seed})[0]) for seed in (1, 1, 2))
        assert all(np.array_equal(one[name], two[name]) for name in one)
        assert any(not np.array_equal(one[name], three[name]) for name in one if name.startswith("encoder"))
