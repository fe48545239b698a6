"""course.py at work, with one shell script in place of Python, pip and uv."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from test_lock import ROOT, load_course, one_sentence

posix = pytest.mark.skipif(os.name == "nt", reason="the fakes are shell scripts")

FAKE = """#!/bin/sh
me=$(basename "$0")
for last; do :; done
case "$me $*" in
"uv --version") echo "uv $FAKE_VERSION (fake)"; exit ;;
"python -c"*) exit ;;
"python -m pip config list") [ "$FAKE_FAULT" != pip ] && printf '%s\\n' "$FAKE_CONFIG"; exit ;;
"python -m compileall"*) cat >> "{log}.compiled"; [ "$FAKE_FAULT" = compile ]; exit $((! $?)) ;;
esac
echo "$me $*" >> "{log}"
case "$me $*" in
"python -m jupyterlab"*) echo "STARTED $*" ;;
"python -m venv"* | "uv venv"*)
    case "$*" in *">="*) echo "Downloading cpython-3.13" ;; esac
    [ "$FAKE_FAULT" = python ] && echo "error: No interpreter found" && exit 2
    mkdir -p "$last/bin" "$last/lib/python3.12/site-packages"
    ln -s "{tools}/python" "$last/bin/python" ;;
*" install "*)
    env > "{log}.env"
    case "$FAKE_FAULT" in
    network) echo "error: nothing to be had"; exit 7 ;;
    wait) exec sleep 60 ;;
    esac
    if [ "$4" = --target ]; then mkdir -p "$5/bin"; cp "$0" "$5/bin/uv"; exit; fi
    cd "${{4%/bin/python}}/lib/python3.12/site-packages" && mkdir -p keras/tests tests_of && \
    touch keras/a.py keras/b.py keras/c_test.py keras/tests/d.py tests_of/e.py ;;
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
        self.folder, self.log, tools, self.home = folder, folder / "log", folder / "bin", folder / "Übung 1"
        self.home.mkdir()
        tools.mkdir()
        for name in ("python", "uv"):
            (tools / name).write_text(FAKE.format(log=self.log, tools=tools))
            (tools / name).chmod(0o755)
        self.python = tools / "python"
        for name in ("course.py", "environments.py", "requirements.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, self.home)

    def start(self, *arguments, fault="", uv="0.13.9", python=None, **env):
        driver = DRIVER.format(python=str(self.python), version=python, arguments=list(arguments))
        path = os.pathsep.join([str(self.python.parent), "/usr/bin", "/bin"])
        fakes = {"PATH": path, "FAKE_FAULT": fault, "FAKE_VERSION": uv, "FAKE_CONFIG": ""}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        command, env = [sys.executable, "-X", "utf8", "-c", driver], {**os.environ, **fakes, **env}
        return subprocess.Popen(command, cwd=self.home, env=env, start_new_session=True, **pipes)

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
        """Return whether `lab`, which must work, sets up from the start."""
        self.calls()
        code, _, err = self.run("lab")
        calls = self.calls()
        assert code == 0, err
        return [call.startswith(start) for call, start in zip(calls, SET_UP, strict=False)] == [True] * 3

    @property
    def venv(self):
        return self.home / ".venv"

    def change_lock(self):
        with (self.home / "requirements.txt").open("a") as file:
            file.write("# changed\n")


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


# The environment ----------------------------------------------------------------------


@posix
def test_set_up_is_done_once(course):
    code, out, _ = course.run("lab", "--no-browser")
    assert code == 0
    assert "once" in out.splitlines()[0]
    started = out.splitlines()[-1].split()
    assert started[:3] == ["STARTED", "-m", "jupyterlab"]
    assert started[-1] == "--no-browser"
    assert "--ServerApp.kernel_websocket_connection_class=helpers.live.server.PromptConnection" in started
    assert "--ServerApp.answer_yes=True" in started  # one Ctrl-C ends it
    venv, install, _ = course.calls()
    assert venv == f"uv venv --no-project --python {course.python} {course.venv}"
    assert install.startswith(f"uv pip install --python {course.venv / 'bin/python'} --only-binary")
    assert install.endswith("--only-binary :all: --require-hashes -r requirements.txt")
    assert course.run("lab")[1].startswith("STARTED")
    assert len(course.calls()) == 1


@posix
@pytest.mark.parametrize("fault", ["", "compile"])
def test_bytecode_is_written_for_what_is_imported(course, fault):
    """What cannot be compiled is told where it is imported."""
    assert course.run("lab", fault=fault)[0] == 0
    compiled = (course.folder / "log.compiled").read_text("utf-8")
    site = course.venv / "lib/python3.12/site-packages"
    for name in ("keras/a.py", "keras/b.py", "tests_of/e.py"):
        assert compiled.count(str(site / name)) == 1
    assert compiled.count(".py") == 3


@posix
def test_a_compiler_that_is_killed_is_told(tmp_path, capsys):
    venv = load_course().environments.Venv("none", "", 0)
    venv.path, venv.python = tmp_path, tmp_path / "python"
    (tmp_path / "a.py").touch()
    venv.python.write_text("#!/bin/sh\nkill -9 $$")
    venv.python.chmod(0o755)
    venv.compile(tmp_path, ())
    assert "exit code -9" in one_sentence(capsys.readouterr().out)


@posix
def test_the_venv_finds_helpers_and_the_kernel_in_any_folder_and_locale(course):
    """Python 3.11 reads a .pth in the locale's encoding: an absolute path would need UTF-8."""
    assert course.set_up()
    site = course.venv / "lib/python3.12/site-packages"
    line = (site / "course.pth").read_bytes().decode("ascii")
    assert (site / line).resolve() == course.home
    kernel = json.loads((course.venv / "share/jupyter/kernels/python3/kernel.json").read_bytes())
    assert kernel["argv"][0] == str(course.venv / "bin/python")
    assert kernel["env"]["PYTHONUTF8"] == "1"
    page = json.loads((course.venv / "etc/jupyter/labconfig/page_config.json").read_bytes())
    assert page == {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


@posix
def test_a_locale_without_utf_8_changes_no_path(course):
    env = {**os.environ, "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
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
    assert str(course.venv / "requirements.txt") in install
    assert [call.split(" --")[0] for call in ruff] == ["python -m ruff format", "python -m ruff check ."]
    added = (course.venv / "requirements.txt").read_text("utf-8")
    assert "extra ==" not in added
    assert "\npytest==" in added
    assert course.run("lint")[0] == 0
    assert len(course.calls()) == 2
    assert not course.set_up()


@posix
def test_colabs_versions_get_an_environment_and_a_kernel_of_their_own(course):
    (course.home / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "colab.txt", course.home / "tests")
    assert course.run("test", "colab")[0] == 0
    venv, install, answers, *_, notebooks = course.calls()
    there = course.home / ".venv-colab"
    assert venv.endswith(str(there))
    assert install.endswith("--only-binary :all: --no-deps -r tests/colab.txt")
    assert "-k answers" in answers
    kernel = json.loads((there / "share/jupyter/kernels/colab/kernel.json").read_bytes())
    assert kernel["argv"][0] == str(there / "bin/python")
    assert notebooks.endswith("--nbval-kernel-name colab")


def replace_in(name, old, new):
    def change(course):
        text = (course.home / name).read_text("utf-8")
        assert old in text
        (course.home / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


def move(course, how=os.rename):
    how(course.home, course.folder / "elsewhere")
    course.home = course.folder / "elsewhere"


CHANGES = {
    "the lock": (Course.change_lock, True),
    "the project": (replace_in("pyproject.toml", 'version = "1', 'version = "2'), True),
    "settings of tools": (replace_in("pyproject.toml", "line-length = 110", "line-length = 99"), False),
    "a lost Python": (lambda course: (course.venv / "bin/python").unlink(), True),
    "a renamed folder": (move, True),
    "a copied folder": (lambda course: move(course, shutil.copytree), True),
}


@posix
@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_set_up_anew(course, change):
    assert course.set_up()
    (course.venv / "left-over").touch()
    act, anew = CHANGES[change]
    act(course)
    assert course.set_up() == anew
    assert (course.venv / "left-over").exists() != anew


def wait_for_uv(course):
    for _ in range(1000):
        if course.log.exists() and "uv pip" in course.log.read_text("utf-8"):
            return
        time.sleep(0.05)
    raise AssertionError("uv was not called")


@posix
@pytest.mark.parametrize("how", ["network", signal.SIGINT, signal.SIGKILL])
def test_what_stops_a_set_up_leaves_no_stamp(course, how):
    assert course.set_up()
    course.change_lock()
    course.calls()
    process = course.start("lab", fault="network" if how == "network" else "wait")
    if how != "network":
        wait_for_uv(course)
        os.killpg(process.pid, how)
    _, err = process.communicate(timeout=60)
    if how == "network":
        message, sentence = err.strip().splitlines()
        assert message == "error: nothing to be had"
        assert re.search("ended with exit code 7 .*network", one_sentence(sentence))
    elif how == signal.SIGINT:
        assert one_sentence(err).startswith("Interrupted")
        assert process.returncode == 130
    assert not (course.venv / "course-stamp").exists()
    assert course.set_up()


@posix
def test_half_removed_set_up_is_not_taken_for_a_whole_one(course, monkeypatch):
    assert course.set_up()
    course.change_lock()
    module = load_course(course.home)
    monkeypatch.setattr(module.shutil, "rmtree", lambda path: signal.raise_signal(signal.SIGINT))
    with pytest.raises(SystemExit):
        module.main(["lab"])
    assert not (course.venv / "course-stamp").exists()


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
@pytest.mark.parametrize("fault", ["", "network", "compile"])
def test_full_disk_gives_one_sentence(course, monkeypatch, fault):
    module = load_course(course.home)
    usage = shutil.disk_usage(course.home)
    free = iter([10**10, 10**7] if fault else [10**7])  # before, and after it failed
    monkeypatch.setattr(module.shutil, "disk_usage", lambda place: usage._replace(free=next(free)))
    monkeypatch.setattr(module.environments, "check_platform", lambda: None)
    path = f"{course.python.parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    for name, value in {"PATH": path, "FAKE_VERSION": "1.0", "FAKE_FAULT": fault}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        module.main(["lab"])
    assert "3 GB of free disk space" in one_sentence(stop.value.code)
    assert bool(course.calls()) == bool(fault)
    assert not (course.venv / "course-stamp").exists()


# Surroundings -------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(("version", "fault"), [("0.4.30", ""), ("", ""), ("", "pip")])
def test_without_a_new_uv_pip_brings_the_locked_one(course, version, fault):
    assert course.run("lab", uv=version, fault=fault)[0] == 0
    *venv, pip, uv_venv, uv_install, _ = course.calls()
    assert [call.startswith("python -m venv") for call in venv] == [True] * (fault == "pip")
    place, wanted = course.home / ".venv-uv", course.home / ".venv-uv/requirements.txt"
    how = f"--target {place} --no-compile --only-binary :all: --require-hashes -r {wanted}"
    assert pip == f"python -m pip install {how}"
    (line,) = [line for line in wanted.read_text("utf-8").splitlines() if "==" in line]
    assert line.startswith("uv==")
    assert "extra" not in line
    assert uv_venv.startswith("uv venv")
    assert uv_install.startswith("uv pip install")


@posix
@pytest.mark.parametrize("version", [(3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_uv_brings_a_python_where_this_one_is_not_supported(course, version):
    code, out, _ = course.run("lab", python=version)
    assert code == 0
    assert "There is no Python 3.11, 3.12 or 3.13 here: Downloading cpython-3.13" in out.splitlines()
    assert course.calls()[0].startswith("uv venv --no-project --python >=3.11,<3.14 ")
    (course.venv / "course-stamp").unlink()
    code, _, err = course.run("lab", python=version, fault="python")
    assert code == 1
    assert "install Python 3.11, 3.12 or 3.13" in one_sentence(err.strip().splitlines()[-1])


@posix
def test_uv_goes_where_pip_goes_and_nowhere_else(course, monkeypatch):
    config = """global.index-url='https://mirror.example/simple'
global.extra-index-url='https://one.example/a\\nhttps://two.example/b'
install.index-url='https://nearer.example/simple'
global.find-links='/wheels /more'
global.cert='/ca.pem'
:env:.no-index='1'
freeze.timeout='10'"""
    strays = ["UV_NO_VERIFY_HASHES", "UV_CONSTRAINT", "PIP_TARGET", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"]
    for name in strays:
        monkeypatch.setenv(name, str(course.folder))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    kept = {"HTTPS_PROXY": "http://proxy.example", "UV_CACHE_DIR": "/cache", "REQUESTS_CA_BUNDLE": "/no.pem"}
    kept["PIP_USE_FEATURE"] = "truststore"  # pip before 24.2 would not know the system's certificates
    assert course.run("lab", FAKE_CONFIG=config, **kept)[0] == 0
    assert "--no-index" in course.calls()[1]
    lines = (course.folder / "log.env").read_text("utf-8").splitlines()
    env = dict(line.split("=", 1) for line in lines if "=" in line)
    expected = {
        "UV_DEFAULT_INDEX": "https://nearer.example/simple",
        "UV_INDEX": "https://one.example/a https://two.example/b",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/ca.pem",
        "LC_ALL": "C.UTF-8",  # or uv's Python tells paths in the locale's encoding
        **kept,
    }
    assert {name: env.get(name) for name in expected} == expected
    assert not {*strays, "UV_HTTP_TIMEOUT"} & set(env)


def test_unknown_platform_gives_one_sentence(monkeypatch):
    environments = load_course().environments
    environments.check_platform()
    monkeypatch.setattr(environments.platform, "machine", lambda: "riscv64")
    with pytest.raises(SystemExit) as stop:
        environments.check_platform()
    assert "riscv64" in one_sentence(stop.value.code)
