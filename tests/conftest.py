"""`pytest --quick`, as `make check` runs it: a test that begins to train is skipped at that moment."""

from helpers import compiled

import keras
import pytest


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="skip every test as soon as it trains a network")


def pytest_configure(config):
    if config.getoption("--quick"):
        # What every training in this process goes through.
        compiled.program = keras.Model.fit = skip


def skip(*_, **__):
    pytest.skip("it trains a network", allow_module_level=True)
