"""`pytest --quick`, as `make check` runs it: what trains, and what is marked slow, is skipped."""

import contextlib
import functools
import os
import signal
import tempfile

import pytest

pytest.register_assert_rewrite("browsers", "support")

with contextlib.suppress(ModuleNotFoundError):  # Colab's versions come without it
    import hypothesis

    hypothesis.settings.register_profile("course", deadline=None)  # a busy machine is no fault
    hypothesis.settings.load_profile("course")


def pytest_addoption(parser):
    parser.addoption("--answers", type=int, default=20, help="how many test_said draws for each exercise")
    parser.addoption("--quick", action="store_true", help="skip every test that trains a network or is slow")


def pytest_configure(config):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts jobs in the background like that
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["COURSE_ANSWERS"] = tempfile.mkdtemp(prefix="answers")  # not the engineer's own
    config.addinivalue_line("markers", "slow: it starts other processes, or takes seconds; not with --quick")
    works = config.getoption("dist", "no") == "no"  # with workers, they do
    if config.getoption("--quick") and works:
        from helpers.train import compiled

        import keras

        # What every training in this process goes through; `train` reads which settings `fit` has.
        compiled.program = skip
        keras.Model.fit = functools.wraps(keras.Model.fit)(lambda *_, **__: skip())


def pytest_collection_modifyitems(config, items):
    for item in items:
        if config.getoption("--quick") and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="it is slow"))


@pytest.fixture
def answers(tmp_path, monkeypatch):
    """A folder for the answers of one test; the store begins as in a kernel that has just started."""
    from support import new_kernel

    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path))
    new_kernel()
    yield tmp_path
    new_kernel()


@pytest.fixture(scope="session")
def browser():
    """A Chromium."""
    import browsers  # only the tests of browsers need what it imports

    with browsers.chromium() as made:
        yield made


TRAINS = "it trains a network"
_begun = []


def skip(*_, **__):
    _begun.append(True)
    pytest.skip(TRAINS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Skip what has begun to train, though the course made a sentence of it, or another thread began."""
    _begun.clear()
    try:
        return (yield)
    except (KeyboardInterrupt, pytest.exit.Exception):
        _begun.clear()
        raise
    finally:
        if _begun:
            pytest.skip(TRAINS)
