"""From the lessons to the notebooks: `make notebooks`.

A lesson.md is jupytext's Markdown: prose, and code in fences. Its prose has names in place of numbers,
`{{ floor }}`: from its facts.py, from lessons/facts.py, or from what its own code sets, `epochs = 500` or
`recipe = {"epochs": 500}` (`{{ epochs }}`, `{{ recipe.epochs }}`). Another lesson is named without its
number: `{{ input_scale }}` is "05", `{{ input_scale.file }}` its notebook's file, and
`{{ input_scale.link }}` a link with its title. A notebook is a lesson with names replaced by values, and
executed.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path

from environments import replace
from helpers import lessons, words
from helpers.practice import features, forms, predict
from lessons import facts
from lessons.lesson import CHECK, NAME, SOLUTION, Malformed, blank, line_of, raw, read

import nbclient
import nbformat

# Text only for notebooks, and text only for pages of the site.
NOTEBOOK = re.compile(r"<!-- notebook -->(.*?)<!-- end -->", re.DOTALL)
PAGE = re.compile(r"<!-- page: (.*?) -->")
MARKS = "expected `<!-- notebook -->…<!-- end -->` or `<!-- page: … -->`, but one of them is not whole"
ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "lessons" / "template"
SITE = re.compile(r"https://([\w.-]+)\.github\.io/([\w.-]+)/")  # as the README names it


def notebook(lesson: str, solved: bool = False, page: bool = False) -> nbformat.NotebookNode:
    """Return a lesson as a notebook, not executed, with names replaced by values in its prose.

    Its exercises are blank, or solved; page: with the text for a page of the site. Raises Malformed, also for
    a name that neither the facts nor the lesson's code define, and for a fact of the lesson that its prose
    does not use.
    """
    made, text = read(lesson), raw(lesson)
    known, unused = known_names(made), own_facts(lesson)

    def replacement(match: re.Match) -> str:
        unused.pop(match[1], None)
        try:
            return value(match[1], known, lesson)
        except Malformed:  # another lesson, which the map names
            raise
        except Exception as error:  # whatever a fact's function raises
            line = line_of(text, text.index(match[0]))
            raise Malformed(lesson, line, described(error, match[0])) from error

    for number, cell in enumerate(made.cells):
        cell.id = f"{lesson[:2]}-{number:02}"
        if cell.cell_type == "markdown":
            cell.source = words_for(page, NAME.sub(replacement, cell.source))
            if "<!--" in cell.source:
                raise Malformed(lesson, line_of(text, broken_mark(text)), MARKS)
        elif cell.cell_type == "code" and SOLUTION.search(cell.source):
            cell.source = SOLUTION.sub("", cell.source if solved else blank(cell.source))
    for name, line in unused.items():
        raise Malformed(lesson, line, f"expected that lesson.md says {name!r}, but it does not", "facts.py")
    made.metadata = nbformat.from_dict({"kernelspec": made.metadata.kernelspec})
    return made


def words_for(page: bool, text: str) -> str:
    """Return a text with the parts for a notebook, or for a page of the site, and without the others."""
    drop, keep = (NOTEBOOK, PAGE) if page else (PAGE, NOTEBOOK)
    return keep.sub(r"\1", drop.sub("", text)).strip()


def broken_mark(text: str) -> int:
    """Return the position of the first incomplete mark, or else of the first mark."""
    left = text
    for mark in (NOTEBOOK, PAGE):
        left = mark.sub(lambda match: " " * len(match[0]), left)
    return max(left.find("<!--"), 0) or text.find("<!--")


def known_names(made: nbformat.NotebookNode) -> dict[str, object]:
    """Return the names that a lesson's prose may use besides facts; made: the lesson from `read`."""
    return {"minutes": made.metadata.lesson.minutes, "map": the_map, **settings(made), **references()}


def described(error: Exception, what: str) -> str:
    """Return the message of an error, with `what` if it does not mention it."""
    return str(error) if what in str(error) else f"{what} gives {type(error).__name__}: {error}"


def own_facts(lesson: str) -> dict[str, int]:
    """Return the names of a lesson's own facts, each with its line in facts.py."""
    path = lessons.FOLDER / lesson / "facts.py"
    try:
        names = facts.of(lesson).keys() - facts.FACTS.keys()
    except Exception as error:
        frames = [at.lineno for at in traceback.extract_tb(error.__traceback__) if Path(at.filename) == path]
        line = getattr(error, "lineno", None) or [1, *frames][-1]
        raise Malformed(lesson, line, described(error, "FACTS"), "facts.py") from error
    text = path.read_text("utf-8") if names else ""
    return {name: line_of(text, max(0, text.find(f'"{name}"'))) for name in sorted(names)}


