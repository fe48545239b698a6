"""Stopping a training run by Ctrl-C or by other code, only between two epochs."""

import contextlib
import contextvars
import signal
import threading
from collections.abc import Callable, Iterator


class TrainingInterrupted(KeyboardInterrupt):
    """The learner stopped the training; the model keeps what it learned."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


asked_to_stop: contextvars.ContextVar[Callable[[], bool]] = contextvars.ContextVar(
    "asked_to_stop", default=lambda: False
)


@contextlib.contextmanager
def stop_when(requested: Callable[[], bool]) -> Iterator[None]:
    """Stop any training inside this block soon after `requested()` becomes true, as Ctrl-C would."""
    token = asked_to_stop.set(requested)
    try:
        yield
    finally:
        asked_to_stop.reset(token)


@contextlib.contextmanager
def ctrl_c_asks() -> Iterator[None]:
    """Make Ctrl-C request a stop, like `stop_when`, rather than interrupt an epoch."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Ctrl-C reaches the main thread only
        return
    pressed, requested = [], asked_to_stop.get()
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        with stop_when(lambda: bool(pressed) or requested()):
            yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if pressed:
        raise TrainingInterrupted("Interrupted after the last epoch.")
