"""What course.py installs from, and who else does: the lock, conda, Binder, containers, CI and make."""

import ast
import contextlib
import itertools
import os
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
from support import ROOT, load_course

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
SYSTEMS = {
    "linux-x86_64": ("linux", "x86_64", "Linux", "posix"),
    "linux-aarch64": ("linux", "aarch64", "Linux", "posix"),
    "macos-arm64": ("darwin", "arm64", "Darwin", "posix"),
    "windows-x86_64": ("win32", "AMD64", "Windows", "nt"),
}
VERSIONS = ("3.11", "3.12", "3.13")


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


def test_conda_installs_the_lock_and_nothing_else():
    """Whatever conda installed besides could differ from the lock."""
    python, *rest = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert rest == ["pip", {"pip": ["-r requirements.txt"]}]
    assert python.removeprefix("python=") in SpecifierSet(PROJECT["requires-python"])


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
    assert tuple(jobs["check"]["strategy"]["matrix"]["python"]) == VERSIONS


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
