"""`pytest --quick`, as `make check` runs it: a test that begins to train is skipped at that moment."""

import contextlib
import os
import tempfile

import pytest

with contextlib.suppress(ModuleNotFoundError):  # Colab's versions come without it
    import hypothesis

    hypothesis.settings.register_profile("course", deadline=None)  # a busy machine is no fault
    hypothesis.settings.load_profile("course")


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="skip every test as soon as it trains a network")


def pytest_configure(config):
    os.environ["COURSE_ANSWERS"] = tempfile.mkdtemp(prefix="answers")  # not the engineer's own
    config.addinivalue_line("markers", "trains: it trains in another process, where --quick does not see it")
    works = config.getoption("dist", "no") == "no"  # with workers, they do
    if config.getoption("--quick") and works:
        from helpers import compiled

        import keras

        # What every training in this process goes through.
        compiled.program = keras.Model.fit = skip


def pytest_collection_modifyitems(config, items):
    for item in items:
        if config.getoption("--quick") and item.get_closest_marker("trains"):
            item.add_marker(pytest.mark.skip(reason="it trains a network"))


def skip(*_, **__):
    pytest.skip("it trains a network", allow_module_level=True)
