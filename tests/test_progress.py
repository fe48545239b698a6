"""The progress bar: seen by a person, never by a stored output."""

import io
import sys
import threading
from types import SimpleNamespace

from helpers import progress

import pytest


def draw(wanted=True, delay=0):
    with progress.bar(10, wanted=wanted, delay=delay) as bar:
        bar.set_postfix_str("loss 0.5", refresh=False)
        bar.update(4)
        if not delay:
            bar.refresh()
        yield


@pytest.mark.parametrize("watched", [True, False])
def test_in_a_terminal_it_shows_epoch_loss_and_time_left_and_goes_away(monkeypatch, watched):
    stream = io.StringIO()
    stream.isatty = lambda: watched
    monkeypatch.setattr(sys, "stderr", stream)
    list(draw())
    shown = stream.getvalue()
    assert [part in shown for part in ("epoch 4/10", "loss 0.5", "left")] == [watched] * 3
    assert shown.rstrip(" ").split("\r")[-1].strip() == ""


@pytest.fixture
def notebook(monkeypatch):
    """A kernel whose displays are recorded: what stands in the cell's output."""
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


def test_in_a_notebook_it_is_one_output_and_empty_at_the_end(notebook):
    for _ in draw():
        assert "epoch 4/10" in notebook.outputs[0]["text/plain"]
    assert notebook.outputs == [{}]


def test_short_work_unwanted_bars_panels_threads_and_programs_store_nothing(notebook):
    list(draw(delay=0.5))
    list(draw(wanted=False))
    thread = threading.Thread(target=lambda: list(draw()))
    thread.start()
    thread.join()
    notebook.kernel._allow_stdin = False
    list(draw())
    assert notebook.outputs == []
