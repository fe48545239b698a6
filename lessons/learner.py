"""The learner's own copies of the notebooks, in my_notebooks/: no answer in view, and nothing of theirs lost.

`make lab` makes them, and brings them up to date when the course has changed. Standard library only, and
nothing that Python 3.8 cannot parse, as course.py.
"""

import copy
import datetime
import hashlib
import itertools
import json
import pathlib
import re

from environments import replace

FOLDER = "my_notebooks"
SHOWS = re.compile(r"\.reveal\(|^explore\.", re.MULTILINE)
ASKS = re.compile(r"^(predict|quiz|check)\.\w+\(.*\Z", re.MULTILINE)
HEADING = re.compile("^#", re.MULTILINE)
# Where a text that tells what a cell shows is over. Below an answer, the exercise on it tells as well.
GOES_ON = re.compile(r"^(#|\*\*(Predict|Question|Exercise|Next)\b)", re.MULTILINE)
BELOW_AN_ANSWER = re.compile(r"^(#|\*\*(Predict|Next)\b)", re.MULTILINE)
TASK = re.compile(r"^\*\*(Question|Exercise)\b", re.MULTILINE)
FOLDED = '<details class="course-after"><summary>{}</summary>\n\n{}\n\n</details>\n\n'


def own(notebook):
    """Return a notebook without outputs, and with the prose folded that tells what its cells show.

    notebook: as JSON or nbformat has it.
    """
    notebook = copy.deepcopy(notebook)
    notebook["metadata"].pop("widgets", None)
    # told: what was asked in this section is answered; tasks: tasks are folded as well, up to a panel.
    told = tasks = shows = more = False
    ends = GOES_ON
    for cell in notebook["cells"]:
        cell["source"] = source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
            told = told or ".reveal(" in source
            tasks = (tasks or ".reveal(" in source) and "explore." not in source
            shows, more = bool(SHOWS.search(source)), told and not ASKS.search(source)
            ends = BELOW_AN_ANSWER if tasks else GOES_ON
            continue
        told, tasks = (each and not HEADING.search(source) for each in (told, tasks))
        if source.startswith("## Recap\n"):
            title, text = source.split("\n", 1)
            cell["source"] = f"{title}\n\n{fold('In short', text.strip(), GOES_ON)[0]}"
        # Behind later cells stands more of it, or what leads to the next question.
        elif shows or (more and "**Predict" not in source):
            cell["source"], whole = fold("What it shows", source, ends)
            shows, more = shows and whole, more and whole
    return notebook


def fold(summary, source, ends):
    """Return a text with what stands before one of these ends folded, and whether all of it is."""
    found = ends.search(source)
    end = found.start() if found else len(source)
    told = source[:end].strip()
    summary = f"{summary}, and a task" if TASK.search(told) else summary
    return (FOLDED.format(summary, told) if told else "") + source[end:], not found


def update(root):
    """Make the copies that are missing, and renew those whose notebook has changed; say so.

    A copy that was only run moves to earlier/; one that the learner has changed stays, and the new one is
    put beside it. Whatever moment this is stopped at, the next time goes on.
    """
    folder = root / FOLDER
    record = folder / ".made.json"
    made = read(record) if record.exists() else None
    made = made if isinstance(made, dict) else {}
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    for path in paths:  # a lesson that has another number now keeps its copy
        for old in [name for name in made if name[2:] == path.name[2:]]:
            if (folder / old).exists() and not (folder / path.name).exists():
                (folder / old).rename(folder / path.name)
                made[path.name] = made.pop(old)
    for path in paths:
        course, mine = read(path), folder / path.name
        if digest(course) is None:
            print(f"{path} is no notebook any more: `git restore notebooks` brings it back.")
            continue
        fresh = own(course)
        if made.get(path.name) != digest(fresh) or not mine.exists():
            renew(mine, fresh, made.get(path.name))
            made[path.name] = digest(fresh)
            replace(record, json.dumps(made, indent=1))
        elif digest(read(mine)) is None:
            print(f"{mine} is no notebook any more: rename it, and the next start makes a new one.")


def renew(mine, fresh, made):
    """Put a new copy in the place of an old one that is as it was made, or beside it."""
    place, new = f"{FOLDER}/{mine.name}", digest(fresh)
    old = read(mine) if mine.exists() else fresh
    if digest(old) is None or digest(old) not in (made, new):
        mine = mine.with_name(f"{mine.stem}-new.ipynb")
        print(f"{place} stays as you changed it: the course's new one is beside it, {mine.name}.")
        if mine.exists() and digest(read(mine)) != new:
            move_aside(mine)
    elif digest(old) != new and any(cell.get("outputs") for cell in old["cells"]):
        print(f"{place} is new, as the course has changed: what you ran is in {move_aside(mine)}.")
    if not mine.exists() or digest(read(mine)) != new:
        replace(mine, json.dumps(fresh, indent=1, ensure_ascii=False) + "\n")


def move_aside(path):
    """Move a file into earlier/, under a name that no file has there, and return that."""
    name = f"{path.stem}-{datetime.date.today()}"
    names = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
    aside = next(
        place for place in (path.parent / "earlier" / f"{n}.ipynb" for n in names) if not place.exists()
    )
    aside.parent.mkdir(exist_ok=True)
    path.rename(aside)
    return f"{FOLDER}/earlier/{aside.name}"


def read(path):
    """Return what a JSON file holds, or None if it holds none."""
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError:
        return None


def digest(notebook):
    """Return what tells a notebook's text from another's, whatever it was run to, or None if it is none."""
    try:
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    except (KeyError, TypeError):
        return None
    # JupyterLab adds an empty cell behind the last one that is run.
    text = json.dumps([cell for cell in cells if cell[1].strip()])
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    update(pathlib.Path(__file__).resolve().parent.parent)
