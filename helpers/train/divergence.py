"""Why a loss became NaN or infinite: the first cause that can be identified."""

from helpers import words
from helpers.checks import InputError
from helpers.train.compiled import Run

import numpy as np
import tensorflow as tf


class TrainingDiverged(InputError):
    """The loss became NaN or infinite."""


def divergence(run: Run) -> TrainingDiverged:
    """Return the error for a run whose loss is not finite: the epoch and the probable cause."""
    losses = np.stack([kept[: run.done] for kept in run.losses.values()])
    epoch = int(np.argmin(np.isfinite(losses).all(axis=0)))
    loss = next(loss for loss in losses[:, epoch] if not np.isfinite(loss))
    return TrainingDiverged(
        f"The loss became {loss} in epoch {epoch + 1} of {run.epochs}: probably {_cause(run)}. "
        "The model is as it was before."
    )


def _cause(run: Run) -> str:
    """Return the probable cause."""
    if not all(np.isfinite(value).all() for value in run.start):
        return "the weights or the optimizer held NaN or infinity before, so build the model anew"
    answer = run.program.answer_without_loss(run.data[1])
    if answer is not None:
        return (
            f"the loss has no value for answers such as {words.short(answer)}, so end the network with an "
            "activation that gives none of them, such as softplus"
        )
    size = max(float(tf.reduce_max(tf.abs(a))) for a in run.data)
    if size > 100:
        return f"the data reaches {size:,.0f}, so normalise it"
    return f"the learning rate {float(run.model.optimizer.learning_rate):g} is too large, so lower it"
