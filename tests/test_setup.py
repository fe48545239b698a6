"""course.py at work, with one shell script in place of Python, pip and uv."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest
from test_lock import ROOT, load_course

posix = pytest.mark.skipif(os.name == "nt", reason="the fakes are shell scripts")

FAKE = """#!/bin/sh
me=$(basename "$0")
for last; do :; done
case "$me $*" in
"uv --version") echo "uv $FAKE_VERSION (fake)"; exit ;;
"python -c"*) exit ;;
"python -m pip config list") printf '%s\\n' "$FAKE_CONFIG"; exit ;;
esac
echo "$me $*" >> "{log}"
case "$me $*" in
"python -m jupyterlab"*) echo "STARTED $*" ;;
"python -m venv"* | "uv venv"*)
    [ "$FAKE_FAULT" = python ] && echo "error: No interpreter found" && exit 2
    mkdir -p "$last/bin" "$last/lib/python3.12/site-packages"
    cp "$0" "$last/bin/python" ;;
*" install "*)
    env > "{log}.env"
    case "$FAKE_FAULT" in
    network) echo "error: nothing to be had"; exit 7 ;;
    wait) exec sleep 60 ;;
    esac
    cp "$0" "$(dirname "$0")/uv" 2>/dev/null || true ;;
esac
"""

DRIVER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it in the background
sys._base_executable, version = {python!r}, {version}
sys.version_info = version or sys.version_info
import course, environments
environments.check_platform = lambda: None
course.main({arguments!r})
"""
SET_UP = ["uv venv", "uv pip install", "python -m jupyterlab"]


