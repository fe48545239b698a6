"""What several files of tests share."""

import contextlib
import functools
import importlib
import re
import socket
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def load_course(folder=ROOT):
    """Import a folder's course.py anew."""
    for name in ("course", "environments"):
        sys.modules.pop(name, None)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("course")
    finally:
        sys.path.remove(str(folder))


def one_sentence(text):
    """Return a message, which must be one sentence."""
    assert is_one_sentence(text.strip())
    return text.strip()


def is_one_sentence(text):
    """Tell whether this can be shown to a reader: one sentence in one line, not too long."""
    assert text.splitlines() == [text.strip()], text
    assert "Traceback" not in text
    assert not re.search(r"[a-z]\. [A-Z]", re.sub(r"\(.*\)", "", text)), text
    assert text[-1] == "."
    assert len(text) <= 400
    return True


@functools.cache
def code(lesson, solved=False):
    """Return the code cells of a lesson's notebook."""
    from lessons import build

    return [cell.source for cell in build.notebook(lesson, solved).cells if cell.cell_type == "code"]


def truth_of(name):
    """Return what happened to a prediction, as the stored notebook shows it."""
    from helpers import lessons
    from helpers.practice import predict

    return lessons.stored(predict.declared()[name].lesson, "truths")[name]["truth"]


def new_kernel():
    """Let the store of answers begin as in a kernel that has just started."""
    from helpers.practice import store, table

    for known in (store._waiting, store._trouble, store._news):
        known.clear()
    store._table = table.Table(store.place, store._say)


def say(ask, do, answer=None, sure=False):
    """Do with a question what a reader does in the browser; return what it shows then."""
    ask.message = {"do": do, "answer": answer, "sure": sure, "turn": ask.now.get("turn", 0) + 1}
    return ask.now


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answers_at(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True


def wait(condition, seconds=20):
    """Wait until a condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def assert_readable(figure, axes=True):
    """Check that the type is large, that all of it is in the picture, and that the axes have labels."""
    texts = [text for each in figure.legends for text in each.get_texts()]
    for each in figure.axes:
        assert each.get_xlabel() or not axes
        texts += [each.xaxis.label, each.yaxis.label, each.title, *each.texts]
        texts += each.get_xticklabels() + each.get_yticklabels()
        if legend := each.get_legend():  # a wider one covers the names of the axis
            assert legend.get_window_extent().width < 1.02 * each.get_window_extent().width
        written = [text for text in each.texts if text.get_text()]
        corners = [corner for text in written for corner in text.get_window_extent().get_points()]
        assert all(figure.bbox.contains(*corner) for corner in corners)
    assert all(text.get_size() >= 14 for text in texts if text.get_text())
    first = figure.axes[0]
    assert first.get_ylabel() or first.get_yticklabels() or not axes
