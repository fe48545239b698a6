"""Numbers in the prose of this lesson that its code does not set."""

from helpers import networks, question
from helpers.evidence import runs
from lessons.facts import CLAIMS
from lessons.recipes import ASKED

from . import practice


def weights_of(*units: int) -> int:
    """Return the number of weights and biases of a stack with one input."""
    return networks.stack(units, inputs=1).count_params()


def rate(claim: str) -> float:
    """Return the learning rate that a claim compares with the thread's."""
    return CLAIMS[claim].settings["of"]["learning_rate"]


LOPSIDED = runs.below(practice.PAIRS - practice.DECIDES + 1, practice.PAIRS, 0.5)  # to one side
COMPARISONS = 2 + 1 + 1 + 2 + 2 + 6 + 5 + 4  # by pairs, in the order of the lesson

FACTS = {
    "deciding_pairs": practice.DECIDES,
    "coin_decides_in": round(1 / (2 * LOPSIDED)),
    "comparisons": COMPARISONS,
    "false_verdict_in": round(1 / (1 - (1 - 2 * LOPSIDED) ** COMPARISONS)),
    "first_better_rate": rate("learning_rate 0.002, better"),
    "best_rate": rate("learning_rate 0.003, better"),
    "last_better_rate": rate("learning_rate 0.005, better"),
    "open_rate": rate("the rate 0.01, lower"),
    "smaller_batch": CLAIMS["batch_size 20, better"].settings["of"]["batch_size"],
    "small_batch": CLAIMS["batch_size 50, better"].settings["of"]["batch_size"],
    "standardised_epochs": CLAIMS["standardised, 64-1, longer"].settings["epochs"],
    "standardised_factor": CLAIMS["standardised, 64-1, longer"].high,
    "seeds_of_the_unused_input": CLAIMS["unused input, small"].seeds,
    "harmed_by_the_unused_input": lambda: f"≈ {runs.stored('unused input, small').inside}",
    "weights_of_8_8_1": lambda: weights_of(8, 8, 1),
    "weights_of_64_1": lambda: weights_of(64, 1),
    "weights_of_the_asker": lambda: weights_of(*ASKED["units"]),
    "times_the_epochs": question.EPOCHS // CLAIMS["large beats small"].settings["of"]["epochs"],
    "times_longer": CLAIMS["more epochs at x/L²"].settings["of"]["epochs"] // question.EPOCHS,
    "allowed_epochs": practice.EPOCHS,
    "wanted_rmse": practice.BELOW,
    "outputs_thrown_away": question.LAYERS[-1] - 1,
    "steps_of_the_question": question.EPOCHS * question.EXAMPLES // question.BATCH_SIZE,
}
