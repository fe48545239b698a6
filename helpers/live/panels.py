"""A live panel: controls, a picture and a sentence, computed by a function of the settings.

After the first view, the function runs in the panel's own thread (on Colab, in the kernel's). A move only
puts its settings into a mailbox that holds one message: however fast the reader moves, the last settings are
the ones that stay on the screen.
"""

import base64
import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from helpers.checks import InputError
from helpers.lessons import Registry
from helpers.live.canvas import Canvas, View, captioned
from helpers.live.controls import Control
from helpers.page import Widget, script
from helpers.pictures.marks import Frame
from helpers.train import TrainingInterrupted, stop_when

import traitlets
from IPython.display import display

# Seconds after which a training run is stopped if newer settings wait. A shorter one is shown, so that the
# picture follows the hand.
PATIENCE = 0.4
# Seconds after which the panel says that it is working.
WORK = 0.2

_here = Path(__file__).parent
_latest: dict[str, "Panel"] = {}


class Panel(Widget):
    """Controls, a picture and a sentence, which each move renews by `view_of(**settings)`.

    view_of gets the value of each control by name, and what the last view kept; frames: the axes that its
    View fills. A panel replaces the earlier one of the same function.
    """

    _esm = script(_here / "panel.js")
    _css = _here / "panel.css"

    controls = traitlets.Dict().tag(sync=True)
    size = traitlets.List().tag(sync=True)
    tracks = traitlets.Dict().tag(sync=True)  # of the handles in the picture
    # No echo: the slider in the browser is always ahead.
    values = traitlets.Dict().tag(sync=True, echo_update=False)
    shown = traitlets.Dict().tag(sync=True)
    picture = traitlets.Unicode().tag(sync=True)  # a data URL, which the browser shows at once
    sentence = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    working = traitlets.Bool().tag(sync=True)

    def __init__(self, view_of: Callable[..., View], frames: Sequence[Frame], **controls: Control) -> None:
        self._view_of = view_of
        self._controls = controls
        self._start = {name: control.check(name, control.value) for name, control in controls.items()}
        self.canvas = Canvas(*frames)
        self._change = threading.Condition(threading.RLock())
        self._requested = self._answered = 0
        self._waiting = self._closed = False
        self._worker: threading.Thread | None = None
        self._fault: BaseException | None = None

        first = view_of(**self._start)
        self._kept = first.kept
        self.canvas.draw(first)
        super().__init__(
            controls={name: control.spec() for name, control in controls.items()},
            size=self.canvas.pixels.shape[1::-1],
            tracks=tracks(self.canvas, controls),
            values=self._start,
            shown=self._start,
            picture=_address(self.canvas.png()),
            sentence=first.sentence,
        )
        self.observe(self._moved, "values")
        name = f"{view_of.__module__}.{view_of.__qualname__}"
        earlier, _latest[name] = _latest.get(name), self
        if earlier is not None:
            earlier.close()

    def settings(self, **changes: object) -> dict[str, object]:
        """Return the settings, after any changes, once the picture shows them.

        Raises InputError for an unknown name or value, and whatever the panel's function raised.
        """
        values = self._checked(self.values | changes)
        with self._change:
            if changes:
                self.values = values
            requested = self._requested
            self._change.wait_for(lambda: self._answered >= requested or self._closed)
            if changes and self._fault is not None:
                raise self._fault
            return dict(self.values)

    def set_state(self, sync_data: dict) -> None:
        """Take a move from the browser; ipywidgets may call this in another thread."""
        with self._change:
            super().set_state(sync_data)

    def refuse(self, sentence: str) -> None:
        """Show the sentence below the picture."""
        self.error = sentence

    def close(self) -> None:
        """Remove the panel and end its thread."""
        if self.comm is None:  # already closed, or an error stopped its construction
            return
        with self._change:
            self._closed = True
            self._change.notify_all()
        layout = self.layout
        super().close()
        layout.close()

    def _ipython_display_(self) -> None:
        # A still picture for where there is no kernel or no widget; panel.css hides it beside the panel.
        png = captioned(base64.b64decode(self.picture.partition(",")[2]), self.sentence)
        still = {"image/png": base64.b64encode(png).decode(), "text/plain": self.sentence}
        display(still, metadata={"image/png": {"alt": self.sentence}}, raw=True)
        data, metadata = self._repr_mimebundle_()
        display(data | {"text/plain": self.sentence}, metadata=metadata, raw=True)

    def _checked(self, values: dict[str, object]) -> dict[str, object]:
        unknown = sorted(set(values) - set(self._controls))
        if unknown:
            raise InputError(
                f"the settings of this panel are {', '.join(self._controls)}, but got {unknown[0]}: "
                "choose among them."
            )
        return {name: control.check(name, values.get(name)) for name, control in self._controls.items()}

    def _moved(self, _change: object) -> None:
        with self._change:
            self._requested += 1
            self._waiting = True
            if "google.colab" in sys.modules:
                self._answer()  # Colab does not deliver messages from another thread
            elif self._worker is None:
                self._worker = threading.Thread(target=self._work, name="panel", daemon=True)
                self._worker.start()
            self._change.notify_all()

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
            self._answer()

    def _answer(self) -> None:
        """Empty the mailbox and show its settings."""
        with self._change:
            self._waiting, requested, values = False, self._requested, dict(self.values)
        began = time.perf_counter()
        slow = threading.Timer(WORK, self._say_working, [requested])
        slow.daemon = True
        slow.start()
        try:
            with stop_when(lambda: self._should_stop(began)):
                values = self._checked(values)
                kept = {} if values == self._start else self._kept
                view = self._view_of(**values, **kept)
            self.canvas.draw(view)
            news = {"shown": values, "picture": _address(self.canvas.png()), "sentence": view.sentence}
            news["error"], self._kept, fault = "", view.kept, None
        except TrainingInterrupted:
            return
        except KeyboardInterrupt:  # on Colab, where no other thread works
            raise
        except BaseException as problem:  # or whoever waits for this thread would wait forever
            # The last good picture stays.
            fault, news = problem, {"error": _sentence_on(problem)}
        finally:
            slow.cancel()
        with self._change:
            if self._closed:
                return
            self._fault, self._answered = fault, requested
            with self.hold_sync():
                for name, value in (news | {"working": self.working and self._waiting}).items():
                    setattr(self, name, value)
            self._change.notify_all()

    def _say_working(self, requested: int) -> None:
        with self._change:
            if self._answered < requested and not self._closed:
                self.working = True

    def _should_stop(self, began: float) -> bool:
        return self._closed or (self._waiting and time.perf_counter() - began > PATIENCE)


