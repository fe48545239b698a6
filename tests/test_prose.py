"""Every number in the prose is tied to a computed value: change one digit, and this goes red.

The ledger below lists, for each notebook and the README, the numbers of its prose in their order.
"""

import functools
import inspect
import math
import re
from fractions import Fraction
from pathlib import Path

from helpers import claims, closed_forms, evidence, experiments, figures, networks, thread
from helpers.problems import SCALES, Problem, Scaling, rmse
from helpers.words import about

import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
NUMBER = re.compile(r"(?<![A-Za-z_\d.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?|[⁰¹²³⁴-⁹]+")
# Larger numbers are written in digits, where the ledger can read them.
WORDS = re.compile(
    r"\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|dozens?)\b",
    re.IGNORECASE,
)
MINUTES = {"00": "15", "01": "45", "02": "45", "03": "40", "04": "50", "05": "50", "06": "50"}
MINUTES |= {"07": "75", "08": "50"}


def cells(notebook, kind):
    return [cell.source for cell in nbformat.read(NOTEBOOKS[notebook], 4).cells if cell.cell_type == kind]


def numbers(text):
    text = re.sub(r"\]\([^)]*\)", "]", text)  # addresses of links
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)  # commands
    return NUMBER.findall(text.replace("{,}", ","))


def in_code(notebook, pattern):
    """The one number that `pattern` finds in the notebook's code; several hits must agree."""
    found = set(re.findall(pattern, "\n".join(cells(notebook, "code"))))
    assert len(found) == 1, f"{pattern!r} finds {found} in notebook {notebook}"
    return found.pop()


def whole(value):
    return f"{value:,.0f}"


LARGEST = str(thread.LARGEST)
SQUARE_LARGEST = whole(Problem("square").largest_target)
BEST_SLOPE, BEST_INTERCEPT = closed_forms.best_line(thread.LARGEST)
FLOOR = whole(closed_forms.line_floor(thread.LARGEST))
PRINTED = whole(thread.PRINTED_RMSE["square"])
WEIGHTS = whole(networks.stack(thread.LAYERS, inputs=1).count_params())


def thread_line():
    expected, predicted = thread.rows("square")
    return np.polyfit(np.sqrt(expected), predicted, 1)


def another_line_passes_within():
    """A number that every printed square is closer to a certain line than."""
    expected, predicted = thread.rows("square")
    x = np.sqrt(expected)
    gaps = [np.ptp(predicted - slope * x) / 2 for slope in np.linspace(979.3, 979.5, 401)]
    assert min(gaps) < 0.5
    return "0.5"


CURVE_DIPS = "1"  # per cent; held by test_explore.py


def above_floor():
    return f"{100 * (thread.PRINTED_RMSE['square'] / closed_forms.line_floor(thread.LARGEST) - 1):.1f}"


def end_gap_of_a_piece():
    """How many times the gap at a piece's end goes into h²: the best line of x² on 0..1."""
    x = np.linspace(0, 1, 10_001)
    slope, intercept = np.polyfit(x, x**2, 1)
    assert -intercept == pytest.approx(1 - slope - intercept, rel=1e-3)
    return str(round(-1 / intercept))


def mean_square_divisor():
    """The d of mean(u²) = (N² − 1) / d."""
    u = np.arange(1, 1001) - 500.5
    return str(round((1000**2 - 1) / np.mean(u**2)))


def floor_divisor():
    """The d of floor² = (N² − 1)(N² − 4) / d, from brute force."""
    x = np.arange(1, 1001)
    left = rmse(x**2, np.polyval(np.polyfit(x, x**2, 1), x))
    return str(round((1000**2 - 1) * (1000**2 - 4) / left**2))


def intercept_divisor():
    return str(round(-(1001 * 1002) / BEST_INTERCEPT))


def rate_of_halving():
    """The power of k by which k pieces divide the floor."""
    return {2: "²"}[round(math.log2(closed_forms.pieces_floor(1, 1) / closed_forms.pieces_floor(1, 2)))]


def first_error():
    expected, predicted = thread.rows("square")
    return whole(abs(expected[0] - predicted[0]))


def pieces(k):
    return whole(closed_forms.pieces_floor(thread.LARGEST, k))


DIGITS = f"{np.log10(2 ** (np.finfo(np.float32).nmant + 1)):.0f}"  # of a float32
EVERY_X, EVERY_Y = Problem("square").every_number()
SQUARED = ["2"]  # the exponent of a square, in formulas
CLAIMS = {claim.name: claim for claim in claims.CLAIMS}
ODDS = f"{1 / evidence.FALSE_ALARM:,.0f}"
RATE = f"{experiments.Recipe.learning_rate:g}"
SPREAD_OUT = 1000, 100_000, 300_000, 1_000_000  # divisors; held by test_claims_of_squares.py
TIMES_THE_FLOOR = "12", "40"  # of 8 and of 64 trained units; held by test_claims_of_squares.py
DIVISORS_APART = (
    f"{Problem('square').scaling('thread').x_divisor / Problem('square').scaling('largest').x_divisor:.0f}"
)


STARTS = ["20"]
SMALL = ["8", "8", "1"]


