"""A codec whose packer is given: it has no networks."""

from drc.neural import named
from drc.neural.coding import Coding

TOY = named("toy-sr")


class Bare(Coding):
    """The file of images with `places` code symbols each; `phases` stands for the dither if it is given."""

    def __init__(self, packer, places=1, changes=(), phases=None, side=0):
        super().__init__(TOY.changed(dict(changes)), (8, 8, 1), 10)
        self.given, self.places, self.phases, self.side = packer, places, phases, side

    def packer(self, grid):
        return self.given

    def grid(self, height, width):
        return 1, self.places

    def digest(self):
        return bytes(8)

    def phase(self, seed, first, count):
        return super().phase(seed, first, count) if self.phases is None else self.phases[first : first + count]
