"""The sliders: a panel redraws, and where it says so retrains, while the hand moves.

A panel's content is a plain function of its settings that returns a `figures.Picture`; it can be
called and tested without a browser.
"""

import html
from collections.abc import Callable

from helpers import closed_forms, figures, networks
from helpers.checks import InputError
from helpers.experiments import answers, run
from helpers.figures import Picture
from helpers.problems import Problem
from helpers.words import about, line

import ipywidgets as widgets


class Panel(widgets.VBox):
    """Controls, one picture and its sentence, kept up to date: `picture_of(**settings)` at every move."""

    def __init__(self, picture_of: Callable[..., Picture], **controls: widgets.ValueWidget) -> None:
        self._picture_of = picture_of
        self._controls = controls
        self._image = widgets.Image(format="png")
        # The whole panel fits on a projector's screen.
        self._image.layout = widgets.Layout(max_width="100%", max_height="55vh", object_fit="contain")
        self._sentence = widgets.HTML()
        super().__init__([*controls.values(), self._image, self._sentence])
        for control in controls.values():
            control.style = {"description_width": "12em"}
            control.layout.width = "min(40em, 95%)"
            control.observe(self._update, "value")
        self._update()

    def _update(self, _change: object = None) -> None:
        try:
            picture = self._picture_of(**{name: control.value for name, control in self._controls.items()})
        except Exception as problem:
            # The last good picture stays. A bad setting is told; anything else is also a bug.
            self._sentence.value = f"<b>{html.escape(str(problem))}</b>"
            if isinstance(problem, InputError):
                return
            raise
        self._picture = picture
        self._image.value = picture.png()
        self._sentence.value = picture.sentence

    def _repr_mimebundle_(self, **options: object) -> dict[str, object]:
        # A reader without a kernel, on a code-hosting site, sees the first picture and its sentence.
        return super()._repr_mimebundle_(**options) | self._picture.bundle()


def _slider(name: str, value: int, low: int, high: int, step: int = 1) -> widgets.IntSlider:
    return widgets.IntSlider(value, low, high, step, description=name)


def learning_to_square() -> Panel:
    """Train a ReLU network on squares anew for every position of the slider."""
    return Panel(_square_network, epochs=_slider("epochs of training", 20, 0, 500, 5))


def _square_network(epochs: int) -> Picture:
    """A network 64-1 with ReLU, x divided by 1000, after `epochs` epochs from the same start."""
    trained = run(Problem("square"), [64, 1], activation="relu", scale="largest", epochs=epochs, seed=0)
    x, y = trained.problem.every_number()
    return figures.fit(x, y, {f"after {epochs} epochs": trained.answers(x)})


def learning_to_add() -> Panel:
    """Train a linear network on sums anew for every position of the slider."""
    return Panel(_sum_network, epochs=_slider("epochs of training", 10, 0, 300, 2))


def _sum_network(epochs: int) -> Picture:
    """A linear network 8-8-1 on sums of two numbers, after `epochs` epochs from the same start."""
    trained = run(Problem("sum", inputs=2), [8, 8, 1], epochs=epochs, seed=1)
    weights, _ = networks.collapse(trained.model)
    told = " and ".join(about(weight) for weight in weights.ravel())
    picture = figures.diagonal(trained.y, trained.answers(trained.x))
    return Picture(
        picture.figure, f"After {epochs} epochs the effective weights are {told}. {picture.sentence}"
    )


def line_by_hand() -> Panel:
    """Move the slope and the intercept of a line and try to get its RMSE on squares down."""
    return Panel(
        _line_on_squares,
        slope=_slider("slope", 500, 0, 2000, 1),
        intercept=_slider("intercept", 0, -400_000, 400_000, 1000),
    )


def _line_on_squares(slope: float, intercept: float) -> Picture:
    x, y = Problem("square").every_number()
    picture = figures.fit(x, y, {"your line": slope * x + intercept}, trained=False)
    floor = closed_forms.line_floor(len(x))
    return Picture(picture.figure, f"{picture.sentence} The floor for every line is {floor:,.0f}.")


def depth_of_a_linear_network() -> Panel:
    """Stack more and more linear layers and train them on squares."""
    return Panel(_linear_network, layers=_slider("layers of 8 units", 1, 0, 4))


def _linear_network(layers: int) -> Picture:
    """`layers` linear layers of 8 units and one of 1, trained on all squares for 500 epochs."""
    trained = run(Problem("square"), [8] * layers + [1], scale="largest", examples=None, seed=0)
    name = f"{trained.model.count_params()} weights and biases"
    picture = figures.fit(trained.x, trained.y, {name: trained.answers(trained.x)})
    told = line(*trained.line())
    return Picture(picture.figure, f"{picture.sentence} Collapsed, it is {told}.")


def pieces_by_hand() -> Panel:
    """Square with a ReLU network set by hand, one kink more at every step."""
    return Panel(_squarer, pieces=_slider("straight pieces", 2, 1, 16))


def _squarer(pieces: int) -> Picture:
    problem, model = Problem("square"), networks.squarer(pieces)
    x, y = problem.every_number()
    by_hand = answers(model, problem.scaling("largest"), x)
    kinks = networks.kinks(model)[1:] * problem.largest
    picture = figures.fit(x, y, {"set by hand": by_hand}, trained=False, kinks=kinks)
    law = closed_forms.pieces_floor(problem.largest, pieces)
    return Picture(picture.figure, f"{picture.sentence} The floor / {pieces}² is {law:,.0f}.")