def yardstick():
    return in_code("06", r"wide = experiments.run_seeds\(problem, \[([\d, ]+)\]").split(", ")


def weights_of(units, floor=1):
    count = networks.stack([int(width) for width in units], inputs=1).count_params()
    return whole(count // floor * floor)


def more_epochs():
    """How many times as many epochs notebook 06 gives 8-8-1."""
    return [str(int(in_code("06", r"in \(500, (\d+)\)")) // thread.EPOCHS)]


def tried(name):
    """The values that notebook 06 tries for a setting."""
    return in_code("06", rf"for {name} in \(([\d., ]+)\)").split(", ")


def steps_an_epoch():
    return str(thread.EXAMPLES // thread.BATCH_SIZE)


def statement_numbers():
    """The numbers in the table of all statements: those of the notebooks, and what is said there."""
    said = {"Q2": PRINTED, "Q3": str(len(thread.rows("square")[0])), "Q11": str(thread.LAYERS[-1]),
            "U5": str(thread.EPOCHS), "C2": str(len(asked_units()) - 1)}  # fmt: skip
    found = []
    for key, _, label, _, _ in statements():
        found += [said[key]] if key in said else []
        found += numbers(label)
    return found


def promised(name, seeds):
    return str(CLAIMS[name].least(seeds))


def setting(name, *fields):
    claim = CLAIMS[name]
    return [str(claim.seeds if field == "seeds" else claim.settings[field]) for field in fields]


def asked_units():
    return in_code("05", r'asked = \{"units": \[([\d, ]+)\]').split(", ")


def small_units():
    return in_code("05", r'small = \{"units": \[([\d, ]+)\]').split(", ")


def mean_divisor():
    """The d of mean(x²) = L²/d on the whole range 0..L."""
    return str(round(1 / np.mean(np.linspace(0, 1, 100_001) ** 2)))


def variance_divisors():
    """The numbers of 1/5 − 1/9: mean(x⁴) less the square of mean(x²), on 0..1."""
    x = np.linspace(0, 1, 100_001)
    return ["1", str(round(1 / np.mean(x**4))), "1", str(round(1 / np.mean(x**2) ** 2))]


def constant_floor():
    return whole(thread.LARGEST**2 * math.sqrt(1 / 5 - 1 / 9))


def near_the_constant_floor():
    return f"{round(closed_forms.mean_floor(thread.LARGEST), -3):,.0f}"


def sizes_of_first_weights():
    """From where to where the sizes of the first weights lie that notebook 05 starts from."""
    weights = np.abs(networks.stack([8, 8, 1], activation="relu", seed=0).get_weights()[0])
    return [f"{weights.min():.1f}", f"{weights.max():.1f}"]


def gradients_apart():
    """A round number of times that the first biases' gradient exceeds that of the first weights."""
    problem = Problem("square")
    x, y = problem.scaling("thread").normalise(*problem.every_number())
    model = networks.stack([int(width) for width in small_units()], activation="relu", seed=0)
    of_weights, of_biases, *_ = networks.gradients(model, x, y)
    times = np.abs(of_biases).max() / np.abs(of_weights).max()
    assert 1000 < times < 10_000
    return "1000"


def two_paths():
    """The weights of notebook 01's example of two paths, and what they add up to."""
    first, second = (3, 0.5), (2, -0.25)
    told = [f"{weight:g}".replace("-", "−") for path in (first, second) for weight in path]
    return [*told, *told, f"{math.prod(first) + math.prod(second):g}"]


def first_two_slopes():
    """What notebook 04 says of the second layer of the squarer with two pieces."""
    kernel = networks.squarer(2).get_weights()[2].ravel()
    begin, end, _, kink = map(float, edges_of_two_pieces())
    middles = [(begin + kink) / 2, (kink + end) / 2]
    slopes = [2 * middle for middle in middles]
    np.testing.assert_allclose(kernel * 1000, [slopes[0], slopes[1] - slopes[0]], rtol=1e-5)
    first, second = f"{kernel[0]:g}", f"{slopes[1] / 1000:g}"
    both = [f"{slopes[1]:g}", second, first, f"{kernel[1]:g}"]
    return [f"{middles[0]:g}", "2", f"{slopes[0]:g}", first, *both]


LEDGER = {
    "00": lambda: [
        "2019",
        MINUTES["00"], "01",
        str(len(thread.rows("sum")[0])), "1", LARGEST,
        first_error(),
        "02",
        str(explore_value("learning_to_square", "low")), str(explore_value("learning_to_square", "value")),
        str(thread.EPOCHS), f"{CLAIMS['64 units learn to square'].high:,}",
        *[token for number, minutes in MINUTES.items() for token in (number, minutes)],
        "05", "01",
    ],
    "01": lambda: [
        "01",
        MINUTES["01"], "00",
        "1", LARGEST, str(thread.EXAMPLES),
        in_code("01", r"default_rng\((\d+)\)"),
        LARGEST,
        whole(Problem("sum", inputs=2).largest_target), "0",
        str(thread.BATCH_SIZE), in_code("01", r"epochs=(5)\b"),
        str(thread.EPOCHS),
        factor_of_a_grid_line(), usual_learning_rate(), in_code("01", r"epochs=(50)\b"), str(thread.EXAMPLES),
        whole(thread.PRINTED_RMSE["sum"]), in_code("01", r"draw\((1000), seed=1\)"),
        LARGEST,
        *two_paths(),
        *["0", "0"],
        *least_squares_of_sums(), "0", *least_squares_of_sums(),
        *explore_units("learning_to_add"), new_sums(),
        *least_squares_of_sums(), *explore_units("learning_to_add")[:1], epochs_that_add(),
        *fewest_examples(),
        whole(thread.PRINTED_RMSE["sum"]), *least_squares_of_sums(), "02",
    ],
    "02": lambda: [
        "02",
        MINUTES["02"], "01",
        SQUARE_LARGEST, "1", f"{thread.LARGEST / 1e6:g}", "05",
        str(thread.LAYERS[-1]), "01", "1", str(thread.LAYERS[-1]), "0",
        str(thread.EPOCHS), PRINTED,
        "01", *map(str, thread.LAYERS),
        str(len(thread.rows("square")[0])),
        *["0.5", another_line_passes_within()], str(len(thread.rows("square")[0])),
        "03", str(len(thread.rows("square")[0])),
        f"{thread_line()[0]:.2f}", whole(thread_line()[1]).replace("-", "−"), "03", "1", LARGEST,
        LARGEST, "1", *SQUARED * 8,
        *SQUARED * 2, "1", mean_square_divisor(), *means_of_a_small_example(),
        *SQUARED, "1", "2", "2", *SQUARED * 2, "1", mean_square_divisor(),
        "1", "1", "2", intercept_divisor(), *SQUARED,
        *SQUARED, "1", *SQUARED, "4", floor_divisor(), LARGEST, PRINTED,
        PRINTED, above_floor(), "1", LARGEST,
        lines_apart(),
        in_code("02", r"seeds=(\d+)"), "1", LARGEST, LARGEST, "1", "1", *SMALL * 2,
        floor_to_3_digits(), *in_code("02", r'"(32-32-1), ').split("-"), CURVE_DIPS,
        "00",
        whole(thread.PRINTED_RMSE["sum"]), PRINTED, FLOOR, "1", LARGEST, "03",
    ],
    "03": lambda: [
        "03", "02", WEIGHTS,
        MINUTES["03"], "02",
        "04",
        in_code("03", r"return (\d) \* x \+ 1"), in_code("03", r"return 3 \* x \+ (\d)"),
        in_code("03", r"return (\d) \* x \+ 5"), in_code("03", r"return 2 \* x \+ (\d)"),
        "02", *[str(thread.LAYERS[-1])] * 2, "²",
        f"{thread_line()[0]:.2f}", whole(-thread_line()[1]), "1", LARGEST,
        SQUARE_LARGEST, DIGITS,
        in_code("03", r"gap < (\d)"),
        WEIGHTS,
        "02", str(thread.EXAMPLES), "1", LARGEST, whole(rmse(EVERY_Y, np.polyval(thread_line(), EVERY_X))),
        "1", LARGEST,
        in_code("03", r"range\((\d+)\)"),
        "02", FLOOR, floor_to_3_digits(), within_percent(), str(thread.EPOCHS),
        whole(networks.stack([32, 32, 1]).count_params()),
        "04",
    ],
    "04": lambda: [
        "04",
        MINUTES["04"], "03",
        "0", in_code("04", r"hinge\(.*, (400)\)"), "1", LARGEST,
        in_code("04", r"hinge\(.*, (400)\)"),
        whole(thread.LARGEST / 2), "02", *"²²2²²²²", mean_square_divisor(),
        "²", "1", mean_square_divisor(), "02", *"²2²", mean_square_divisor(),
        *"²²4²4²", mean_square_divisor(), "²", end_gap_of_a_piece(), *"²²",
        LARGEST, SQUARE_LARGEST, *edges_of_two_pieces(), *first_two_slopes(),
        "²", end_gap_of_a_piece(), FLOOR,
        "²", LARGEST, rate_of_halving(), "8",
        "1", LARGEST, whole_number_gap(),
        factor_of_doubling(), factor_of_doubling(), rate_of_halving(),
        LARGEST,
        pieces_below(1000), LARGEST,
        "8", pieces(8),
        in_code("04", r"run\(problem, \[(8), 1\]"), in_code("04", r'"epochs": (\d+)'), LARGEST,
        "0", "0", "8", str(8 + 1), "8", "8", in_code("04", r"starts = range\((\d+)\)"),
        "1", "2", "3", "07",
        "0", "1,000", "10,000", "10,000", "100,000", "8", *sigmoid_near_zero(), "0", *silu_near_zero(),
        *["0", "0", "1", "−1", "1"], SQUARE_LARGEST, "0", "1",
        "1", LARGEST,
        "0", whole(rmse(EVERY_Y, 0 * EVERY_Y)),
        FLOOR, rate_of_halving(), in_code("04", r"starts = range\((\d+)\)"), LARGEST, SQUARE_LARGEST,
        in_code("04", r"run\(problem, \[(8), 1\]"), "1", "05",
    ],
    "05": lambda: [
        "05",
        MINUTES["05"], "04",
        str(len(asked_units()) - 1), "²", SQUARE_LARGEST, in_code("05", r"seeds\": range\((4)\)"),
        "²", "²", "1,000", "10,000", "10,000", "100,000",
        in_code("05", r"seeds\": range\((4)\)"), *setting("asked network, x/L²", "seeds"),
        *setting("asked network, x/L², no luck", "seeds", "epochs"),
        *setting("asked network, x/L², no luck", "seeds", "epochs"),
        promised("asked network, x/L², no luck", 100), promised("asked network, x/L², luck", 100), ODDS,
        *small_units(), in_code("05", r"seeds=range\((20)\)"), *small_units(), "²",
        str(thread.EPOCHS), str(thread.EXAMPLES), "0", "²", "²", mean_divisor(),
        "⁴", "⁴", variance_divisors()[1], *"²⁴2²²", "⁴", variance_divisors()[1], *"2²²",
        "⁴", variance_divisors()[1], "⁴", variance_divisors()[3], *SQUARED, *variance_divisors(),
        LARGEST, constant_floor(), "1", LARGEST, whole(closed_forms.mean_floor(thread.LARGEST)),
        *small_units(), "²",
        DIVISORS_APART, "0", DIVISORS_APART, DIVISORS_APART, "1", DIVISORS_APART, str(len(small_units())),
        "²",
        "²", gradients_apart(), "0", RATE, *sizes_of_first_weights(), "0", "1",
        "0", f"{thread.LARGEST / 1e6:g}", "0", small_units()[0],
        "1", LARGEST, small_units()[0],
        in_code("05", r"seeds=range\((20)\)"), "0", "²",
        "20", "20", small_units()[0], str(20 * int(small_units()[0])), "²",
        "²", "03", DIVISORS_APART, str(thread.EPOCHS), in_code("05", r"seed in range\((20)\)"),
        str(thread.EPOCHS), "06", "0",
        "0", "0", "0", small_units()[0], in_code("05", r"seed=(283)"), "0",
        str(thread.EXAMPLES), whole(thread.LARGEST**2 / 3), near_the_constant_floor(), LARGEST,
        "04", "²", "20",
        in_code("05", r"rmse\(\)\)\[-(3):"), *small_units()[:2],
        small_units()[1], "0", "0", in_code("05", r"seed=(283)"),
        "20", promised("8-8-1, x/L", 20), f"{CLAIMS['8-8-1, x/L'].high:,.0f}",
        str(len(SCALES)), "20",
        in_code("05", r"seeds\": range\((4)\)"),
        "²", "0", f"{thread.LARGEST / 1e6:g}",
        "20",
        "1", str(SPREAD_OUT[0]), *map("{:,}".format, SPREAD_OUT[1:]), "1", SQUARE_LARGEST,
        "1", "0",
        "²", near_the_constant_floor(), "06",
    ],
    "06": lambda: [
        "06",
        MINUTES["06"], "05",
        *STARTS, "1.5", "1.5", yardstick()[0],
        in_code("06", r"Dense\(1, input_dim=(7)\)"), in_code("06", r"Dense\((20), input_dim=1\)"),
        in_code("06", r"Dense\((20), input_dim=1\)"), in_code("06", r"Dense\(1, input_dim=(7)\)"),
        str(thread.EPOCHS),
        yardstick()[0], *SMALL, "1.5", *STARTS, *setting("unused input, small", "seeds"), *["2", "3"],
        *yardstick(), *SMALL, *STARTS, str(thread.EPOCHS),
        weights_of(asked_units(), floor=100_000), *SMALL, weights_of(SMALL), *yardstick(),
        weights_of(yardstick()), str(CLAIMS["large beats small"].settings["of"]["epochs"]),
        str(thread.EPOCHS), *yardstick(), *SMALL,
        *SMALL, *yardstick(), *SMALL,
        str(thread.EPOCHS // CLAIMS["large beats small"].settings["of"]["epochs"]),
        str(CLAIMS["large beats small"].settings["of"]["epochs"]), *yardstick(), str(thread.EPOCHS), "05",
        *[str(thread.EPOCHS), *SMALL],
        yardstick()[0], *SMALL,
        "03",
        str(thread.EPOCHS), str(thread.EPOCHS), in_code("06", r"asked, \*\*recipe, epochs=(\d+)"),
        *more_epochs(), "²",
        *SMALL, "²", str(thread.EPOCHS), in_code("06", r"in \(500, (\d+)\)"), *more_epochs(), *SMALL,
        "²", "²",
        str(thread.EPOCHS), in_code("06", r"in \(500, (\d+)\)"), "²",
        *[str(thread.LAYERS[-1])] * 4,
        whole((int(in_code("06", r"outputs\[(499)\]")) + 1) ** 2),
        *[str(thread.LAYERS[-1]), str(thread.LAYERS[-1] - 1), str(thread.LAYERS[-1])], "1", LARGEST,
        *[str(thread.LAYERS[-1])] * 2,
        str(thread.EXAMPLES), in_code("06", r"examples=(20)\b"), in_code("06", r"examples=20, epochs=(2000)"),
        in_code("06", r"examples=(20)\b"), "1", LARGEST,
        str(thread.EXAMPLES), *[in_code("06", r"examples=(20)\b")] * 2,
        in_code("06", r"examples=20, epochs=(2000)"),
        str(thread.EPOCHS * thread.EXAMPLES // thread.BATCH_SIZE), in_code("06", r"examples=(20)\b"),
        *tried("rate"), in_code("06", r'rate, "seeds": range\((\d+)\)'), *STARTS,
        str(thread.EPOCHS), *tried("rate")[::3], tried("size")[-1], steps_an_epoch(), str(thread.EPOCHS),
        str(thread.EPOCHS * thread.EXAMPLES // thread.BATCH_SIZE), tried("size")[1], str(thread.EPOCHS),
        *tried("rate")[1:3], tried("rate")[1], "1.5", tried("rate")[2],
        *tried("size")[:2], str(int(tried("size")[1]) // int(tried("size")[0])), RATE,
        *yardstick(), in_code("06", r"examples=(20)\b"),
        *["100", "100"], *SMALL, f"{int(in_code('06', r'reached > ([0-9_]+)')):,}", FLOOR,
        in_code("06", r'rate, "seeds": range\((\d+)\)'), *yardstick(), RATE, "07",
        "1", str(thread.EXAMPLES), "2", "3", str(thread.LAYERS[-1]),
        str(thread.EXAMPLES), "0",
        str(thread.LAYERS[-1] - 1),
        *yardstick(), *SMALL, *STARTS, "07", str(thread.EPOCHS), *SMALL, str(thread.LAYERS[-1]),
        yardstick()[0],
        *statement_numbers(),
        *STARTS, "07",
    ],
    "07": lambda: [
        "07", "1", LARGEST,
        MINUTES["07"], "04",
        "04", rate_of_halving(), "0", LARGEST, "1", "04",
        "0", "²", divisor_of_units(), "²", "2", divisor_of_units(), "2",
        in_code("07", r"in \(100, (10), 1"), in_code("07", r"in \(100, 10, (1),"),
        units_a_digit(), "04",
        "100",
        pieces_below_100(), "100", pieces_without_a_mistake(), relus_of_a_tent(), "0", "1", "0", "1",
        "0", "1",
        "1", year_of_the_deep_squarer(), *parts_of_the_tents(),
        "²",
        deep_divisor(), "²", "²", "04", "²", "2", "²", fraction_of_a_chord(), "²", "2", "²",
        "²", fraction_of_a_chord(), "²", "²", fraction_of_a_chord(), "1", parts_of_the_tents()[0],
        units_a_layer(), relus_of_a_tent(), "²", *["2", fraction_of_a_chord()],
        *["2", fraction_of_a_chord(), "1", "2"],
        *second_layer_of_the_deep_squarer(), "08", deep_divisor(), "1", LARGEST, LARGEST,
        first_exact_depth(), "0", first_exact_depth(-1), worst_before_exact(),
        deep_divisor(), "2", superscript(first_exact_depth()), first_exact_depth(), "1",
        first_exact_depth(), str(2 ** int(first_exact_depth())),
        LARGEST, first_exact_depth(), LARGEST, "²", "4", superscript(first_exact_depth(1)),
        first_exact_depth(-1),
        first_exact_depth(), f"{closed_forms.deep_errors(1024, 10)[1]:.2f}", deep_units(),
        pieces_without_a_mistake(), f"{closed_forms.deep_errors(1024, 10)[1]:.2f}", *guesses_of_width(),
        units_a_layer(), "0", deep_divisor(),
        depth_that_beats_width(), first_exact_depth(),
        in_code("07", r"widths = \((1), "), in_code("07", r"widths = .* (64)\)"),
        in_code("07", r'"seeds": range\((\d+)\)'), str(thread.EPOCHS), "1", LARGEST, LARGEST,
        in_code("07", r"sorted\(worth\[(\d)\]\)"), in_code("07", r"widths = .* (64)\)"),
        "3", *TIMES_THE_FLOOR,
        "4", TIMES_THE_FLOOR[0], "8", TIMES_THE_FLOOR[1], in_code("07", r"widths = .* (64)\)"),
        in_code("07", r"sorted\(worth\[(\d)\]\)"), "0",
        in_code("07", r'"seeds": range\((\d+)\)'), in_code("07", r"sorted\(worth\[(\d)\]\)"),
        units_a_layer(), "4", in_code("07", r"\[(\d)\] \* m"),
        in_code("07", r"depths = \((1), "), in_code("07", r"depths = .* (10)\)"), "10", "1000",
        "10", "4", superscript(first_exact_depth(-1)), "05",
        in_code("07", r"model = networks.deep_squarer\((5)\)"), units_a_layer(),
        in_code("07", r"epochs=(\d+)"),
        "04", first_exact_depth(), "0",
        *STARTS, str(thread.EPOCHS), "05", "06",
        "²", "4", first_exact_depth(), "1", LARGEST, "08",
    ],
    "08": lambda: [
        "08",
        MINUTES["08"], "07",
        in_code("08", r"problem, \[(\d+), 1\]"), "1", LARGEST, LARGEST, in_code("08", r'"epochs": (\d+)'),
        *["2000", whole(2000**2)] * 2,
        "03", "²", in_code("08", r"\[(10_000)\]").replace("_", ","),
        "2", "2", "2", "4",
        "2", "2", LARGEST, LARGEST, "²", growth_of_the_error(),
        "04", in_code("08", r"error_beyond\((\d+), "),
        whole(closed_forms.error_beyond(2000, 1000, 1000)), in_code("08", r"error_beyond\((\d+), "),
        in_code("08", r"error_beyond\(2000, (\d+), "), "²", first_exact_depth(), "1", LARGEST,
        in_code("08", r"np.array\(\[\[(2000)\]\]\)"), deep_divisor(),
        deep_divisor(), str(answer_of_the_deep_squarer_at(2000) // 2000), "1", LARGEST, deep_divisor(),
        *settled("tanh"), in_code("08", r"seeds=range\((\d+)\)"),
        *settled("tanh"),
        "−1", "1", "0",
        "²",
        "²", reach_of_a_tenth(), farthest_reach_of_a_tenth(),
        "²", "0", "1", "1", LARGEST, in_code("08", r"features\(np.array\(\[\[(1_000_000)").replace("_", ","),
        str(1_000_000 // thread.LARGEST), "²",
        "01", "1", LARGEST,
        SQUARE_LARGEST,
        whole(Problem("product", inputs=2).largest_target), LARGEST, str(math.ceil(math.log(1000))),
        "1", LARGEST, *[in_code("08", r"stretch = (\d+) / np.log"), in_code("08", r"np.log\((\d+)\)")],
        f"{CLAIMS['the network that adds multiplies'].high:g}",
        *least_squares_of_sums(), "0", DIGITS, "03", "0", LARGEST,
        "00", "05", "06",
    ],
}  # fmt: skip


def factor_of_a_grid_line():
    """How many times the loss is another, from one grid line to the next, where it falls to 1e-15."""
    (axes,) = figures.losses({"it": np.geomspace(1e-2, 1e-15, 500)}).figure.axes
    low, high = np.unique(axes.get_yticks())[:2]
    return f"{high / low:.0f}"


def epochs_that_add(epochs=300):
    """Epochs after which hardly a sum of the panel in notebook 01 is wrong."""
    runs = experiments.run_seeds(Problem("sum", inputs=2), [8, 8, 1], seeds=range(10), epochs=epochs)
    wrong = [(trained.answers(trained.x) != trained.y).mean() for trained in runs]
    assert np.median(wrong) <= 0.005
    return str(epochs)


def means_of_a_small_example():
    """The tokens of: 3, −1, 0 and 1, the mean of u^2 is 2/3, (9 − 1)/12."""
    u = np.arange(1, 4) - 2
    share = Fraction(int((u**2).sum()), 3)
    assert share == Fraction(9 - 1, int(mean_square_divisor()))
    left, middle, right = (f"{value}".replace("-", "−") for value in u)
    mean = [str(share.numerator), str(share.denominator)]
    return ["3", left, middle, right, *SQUARED, *mean, "9", "1", mean_square_divisor()]


def lines_apart():
    """The whole per cent above which the thread's line never is over the best one, on all numbers."""
    thread_rmse = rmse(EVERY_Y, np.polyval(thread_line(), EVERY_X))
    return str(math.ceil(100 * (thread_rmse / closed_forms.line_floor(thread.LARGEST) - 1)))


def within_percent(percent=2):
    """How near the floor the medians of notebook 03 are."""
    for units in ([1], [4, 1], [32, 1], [32, 32, 1]):
        runs = experiments.run_seeds(
            Problem("square"), units, seeds=range(10), scale="largest", examples=None
        )
        assert np.median(runs.rmse()) < (1 + percent / 100) * closed_forms.line_floor(thread.LARGEST)
    return str(percent)


def edges_of_two_pieces():
    """Where the pieces begin and end, and the kinks of two pieces."""
    kinks = [f"{kink:g}" for kink in (1000 * networks.kinks(networks.squarer(2))).round(3)]
    return [kinks[0], f"{2 * float(kinks[1]) - float(kinks[0]):g}", *kinks]


def pieces_below(error):
    return str(next(k for k in range(1, 100) if closed_forms.pieces_floor(thread.LARGEST, k) < error))


def sigmoid_near_zero():
    """The numbers of sigmoid(z) = 1/a + z/b near 0."""
    z = np.linspace(-0.01, 0.01, 101)
    slope, middle = np.polyfit(z, 1 / (1 + np.exp(-z)), 1)
    return ["1", f"{1 / middle:.0f}", f"{1 / slope:.0f}"]


def silu_near_zero():
    """The a, the exponent and the b of silu(z) = z/a + z²/b near 0."""
    z = np.linspace(-0.01, 0.01, 101)
    curve, slope, _ = np.polyfit(z, z / (1 + np.exp(-z)), 2)
    return [f"{1 / slope:.0f}", "²", f"{1 / curve:.0f}"]


def reach_of_a_tenth():
    """How many times the range the median ReLU answer of notebook 08 is within a tenth of x²."""
    runs = experiments.run_seeds(Problem("square"), seeds=range(20), **claims.FAR)
    x = np.arange(1000, 2000, 10)[:, np.newaxis]
    shares = np.median(runs.answers(x) / x**2, axis=0)[:, 0]
    assert 1.2 < x[np.argmax(shares < 0.9), 0] / 1000 < 1.4
    return "1.3"


def farthest_reach_of_a_tenth():
    """The same for ever more pieces."""
    x = np.arange(1000, 2000)
    shares = [closed_forms.error_beyond(number, 1000, 100_000) / number**2 for number in x]
    return f"{x[np.argmax(np.array(shares) > 0.1)] / 1000:.1f}"


def divisor_of_units():
    """The d of the floor of k units, N² / (√d (k + ½)²)."""
    return str(round((1 / (closed_forms.units_floor(1, 3) * 3.5**2)) ** 2))


def units_a_digit():
    """How many times the units it takes for a tenth of the error."""
    return f"{closed_forms.units_worth(1000, 1) / closed_forms.units_worth(1000, 10):.0f}"


def relus_of_a_tent():
    return str(sum(cell.count("* relu(") for cell in cells("07", "code")))


def pieces_below_100():
    """From how many pieces on the worst answer of the squarer on 1..1000 is wrong by less than 100."""
    problem = Problem("square")
    x, y = problem.every_number()
    scaling = problem.scaling("largest")
    worst = {k: np.abs(experiments.answers(networks.squarer(k), scaling, x) - y).max() for k in range(35, 64)}
    return str(max(k for k, error in worst.items() if error >= 100) + 1)


def depth_that_beats_width():
    """From how many layers on the deep squarer is better than one layer of as many units."""
    rows = {
        m: (closed_forms.deep_errors(1024, m)[1], closed_forms.units_floor(1024, 4 * m + 1))
        for m in range(1, 11)
    }
    beaten = [m for m, (deep, wide) in rows.items() if deep < wide]
    assert beaten == list(range(beaten[0], 11))
    return str(beaten[0])


def year_of_the_deep_squarer():
    return re.search(r"Yarotsky.*?(\d{4})", networks.deep_squarer.__doc__)[1]


def fraction_of_a_chord():
    """The d of h² / d, the most by which a chord of length h misses x²."""
    return f"{1 / closed_forms.deep_errors(2, 1)[0]:.0f}"


def units_a_layer():
    return str(networks.deep_squarer(1).layers[0].units)


def second_layer_of_the_deep_squarer():
    """3 columns alike, the tent 2, −4, 2, with the biases 0, −½ and −1; −¼ of the tent in the last column."""
    kernel, bias = networks.deep_squarer(2).layers[1].get_weights()
    tent, count = kernel[:3, 0], kernel.shape[1] - 1
    np.testing.assert_array_equal(kernel[:, :count], np.tile([[*tent, 0]], (count, 1)).T)
    np.testing.assert_array_equal(kernel[:, count], [*(-tent / 4), 1])
    np.testing.assert_array_equal(bias, [0, -0.5, -1, 0])
    x = np.arange(1, 1001)[:, np.newaxis] / 1024
    assert all(outputs[:, 2].max() == 0 for outputs in networks.outputs(networks.deep_squarer(3), x)[:-1])
    tent = [f"{weight:.0f}".replace("-", "−") for weight in tent]
    return [str(count), *tent, "0", "−1", *tent]


def pieces_without_a_mistake(pieces=500):
    """A number of pieces that, set by hand, square every number from 1 to 1000."""
    x, y = Problem("square").every_number()
    answers = experiments.answers(networks.squarer(pieces), Problem("square").scaling("largest"), x)
    np.testing.assert_array_equal(answers, y)
    return str(pieces)


def parts_of_the_tents():
    return [in_code("07", rf"- g{n} / (\d+),?\n") for n in (1, 2, 3)]


def guesses_of_width(right=600, wrong=(1200, 1800)):
    """The choice of units in notebook 07: the first is nearest to what one layer needs."""
    needed = closed_forms.units_worth(1024, closed_forms.deep_errors(1024, 10)[1])
    assert abs(needed - right) < abs(needed - min(wrong))
    return [str(right), *map(str, wrong)]


def deep_divisor():
    return in_code("07", r"x_divisor=(\d+)")


def deep_answers(layers, x):
    scaling = Scaling(float(deep_divisor()), float(deep_divisor()) ** 2)
    return experiments.answers(networks.deep_squarer(layers), scaling, x)


@functools.cache
def first_exact_depth(more=0):
    """The number of layers from which on no square of 1..1000 is wrong."""
    x, y = Problem("square").every_number()
    exact = [layers for layers in range(1, 12) if (deep_answers(layers, x) == y).all()]
    return str(exact[0] + more)


def worst_before_exact():
    x, y = Problem("square").every_number()
    missed = np.abs(deep_answers(int(first_exact_depth(-1)), x) - y)
    np.testing.assert_array_equal(missed, x % 2)  # every odd number, and no other
    return str(missed.max())


def deep_units():
    return str(sum(layer.units for layer in networks.deep_squarer(int(first_exact_depth())).layers))


def answer_of_the_deep_squarer_at(x):
    return int(deep_answers(int(first_exact_depth()), np.array([[x]]))[0, 0])


def superscript(number):
    return number.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def growth_of_the_error():
    """How many times the error is, twice as far beyond the range, for ever more pieces."""
    errors = [closed_forms.error_beyond(1000 + beyond, 1000, 1000) for beyond in (500, 1000)]
    return f"{errors[1] / errors[0]:.0f}"


def settled(activation):
    return [f"{level:.0f}".replace("-", "−") for level in networks.SETTLED[activation]]


def explore_value(panel, what):
    from helpers import explore

    (control,) = getattr(explore, panel)()._controls.values()
    return getattr(control, what)


def explore_units(panel):
    """The units of the stack that a panel starts with."""
    from helpers import explore

    start = getattr(explore, panel)().settings()
    return [str(units) for units in [start["width"]] * start["layers"] + [1]]


def usual_learning_rate():
    import keras

    rate = keras.optimizers.Adam().get_config()["learning_rate"]
    assert float(in_code("01", r"learning_rate = ([\d.]+)")) == pytest.approx(rate / 10)
    return f"{rate:g}"


def new_sums():
    from helpers import explore

    return str(len(explore.NEW_SUMS))


def fewest_examples():
    from helpers import explore

    fewest = min(explore.learning_to_add()._controls["examples"].options)
    recipe = inspect.getsource(explore._sum_network)
    return [str(fewest), re.search(r"batch_size=examples // (\d+)", recipe)[1]]


def least_squares_of_sums():
    x, y = Problem("sum", inputs=2).draw(50, seed=0)
    return [f"{weight:.0f}" for weight in np.linalg.lstsq(x, y)[0].ravel()]


def whole_number_gap():
    """A whole number that the two floors, of whole numbers and of the curve, differ by less than."""
    gaps = [
        closed_forms.pieces_floor(1000, k) - closed_forms.whole_number_pieces_floor(1000, k)
        for k in (1, 2, 4, 8)
    ]
    return str(math.ceil(max(gaps)))


def factor_of_doubling():
    return f"{closed_forms.pieces_floor(1, 1) / closed_forms.pieces_floor(1, 2):.0f}"


def floor_to_3_digits():
    return about(closed_forms.line_floor(thread.LARGEST)).removeprefix("≈ ")


def statements():
    """The table of all statements in notebook 06: (key, statement, label, file, anchor) each."""
    row = re.compile(r"^\| ([QAUC]\d+) \| (.*?) \| \[(.*?)\]\((\w+\.ipynb)(?:#(.*?))?\) \|$", re.MULTILINE)
    return [found for text in cells("06", "markdown") for found in row.findall(text)]


def test_every_statement_of_the_thread_points_to_a_heading_that_is_there():
    keys = [key for key, *_ in statements()]
    assert keys == [
        f"{who}{n}" for who, last in (("Q", 12), ("A", 7), ("U", 9), ("C", 2)) for n in range(1, last + 1)
    ]
    for key, _, label, file, anchor in statements():
        number, _, heading = label.partition(": ")
        text = "\n".join(cells(number[:2], "markdown"))
        assert NOTEBOOKS[number[:2]].name == file, key
        if anchor:
            assert anchor == heading.replace(" ", "-"), key
            assert heading in [
                line.replace("`", "").lstrip("# ") for line in text.splitlines() if line[:1] == "#"
            ], key


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_numbers_in_prose_are_computed(notebook):
    found = [number for text in cells(notebook, "markdown") for number in numbers(text)]
    assert found == LEDGER[notebook]()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_numbers_in_prose_are_written_in_digits(notebook):
    words = [word for text in cells(notebook, "markdown") for word in WORDS.findall(text)]
    assert words == []


def test_the_readme_and_the_map_tell_the_same():
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(\d\d) (.*?)\]\(notebooks/(.*?)\) \| (\d+) \| (.*?) \|$", readme, re.MULTILINE)
    story = cells("00", "markdown")
    assert [row[0] for row in rows] == list(NOTEBOOKS)
    for number, title, file, minutes, can in rows:
        assert NOTEBOOKS[number].name == file
        assert MINUTES[number] == minutes
        assert any(f"| [{number} {title}]({file}) | {minutes} | {can} |" in text for text in story)


def test_numbers_of_the_readme():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    course = (ROOT / "course.py").read_text("utf-8")
    size, disk = re.search(r"about (\d+) MB, (\d) GB on disk", course).groups()
    found = numbers((ROOT / "README.md").read_text("utf-8"))
    (free,) = re.findall(r"on disk\", (\d)\)\.prepare\(\)", course)[:1]
    expected = ["2019", "04", "05", "06", "3.11", "3.12", "3.13", size, disk, free, "8899", "64", "00"]
    expected += [token for number, minutes in MINUTES.items() for token in (number, minutes)]
    assert found == [*expected, "00", "01", "07", "3", "4.0", "2019"]


def test_the_ledger_covers_every_notebook():
    assert list(LEDGER) == list(NOTEBOOKS) == list(MINUTES)


def test_the_scan_sees_every_kind_of_number():
    text = "75,777 and −3, 1.7 %, 10⁶, x² and $c^2$, W_1, `b1`, 167{,}167, [07](07_x.ipynb), 500."
    assert numbers(text) == ["75,777", "−3", "1.7", "10", "⁶", "²", "2", "167,167", "07", "500"]
