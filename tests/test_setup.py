"""The lock, environment.yml, make and course.py: what has to hold before any notebook runs."""

import ast
import importlib.util
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
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

posix = pytest.mark.skipif(os.name == "nt", reason="the fakes are shell scripts")


def marker_environment(system, version):
    sys_platform, machine, platform_system, os_name = SYSTEMS[system]
    return {
        "extra": "",
        "implementation_name": "cpython",
        "os_name": os_name,
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": platform_system,
        "python_full_version": f"{version}.0",
        "python_version": version,
        "sys_platform": sys_platform,
    }


def locked():
    """Return the lock's entries: a Requirement and its hashes each."""
    text = re.sub(r"(?m)^\s*#.*\n?", "", LOCK).replace("\\\n", " ")
    entries = []
    for line in text.splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line)
        entries.append((Requirement(requirement), [item.strip() for item in hashes]))
    return entries


def declared():
    return [Requirement(line) for line in PROJECT["dependencies"]] + [
        Requirement(line) for line in PROJECT["optional-dependencies"]["test"]
    ]


def applies(requirement, environment):
    return requirement.marker is None or requirement.marker.evaluate(environment)


# The lock -----------------------------------------------------------------------------


def test_every_pin_is_exact_and_has_hashes():
    assert len(locked()) > len(declared())
    for requirement, hashes in locked():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", item) for item in hashes), requirement


def test_lock_names_no_place_to_download_from():
    for word in ("://", "index-url", "find-links", "trusted-host", " @ "):
        assert word not in LOCK


@pytest.mark.parametrize(("system", "version"), list(itertools.product(SYSTEMS, VERSIONS)))
def test_every_dependency_has_one_pin(system, version):
    environment = marker_environment(system, version)
    pins = {}
    for requirement, _ in locked():
        if applies(requirement, environment):
            pins.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    assert {name: len(found) for name, found in pins.items() if len(found) > 1} == {}
    for requirement in declared():
        if applies(requirement, environment):
            (pin,) = pins[canonicalize_name(requirement.name)]
            (specifier,) = pin.specifier
            assert requirement.specifier.contains(specifier.version, prereleases=True), pin
    tensorflows = {name for name in pins if name in ("tensorflow", "tensorflow-cpu")}
    assert tensorflows == {"tensorflow-cpu" if system == "linux-x86_64" else "tensorflow"}


def test_pins_name_the_extras_that_others_ask_for():
    """Or an older pip takes the newest version for the extra, which has no hash here."""
    pins = {canonicalize_name(requirement.name): requirement for requirement, _ in locked()}
    asked = [
        (name, Requirement(line))
        for name in pins
        for line in installed_requirements(name)
        if "extra ==" not in line
    ]
    assert len(asked) > len(pins)
    for name, requirement in asked:
        if requirement.extras and canonicalize_name(requirement.name) in pins:
            assert requirement.extras <= pins[canonicalize_name(requirement.name)].extras, (name, requirement)


def installed_requirements(name):
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []  # of another platform


# environment.yml ----------------------------------------------------------------------


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


def test_binder_installs_helpers_and_the_same_kernel():
    text = (ROOT / "postBuild").read_text(encoding="utf-8").replace("\\\n", " ")
    course = load_course(ROOT)
    steps = [re.split(r'"([^"]*)"|\s+', line) for line in text.splitlines()]
    steps = [[word for word in step if word] for step in steps]
    assert course.HELPERS[1:] in steps
    assert ["python", *course.KERNEL] in steps


# make and course.py -------------------------------------------------------------------


