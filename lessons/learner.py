"""The learner's own copies of the notebooks, in my_notebooks/: no answers in view, and no work lost.

`make lab` makes them, and updates them when the course has changed. Standard library only, and nothing that
Python 3.8 cannot parse, like course.py.
"""

import copy
import datetime
import hashlib
import json
import pathlib
import re

from environments import replace

FOLDER = "my_notebooks"
SHOWS = re.compile(r"\.reveal\(|^explore\.", re.MULTILINE)
ASKS = re.compile(r"^(predict|quiz|check)\.\w+\(.*\Z", re.MULTILINE)
HEADING = re.compile("^#", re.MULTILINE)
# Where a text about a cell's results ends. Below an answer, an exercise about it gives it away, too.
GOES_ON = re.compile(r"^(#|\*\*(Predict|Question|Exercise|Next)\b)", re.MULTILINE)
BELOW_AN_ANSWER = re.compile(r"^(#|\*\*(Predict|Next)\b)", re.MULTILINE)
TASK = re.compile(r"^\*\*(Question|Exercise)\b", re.MULTILINE)
FOLDED = '<details class="course-after"><summary>{}</summary>\n\n{}\n\n</details>\n\n'


def own(notebook):
    """Return a notebook without outputs, and with the prose folded that gives away its cells' results.

    notebook: from JSON or nbformat.
    """
    notebook = copy.deepcopy(notebook)
    notebook["metadata"].pop("widgets", None)
    # revealed: this section's question is answered; tasks: fold tasks as well, up to a panel.
    revealed = tasks = shows = more = False
    ends = GOES_ON
    for cell in notebook["cells"]:
        cell["source"] = source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
            revealed = revealed or ".reveal(" in source
            tasks = (tasks or ".reveal(" in source) and "explore." not in source
            shows, more = bool(SHOWS.search(source)), revealed and not ASKS.search(source)
            ends = BELOW_AN_ANSWER if tasks else GOES_ON
            continue
        revealed, tasks = (each and not HEADING.search(source) for each in (revealed, tasks))
        if source.startswith("## Recap\n"):
            title, text = source.split("\n", 1)
            cell["source"] = f"{title}\n\n{fold('In short', text.strip(), GOES_ON)[0]}"
        # After later cells comes more of it, or an introduction to the next question.
        elif shows or (more and "**Predict" not in source):
            cell["source"], whole = fold("What it shows", source, ends)
            shows, more = shows and whole, more and whole
    return notebook


def fold(summary, source, ends):
    """Return a text folded up to the first of these ends, and whether all of it is folded."""
    match = ends.search(source)
    end = match.start() if match else len(source)
    inside = source[:end].strip()
    summary = f"{summary}, and a task" if TASK.search(inside) else summary
    return (FOLDED.format(summary, inside) if inside else "") + source[end:], not match


def update(root):
    """Make missing copies, and renew those whose notebook has changed; print what is done.

    A copy that was only run moves to earlier/; one that the learner has changed stays, and the new one is
    put beside it. If interrupted, the next call continues.
    """
    folder = root / FOLDER
    record = folder / ".made.json"
    made = read(record) if record.exists() else None
    made = made if isinstance(made, dict) else {}
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    for path in paths:  # a renumbered lesson keeps its copy
        for old in [name for name in made if name[2:] == path.name[2:]]:
            if (folder / old).exists() and not (folder / path.name).exists():
                (folder / old).rename(folder / path.name)
                made[path.name] = made.pop(old)
    for path in paths:
        course, mine = read(path), folder / path.name
        if digest(course) is None:
            print(f"{path} is not a notebook any more: `git restore notebooks` brings it back.")
            continue
        fresh = own(course)
        if made.get(path.name) != digest(fresh) or not mine.exists():
            renew(mine, fresh, made.get(path.name))
            made[path.name] = digest(fresh)
            replace(record, json.dumps(made, indent=1))
        elif digest(read(mine)) is None:
            print(f"{mine} is not a notebook any more: rename it, and the next start makes a new one.")


def renew(mine, fresh, made):
    """Replace an old copy that was not changed by a new one, or put the new one beside it."""
    place, new = f"{FOLDER}/{mine.name}", digest(fresh)
    old = read(mine) if mine.exists() else fresh
    if digest(old) is None or digest(old) not in (made, new):
        mine = mine.with_name(f"{mine.stem}-new.ipynb")
        print(f"{place} stays as you changed it: the course's new one is beside it, {mine.name}.")
        if mine.exists() and digest(read(mine)) != new:
            print(f"What was in {FOLDER}/{mine.name} is in {move_aside(mine)}.")
    elif digest(old) != new and any(cell.get("outputs") for cell in old["cells"]):
        print(f"{place} is new, as the course has changed: what you ran is in {move_aside(mine)}.")
    if not mine.exists() or digest(read(mine)) != new:
        replace(mine, json.dumps(fresh, indent=1, ensure_ascii=False) + "\n")


def move_aside(path):
    """Move a file into earlier/, under a new name, and return that."""
    name, count = f"{path.stem}-{datetime.date.today()}", 1
    aside = path.parent / "earlier" / f"{name}.ipynb"
    while aside.exists():
        count += 1
        aside = aside.with_name(f"{name}-{count}.ipynb")
    aside.parent.mkdir(exist_ok=True)
    path.rename(aside)
    return f"{FOLDER}/earlier/{aside.name}"


def read(path):
    """Return the content of a JSON file, or None if it is not JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError:
        return None


def digest(notebook):
    """Return a hash of a notebook's text without outputs, or None if it is not a notebook."""
    try:
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    except (KeyError, TypeError):
        return None
    # JupyterLab adds an empty cell after running the last one.
    text = json.dumps([cell for cell in cells if cell[1].strip()])
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    update(pathlib.Path(__file__).resolve().parent.parent)