def _address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _sentence_on(problem: BaseException) -> str:
    """Return one sentence for the reader; log whatever is not bad input, as that is a bug."""
    if isinstance(problem, InputError):
        return str(problem)
    logging.getLogger(__name__).error("a panel failed", exc_info=problem)
    kind, message = type(problem).__name__, str(problem)
    return f"This panel has a fault ({kind}: {message}): the picture still shows the settings before."


def tracks(canvas: Canvas, controls: Mapping[str, Control]) -> dict[str, list[list[float]]]:
    """Return the two points between which each control's handle moves, as fractions of the picture."""
    dragged = {name: getattr(control, "drag", ()) for name, control in controls.items()}
    return {name: canvas.places(ends) for name, ends in dragged.items() if ends}


REGISTRY = Registry("explore", "panels", "panel")


def panel(
    frames: Sequence[Frame],
    *,
    trains: int = 0,
    press: str = "",
    page: Mapping[str, Sequence[object]] | None = None,
    forgets: bool = False,
    **controls: Control,
) -> Callable[[Callable[..., View]], Callable[[], Panel]]:
    """Declare the function below as a panel of the course; calling its name then makes the Panel.

    The function itself stays available as `.view`, and the arguments as attributes: `.controls`, `.page`.

    Args:
        frames: of the picture.
        trains: how many networks a move trains.
        press: the control whose moves `make bench` measures, if not the first.
        page: the values that a page without a kernel offers, by control; other controls offer all.
        forgets: on a page each view stands alone, as there are too many combinations of what is kept.
        controls: a Control for each parameter of the function, by name.
    """
    offered = {name: control.positions() for name, control in controls.items()}
    for name, values in (page or {}).items():
        offered[name] = [controls[name].check(name, value) for value in values]
        if controls[name].value not in offered[name]:
            raise InputError(
                f"page must offer {controls[name].value!r} for {name}, where it starts, but offers "
                f"{', '.join(map(str, values))}: add it."
            )

    def declare(view: Callable[..., View]) -> Callable[[], Panel]:
        def make() -> Panel:
            return Panel(view, frames, **controls)

        make.__name__, make.__doc__, make.__module__ = view.__name__, view.__doc__, view.__module__
        make.view, make.controls, make.trains = view, controls, trains
        make.frames, make.page, make.forgets = frames, offered, forgets
        make.press = press or next(iter(controls))
        return REGISTRY.add(view.__name__, make)

    return declare
