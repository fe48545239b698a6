"""The notebooks are what the lessons give, and every number of their prose is a name."""

import re

from helpers import words
from lessons import build, facts

import nbformat
import pytest

PATHS = {path.name[:2]: path for path in build.LESSONS}
# What is written as it is: code, addresses, names; shapes of networks, exponents and indices; the numbers
# of lessons, of statements and of lists; 0, 1 and a factor 2 in algebra, which no experiment changes.
STRUCTURE = re.compile(
    r"""^```.*?^``` | `[^`]*` | \]\([^)]*\) | \{\{.*?\}\}
    | \b\d+(-\d+)+\b | \^\{[^}]*\} | [\^_]\w | \b0\d\b | ^\#\ \d\d | [A-Za-z]\d+ | ^\d+\.\s
    | (?<![\d.,])[-−]?[01](?![\d.,]*\d|\ ?%) | \b2(?=[A-Za-z({\\])""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
WORDS = re.compile(
    r"\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|dozens?)\b",
    re.IGNORECASE,
)


def prose(lesson):
    return [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]


def bare_digits(text):
    """The numbers of a text that are neither names nor structure."""
    return re.findall(r"\d[\d.,]*", STRUCTURE.sub(" ", text)) + WORDS.findall(text)


@pytest.mark.parametrize("number", PATHS)
def test_no_number_of_the_prose_is_typed(number):
    found = {digits: text[:60] for text in prose(build.read(PATHS[number])) for digits in bare_digits(text)}
    assert found == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an RMSE of 75,777, from 1 to {{ largest }}", ["75,777,"]),
        ("8-8-1 at x/L², `epochs=500`, [07 Width](07_x.ipynb), notebook 05, between 0 and 1", []),
        ("1. $(N^2-1)/12$ and $2m·u$", ["12"]),
        ("1 % of seventeen, 0.5 or 10", ["1", "0.5", "10", "seventeen"]),
    ],
)
def test_the_scan_sees_what_is_typed(text, found):
    assert bare_digits(text) == found


@pytest.mark.parametrize("number", PATHS)
def test_the_notebook_is_what_the_lesson_gives(number):
    path = PATHS[number]
    made = build.notebook(path)
    stored = nbformat.read(build.ROOT / "notebooks" / f"{path.stem}.ipynb", 4)
    for cell, kept in zip(made.cells, stored.cells, strict=True):
        assert (kept.id, kept.cell_type, kept.source) == (cell.id, cell.cell_type, cell.source)
    assert all(cell.execution_count for cell in stored.cells if cell.cell_type == "code")


def test_every_fact_is_said():
    said = {
        name
        for path in PATHS.values()
        for text in prose(build.read(path))
        for name in build.NAME.findall(text)
    }
    assert set(facts.FACTS) <= said


def test_a_name_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="flor }} must be a fact or set by the lesson's code"):
        build.value("flor", {})


def test_settings_of_a_lesson_are_its_plain_values():
    code = 'starts = range(20)\nrecipe = {"epochs": 500, "units": [8, 1]}\nseed = 1\nx = np.ones(3)\nseed = 2'
    lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    found = build.settings(lesson)
    assert found == {"starts": 20, "recipe": {"epochs": 500, "units": [8, 1]}}
    assert build.value("recipe.units", found) == "8-1"


def test_the_readme_has_the_map():
    assert build.the_map("notebooks/") in (build.ROOT / "README.md").read_text("utf-8")


def test_numbers_are_written_as_the_prose_does():
    assert [words.number(value) for value in (1000, 0.5, -163514, 0.0)] == ["1,000", "0.5", "−163,514", "0"]
