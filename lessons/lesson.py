"""Reads a lesson.md; an error in it gets one sentence, with its line and what was expected."""

import ast
import copy
import functools
import itertools
import re
from collections.abc import Iterator

from helpers import lessons

import jupytext
import nbformat
import yaml

NAME = re.compile(r"\{\{ *([\w.]+) *\}\}")
SOLUTION = re.compile(r" *# solution$", re.MULTILINE)
CHECK = re.compile(r"^check\.(\w+)\(.*", re.MULTILINE)
FENCE = re.compile(r"^```(.*)\n?", re.MULTILINE)
YAML = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
# The width of a code cell at 1024 x 768, in JupyterLab with the file browser open.
WIDEST = 74
KERNEL = {"display_name": "Python 3 (course)", "language": "python", "name": "python3"}
HEADER = {
    "lesson.minutes": (lambda value: type(value) is int and value > 0, "a whole number"),
    "lesson.afterwards": (lambda value: isinstance(value, str) and value, "a few words"),
    "kernelspec": (lambda value: value == KERNEL, KERNEL),
}


class Malformed(ValueError):
    """An error in a lesson: where it is, what was expected, and what was there instead."""

    def __init__(self, lesson: str, line: int, problem: str, file: str = "lesson.md") -> None:
        super().__init__(f"lessons/{lesson}/{file}, line {line}: {problem.rstrip('.')}.")


def raw(lesson: str) -> str:
    """Return the text of a lesson's lesson.md."""
    path = lessons.FOLDER / lesson / "lesson.md"
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"expected UTF-8, but got the byte {error.object[error.start]:#x}"
        raise Malformed(lesson, line, what) from None


def read(lesson: str) -> nbformat.NotebookNode:
    """Return a lesson, such as "05_input_scale", as a notebook, not executed and with names in its prose.

    Raises Malformed.
    """
    return copy.deepcopy(_read(lesson, raw(lesson)))


@functools.cache
def _read(lesson: str, text: str) -> nbformat.NotebookNode:
    for line, problem in _faults(lesson, text):
        raise Malformed(lesson, line, problem)
    try:
        made = jupytext.reads(text, fmt="md")
    except Exception as error:  # about its own header, or the metadata of a fence
        what = f"jupytext gives {type(error).__name__}: {str(error).splitlines()[0]}"
        raise Malformed(lesson, 1, what) from None
    if "lesson" not in made.metadata:
        raise Malformed(lesson, 1, "expected a header that jupytext reads, too: compare it with another's")
    for cell in made.cells:
        if cell.cell_type == "raw":
            first, *_ = cell.source.splitlines() or [""]
            line = line_of(text, max(0, text.find(first, YAML.match(text).end())))
            raise Malformed(lesson, line, f"expected text or code, but got a raw cell, {first!r}")
    return made


def line_of(text: str, at: int) -> int:
    """Return the line, counted from 1, of a position in a text."""
    return text.count("\n", 0, at) + 1


# The line of each, and what it is. Only the first is reported, so that each may rely on those before it.
Faults = Iterator[tuple[int, str]]


def _faults(lesson: str, text: str) -> Faults:
    yield from _in_header(text)
    prose, fences = text, list(FENCE.finditer(text))
    for opens, closes in itertools.zip_longest(fences[::2], fences[1::2]):
        line = line_of(text, opens.start())
        if opens[1] != "python":
            yield line, f"expected ```python, but got {opens[0].strip()}"
        if closes is None or closes[1]:
            yield line, "expected ``` after the code that begins here, but there is none"
        code = text[opens.end() : closes.start()]
        yield from _in_code(lesson, line + 1, code)
        prose = prose[: opens.end()] + re.sub(r"[^\n]", " ", code) + prose[closes.start() :]
    yield from _in_prose(lesson, prose, YAML.match(text).end())


