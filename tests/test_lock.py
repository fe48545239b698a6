"""What course.py installs from, and who else does: the lock, conda, Binder, containers, CI and make."""

import ast
import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

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
    assert ("tensorflow-cpu" in found) == (system == "linux-x86_64")
    assert ("tensorflow" in found) == (system != "linux-x86_64")
    assert ("pytest" in found) == bool(extra)


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what is installed on one system")
def test_the_lock_names_the_extras_that_are_asked_for():
    """Without them, an older pip takes the newest version of each, which has no hash here."""
    found, here = pins("linux-x86_64", f"3.{sys.version_info[1]}", "test")
    installed = [each for each in metadata.distributions() if canonicalize_name(each.name) in found]
    lines = [line for each in installed for line in each.requires or () if "extra ==" not in line]
    asked = [Requirement(line) for line in lines]
    assert len(asked) > 100
    for requirement in asked:
        if requirement.marker is None or requirement.marker.evaluate(here):
            (pin,) = found[canonicalize_name(requirement.name)]
            assert requirement.extras <= pin.extras, requirement


def test_conda_installs_the_lock_and_nothing_else():
    """Whatever conda installed besides could differ from the lock."""
    python, *rest = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert rest == ["pip", {"pip": ["-r requirements.txt"]}]
    assert python.removeprefix("python=") in SpecifierSet(PROJECT["requires-python"])


def test_workflows_are_valid_and_call_the_commands():
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [zizmor, "--offline", "--no-progress", "--pedantic", ROOT / ".github"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    commands = load_course().COMMANDS
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            called = re.findall(r"course\.py (\w+)", " ".join(step.get("run", "") for step in job["steps"]))
            assert called, name
            assert set(called) <= commands.keys(), name
            versions = job.get("strategy", {}).get("matrix", {}).get("python", VERSIONS)
            assert tuple(versions) == VERSIONS


@pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="there is no make here")
def test_make_lists_every_command_and_asks_for_a_python(tmp_path):
    def make(target, **env):
        command = [shutil.which("make"), target]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=env)

    commands = list(load_course().COMMANDS)
    assert re.findall(r"(?m)^  (\S+)\s+\S", make("help", PYTHON=sys.executable).stdout) == commands
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"(?m)^COMMANDS := (.*)$", makefile)[1].split() == commands
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3").chmod(0o755)
    for target in ("help", "lab"):
        result = make(target, PATH=str(tmp_path))
        assert result.returncode != 0
        assert result.stderr.startswith("The course needs Python 3.11, 3.12 or 3.13, but PATH has no Python")


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is not a git repository")
def test_no_file_names_a_package_registry():
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listing, cwd=ROOT, text=True).split("\0")
    # In two parts, so that this file does not contain them either.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "ana" + "conda.org", "npm" + "js.org"]
    for path in (ROOT / name for name in names if (ROOT / name).is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        assert [host for host in hosts if host in text] == [], path


@pytest.mark.parametrize("name", ["course.py", "environments.py", "lessons/learner.py"])
def test_course_is_parsed_by_old_pythons(name):
    ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 8))
