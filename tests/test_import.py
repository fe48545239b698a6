"""`import helpers` is quick and quiet, and imports run one way: what the house promises."""

import ast
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import helpers
from helpers import lessons

import pytest
from support import load_course

FOLDER = Path(helpers.__file__).parent
# The core: each stands on those before it. lessons/ stands on all of it.
CORE = ["checks", "lessons", "page", "problems", "closed_forms", "question", "words", "progress", "reading"]
CORE += ["train", "pictures", "cure", "diagnosis", "networks", "experiments"]
ROOMS = ["live", "practice", "classroom", "evidence"]  # they stand on the core, and do not know each other
ALSO = {"classroom": ["practice"]}  # but what one stands on besides


def test_import_loads_neither_tensorflow_nor_matplotlib():
    code = f"import sys, helpers, {', '.join(f'helpers.{room}' for room in ROOMS)}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "helpers" in loaded
    assert not {"tensorflow", "keras", "numpy", "matplotlib", "IPython"} & set(loaded)
    names = {path.stem for path in FOLDER.glob("*.py")} | {path.parent.name for path in FOLDER.glob("*/*.py")}
    assert names == {*CORE, *ROOMS, "__init__"}


def imported(path):
    """The files and rooms of helpers that a file imports, and the lessons as "<lessons>"."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            package, *inside = node.module.split(".")
            if package == "helpers":
                yield from inside[:1] or [alias.name for alias in node.names]
            if package == "lessons":
                yield "<lessons>"


def files(name):
    return sorted((FOLDER / name).glob("*.py")) or [FOLDER / f"{name}.py"]


@pytest.mark.parametrize("name", [*CORE, *ROOMS])
def test_imports_run_one_way_and_the_engine_imports_no_lesson(name):
    if name in ROOMS:
        may = {*CORE, name, *ALSO.get(name, ())}
    else:
        may = {*CORE[: CORE.index(name)], *([name] if len(files(name)) > 1 else [])}
    for path in files(name):
        assert set(imported(path)) <= may, path


def test_no_lesson_knows_another():
    for path in lessons.FOLDER.glob("*/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2, path
                assert not re.search(r"lessons\.\d", node.module or ""), path


def test_what_is_declared_is_in_the_order_of_the_lessons_whatever_was_imported_first(monkeypatch):
    registry = lessons.Registry("predict", "practice", "prediction")
    registry.declared = {"second": 2, "first": 1}
    modules = {"00": SimpleNamespace(first=1), "01": SimpleNamespace(second=2)}
    monkeypatch.setattr(lessons, "load", mock.Mock(side_effect=[KeyboardInterrupt, modules]))
    with pytest.raises(KeyboardInterrupt):
        registry.all()  # the next call loads what is missing
    assert list(registry.all()) == ["first", "second"]


@pytest.mark.slow
@pytest.mark.parametrize("processors", [None, 99])
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
    what = "jupyterlab.labapp, nbconvert.exporters, ipykernel.ipkernel, helpers.train, helpers.live.panels"
    do = f"import sys, {what}; print(*[getattr(m, '__file__', '') for m in [*sys.modules.values()]], sep='|')"
    files = subprocess.check_output([sys.executable, "-c", do], text=True).split("|")
    site = sysconfig.get_path("purelib")
    names = [os.path.relpath(name, site).replace(os.sep, "/") for name in files if name.startswith(site)]
    assert len(names) > 2000
    assert list(filter(load_course().environments.SELDOM.search, names)) == []
