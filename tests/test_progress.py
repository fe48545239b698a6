"""The bar: seen by a person, never by a stored output."""

import io
import sys
import threading
from types import SimpleNamespace

from helpers import progress

import pytest


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_in_a_terminal_it_shows_epoch_loss_and_time_left_and_goes_away(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.bar(10, delay=0) as bar:
        bar.set_postfix_str("loss 0.5")
        bar.update(4)
        bar.refresh()
    shown = terminal.getvalue()
    assert "epoch 4/10" in shown
    assert "loss 0.5" in shown
    assert "left" in shown
    assert shown.rstrip(" ").split("\r")[-1].strip() == ""


def test_where_nobody_watches_it_writes_nothing(monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    draw(delay=0)
    assert log.getvalue() == ""


@pytest.fixture
def notebook(monkeypatch):
    """A kernel whose displays are recorded: what stands in the cell's output, one entry a display."""
    outputs = []

    def display(data, *, raw, display_id):
        assert raw
        assert display_id
        outputs.append(data)
        return SimpleNamespace(update=lambda data, raw: outputs.__setitem__(-1, data))

    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=True))
    monkeypatch.setattr(progress, "get_ipython", lambda: shell)
    monkeypatch.setattr(progress, "display", display)
    return SimpleNamespace(outputs=outputs, kernel=shell.kernel)


def draw(**options):
    with progress.bar(10, **options) as bar:
        bar.update(4)


def test_in_a_notebook_it_is_one_output_and_empty_at_the_end(notebook):
    with progress.bar(10, delay=0) as bar:
        bar.update(4)
        bar.refresh()
        assert "epoch 4/10" in notebook.outputs[0]["text/plain"]
    assert notebook.outputs == [{}]


def test_short_work_unwanted_bars_panels_threads_and_programs_store_nothing(notebook):
    draw()
    draw(wanted=False, delay=0)
    thread = threading.Thread(target=draw, kwargs={"delay": 0})
    thread.start()
    thread.join()
    notebook.kernel._allow_stdin = False
    draw(delay=0)
    assert notebook.outputs == []
