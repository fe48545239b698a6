"""The notebooks are what the lessons give, and every number of their prose is a name."""

import dis
import functools
import re
from pathlib import Path
from types import CodeType

from helpers import lessons, question
from lessons import build, facts, lesson

import nbformat
import pytest
from test_formulas import FORMULAS

# What is written as it is: code, addresses, names; shapes of networks, exponents and indices; the numbers
# of lessons, of statements and of lists; years; 0, 1 and a factor 2 in algebra. (tests/test_formulas.py
# holds the formulas that have other numbers in them.)
STRUCTURE = re.compile(
    r"""^```.*?^``` | `[^`]*` | \]\([^)]*\) | \{\{.*?\}\}
    | \b\d+(-\d+)+\b | \^\{[^}]*\} | [\^_]\w | \b0\d\b | ^\#\ \d\d | [A-Za-z]\d+ | ^\d+\.\s
    | (?<![\d.,])[-−]?[01](?![\d.,]*\d|\ ?%) | \b2(?=[A-Za-z({\\)}$])
    | \b(In|September)\ 20\d\d\b""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
WORDS = re.compile(
    r"\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|dozens?)\b",
    re.IGNORECASE,
)

NAMES = lessons.names()


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def digits(text, lesson=""):
    """The numbers of a text that are neither names, nor structure, nor in a formula of the lesson."""
    for formula, *_ in FORMULAS.get(lesson, ()):
        text = text.replace(formula, " ")
    return re.findall(r"\d[\d.,]*", STRUCTURE.sub(" ", text))


def bare_numbers(text, lesson=""):
    return digits(text, lesson) + WORDS.findall(text)


@pytest.mark.parametrize(("text", "found"), [
    ("an RMSE of 75,777, from 1 to {{ largest }}", ["75,777,"]),
    ("8-8-1 at x/L², `epochs=500`, [07 Width](07_x.ipynb), notebook 05, between 0 and 1", []),
    ("1. $(N^2-1)/12$ and $2m·u$", ["12"]),
    ("1 % of seventeen, 0.5 or 10", ["1", "0.5", "10", "seventeen"]),
])  # fmt: skip
def test_typed_numbers_are_recognised(text, found):
    assert bare_numbers(text) == found


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_is_what_the_lesson_gives(name):
    stored = nbformat.read(build.target(name), 4)
    made, kept = (
        [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]
        for notebook in (build.notebook(name), stored)
    )
    assert made == kept, f"{name} has changed since it was executed: make notebooks ARGS={name}"
    assert all(cell.execution_count for cell in stored.cells if cell.cell_type == "code")
    outputs = [output for cell in stored.cells for output in cell.get("outputs", ())]
    complaints = [output.text for output in outputs if output.get("name") == "stderr"]
    assert not complaints, "a warning of the machine that executed it: mend that, and execute it again"


@pytest.mark.parametrize("name", NAMES)
def test_no_number_of_the_prose_is_typed(name):
    assert [number for text in prose(build.read(name)) for number in bare_numbers(text, name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_prediction_is_asked_for(name):
    cells = build.read(name).cells
    for at, cell in enumerate(cells):
        if "**Predict:**" in cell.source:
            after = next(one for one in cells[at:] if one.cell_type == "code")
            assert after.source.splitlines()[-1].startswith("predict."), cell.source


def test_a_shared_fact_is_used_by_several_lessons():
    texts = [set(build.NAME.findall("\n".join(prose(build.read(name))))) for name in NAMES]
    assert {name for name in facts.FACTS if sum(name in said for said in texts) < 2} == set()


def test_settings_of_a_lesson_are_its_plain_values():
    code = 'starts = range(20)\nrecipe = {"epochs": 500, "units": [8, 1]}\nseed = 1\nx = np.ones(3)\nseed = 2'
    lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    found = build.settings(lesson)
    assert found == {"starts": 20, "recipe": {"epochs": 500, "units": [8, 1]}}
    assert build.value("recipe.units", found, "00_start_here") == "8-1"


def test_the_readme_has_the_map():
    text = (build.ROOT / "README.md").read_text("utf-8")
    assert build.the_map("notebooks/", build.SITE.search(text)[0]) in text


@functools.cache
def headings(path):
    """The headings of a lesson as a link names them."""
    lines = "\n".join(prose(build.notebook(path))).splitlines()
    return [line.replace("`", "").lstrip("# ") for line in lines if line.startswith("#")]


def test_the_thread_has_all_its_statements():
    row = re.compile(r"^\| ([QAUC]\d+) \| .*? \| \[(\d\d).*?\]\((\d\d)_", re.MULTILINE)
    found = [each for text in prose(build.notebook("06_advice_on_trial")) for each in row.findall(text)]
    asked = (("Q", 12), ("A", 7), ("U", 9), ("C", 2))
    assert [key for key, *_ in found] == [f"{who}{n + 1}" for who, last in asked for n in range(last)]
    assert all(number == file for _, number, file in found)


def test_every_link_to_a_file_leads_to_one_that_is_there():
    """The workflow asks for those into the web, once a week."""
    folders = [build.ROOT / place for place in (".", "benchmarks", "evidence")]
    texts = {path: path.read_text("utf-8") for folder in folders for path in folder.glob("*.md")}
    texts |= {build.target(name): "\n".join(prose(build.notebook(name))) for name in lessons.names()}
    found = 0
    for path, text in texts.items():
        for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text):
            name, _, anchor = target.partition("#")
            assert (path.parent / name).is_file(), (path, target)
            there = headings(Path(name).stem) if anchor else [anchor]
            assert anchor in [heading.replace(" ", "-") for heading in there], (path, target)
            found += 1
    assert found > 40


def notebook_of(*sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": lesson.KERNEL})


@pytest.mark.slow
def test_a_cell_that_fails_is_named_in_one_sentence(tmp_path):
    with pytest.raises(RuntimeError, match=r"^cell 2 \(counted from 1\) failed: ZeroDivisionError: .*$"):
        build.execute(notebook_of("print(1)", "1 / 0"), tmp_path)


@pytest.mark.slow
def test_a_notebook_is_the_same_every_time_has_no_answer_in_it_and_is_stored_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path))
    several = "ipywidgets.HBox([ipywidgets.IntSlider(value=i) for i in range(5)])"
    where = f"import os\nos.environ['COURSE_ANSWERS'] == {str(tmp_path)!r}"
    one, other = (build.execute(notebook_of("import ipywidgets", several, where), tmp_path) for _ in range(2))
    assert one == other
    assert one.cells[2].outputs[0].data["text/plain"] == "False"
    assert "version" not in one.metadata.language_info
    assert "execution" not in one.cells[0].metadata
    state = one.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert one.cells[1].outputs[0].data["application/vnd.jupyter.widget-view+json"]["model_id"] in state
    build.write(one, tmp_path / "kept.ipynb")
    assert [path.name for path in tmp_path.iterdir()] == ["kept.ipynb"]
    assert nbformat.read(tmp_path / "kept.ipynb", 4) == one


def test_a_lesson_that_is_not_there_is_refused():
    with pytest.raises(SystemExit, match=r"Expected a lesson, one of 00_start_here, .* but got 99_nothing"):
        build.main(["notebooks/99_nothing.ipynb"])


def test_a_lesson_trains_as_long_as_the_claims_that_its_prose_counts_by():
    in_06 = build.settings(build.read("06_advice_on_trial"))
    for name, claim in {"few_epochs": "large beats small", "longer": "more epochs at x/L²"}.items():
        assert in_06[name] == facts.CLAIMS[claim].settings["of"]["epochs"]
    assert in_06["late"] == question.EPOCHS // 10  # what Runs.settled reads


def read_and_set(code):
    """The names that a cell takes from other cells, and those that it sets."""
    taken, own = set(), set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            own.add(step.argval)
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in own:
            taken.add(step.argval)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            taken |= read_and_set(each)[0] - own
    return taken, own


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_can_be_run_again_later(name):
    cells = [cell.source for cell in build.notebook(name).cells if cell.cell_type == "code"]
    names = [read_and_set(compile(source, "", "exec")) for source in cells]
    for at, (taken, _) in enumerate(names):
        before, after = (set().union(*(own for _, own in part)) for part in (names[:at], names[at + 1 :]))
        anew = sorted(taken & before & after)
        assert not anew, f"{anew} has another meaning after this cell: rename one of the two\n{cells[at]}"
