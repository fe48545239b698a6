"""Every number in the prose is tied to a computed value: change one digit, and this goes red.

The ledger below lists, for each notebook and the README, the numbers of its prose in their order.
"""

import math
import re
from pathlib import Path

from helpers import closed_forms, networks, thread
from helpers.problems import Problem, rmse
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
MINUTES = {"00": "15", "01": "45", "02": "45", "03": "40", "04": "50"}


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


SQUARED = ["2"]  # the exponent of a square, in formulas
LEDGER = {
    "00": lambda: [
        "2019",
        MINUTES["00"],
        str(len(thread.rows("sum")[0])), "1", LARGEST,
        first_error(),
        "02",
        str(explore_value("learning_to_square", "min")),
        *[token for number, minutes in MINUTES.items() for token in (number, minutes)],
        "01",
    ],
    "01": lambda: [
        "01",
        MINUTES["01"], "00",
        "1", LARGEST, str(thread.EXAMPLES),
        in_code("01", r"default_rng\((\d+)\)"),
        LARGEST,
        str(thread.BATCH_SIZE), in_code("01", r"epochs=(5)\b"),
        str(thread.EPOCHS),
        "0", str(thread.EXAMPLES),
        whole(thread.PRINTED_RMSE["sum"]), in_code("01", r"draw\((1000), seed=1\)"),
        LARGEST,
        *["0", "0"],
        *least_squares_of_sums() * 2,
        *explore_units("learning_to_add"),
        *least_squares_of_sums()[:1],
        *least_squares_of_sums(),
        whole(thread.PRINTED_RMSE["sum"]), *least_squares_of_sums(), "02",
    ],
    "02": lambda: [
        "02",
        MINUTES["02"], "01",
        "01", str(thread.EPOCHS), SQUARE_LARGEST, "0", "100", "10,000",
        "01", str(thread.LAYERS[-1]), "0",
        str(len(thread.rows("square")[0])),
        "0.5",
        f"{thread_line()[0]:.2f}", whole(thread_line()[1]).replace("-", "−"), "03", "1", LARGEST,
        "1", *SQUARED * 6,
        *SQUARED * 2, "1", mean_square_divisor(), "1", "2", "1", "1", "2", intercept_divisor(), *SQUARED,
        *SQUARED, "1", *SQUARED, "4", floor_divisor(), LARGEST, PRINTED,
        PRINTED, above_floor(), "1", LARGEST,
        in_code("02", r"seeds=(\d+)"), "1", LARGEST, LARGEST,
        floor_to_3_digits(),
        whole(thread.PRINTED_RMSE["sum"]), PRINTED, FLOOR, "1", LARGEST, "03",
    ],
    "03": lambda: [
        "03", "02", WEIGHTS,
        MINUTES["03"], "02",
        "04",
        in_code("03", r"return (\d) \* x \+ 1"), in_code("03", r"return 3 \* x \+ (\d)"),
        in_code("03", r"return (\d) \* x \+ 5"), in_code("03", r"return 2 \* x \+ (\d)"),
        str(thread.LAYERS[-1]),
        f"{thread_line()[0]:.2f}", whole(-thread_line()[1]), "1", LARGEST,
        WEIGHTS,
        "1", LARGEST,
        in_code("03", r"range\((\d+)\)"),
        "02", FLOOR, floor_to_3_digits(), whole(networks.stack([32, 32, 1]).count_params()),
        "04",
    ],
    "04": lambda: [
        "04",
        MINUTES["04"], "03",
        "0", in_code("04", r"hinge\(.*, (400)\)"), "1", LARGEST,
        in_code("04", r"hinge\(.*, (400)\)"),
        whole(thread.LARGEST / 2), "²", end_gap_of_a_piece(),
        LARGEST, SQUARE_LARGEST, FLOOR,
        "²", LARGEST, rate_of_halving(), "8",
        "1", LARGEST, whole_number_gap(),
        factor_of_doubling(), rate_of_halving(),
        LARGEST,
        "8", pieces(8),
        in_code("04", r"run\(problem, \[(8), 1\]"), in_code("04", r'"epochs": (\d+)'), LARGEST,
        "8", "8", in_code("04", r"starts = range\((\d+)\)"),
        *["0", "0", "1", "−1", "1"], SQUARE_LARGEST, "0", "1",
        "1", LARGEST,
        "0", "0", SQUARE_LARGEST,
        FLOOR, rate_of_halving(), LARGEST, SQUARE_LARGEST,
    ],
}  # fmt: skip


def explore_value(panel, what):
    from helpers import explore

    (control,) = getattr(explore, panel)()._controls.values()
    return getattr(control, what)


def explore_units(panel):
    """The units of the stack that a panel's picture trains."""
    import inspect

    from helpers import explore

    source = inspect.getsource(getattr(explore, panel)()._picture_of)
    return re.search(r"\[([\d, ]+)\]", source)[1].split(", ")


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
    expected = ["2019", "3.11", "3.12", "3.13", size, disk, "8899", "00"]
    expected += [token for number, minutes in MINUTES.items() for token in (number, minutes)]
    assert found == [*expected, "00", "01", "3", "4.0", "2019"]


def test_the_ledger_covers_every_notebook():
    assert list(LEDGER) == list(NOTEBOOKS) == list(MINUTES)


def test_the_scan_sees_every_kind_of_number():
    text = "75,777 and −3, 1.7 %, 10⁶, x² and $c^2$, W_1, `b1`, 167{,}167, [07](07_x.ipynb), 500."
    assert numbers(text) == ["75,777", "−3", "1.7", "10", "⁶", "²", "2", "167,167", "07", "500"]
