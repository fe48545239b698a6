"""A malformed lesson gets one sentence, with its line, and nothing is written; the others are made."""

import contextlib
import importlib
import random
import re
import shutil
import subprocess
import sys

import lessons as package
from helpers import lessons
from lessons import build, facts, lesson

import nbformat
import pytest

WHOLE = """---
jupyter:
  lesson:
    minutes: 30
    afterwards: say what it is for
  kernelspec:
    display_name: Python 3 (course)
    language: python
    name: python3
---

# {{ odd }} Odd: what it is about

**Time:** {{ minutes }} minutes. **You need:** {{ even.link }}, and {{ three }} of {{ recipe.epochs }}.

```python
recipe = {"epochs": 500}
seed = 0
```

Then $$x^2$$ and <details><summary>More</summary> more. </details>

```python
my_answer = 4  # solution
check.one_odd(my_answer)
```

The end.
"""
FACTS = 'FACTS = {\n    "three": 3,\n}\n'


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two lessons, 00_odd and 01_even, both correct; nothing is executed."""
    for name in ("00_odd", "01_even"):
        (tmp_path / "lessons" / name).mkdir(parents=True)
        (tmp_path / "lessons" / name / "facts.py").write_text(FACTS)
        text = WHOLE.replace("odd", "ODD").replace("even", "odd").replace("ODD", "even")
        text = text.replace("# {{ even }} Odd", "# {{ even }} Even")
        (tmp_path / "lessons" / name / "lesson.md").write_text(WHOLE if name == "00_odd" else text)
    (tmp_path / "README.md").write_text("| notebook | minutes | \n\nhttps://a.github.io/b/\n")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(package, "__path__", [str(tmp_path / "lessons"), *package.__path__])
    monkeypatch.setattr(lessons, "FOLDER", tmp_path / "lessons")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "execute", lambda made, folder: made)
    forget()
    yield tmp_path
    forget()


def forget():
    """Read all lessons anew."""
    for name in [name for name in sys.modules if re.match(r"lessons\.0[01]_(odd|even)", name)]:
        del sys.modules[name]
    importlib.invalidate_caches()
    for cached in (lessons.names, facts.of, facts.text, lesson._read):
        cached.cache_clear()


def written(course):
    """The lessons that were built."""
    notebooks = [path.stem for path in course.rglob("*.ipynb")]
    assert {path.parent.name for path in course.rglob("*.json")} == set(notebooks)
    return sorted(notebooks)


def test_whole_lessons_are_made(course):
    build.main([])
    assert written(course) == ["00_odd", "01_even"]
    made = nbformat.read(course / "notebooks/00_odd.ipynb", 4)
    assert "**You need:** [01 Even](01_even.ipynb), and 3 of 500." in made.cells[0].source
    assert "my_answer = ...\n" in made.cells[3].source
    assert "01_even.html) | 30 |" in (course / "README.md").read_text("utf-8")


MD, PY = "lesson.md", "facts.py"
MALFORMED = [
    # file, line, what the sentence says, what stands there, and what instead
    (MD, 1, "a header between two lines of ---, but got ''", WHOLE, ""),
    (MD, 4, "UTF-8, but got the byte 0xff", "30", "\udcff"),
    (MD, 4, "the header is not YAML: ", "minutes: 30", "minutes: [30"),
    (MD, 1, "jupyter.lesson.minutes to be a whole number, but got None", "jupyter:", "jupiter:"),
    (MD, 4, "jupyter.lesson.minutes to be a whole number, but got 0", "30", "0"),
    (MD, 4, "jupyter.lesson.minutes to be a whole number, but got True", "30", "yes"),
    (MD, 5, "jupyter.lesson.afterwards to be a few words, but got None", "say what it is for", ""),
    (MD, 5, "jupyter.lesson.afterwards to be a few words, but got 5", "say what it is for", "5"),
    (MD, 6, "jupyter.kernelspec to be {", "name: python3", "name: python2"),
    (MD, 12, "the title, # {{ odd }} Odd", "# {{ odd }} Odd", "## {{ odd }} Odd"),
    (MD, 12, "the title, # {{ odd }} Odd", "# {{ odd }} Odd", "# {{ odd }} Even"),
    (MD, 16, "``` after the code that begins here", "seed = 0\n```", "seed = 0\n"),
    (MD, 16, "``` after the code that begins here", "seed = 0\n```", "seed = 0\n````"),
    (MD, 16, "```python, but got ```py", "```python\nrecipe", "```py\nrecipe"),
    (MD, 28, "```python, but got ```", "The end.", "```"),
    (MD, 17, "code between the fences, but there is none", 'recipe = {"epochs": 500}\nseed = 0', "# later"),
    (MD, 18, "Python, but got 'seed ='", "seed = 0", "seed = "),
    (MD, 17, "Python, but got", '{"epochs": 500}', '{"epochs": 500'),
    (MD, 18, "at most 74 characters, as more scroll sideways, but got 75", "seed = 0", f"seed = {'1' * 68}"),
    (MD, 14, "a name between {{ and }}, but got '{{ three of", "{{ three }}", "{{ three"),
    (MD, 14, "{{ tree }} must be a fact or set once", "{{ three }}", "{{ three }} {{ tree }}"),
    (MD, 14, "{{ recipe }} is a dictionary: name one of its entries, epochs", "recipe.epochs", "recipe"),
    (MD, 14, "{{ three }} is 3 as a fact, but 4 in the lesson's code: rename one", "seed = 0", "three = 4"),
    (MD, 24, "# solution must end an assignment or a return", "my_answer = 4  #", "print(4)  #"),
    (MD, 24, "# solution must end an assignment or a return", "my_answer = 4  #", "my_answer += 4  #"),
    (MD, 24, "check.NAME(...) in the cell that a # solution is in", "check.one_odd(my_answer)\n", ""),
    (MD, 24, "check.one_even in this cell alone, but 01_even has it, too", "check.one_odd", "check.one_even"),
    (MD, 24, "check.one_odd in this cell alone, but 00_odd has it, too", "The end.", WHOLE[-82:-11]),
    (MD, 21, "<details> and then </details>", " </details>", ""),
    (MD, 21, "$$ and then $$", "x^2$$", "x^2$"),
    (MD, 14, "one of them is not whole", "{{ three }}", "<!-- page: a --> {{ three }} <!-- notebook -->"),
    (MD, 14, "{{ three }} gives ZeroDivisionError: division by zero", "3,", "lambda: 1 / 0,"),
    (PY, 3, "expected that lesson.md says 'four', but it does not", "3,\n", '3,\n    "four": 4,\n'),
    (PY, 2, "FACTS gives NameError: name 'tree' is not defined", "3,", "tree,"),
    (PY, 1, "has no attribute 'FACTS'", "FACTS", "FACT"),
]


@pytest.mark.parametrize(("of", "at", "says", "old", "new"), MALFORMED)
def test_a_malformed_lesson_gets_one_sentence_and_others_are_made(of, at, says, old, new, course, capsys):
    paths = [course / "lessons/00_odd" / name for name in (MD, PY)]
    (path,) = (path for path in paths if old in path.read_text("utf-8"))
    text = path.read_text("utf-8").replace(old, new, 1)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SystemExit) as stop:
        build.main([])
    errors = capsys.readouterr().err.splitlines()
    assert errors[0].startswith(f"notebooks/00_odd.ipynb is left as it was: lessons/00_odd/{of}, line {at}: ")
    assert says in errors[0]
    assert errors[0].endswith(".")
    both = "01_even has it" in says
    of_readme = errors[-1].startswith("README.md is left as it was: lessons/00_odd/lesson.md, line ")
    assert sum(each.startswith("notebooks/") for each in errors) == len(errors) - of_readme == 1 + both
    assert stop.value.code == 1
    assert written(course) == ([] if both else ["01_even"])


def test_inserting_a_lesson_renumbers_those_after_it(course):
    shutil.copytree(build.TEMPLATE, course / "lessons/template")
    (course / "lessons/template/.ipynb_checkpoints").mkdir()  # as JupyterLab leaves one
    build.main([])
    (course / "tests").mkdir()
    (course / "tests/test_x.py").write_text("from_the = '01_even'")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in ("init --quiet", "add lessons notebooks/00_odd.ipynb", "commit --quiet -m all"):
        subprocess.run([*git, *command.split()], cwd=course, check=True)
    build.main(["--insert", "01_new_thing"])
    forget()
    assert lessons.names() == ("00_odd", "01_new_thing", "02_even")
    assert sorted(path.name for path in course.glob("notebooks/*")) == ["00_odd.ipynb", "02_even.ipynb"]
    assert (course / "tests/test_x.py").read_text() == "from_the = '02_even'"
    moved = subprocess.check_output(["git", "status", "--short"], cwd=course, text=True)
    assert "R  lessons/01_even/lesson.md -> lessons/02_even/lesson.md" in moved
    assert build.notebook("02_even").cells[0].source.startswith("# 02 Even")
    path = course / "lessons/01_new_thing/lesson.md"
    path.write_text(path.read_text().replace("start_here", "even"))
    assert build.notebook("01_new_thing").cells[0].source.startswith("# 01 New thing: ")
    for taken in ("01_even", "07_far", "1_x", "new", "01_New", "", "01_a 02_b"):
        with pytest.raises(SystemExit, match=f"Expected a number and a name .* but got {taken}"):
            build.main(["--insert", *taken.split()])


PIECES = ["`", "```", "```python\n", "{{", "}}", "{", "# solution", "---\n", "$$", "<details>", "#", ":"]
PIECES += ["\t", "  ", "\r\n", "\x00", "\ufeff", "\u2028", "\x0c", "'", '"', "(", "[", "\\", "é"]
PIECES += ["- a", "&a *a", "!!x", "%run"]


def mutated(lines, rng):
    """A text with one random change."""
    at, piece = rng.randrange(len(lines)), rng.choice(PIECES)
    line = lines[at]
    cut = int(rng.random() * len(line))
    put = [[], [line, line], [line, rng.choice(lines)], ["  " + line], [line.lstrip()], [piece + "\n", line]]
    put += [[line[:cut] + piece + line[cut:]], [line[:cut] + line[cut + 1 :]]]
    return "".join([*lines[:at], *rng.choice(put), *lines[at + 1 :]][: rng.choice([None] * 9 + [at])])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_lesson_with_anything_wrong_is_made_or_gets_one_sentence(seed, course, capsys):
    rng, paths = random.Random(seed), {name: course / "lessons/00_odd" / name for name in (MD, PY)}
    for _ in range(40):
        name = rng.choice([MD, MD, MD, PY])
        whole = paths[name].read_bytes()
        wrong = mutated(whole.decode().splitlines(keepends=True), rng)
        paths[name].write_bytes(wrong.encode())
        for path in [*course.rglob("*.ipynb"), *course.rglob("*.json")]:
            path.unlink()
        forget()
        with contextlib.suppress(SystemExit):
            build.main([])
        errors = capsys.readouterr().err
        sentence = re.compile(r": lessons/0[01]_\w+/(lesson\.md|facts\.py), line \d+: .{9,400}\.$")
        assert all(map(sentence.search, errors.splitlines())), (wrong, errors)
        assert written(course) == [n for n in lessons.names() if f"{n}.ipynb is left" not in errors], wrong
        paths[name].write_bytes(whole)
