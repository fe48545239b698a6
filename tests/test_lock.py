"""What course.py installs from, and who else does: the lock, conda, Binder, containers, CI and make."""

import ast
import contextlib
import importlib
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
SYSTEMS = {
    "linux-x86_64": ("linux", "x86_64", "Linux", "posix"),
    "linux-aarch64": ("linux", "aarch64", "Linux", "posix"),
    "macos-arm64": ("darwin", "arm64", "Darwin", "posix"),
    "windows-x86_64": ("win32", "AMD64", "Windows", "nt"),
}
VERSIONS = ("3.11", "3.12", "3.13")


def load_course(folder=ROOT):
    """Import a folder's course.py anew."""
    for name in ("course", "environments"):
        sys.modules.pop(name, None)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("course")
    finally:
        sys.path.remove(str(folder))


def one_sentence(err):
    assert "Traceback" not in err
    (line,) = err.strip().splitlines()
    assert line.endswith(".")
    return line


def locked():
    """Return the lock's entries: a Requirement and its hashes each."""
    text = re.sub(r"(?m)^\s*#.*\n?", "", LOCK).replace("\\\n", " ")
    lines = [re.split(r"\s+--hash=", line) for line in text.splitlines()]
    return [(Requirement(line[0]), [item.strip() for item in line[1:]]) for line in lines]


def pins(system, version, extra):
    """Return {name: [Requirement, ...]} of the lock, as a machine and the extra have it."""
    keys = ("sys_platform", "platform_machine", "platform_system", "os_name")
    here = dict(zip(keys, SYSTEMS[system], strict=True), extra=extra, python_version=version)
    here.update(python_full_version=f"{version}.0", platform_python_implementation="CPython")
    here.update(implementation_name="cpython")
    found = {}
    for requirement, _ in locked():
        if requirement.marker is None or requirement.marker.evaluate(here):
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found, here


def declared(*extras):
    groups = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(line) for line in itertools.chain(*groups)]


def test_every_pin_is_exact_and_has_hashes_and_no_place_to_download_from():
    for word in ("://", "index-url", "find-links", "trusted-host", " @ "):
        assert word not in LOCK
    assert len(locked()) > len(declared("test"))
    for requirement, hashes in locked():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", item) for item in hashes), requirement


@pytest.mark.parametrize("extra", ["", "test"])
@pytest.mark.parametrize(("system", "version"), list(itertools.product(SYSTEMS, VERSIONS)))
def test_every_dependency_has_one_pin(system, version, extra):
    found, here = pins(system, version, extra)
    assert {name: len(several) for name, several in found.items() if len(several) > 1} == {}
    for requirement in declared("tools", *filter(None, [extra])):
        if requirement.marker is None or requirement.marker.evaluate(here):
            (pin,) = found[canonicalize_name(requirement.name)]
            (specifier,) = pin.specifier
            assert requirement.specifier.contains(specifier.version, prereleases=True), pin
    tensorflows = {name for name in found if name in ("tensorflow", "tensorflow-cpu")}
    assert tensorflows == {"tensorflow-cpu" if system == "linux-x86_64" else "tensorflow"}
    # All of the others' tools, and a few that JupyterLab needs as well.
    tools = {"jupytext", "pytest", "ruff", "uv", "zizmor"}
    assert tools & set(found) == (tools if extra else set())


def needs(name):
    """Return what an installed package needs, or nothing if it is of another platform."""
    with_extras = []
    with contextlib.suppress(metadata.PackageNotFoundError):
        with_extras = metadata.requires(name) or []
    return [Requirement(line) for line in with_extras if "extra ==" not in line]


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what is installed on one system")
@pytest.mark.parametrize("extra", ["", "test"])
def test_the_lock_is_closed_and_names_the_extras_that_are_asked_for(extra):
    """Without the extras, an older pip takes the newest version for each, which has no hash here."""
    found, here = pins("linux-x86_64", f"3.{sys.version_info[1]}", extra)
    asked = [(name, requirement) for name in found for requirement in needs(name)]
    assert len(asked) > len(found)
    for name, requirement in asked:
        if requirement.marker is None or requirement.marker.evaluate(here):
            (pin,) = found[canonicalize_name(requirement.name)]
            assert requirement.extras <= pin.extras, (name, requirement)


