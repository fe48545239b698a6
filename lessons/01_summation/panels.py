"""The panels of this lesson: plain functions from settings to a View."""

from helpers import networks
from helpers.live.canvas import View
from helpers.live.controls import Slider, Steps, epochs_from
from helpers.live.panels import panel
from helpers.live.squares import trained_once
from helpers.pictures.marks import BLUE, Dots, Frame, equal, level, ticks
from helpers.problems import Problem
from helpers.words import about

SUM = Problem("sum", inputs=2)
NEW_PAIRS, NEW_SUMS = SUM.draw(1000, seed=1001)  # none of them is drawn to train on (seed 1)
SUMS = Frame("expected", "predicted", (0, 2000), (-500, 2500), x_ticks=ticks(500, 2000), width=2)
INPUTS = {1: "first\ninput", 2: "second\ninput"}


@panel(
    [SUMS, Frame("", "effective weight", (0.5, 2.5), (-0.5, 2), x_ticks=INPUTS)],
    trains=1,
    press="epochs",
    page={"epochs": (0, 20, 40, 60, 100, 160, 300, 400, 600, 1000, 1500, 2000)},
    layers=Slider("hidden layers", 2, 0, 2, unit="layers"),
    width=Steps("units in each", 8, (1, 8, 32), "units"),
    examples=Steps("examples", 1000, (10, 100, 1000), "examples"),
    epochs=epochs_from(20, 2000, 20),
)
def learning_to_add(layers: int, width: int, examples: int, epochs: int) -> View:
    """Train linear layers on sums of two numbers, 10 batches an epoch, and add 1,000 new pairs."""
    units, batch_size = [width] * layers + [1], examples // 10
    trained = trained_once(SUM, units, examples=examples, batch_size=batch_size, epochs=epochs, seed=1)
    weights, _ = networks.collapse(trained.model)
    predicted = trained.answers(NEW_PAIRS)
    wrong = int((predicted != NEW_SUMS).sum())
    learned = " and ".join(about(weight) for weight in weights.ravel())
    verdict = f"≈ {wrong:,} {'is' if wrong == 1 else 'are'} wrong" if wrong else "none is wrong"
    sums = Dots("new pairs", NEW_SUMS, predicted, {"color": BLUE, "markersize": 5})
    two = Dots("weights", [1, 2], weights, {"color": BLUE, "markersize": 13})
    return View(
        f"After {epochs:,} epochs the effective weights are {learned}. Of the sums of 1,000 new "
        f"pairs, {verdict}.",
        [[equal([0, SUM.largest_target]), sums], [level("1", 1), two]],
    )