def load_course(folder):
    """Import a folder's course.py under a name of its own."""
    spec = importlib.util.spec_from_file_location("course_under_test", folder / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
@pytest.mark.parametrize("target", [[], ["help"]])
def test_make_lists_every_command(target):
    output = subprocess.run(
        ["make", *target, f"PYTHON={sys.executable}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    commands = load_course(ROOT).COMMANDS
    listed = re.findall(r"(?m)^  (\S+)\s+\S", output)
    assert listed == list(commands)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"(?m)^COMMANDS := (.*)$", makefile)[1].split() == listed


@posix
@pytest.mark.parametrize("target", ["help", "lab"])
def test_make_without_any_python_says_so(tmp_path, target):
    make = shutil.which("make")
    shim = tmp_path / "python3"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    env = {"PATH": str(tmp_path)}
    result = subprocess.run([make, target], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert result.stderr.startswith("The course needs Python 3.11, 3.12 or 3.13, but PATH has none")


def test_ci_calls_make_test():
    path = ROOT / ".ci" / "run"
    assert path.read_text().splitlines()[-1] == "make test"
    assert os.name == "nt" or os.access(path, os.X_OK)


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


def test_course_is_parsed_by_old_pythons():
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 8))


# course.py at work, with a fake Python in place of venv and pip -------------------------

FAKE_PYTHON = """#!/bin/sh
echo "$*" >> "{log}"
case "$*" in
"-m venv "*)
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python" ;;
"-m pip install "*)
    case "$FAKE_PIP" in
    fail) echo "ERROR: nothing to be had"; exit 7 ;;
    wait) exec sleep 60 ;;
    esac ;;
esac
"""

DRIVER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it in the background
sys._base_executable = {python!r}
import course
course.check_python = lambda: None
course.hand_over = lambda command, env: print("STARTED", *command[1:])
course.main({arguments!r})
"""


class Course:
    """A copy of course.py in a folder of its own, with a fake Python below it."""

    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "log"
        self.python = folder / "fake-python"
        self.python.write_text(FAKE_PYTHON.format(log=self.log))
        self.python.chmod(0o755)
        self.home = folder / "the course"
        self.home.mkdir()
        for name in ("course.py", "requirements.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, self.home)

    def start(self, *arguments, pip="", **env):
        driver = DRIVER.format(python=str(self.python), arguments=list(arguments))
        return subprocess.Popen(
            [sys.executable, "-c", driver],
            cwd=self.home,
            env={**os.environ, "FAKE_PIP": pip, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments, **env):
        process = self.start(*arguments, **env)
        out, err = process.communicate(timeout=20)
        return process.returncode, out, err

    def calls(self):
        """Return what the fake Python was asked to do since the last time."""
        text = self.log.read_text() if self.log.exists() else ""
        self.log.unlink(missing_ok=True)
        return text.splitlines()

    def stamp(self):
        return self.home / ".venv" / "course-stamp"


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def one_sentence(err):
    assert "Traceback" not in err
    (line,) = err.strip().splitlines()
    assert line.endswith(".")
    return line


@posix
def test_set_up_is_done_once(course):
    code, out, _ = course.run("lab", "--no-browser")
    assert code == 0
    assert "once" in out.splitlines()[0]
    assert out.splitlines()[-1].startswith("STARTED -m jupyterlab")
    assert out.splitlines()[-1].endswith("--no-browser")
    assert "kernel_websocket_connection_class=helpers.live.server.PromptConnection" in out.splitlines()[-1]
    assert "--ServerApp.answer_yes=True" in out.splitlines()[-1]  # one Ctrl-C ends it
    venv, lock, helpers, kernel, news = course.calls()
    assert news.endswith("disable @jupyterlab/apputils-extension:announcements")
    assert venv.startswith("-m venv")
    assert lock.endswith("--require-hashes -r requirements.txt")
    assert helpers.endswith("--no-deps --no-build-isolation -e .")
    assert kernel.startswith("-m ipykernel install --sys-prefix --name python3")

    code, out, _ = course.run("lab")
    assert code == 0
    assert out.startswith("STARTED")
    assert course.calls() == []


@posix
@pytest.mark.parametrize(
    ("name", "old", "new", "steps"),
    [
        ("requirements.txt", "==", "== ", 5),
        ("pyproject.toml", 'version = "1', 'version = "2', 5),
        ("pyproject.toml", "line-length = 110", "line-length = 99", 0),
    ],
)
def test_changed_input_is_set_up_anew_but_not_for_the_settings_of_tools(course, name, old, new, steps):
    course.run("lab")
    course.calls()
    path = course.home / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    course.run("lab")
    assert len(course.calls()) == steps


@posix
@pytest.mark.parametrize("how", ["rename", "copy"])
def test_moved_folder_is_set_up_anew(course, how):
    course.run("lab")
    course.calls()
    moved = course.folder / "elsewhere"
    if how == "rename":
        course.home.rename(moved)
    else:
        shutil.copytree(course.home, moved, symlinks=True)
    course.home = moved
    (moved / ".venv" / "left-over").touch()
    course.run("lab")
    assert len(course.calls()) == 5
    assert not (moved / ".venv" / "left-over").exists()


@posix
def test_lost_python_is_set_up_anew(course):
    course.run("lab")
    course.calls()
    (course.home / ".venv" / "bin" / "python").unlink()
    course.run("lab")
    assert len(course.calls()) == 5


@posix
def test_failing_pip_gives_one_sentence_and_no_stamp(course):
    code, _, err = course.run("lab", pip="fail")
    assert code == 1
    message, sentence = err.strip().splitlines()
    assert message == "ERROR: nothing to be had"
    assert "exit code 7" in one_sentence(sentence)
    assert not course.stamp().exists()
    assert course.run("lab")[0] == 0


@posix
def test_failing_pip_in_a_new_set_up_leaves_no_old_stamp(course):
    course.run("lab")
    with (course.home / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    course.run("lab", pip="fail")
    assert not course.stamp().exists()


@posix
def test_half_removed_set_up_is_not_taken_for_a_whole_one(course, monkeypatch):
    course.run("lab")
    with (course.home / "requirements.txt").open("a") as file:
        file.write("# changed\n")

    def rmtree(path):
        raise KeyboardInterrupt

    module = load_course(course.home)
    monkeypatch.setattr(module, "check_python", lambda: None)
    monkeypatch.setattr(module.shutil, "rmtree", rmtree)
    with pytest.raises(SystemExit):
        module.main(["lab"])
    assert not course.stamp().exists()


def wait_for_pip(course):
    for _ in range(200):
        if course.log.exists() and "-m pip" in course.log.read_text():
            return
        time.sleep(0.05)
    raise AssertionError("pip was not called")


@posix
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_set_up_starts_over(course, how):
    process = course.start("lab", pip="wait")
    wait_for_pip(course)
    os.killpg(process.pid, how)
    _, err = process.communicate(timeout=20)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert one_sentence(err).startswith("Interrupted")
    assert not course.stamp().exists()
    course.calls()
    assert course.run("lab")[0] == 0
    assert len(course.calls()) == 5


@posix
def test_set_up_waits_for_a_pip_left_behind(course):
    first = course.start("lab", pip="wait")
    wait_for_pip(course)
    first.kill()  # only course.py: its pip lives on
    first.communicate(timeout=20)
    course.calls()
    second = course.start("lab")
    assert second.stdout.readline().startswith("Waiting")
    time.sleep(0.5)
    assert course.calls() == []
    os.killpg(first.pid, signal.SIGKILL)
    second.communicate(timeout=20)
    assert second.returncode == 0
    assert len(course.calls()) == 5


@posix
def test_full_disk_gives_one_sentence(course, monkeypatch, capsys):
    module = load_course(course.home)
    monkeypatch.setattr(module, "check_python", lambda: None)
    usage = shutil.disk_usage(course.home)._replace(free=10_000_000)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda place: usage)
    monkeypatch.setattr(module.Venv, "step", lambda *command: pytest.fail("went on"))
    with pytest.raises(SystemExit) as stop:
        module.main(["lab"])
    assert "free disk space" in one_sentence(stop.value.code)
    assert not (course.home / ".venv").exists()
    venv = module.Venv(".venv", [], "", 3)
    with pytest.raises(SystemExit) as stop:
        venv.explain(["python", "-m", "pip"], 1, ["OSError"])
    assert "is full" in one_sentence(stop.value.code)


def test_surroundings_do_not_leak_in(monkeypatch):
    module = load_course(ROOT)
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "MPLBACKEND"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_PROXY", "kept")
    venv = module.Venv(".venv", [], "", 1)
    env = venv.env()
    assert "elsewhere" not in env.values()
    assert env["PIP_USER"] == "0"
    assert env["PIP_PROXY"] == "kept"
    assert env["PATH"].split(os.pathsep)[0] == str(venv.bin)
    assert env["JUPYTER_PREFER_ENV_PATH"] == "1"


# The right Python ---------------------------------------------------------------------


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """course.py where PATH has nothing but a python3 that does not work."""
    module = load_course(ROOT)
    shim = tmp_path / "python3"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return module


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_unsupported_python_gives_one_sentence(bare, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", (*version, "final", 0))
    with pytest.raises(SystemExit) as stop:
        bare.check_python()
    sentence = one_sentence(stop.value.code)
    assert "3.11, 3.12 or 3.13" in sentence
    assert ".".join(map(str, version)) in sentence


@pytest.mark.parametrize("module", ["ensurepip", "venv"])
def test_missing_ensurepip_gives_one_sentence(bare, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SystemExit) as stop:
        bare.check_python()
    assert "apt install python3-venv" in one_sentence(stop.value.code)


def test_unknown_platform_gives_one_sentence(bare, monkeypatch):
    bare.check_python()
    monkeypatch.setattr(bare.platform, "machine", lambda: "riscv64")
    with pytest.raises(SystemExit) as stop:
        bare.check_python()
    assert "riscv64" in one_sentence(stop.value.code)


@posix
def test_another_python_on_path_takes_over(bare, monkeypatch, tmp_path):
    good = tmp_path / "python3.12"
    good.symlink_to("/bin/true")  # agrees to be asked anything
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    monkeypatch.setattr(sys, "argv", ["course.py", "lab", "--no-browser"])
    taken = []

    def hand_over(command, env):
        taken.extend(command)
        sys.exit(0)

    monkeypatch.setattr(bare, "hand_over", hand_over)
    with pytest.raises(SystemExit):
        bare.check_python()
    assert taken == [str(good), str(ROOT / "course.py"), "lab", "--no-browser"]


# Commands -----------------------------------------------------------------------------


def test_unknown_words_give_one_sentence():
    module = load_course(ROOT)
    for arguments in (["labs"], ["test", "units"], ["notebooks", "99_nothing"]):
        with pytest.raises(SystemExit) as stop:
            module.main(arguments)
        assert arguments[-1] in one_sentence(stop.value.code)


def test_checks_run_in_order_and_stop_at_the_first_failure(monkeypatch):
    module = load_course(ROOT)
    calls = []

    def call(command, cwd, env):
        calls.append((command[1:], str(cwd), env))
        return 5 if len(calls) == failing else 0

    monkeypatch.setattr(module, "course_venv", lambda: module.Venv(".venv", [], "", 1))
    monkeypatch.setattr(module.subprocess, "call", call)
    monkeypatch.setattr(module, "bring_chromium", lambda venv: None)
    failing = None
    module.main(["test"])
    assert [command[1] for command, _, _ in calls] == ["ruff", "ruff", *["pytest"] * 4]
    unit, notebooks, browser, other_cpu = calls[2:]
    assert "--cov-fail-under=95" in unit[0]
    assert unit[0][unit[0].index("--ignore") + 1] == module.BROWSER_TESTS
    assert module.BROWSER_TESTS in browser[0]
    assert "--nbval" in notebooks[0]
    assert notebooks[0] == other_cpu[0]
    assert notebooks[1] == str(ROOT) != other_cpu[1]
    assert "max_isa" not in notebooks[2].get("XLA_FLAGS", "")
    assert other_cpu[2]["XLA_FLAGS"] == "--xla_cpu_max_isa=SSE4_2"

    for failing in range(1, 7):
        calls.clear()
        with pytest.raises(SystemExit) as stop:
            module.main(["test"])
        assert stop.value.code == 5
        assert len(calls) == failing


@pytest.mark.parametrize("root", [True, False])
def test_a_missing_chromium_is_brought_or_asked_for_in_one_sentence(root, monkeypatch):
    module = load_course(ROOT)
    calls = []

    def call(command, env):
        calls.append(command)
        return 1 if "install" in command and failing else 0

    failing = False
    monkeypatch.setattr(module.subprocess, "call", call)
    monkeypatch.setattr(module.os, "geteuid", lambda: 0 if root else 1000, raising=False)
    monkeypatch.setattr(module.shutil, "which", lambda name: "/bin/apt-get" if name == "apt-get" else None)
    venv = module.Venv(".venv", [], "", 1)
    module.bring_chromium(venv)
    if root:
        assert [command[:2] for command in calls] == [["apt-get", "update"], ["apt-get", "install"]]
    else:
        assert calls == [[venv.python, "-m", "playwright", "install", "chromium"]]
    failing = True
    with pytest.raises(SystemExit, match=r"need Chromium, but `.*install.*` failed .*: install Chromium"):
        module.bring_chromium(venv)
    calls.clear()
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/bin/{name}")
    module.bring_chromium(venv)
    assert calls == []


def test_failing_lock_leaves_the_old_one(tmp_path, monkeypatch):
    shutil.copy(ROOT / "course.py", tmp_path)
    lock = tmp_path / "requirements.txt"
    lock.write_text("old")
    module = load_course(tmp_path)
    monkeypatch.setattr(module.Venv, "prepare", lambda self: self)
    calls = []

    def call(command, cwd, env):
        calls.append(command)
        if "compile" in command:
            pathlib.Path(command[command.index("-o") + 1]).write_text("new")
        return 2 if len(calls) == failing else 0

    monkeypatch.setattr(module.subprocess, "call", call)
    for failing in (1, 2, 13):  # compile, then the first and the last of 4 systems × 3 Pythons
        calls.clear()
        with pytest.raises(SystemExit):
            module.main(["lock"])
        assert len(calls) == failing
        assert lock.read_text() == "old"
    failing = None
    module.main(["lock"])
    assert lock.read_text() == "new"
    assert "--upgrade" not in calls[0]


def notebook(*sources):
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_failing_notebook_is_left_as_it_was(tmp_path):
    path = tmp_path / "failing.ipynb"
    path.write_text(json.dumps(notebook("print(1)", "1 / 0")))
    before = path.read_bytes()
    with pytest.raises(SystemExit) as stop:
        load_course(ROOT).execute(str(path))
    sentence = one_sentence(stop.value.code + ".")
    assert "failing.ipynb" in sentence
    assert "cell 2" in sentence
    assert "ZeroDivisionError" in sentence
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_executed_notebook_is_the_same_every_time(tmp_path):
    path = tmp_path / "good.ipynb"
    several = "ipywidgets.HBox([ipywidgets.IntSlider(value=i) for i in range(5)])"
    path.write_text(json.dumps(notebook("import ipywidgets", several, "1 + 1")))
    texts = []
    for _ in range(2):
        load_course(ROOT).execute(str(path))
        texts.append(path.read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    stored = json.loads(texts[0])
    assert stored["cells"][2]["outputs"][0]["data"]["text/plain"] == ["2"]
    assert stored["metadata"]["kernelspec"]["name"] == "python3"
    assert "version" not in stored["metadata"]["language_info"]
    assert "execution" not in stored["cells"][0]["metadata"]
    state = stored["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    shown = stored["cells"][1]["outputs"][0]["data"]["application/vnd.jupyter.widget-view+json"]
    assert shown["model_id"] in state