class Course:
    """A copy of course.py in a folder of its own, with a fake uv on PATH."""

    def __init__(self, folder):
        self.folder, self.log = folder, folder / "log"
        tools = folder / "bin"
        tools.mkdir()
        for name in ("python", "uv"):
            (tools / name).write_text(FAKE.format(log=self.log))
            (tools / name).chmod(0o755)
        self.python = tools / "python"
        self.home = folder / "Übung 1"
        self.home.mkdir()
        for name in ("course.py", "environments.py", "requirements.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, self.home)

    def start(self, *arguments, fault="", uv="0.13.9", python=None, **env):
        driver = DRIVER.format(python=str(self.python), version=python, arguments=list(arguments))
        path = os.pathsep.join([str(self.python.parent), "/usr/bin", "/bin"])
        fakes = {"PATH": path, "FAKE_FAULT": fault, "FAKE_VERSION": uv, "FAKE_CONFIG": ""}
        return subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", driver],
            cwd=self.home,
            env={name: value for name, value in {**os.environ, **fakes, **env}.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *arguments, **how):
        process = self.start(*arguments, **how)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def calls(self):
        """Return what the fakes were asked to do since the last time."""
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        self.log.unlink(missing_ok=True)
        return text.splitlines()

    def set_up(self):
        """Return whether `lab` works, with a set-up from the start."""
        self.calls()
        code, _, err = self.run("lab")
        calls = self.calls()
        assert code == 0, err
        assert calls[-1].startswith(SET_UP[-1])
        return [call.startswith(start) for call, start in zip(calls, SET_UP, strict=False)] == [True] * 3

    def stamp(self):
        return self.home / ".venv" / "course-stamp"

    def venv_env(self):
        """Return the variables that uv or pip was started with."""
        lines = (self.folder / "log.env").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def one_sentence(err):
    assert "Traceback" not in err
    (line,) = err.strip().splitlines()
    assert line.endswith(".")
    return line


# The environment ----------------------------------------------------------------------


@posix
def test_set_up_is_done_once(course):
    code, out, _ = course.run("lab", "--no-browser")
    assert code == 0
    assert "once" in out.splitlines()[0]
    started = out.splitlines()[-1]
    assert started.startswith("STARTED -m jupyterlab")
    assert started.endswith("--no-browser")
    assert "kernel_websocket_connection_class=helpers.server.PromptConnection" in started
    assert "--ServerApp.answer_yes=True" in started  # one Ctrl-C ends it
    venv, install, _ = course.calls()
    assert venv == f"uv venv --no-project --python {course.python} {course.home / '.venv'}"
    assert install.startswith(
        f"uv pip install --python {course.home / '.venv/bin/python'} --compile-bytecode"
    )
    assert install.endswith("--only-binary :all: --require-hashes -r requirements.txt")

    code, out, _ = course.run("lab")
    assert code == 0
    assert out.startswith("STARTED")
    assert len(course.calls()) == 1


@posix
def test_the_venv_finds_helpers_and_the_kernel_in_any_folder_and_locale(course):
    """Python 3.11 reads a .pth in the locale's encoding: an absolute path would need UTF-8."""
    assert course.set_up()
    site = course.home / ".venv/lib/python3.12/site-packages"
    line = (site / "course.pth").read_bytes().decode("ascii")
    assert (site / line).resolve() == course.home
    kernel = json.loads((course.home / ".venv/share/jupyter/kernels/python3/kernel.json").read_bytes())
    assert kernel["argv"][0] == str(course.home / ".venv/bin/python")
    assert kernel["env"]["PYTHONUTF8"] == "1"
    page = json.loads((course.home / ".venv/etc/jupyter/labconfig/page_config.json").read_bytes())
    assert page == {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    assert course.venv_env()["LC_ALL"] == "C.UTF-8"  # or uv's Python tells paths in the locale's encoding


@posix
@pytest.mark.skipif(shutil.which("localedef") is None, reason="there is no localedef here")
@pytest.mark.parametrize(("language", "encoding"), [("zh_CN", "GBK"), ("de_DE", "CP1252"), (None, None)])
def test_a_locale_without_utf_8_changes_no_path(course, tmp_path, language, encoding):
    env = {**os.environ, "PYTHONUTF8": "0", "LOCPATH": str(tmp_path), "LC_ALL": f"{language}.{encoding}"}
    if language is None:
        env.update(LC_ALL="C", PYTHONCOERCECLOCALE="0")
    else:
        target = ["localedef", "-i", language, "-f", encoding, str(tmp_path / env["LC_ALL"])]
        if subprocess.call(target, stderr=subprocess.DEVNULL):
            pytest.skip(f"localedef cannot make {language}.{encoding}")
    with (course.home / "course.py").open("a", encoding="utf-8") as file:
        file.write("    print(ascii(str(ROOT)))\n")
    command = [sys.executable, str(course.home / "course.py"), "help"]
    out = subprocess.check_output(command, env=env, text=True)
    assert out.splitlines()[-1] == ascii(str(course.home))


@posix
def test_tests_add_to_the_learners_environment_and_leave_it_ready(course):
    assert course.set_up()
    assert course.run("lint")[0] == 0
    install, *ruff = course.calls()
    assert install.startswith("uv pip install")
    assert str(course.home / ".venv/requirements.txt") in install
    assert [call.split(" --")[0] for call in ruff] == ["python -m ruff format", "python -m ruff check ."]
    added = (course.home / ".venv/requirements.txt").read_text("utf-8")
    assert "extra ==" not in added
    assert "\npytest==" in added
    assert course.run("lint")[0] == 0
    assert len(course.calls()) == 2
    assert not course.set_up()


@posix
@pytest.mark.parametrize(
    ("name", "old", "new", "anew"),
    [
        ("requirements.txt", "==", "== ", True),
        ("pyproject.toml", 'version = "1', 'version = "2', True),
        ("pyproject.toml", "line-length = 110", "line-length = 99", False),
        (".venv/bin/python", None, None, True),
    ],
)
def test_changed_input_is_set_up_anew_but_not_for_the_settings_of_tools(course, name, old, new, anew):
    assert course.set_up()
    path = course.home / name
    if old is None:
        path.unlink()
    else:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
    assert course.set_up() == anew


@posix
@pytest.mark.parametrize("how", ["rename", "copy"])
def test_moved_folder_is_set_up_anew(course, how):
    assert course.set_up()
    moved = course.folder / "elsewhere"
    if how == "rename":
        course.home.rename(moved)
    else:
        shutil.copytree(course.home, moved, symlinks=True)
    course.home = moved
    (moved / ".venv" / "left-over").touch()
    assert course.set_up()
    assert not (moved / ".venv" / "left-over").exists()


@posix
@pytest.mark.parametrize("before", [False, True])
def test_failing_installation_gives_one_sentence_and_no_stamp(course, before):
    if before:
        assert course.set_up()
        with (course.home / "requirements.txt").open("a") as file:
            file.write("# changed\n")
    code, _, err = course.run("lab", fault="network")
    assert code == 1
    message, sentence = err.strip().splitlines()
    assert message == "error: nothing to be had"
    assert "exit code 7" in one_sentence(sentence)
    assert "network" in sentence
    assert not course.stamp().exists()
    assert course.set_up()


@posix
def test_half_removed_set_up_is_not_taken_for_a_whole_one(course, monkeypatch):
    assert course.set_up()
    with (course.home / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    module = load_course(course.home)

    def rmtree(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.shutil, "rmtree", rmtree)
    with pytest.raises(SystemExit):
        module.main(["lab"])
    assert not course.stamp().exists()


def wait_for_uv(course):
    for _ in range(1000):
        if course.log.exists() and "uv pip" in course.log.read_text("utf-8"):
            return
        time.sleep(0.05)
    raise AssertionError("uv was not called")


@posix
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_set_up_starts_over(course, how):
    process = course.start("lab", fault="wait")
    wait_for_uv(course)
    os.killpg(process.pid, how)
    _, err = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert one_sentence(err).startswith("Interrupted")
    assert not course.stamp().exists()
    assert course.set_up()


@posix
def test_set_up_waits_for_a_uv_left_behind(course):
    first = course.start("lab", fault="wait")
    wait_for_uv(course)
    first.kill()  # only course.py: its uv lives on
    first.communicate(timeout=60)
    course.calls()
    second = course.start("lab")
    assert second.stdout.readline().startswith("Waiting")
    time.sleep(0.5)
    assert course.calls() == []
    os.killpg(first.pid, signal.SIGKILL)
    second.communicate(timeout=60)
    assert second.returncode == 0
    assert len(course.calls()) == 3


@posix
@pytest.mark.parametrize("fault", ["", "network"])
def test_full_disk_gives_one_sentence(course, monkeypatch, fault):
    module = load_course(course.home)
    usage = shutil.disk_usage(course.home)
    full = [usage._replace(free=10**7 if fault == "" else 10**10), *[usage._replace(free=10**7)] * 3]
    monkeypatch.setattr(module.shutil, "disk_usage", lambda place: full.pop(0))
    monkeypatch.setattr(module.environments, "check_platform", lambda: None)
    for name, value in {"PATH": f"{course.python.parent}:/usr/bin:/bin", "FAKE_VERSION": "1.0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FAKE_FAULT", fault)
    with pytest.raises(SystemExit) as stop:
        module.main(["lab"])
    assert "3 GB of free disk space" in one_sentence(stop.value.code)
    assert bool(course.calls()) == bool(fault)
    assert not course.stamp().exists()


# Surroundings -------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("version", ["0.4.30", ""])
def test_without_a_new_uv_pip_brings_the_locked_one(course, version):
    assert course.run("lab", uv=version)[0] == 0
    venv, pip, *rest = course.calls()
    assert venv.startswith("python -m venv")
    wanted = course.home / ".venv-uv/requirements.txt"
    assert pip == f"python -m pip install --only-binary :all: --require-hashes -r {wanted}"
    (line, *others) = [line for line in wanted.read_text("utf-8").splitlines() if "==" in line]
    assert line.startswith("uv==")
    assert others == []
    assert "extra" not in line
    assert "sha256:" in wanted.read_text("utf-8")
    assert [call.split()[0] for call in rest] == ["uv", "uv", "python"]


@posix
@pytest.mark.parametrize("version", [(3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_uv_brings_a_python_where_this_one_is_not_supported(course, version):
    assert course.run("lab", python=version)[0] == 0
    assert course.calls()[0].startswith("uv venv --no-project --python >=3.11,<3.14 ")
    course.stamp().unlink()
    code, _, err = course.run("lab", python=version, fault="python")
    assert code == 1
    message, sentence = err.strip().splitlines()
    assert message == "error: No interpreter found"
    assert "install Python 3.11, 3.12 or 3.13" in one_sentence(sentence)


@posix
def test_uv_goes_where_pip_goes(course):
    config = """global.index-url='https://mirror.example/simple'
global.extra-index-url='https://one.example/a\\nhttps://two.example/b'
install.index-url='https://nearer.example/simple'
global.find-links='/wheels /more'
global.cert='/ca.pem'
:env:.no-index='1'
freeze.timeout='10'"""
    strays = {"UV_NO_VERIFY_HASHES": "1", "PIP_TARGET": "/elsewhere", "UV_CACHE_DIR": "/cache"}
    strays.update(SSL_CERT_FILE=None, REQUESTS_CA_BUNDLE="/other.pem")
    assert course.run("lab", FAKE_CONFIG=config, HTTPS_PROXY="http://proxy.example", **strays)[0] == 0
    env = course.venv_env()
    assert env["UV_DEFAULT_INDEX"] == "https://nearer.example/simple"
    assert env["UV_INDEX"] == "https://one.example/a https://two.example/b"
    assert env["UV_FIND_LINKS"] == "/wheels,/more"
    assert env["SSL_CERT_FILE"] == "/ca.pem"
    assert "--no-index" in course.calls()[1]
    assert "UV_HTTP_TIMEOUT" not in env
    assert env["HTTPS_PROXY"] == "http://proxy.example"
    assert env["UV_CACHE_DIR"] == "/cache"
    assert not {"UV_NO_VERIFY_HASHES", "PIP_TARGET"} & set(env)


def test_surroundings_do_not_leak_in(monkeypatch):
    module = load_course()
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "MPLBACKEND", "UV_CONSTRAINT"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PIP_PROXY", "kept")
    venv = module.Venv(".venv", "", 1)
    env = venv.env()
    assert "elsewhere" not in env.values()
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert env["PIP_PROXY"] == "kept"
    assert env["PATH"].split(os.pathsep)[0] == str(venv.bin)
    assert env["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_unknown_platform_gives_one_sentence(monkeypatch):
    environments = load_course().environments
    environments.check_platform()
    monkeypatch.setattr(environments.platform, "machine", lambda: "riscv64")
    with pytest.raises(SystemExit) as stop:
        environments.check_platform()
    assert "riscv64" in one_sentence(stop.value.code)


# Commands -----------------------------------------------------------------------------


def test_unknown_words_give_one_sentence():
    for arguments in (["labs"], ["test", "units"], ["notebooks", "99_nothing"]):
        with pytest.raises(SystemExit) as stop:
            load_course().main(arguments)
        assert arguments[-1] in one_sentence(stop.value.code)


@pytest.fixture
def recorded(monkeypatch):
    """course.py with an environment that is ready, and what it starts: (arguments, folder, variables)."""
    module, calls = load_course(), []

    def call(command, cwd=None, env=None, shell=False):
        calls.append((command, str(cwd), env))
        if "compile" in command:
            output = pathlib.Path(command[command.index("--output-file") + 1])
            output.write_text("numpy==2 \\\n" + ("new==1 \\\n" if "test" in command else ""))
        return 5 if len(calls) == module.failing else 0

    module.failing = None
    monkeypatch.setattr(module.Venv, "prepare", lambda self: self)
    record = lambda path, text: module.written.append((path.name, text))  # noqa: E731
    monkeypatch.setattr(module.environments, "replace", record)
    module.written = []
    monkeypatch.setattr(module.environments, "find_uv", lambda busy: "uv")
    monkeypatch.setattr(module.subprocess, "call", call)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/bin/{name}")
    return module, calls


def test_checks_run_in_order_and_stop_at_the_first_failure(recorded):
    module, calls = recorded
    module.main(["test"])
    assert [command[2] for command, _, _ in calls] == ["ruff", "ruff", *["pytest"] * 4]
    unit, notebooks, browser, other_cpu = calls[2:]
    assert "--cov-fail-under=95" in unit[0]
    assert unit[0][unit[0].index("--ignore") + 1] == module.BROWSER_TESTS
    assert module.BROWSER_TESTS in browser[0]
    assert "--nbval" in notebooks[0]
    assert notebooks[0] == other_cpu[0]
    assert notebooks[1] == str(ROOT) != other_cpu[1]
    assert "max_isa" not in notebooks[2].get("XLA_FLAGS", "")
    assert other_cpu[2]["XLA_FLAGS"] == "--xla_cpu_max_isa=SSE4_2"
    calls.clear()
    module.main(["check", "-x"])
    assert "--quick" in calls[2][0]
    assert calls[2][0][-1] == "-x"
    for module.failing in range(1, 7):
        calls.clear()
        with pytest.raises(SystemExit) as stop:
            module.main(["test"])
        assert stop.value.code == 5
        assert len(calls) == module.failing


@pytest.mark.parametrize("root", [True, False])
def test_a_missing_chromium_is_brought_or_asked_for_in_one_sentence(root, recorded, monkeypatch):
    module, calls = recorded
    monkeypatch.setattr(module, "SUPERUSER", root)
    module.with_chromium()
    assert calls == []
    monkeypatch.setattr(module.shutil, "which", lambda name: "/bin/apt-get" if name == "apt-get" else None)
    module.with_chromium()
    install = "apt-get update && apt-get install --yes --no-install-recommends chromium"
    assert calls[0][0] == install if root else "python -m playwright install chromium"
    module.failing = 2
    with pytest.raises(SystemExit, match=r"need Chromium, but `.*` failed .*: install Chromium"):
        module.with_chromium()


def test_the_lock_is_written_whole_with_marks_or_stays(recorded):
    module, calls = recorded
    for module.failing in (1, 2, 13, 14):  # all; 4 systems × 3 Pythons; the learner's part
        calls.clear()
        with pytest.raises(SystemExit):
            module.main(["lock", "--upgrade"])
        assert len(calls) == module.failing
        assert module.written == []
    assert "--upgrade" in calls[0][0]
    assert "--upgrade" not in calls[13][0]
    module.failing = None
    module.main(["lock"])
    ((name, text),) = module.written
    assert name == "requirements.txt"
    assert text == "numpy==2 \\\nnew==1 ; extra == 'test' \\\n"


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
        load_course().execute(str(path))
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
        load_course().execute(str(path))
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