def solutions(lesson: str) -> dict[str, list[str]]:
    """Return the lines that solve each exercise, from the cells that check them."""
    cells = [cell.source for cell in read(lesson).cells if cell.cell_type == "code"]
    solved = {CHECK.search(cell)[1]: SOLUTION.sub("", cell) for cell in cells if SOLUTION.search(cell)}
    return {name: CHECK.sub("", cell).rstrip().splitlines() for name, cell in solved.items()}


def truths(lesson: str) -> dict[str, dict]:
    """Return what happened for each prediction, from the stored notebook.

    By name: {"truth", "told": in words, "cell": the id of the cell that reveals it}, and the "features" that
    judge a drawing, or the "meanings" of wrong choices.
    """
    by_name = {}
    for cell in nbformat.read(target(lesson), 4).cells:
        for output in cell.get("outputs", ()):
            about = output.get("metadata", {}).get("text/html", {})
            if "prediction" not in about:
                continue
            told = output.data["text/plain"].removeprefix("What happened: ")
            one = by_name[about["prediction"]] = {"truth": about["truth"], "told": told, "cell": cell.id}
            form = predict.declared()[about["prediction"]].form
            if isinstance(form, forms.Drawing):
                one["features"] = features.plain(form.features)
            if isinstance(form, forms.Choice) and form.meanings:
                meant = {option: form.means(option, about["truth"]) for option in form.meanings}
                one["meanings"] = {option: sentence for option, sentence in meant.items() if sentence}
    return by_name


def store(lesson: str, **made: dict) -> None:
    """Store what is made of a lesson beside it, as NAME.json, for pages without a kernel."""
    for name, content in made.items():
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (lessons.FOLDER / lesson / f"{name}.json").write_text(text, "utf-8")


def settings(lesson: nbformat.NotebookNode) -> dict[str, object]:
    """Return the plain values that a lesson's code sets, by name; a range counts as its length.

    A name that is set to different values is left out.
    """
    values: dict[str, object] = {}
    for cell in lesson.cells:
        for node in ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" else ():
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, plain = node.targets[0].id, _plain(node.value)
                values[name] = plain if values.get(name, plain) == plain else None
    return {name: plain for name, plain in values.items() if plain not in (None, ...)}


