"""A progress bar that leaves nothing behind, in a terminal or in a notebook's stored outputs."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from IPython import get_ipython
from IPython.display import display
from tqdm import tqdm


class _CellLine:
    """A text file that is one line in a cell's output; an empty line removes it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self._shown = None

    def write(self, text: str) -> None:
        line = text.strip()
        data = {"text/plain": line} if line else {}
        if self._shown is not None:
            self._shown.update(data, raw=True)
        elif line:
            self._shown = display(data, raw=True, display_id=True)

    def flush(self) -> None:
        pass


def _place() -> object | None:
    """Return the file to draw the bar on, or None if nobody is watching."""
    if threading.current_thread() is not threading.main_thread():
        return None  # a panel's thread: the panel itself shows that it is working
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return sys.stderr if sys.stderr.isatty() else None
    # A front end with a person lets the kernel ask for input; nbconvert and nbval don't.
    return _CellLine() if kernel._allow_stdin else None


@contextmanager
def bar(epochs: int, *, wanted: bool = True, delay: float = 0.5, unit: str = "epoch") -> Iterator[tqdm]:
    """Yield a tqdm bar over `epochs`, or another unit, shown after `delay` seconds and removed at the end."""
    place = _place() if wanted else None
    form = {"bar_format": unit + " {n}/{total} |{bar}| {postfix} {remaining} left", "ncols": 100}
    with tqdm(total=epochs, file=place, disable=place is None, delay=delay, leave=False, **form) as shown:
        yield shown
