"""A clock that is stopped after a number of looks, as by Ctrl-C at that moment."""

from drc.solvers.request import Clock


class Pressed(Clock):
    """Ctrl-C is pressed after so many looks at the clock."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    @property
    def over(self) -> bool:
        self.looks -= 1
        self.interrupted = self.interrupted or self.looks < 0
        return self.interrupted