def test_conda_environment_installs_the_lock():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert conda["name"] == PROJECT["name"]
    assert conda["channels"] == ["conda-forge"]
    # Whatever conda installed besides could differ from the lock.
    python, pip, packages = conda["dependencies"]
    assert pip == "pip"
    assert packages == {"pip": ["-r requirements.txt"]}
    name, version = python.split("=")
    assert name == "python"
    assert version in SpecifierSet(PROJECT["requires-python"])


def test_containers_are_set_up_by_course_py():
    """Docker cannot run here: what they start is what a checkout starts, so the same lock."""
    set_up = "course.py lab --version"
    assert not (ROOT / "Dockerfile").exists()  # Binder would ignore environment.yml for it
    docker = (ROOT / ".devcontainer" / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"(?m)^FROM python:3\.(11|12|13)-slim$", docker)
    make_user, of_course = re.findall(r"(?m)^RUN (.*)$", docker)
    assert of_course == f"python {set_up}"
    # Not as root: a hub's server refuses to start, and what root made the learner could not change.
    assert "useradd" in make_user
    assert (
        docker.index("\nUSER jovyan\n")
        < docker.index("\nCOPY --chown=jovyan . .\n")
        < docker.index(of_course)
    )
    assert 'ENV PATH="/course/.venv/bin:$PATH"' in docker
    assert json.loads(re.search(r"(?m)^CMD (.*)$", docker)[1])[:3] == ["python3", "course.py", "lab"]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ".venv*" in ignored
    devcontainer = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert devcontainer["postCreateCommand"] == f"python {set_up}"
    version = devcontainer["image"].rpartition(":")[2].partition("-")[0]
    assert version in VERSIONS
    interpreter = devcontainer["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/.venv/bin/python"


def test_workflows_are_valid_and_call_the_commands():
    beside_python = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120
    zizmor = shutil.which("zizmor", path=beside_python)
    command = [zizmor, "--offline", "--no-progress", "--pedantic", str(ROOT / ".github")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    jobs, commands = {}, load_course().COMMANDS
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs |= yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    for name, job in jobs.items():
        called = [step["run"].split() for step in job["steps"] if "course.py" in step.get("run", "")]
        assert called, name
        assert all(words[:2] == ["python", "course.py"] and words[2] in commands for words in called), name
    path = ROOT / ".ci" / "run"
    assert path.read_text().splitlines()[-2:] == ["make test", "make test ARGS=colab"]
    assert os.name == "nt" or os.access(path, os.X_OK)
    matrix = jobs["check"]["strategy"]["matrix"]
    assert tuple(matrix["python"]) == VERSIONS
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}


@pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="there is no make here")
def test_make_lists_every_command_and_asks_for_a_python(tmp_path):
    def make(*arguments, **how):
        command = [shutil.which("make"), *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **how)

    commands = list(load_course().COMMANDS)
    for target in ([], ["help"]):
        output = make(*target, f"PYTHON={sys.executable}").stdout
        assert re.findall(r"(?m)^  (\S+)\s+\S", output) == commands
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"(?m)^COMMANDS := (.*)$", makefile)[1].split() == commands
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3").chmod(0o755)
    for target in ("help", "lab"):
        result = make(target, env={"PATH": str(tmp_path)})
        assert result.returncode != 0
        assert result.stderr.startswith("The course needs Python 3.11, 3.12 or 3.13, but PATH has no Python")


def test_no_file_names_a_package_registry():
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip("this is not a git repository")
    # In two parts, so that this file does not contain them either.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "ana" + "conda.org", "npm" + "js.org"]
    for name in filter(None, result.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            assert [host for host in hosts if host in text] == [], name


@pytest.mark.parametrize("name", ["course.py", "environments.py"])
def test_course_is_parsed_by_old_pythons(name):
    ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_readme_tells_what_the_set_up_needs():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    course = (ROOT / "course.py").read_text(encoding="utf-8")
    (size, disk, free), (more,) = (
        re.search(r"of about (\d+) MB, (\d) GB on disk\", (\d)", course).groups(),
        re.search(r"tests need, a download of about (\d+) MB", course).groups(),
    )
    assert f"downloads about {size} MB, once; it takes {disk} GB of disk space, and wants {free} GB" in readme
    assert f"it downloads about {more} MB more" in readme
    assert f"runs on Python {VERSIONS[0]}, {VERSIONS[1]} or {VERSIONS[2]};" in readme
