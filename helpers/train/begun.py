"""The state of a model when its training began: `fit` compiles its step then, and keeps it until `compile`.

A setting changed later, such as an activation, would affect `train` but not `fit`. Such a model is refused.
"""

import inspect
import re
import weakref
from collections.abc import Callable, Hashable

from helpers.train import known

import keras
import tensorflow as tf

# {loss object of `compile`: (the model's description, how many steps `fit` had compiled by then)}
_begun: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def check(model: keras.Model, description: Hashable) -> None:
    """Raise InputError if the model was changed after its training began without being compiled again."""
    step = _step(model)
    now = description, step.experimental_get_tracing_count() if step else 0
    before = _begun.get(model._compile_loss)
    if (before and before[0] != description) or (step and before != now and _differs(model, step)):
        raise known.unknown(
            "a setting was changed since its training began, which counts after "
            "model.compile(model.optimizer, model.loss)"
        )
    _begun[model._compile_loss] = now


def _step(model: keras.Model) -> Callable | None:
    """Return the step that `fit` has compiled for a model, or None."""
    if model.train_function is None:
        return None
    parts = inspect.getclosurevars(model.train_function).nonlocals
    if "one_step_on_data" not in parts:
        raise known.unknown("this model has a train_function of its own")
    step = parts["one_step_on_data"]
    compiled = getattr(step, "__wrapped__", step)
    return compiled if hasattr(compiled, "python_function") else None


def _differs(model: keras.Model, step: Callable) -> bool:
    """Return whether the step that `fit` has compiled differs from what it would compile now."""
    again, same = tf.function(step.python_function, autograph=False), []
    for trace in step._list_all_concrete_functions() if model.optimizer.built else []:
        operations = _operations(trace)
        if "VarIsInitializedOp" not in operations[0]:  # which only creates the optimizer's variables
            inputs = tf.nest.map_structure(_without_name, trace.structured_input_signature[0])
            same.append(operations == _operations(again.get_concrete_function(*inputs)))
    return not (same and all(same))


def _without_name(spec: tf.TensorSpec) -> tf.TensorSpec:
    return tf.TensorSpec(spec.shape, spec.dtype)


def _operations(trace: Callable) -> tuple[str, list[int]]:
    """Return the operations of a compiled step, and the variables that they read."""
    text = str(trace.graph.as_graph_def())
    # Names contain running numbers and operations their device, neither of which matters.
    text = re.sub(r'([-_]\d+)+(?=["/:])|device: .*', "", text)
    return text, [id(each) for each in trace.captured_inputs]