def _in_header(text: str) -> Faults:
    match = YAML.match(text)
    if not match:
        yield 1, f"expected a header between two lines of ---, but got {text[:12]!r}"
    try:
        header = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "context_mark", None) or getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else line_of(text, 4 + getattr(error, "position", 0))
        yield line, f"the header is not YAML: {getattr(error, 'problem', None) or str(error).splitlines()[0]}"
    for path, (fits, what) in HEADER.items():
        value, line = header, 1
        for key in ("jupyter", *path.split(".")):
            place = re.search(rf"^ *{key}:", match[0], re.MULTILINE)
            there = isinstance(value, dict) and key in value and place
            value, line = (value[key], line_of(text, place.start())) if there else (None, line)
        if not fits(value):
            yield line, f"expected jupyter.{path} to be {what}, but got {value!r}"


def _in_code(lesson: str, line: int, code: str) -> Faults:
    try:
        if not ast.parse(code).body:
            yield line, "expected code between the fences, but there is none"
    except SyntaxError as error:
        got = code.splitlines()[error.lineno - 1].strip() if error.lineno else code
        yield line + error.lineno - 1, f"expected Python, but got {got!r}: {error.msg}"
    for at, each in enumerate(code.splitlines(), start=line):
        if len(each) > WIDEST:
            yield at, f"expected at most {WIDEST} characters, as more scroll sideways, but got {len(each)}"
    if not SOLUTION.search(code):
        return
    try:
        blank(code)
    except ValueError as error:
        yield line, str(error)
    solved = CHECK.search(code)
    if not solved:
        yield line, "expected check.NAME(...) in the cell that a # solution is in"
    for other in lessons.names():
        text = (lessons.FOLDER / other / "lesson.md").read_text("utf-8", errors="replace")
        if len(re.findall(rf"^check\.{solved[1]}\(", text, re.MULTILINE)) > (other == lesson):
            yield line, f"expected check.{solved[1]} in this cell alone, but {other} has it, too"


def _in_prose(lesson: str, prose: str, header: int) -> Faults:
    """Check the prose; the code in it is blanked out."""
    title = re.escape(lessons.title(lesson)[3:])
    if not re.compile(rf"\s*# (\{{\{{ \w+ \}}\}} )?{title}\b").match(prose, header):
        line = line_of(prose, len(prose) - len(prose[header:].lstrip()))
        yield line, f"expected the title, # {{{{ {lesson[3:]} }}}} {lessons.title(lesson)[3:]}"
    left = NAME.sub(lambda name: " " * len(name[0]), prose)
    wrong = re.compile(r"\{\{[^\n]{0,20}|\{ [\w.]+ \}+", re.MULTILINE).search(left, header)
    if wrong:
        got = prose[wrong.start() : wrong.end()]
        yield line_of(prose, wrong.start()), f"expected a name between {{{{ and }}}}, but got {got!r}"
    for opens, closes in (("<details>", "</details>"), ("$$", "$$")):
        marks = list(re.finditer(f"{re.escape(opens)}|{re.escape(closes)}", left))
        for one, other in itertools.zip_longest(marks[::2], marks[1::2]):
            if one[0] != opens or not other or other[0] != closes:
                line = line_of(prose, one.start())
                yield line, f"expected {opens} and then {closes}, but one of them has no other"


def blank(source: str) -> str:
    """Return an exercise's cell with `...` for the value of each statement that ends in `# solution`.

    Raises ValueError for any other line that ends so, as it would give the solution away.
    """
    lines = source.splitlines()
    for node in sorted(ast.walk(ast.parse(source)), key=lambda node: -getattr(node, "lineno", 0)):
        if isinstance(node, ast.Assign | ast.Return) and SOLUTION.search(lines[node.end_lineno - 1]):
            hole = "return ..."
            if isinstance(node, ast.Assign):
                names = [ast.unparse(target).strip("()") for target in node.targets]
                values = ["..." for _ in getattr(node.targets[0], "elts", "1")]
                hole = f"{' = '.join(names)} = {', '.join(values)}"
            lines[node.lineno - 1 : node.end_lineno] = [" " * node.col_offset + hole]
    for line in lines:
        if SOLUTION.search(line):
            raise ValueError(f"# solution must end an assignment or a return, but ends {line.strip()!r}.")
    return "\n".join(lines)
