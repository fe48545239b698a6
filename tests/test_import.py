"""`import helpers` is quick and quiet, and imports run one way: what the house promises."""

import ast
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import helpers

import pytest
from test_lock import load_course

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


@pytest.mark.slow
@pytest.mark.parametrize("processors", [None, 1, 2, 99])
def test_python_compiles_in_any_folder_with_any_number_of_processors(tmp_path, monkeypatch, processors):
    environments = load_course().environments
    monkeypatch.setattr(environments.os, "cpu_count", lambda: processors)
    venv = environments.Venv("none", "", 0)
    venv.path, venv.python, site = tmp_path, sys.executable, tmp_path / "Übung 1"
    names = ["a.py", "b.py", "c_test.py", "broken.py", *(f"many/ä {i}.py" for i in range(9))]
    for name in names:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("1 +" if name == "broken.py" else "1")
    (site / "struct.py").write_text("raise ImportError")
    monkeypatch.chdir(site)  # where set-up is started nothing is taken for Python's own
    venv.compile(site, ())
    compiled = {path.name.partition(".")[0] for path in site.rglob("*.pyc")}
    assert compiled == {"a", "b", "struct", *(f"ä {i}" for i in range(9))}


@pytest.mark.slow
def test_what_the_course_imports_is_compiled_before():
    """Jupyter's server and its menu of exports, a kernel, helpers: else a first start takes seconds more."""
    what = "jupyterlab.labapp, nbconvert.exporters, ipykernel.ipkernel, helpers.training, helpers.live.panels"
    code = (
        f"import sys, {what}; print(*[getattr(m, '__file__', '') for m in [*sys.modules.values()]], sep='|')"
    )
    files = subprocess.check_output([sys.executable, "-c", code], text=True).split("|")
    site = sysconfig.get_path("purelib")
    names = [os.path.relpath(name, site).replace(os.sep, "/") for name in files if name.startswith(site)]
    assert len(names) > 2000
    assert list(filter(load_course().environments.SELDOM.search, names)) == []
