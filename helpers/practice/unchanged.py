"""Leaves all random generators, settings and figures of the reader as they were before a check."""

import contextlib
import decimal
import random
from collections.abc import Iterator

import keras
import matplotlib as mpl
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from matplotlib import _pylab_helpers
from tensorflow.python.eager import context


@contextlib.contextmanager
def unchanged() -> Iterator[None]:
    """Restore the generators and settings of Python, NumPy, Keras, TensorFlow and matplotlib at the end."""
    restore = [*_generators(), *_settings()]
    figures = _pylab_helpers.Gcf.figs.copy()
    try:
        with mpl.rc_context(), np.errstate(), np.printoptions(), decimal.localcontext():
            yield
    finally:
        for put, value in restore:
            put(value)
        for number in set(_pylab_helpers.Gcf.figs) - set(figures):
            _pylab_helpers.Gcf.destroy(number)
        _pylab_helpers.Gcf.figs.clear()
        _pylab_helpers.Gcf.figs.update(figures)  # the current one is the last


def _generators() -> Iterator[tuple]:
    yield random.setstate, random.getstate()
    yield np.random.set_state, np.random.get_state()
    eager = context.context()  # Keras and TensorFlow have no public interface to theirs
    before = {key: getattr(eager, key) for key in ("_seed", "_rng") if hasattr(eager, key)}
    yield _restore_eager, before
    if "_rng" in before:
        yield before["_rng"].setstate, before["_rng"].getstate()
    yield _restore_keras, dict(vars(global_state.GLOBAL_STATE_TRACKER))
    if generator := global_state.get_global_attribute("global_seed_generator"):
        yield generator.state.assign, generator.state.numpy()
    state = tf.random.get_global_generator().state
    yield state.assign, state.numpy()


def _restore_eager(before: dict) -> None:
    eager = vars(context.context())
    eager.pop("_rng", None)  # created with the first seed
    eager.update(before)


def _restore_keras(before: dict) -> None:
    state = vars(global_state.GLOBAL_STATE_TRACKER)
    state.clear()
    state.update(before)


def _settings() -> Iterator[tuple]:
    config = keras.config
    yield config.set_floatx, config.floatx()
    yield config.set_epsilon, config.epsilon()
    yield config.set_image_data_format, config.image_data_format()
