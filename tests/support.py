"""What several files of tests share: the course's folder, course.py, ports, waiting, and one sentence."""

import importlib
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
    """Return a message, which must be one line that ends in a full stop."""
    assert "Traceback" not in text
    (line,) = text.strip().splitlines()
    assert line.endswith(".")
    return line


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait(condition, seconds=20):
    """Wait until a condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
