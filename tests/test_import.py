"""`import helpers` is quick and quiet, and imports run one way: what the house promises."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import helpers

import pytest

FOLDER = Path(helpers.__file__).parent
CORE = re.findall(r"(?m)^(\w+)  +\S", helpers.__doc__)
ROOMS = re.findall(r"(?m)^(\w+)/  ", helpers.__doc__)


def test_import_loads_neither_tensorflow_nor_matplotlib():
    code = f"import sys, helpers, {', '.join(f'helpers.{room}' for room in ROOMS)}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "helpers" in loaded
    assert not {"tensorflow", "keras", "numpy", "matplotlib", "IPython"} & set(loaded)


def imported(path):
    """The modules of helpers that a file imports: "networks", "live.canvas", ..."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "helpers":
            inside = node.module.partition(".")[2]
            names = [alias.name for alias in node.names] if inside in ("", *ROOMS) else [""]
            yield from (".".join(filter(None, (inside, name))) for name in names)


def test_the_map_of_the_core_is_true_and_its_imports_run_one_way():
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == sorted([*CORE, "__init__"])
    for position, name in enumerate(CORE):
        assert set(imported(FOLDER / f"{name}.py")) <= set(CORE[:position]), name


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_stands_on_the_core_alone(room):
    paths = list((FOLDER / room).glob("*.py"))
    assert len(paths) > 1
    for path in paths:
        for module in imported(path):
            assert module in CORE or module.partition(".")[0] == room, f"{path.name} imports {module}"
