"""Sweeps and decoding without other processes, for tests of what is made of their results."""

from concurrent.futures import Future

from drc.neural import evaluate, workers
from drc.neural.run import Run


class Here:
    """An executor that computes in this process."""

    def __init__(self, count):
        pass

    def __enter__(self):
        return self, 1

    def __exit__(self, *_):
        pass

    def submit(self, function, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future


def in_this_process(patch):
    """No other processes: the sweeps and the evaluation test those."""
    patch.setattr(workers, "processes", Here)
    decoded = lambda folder: Run.read(folder).model().decode((folder / evaluate.BITSTREAM).read_bytes())  # noqa: E731
    patch.setattr(evaluate, "decoded_apart", decoded)