def _plain(node: ast.expr) -> object:
    """Return the value of a literal, with the plain entries of a dictionary, or None."""
    if isinstance(node, ast.Dict):
        return {getattr(k, "value", None): _plain(v) for k, v in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "range" and len(node.args) == 1:
        return _plain(node.args[0])
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def value(name: str, names: Mapping[str, object], lesson: str) -> str:
    """Return the text for a name in a lesson's prose: a value that its code sets, a lesson, or a fact."""
    entry: object = names.get(name)
    if entry is None:
        entry = names
        for part in name.split("."):
            entry = entry.get(part) if isinstance(entry, Mapping) else None
    if callable(entry):
        entry = entry()
    if isinstance(entry, Mapping):
        raise ValueError(
            f"{{{{ {name} }}}} is a dictionary: name one of its entries, {', '.join(map(str, entry))}."
        )
    fact = facts.text(name, lesson) if name in facts.of(lesson) else None
    if isinstance(entry, list | tuple):
        entry = "-".join(map(str, entry))
    text = fact if entry is None else entry if isinstance(entry, str) else words.number(entry)
    if not text:
        raise ValueError(f"{{{{ {name} }}}} must be a fact or set once by the lesson's code, but is neither.")
    if fact not in (None, text):
        raise ValueError(
            f"{{{{ {name} }}}} is {fact} as a fact, but {text} in the lesson's code: rename one."
        )
    return text


def link(lesson: str, folder: str = "") -> str:
    """Return a link to a lesson's notebook in this folder, with its title."""
    return f"[{lessons.title(lesson)}]({folder}{lesson}.ipynb)"


def references() -> dict[str, str]:
    """Return what names another lesson: "input_scale" its number, with .file or .link its file or link."""
    names = {}
    for lesson in lessons.names():
        name = lesson[3:]
        names |= {name: lesson[:2], f"{name}.file": f"{lesson}.ipynb", f"{name}.link": link(lesson)}
    return names


def the_map(link_to: str = "", site: str = "") -> str:
    """Return the table of the lessons for 00 and the README.

    link_to: the folder of the notebooks; site: the address of their pages, if the table should link to them.
    """
    lines = ["| notebook | minutes | afterwards you can |", "| --- | --- | --- |"]
    if site:
        lines = ["| notebook | page | minutes | afterwards you can |", "| --- | --- | --- | --- |"]
    for lesson in lessons.names():
        about = read(lesson).metadata.lesson
        page = f" [page]({site}{lesson}.html) |" if site else ""
        lines.append(f"| {link(lesson, link_to)} |{page} {about.minutes} | {about.afterwards} |")
    return "\n".join(lines)


def execute(lesson: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook from top to bottom; return it in a form that is the same on every machine.

    It does not use the answers of whoever runs it. Raises RuntimeError, naming the cell that fails.
    """
    started = [0]
    client = nbclient.NotebookClient(
        lesson,
        kernel_name="python3",
        timeout=600,
        resources={"metadata": {"path": str(folder)}},
        # Hides a warning of each kernel that it listens without encryption.
        extra_arguments=["--log-level=ERROR"],
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        with tempfile.TemporaryDirectory() as answers:
            client.execute(env=os.environ | {"COURSE_ANSWERS": answers})
    except (nbclient.exceptions.CellControlSignal, RuntimeError) as error:
        reason = getattr(error, "evalue", "") or str(error).strip().splitlines()[0]
        name = getattr(error, "ename", type(error).__name__)
        raise RuntimeError(f"cell {started[-1] + 1} (counted from 1) failed: {name}: {reason}") from None
    lesson.metadata.get("language_info", {}).pop("version", None)
    for cell in lesson.cells:
        cell.metadata.pop("execution", None)
    text = nbformat.writes(lesson)
    # ipywidgets' random ids become numbers, which are the same on every run.
    widgets = lesson.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    for number, name in enumerate(widgets.get("state", {})):
        text = text.replace(name, f"{number:032x}")
    return nbformat.reads(text, as_version=4)


def write(made: nbformat.NotebookNode, path: Path) -> None:
    """Store a notebook, whole or not at all."""
    nbformat.validate(made)
    replace(path, nbformat.writes(made) + "\n")


def target(lesson: str, folder: str = "notebooks") -> Path:
    """Return the path of a lesson's notebook."""
    return ROOT / folder / f"{lesson}.ipynb"


def put_map_into_readme() -> None:
    """Update the README's table of the lessons."""
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    table = re.search(r"^\| notebook \| .*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)[0]
    readme.write_text(text.replace(table, the_map("notebooks/", SITE.search(text)[0])), "utf-8")


def insert(new: str) -> None:
    """Make a lesson from the template, and renumber the lessons after it wherever they are named."""
    names = lessons.names()
    taken = [name[3:] for name in names]
    if not re.fullmatch(r"\d\d_[a-z][a-z_]*", new) or int(new[:2]) > len(names) or new[3:] in taken:
        sys.exit(f"Expected a number and a name that no lesson has, such as 01_new_name, but got {new}.")
    tops = [ROOT / top for top in ("benchmarks", "evidence", "helpers", "lessons", "tests")]
    for old in reversed(names[int(new[:2]) :]):
        moved = f"{int(old[:2]) + 1:02}{old[2:]}"
        for path in [*ROOT.glob("*.md"), *(path for top in tops for path in top.rglob("*.*"))]:
            if path.suffix in (".md", ".py", ".toml") and old in path.read_text("utf-8"):
                path.write_text(path.read_text("utf-8").replace(old, moved), "utf-8")
        for path in (lessons.FOLDER / old, target(old)):
            place = path.with_name(path.name.replace(old, moved))
            if subprocess.run(["git", "mv", path, place], cwd=ROOT, capture_output=True).returncode:
                path.rename(place)
    skip = shutil.ignore_patterns(".*", "__pycache__")
    for path in shutil.copytree(TEMPLATE, lessons.FOLDER / new, ignore=skip).iterdir():
        text = path.read_text("utf-8").replace("new_name", new[3:])
        path.write_text(text.replace("New name", lessons.title(new)[3:]), "utf-8")
    print(f"lessons/{new}/ is made from the template. Change its **You need** and **Next**, **Next** in the")
    print("lesson before it, and **You need** in the lesson after it; then run make notebooks.")


def main(arguments: list[str]) -> None:
    """Make the notebooks of all lessons, or of those named; if one fails, its old version stays.

    --solved only writes solved ones into dist/solutions. --insert 05_new_name makes a lesson.
    """
    if arguments[:1] == ["--insert"]:
        insert(" ".join(arguments[1:]))
        return
    solved, failed = arguments[:1] == ["--solved"], False
    given = arguments[1:] if solved else arguments
    wanted = [re.sub(r"^(notebooks|lessons)/|\.ipynb$|/.*", "", name) for name in given]
    for name in wanted:
        if name not in lessons.names():
            sys.exit(f"Expected a lesson, one of {', '.join(lessons.names())}, but got {name}.")
    for lesson in wanted or lessons.names():
        path = target(lesson, "dist/solutions" if solved else "notebooks")
        print(path.relative_to(ROOT), flush=True)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(execute(notebook(lesson, solved), path.parent), path)
            if not solved:
                store(lesson, solutions=solutions(lesson), truths=truths(lesson))
        except (RuntimeError, Malformed) as error:
            failed = True
            print(f"{path.relative_to(ROOT)} is left as it was: {error}", file=sys.stderr, flush=True)
    if not solved:
        try:
            put_map_into_readme()
        except Malformed as error:
            print(f"README.md is left as it was: {error}", file=sys.stderr)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
