"""course.py at work with real Pythons; one shell script stands for uv and the Python that it installs."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import ROOT, load_course, one_sentence, wait

BASE = sys._base_executable
# What beginners call their files.
NAMES = ["ast", "code", "copy", "csv", "datetime", "enum", "inspect", "io", "json", "logging", "math"]
NAMES += ["operator", "platform", "random", "re", "signal", "string", "tempfile", "types", "typing"]
posix = pytest.mark.skipif(os.name == "nt", reason="the fakes are shell scripts")
FAKE = """#!/bin/sh
me=$(basename "$0")
for last; do :; done
case "$me $*" in
"uv --version") echo "uv 99.9 (fake)"; exit ;;
"python -c"*) exit ${{PYTHONHOME:+1}} ;;
"python -m compileall"*) cat > /dev/null; [ "$FAKE_FAULT" = compile ]; exit $((! $?)) ;;
esac
echo "$me" $* >> "{log}"
case "$me $*" in
"python -P -c"*) echo STARTED $* ;;
"uv venv"*)
    case "$*" in *">="*) echo "Downloading cpython-3.13" ;; esac
    [ "$FAKE_FAULT" = python ] && echo "error: No interpreter found" && exit 2
    mkdir -p "$last/bin" "$last/lib/python3.12/site-packages/keras"
    ln -s "{log}.python" "$last/bin/python" ;;
"uv pip install"*)
    env > "{log}.env"
    case "$FAKE_FAULT" in
    network) echo "error: nothing to be had"; exit 7 ;;
    wait) exec sleep 60 ;;
    esac
    touch "${{4%/bin/python}}/lib/python3.12/site-packages/new.py" ;;
esac
"""


class Course:
    """A copy of course.py in a folder of its own, with a fake uv on PATH."""

    def __init__(self, folder):
        self.log, self.tools, self.home = folder / "log", folder / "bin", folder / "Übung 1"
        self.home.mkdir()
        self.tools.mkdir()
        self.fake = FAKE.format(log=self.log)
        for path in (self.tools / "uv", folder / "log.python"):
            path.write_text(self.fake)
            path.chmod(0o755)
        for name in ("course.py", "environments.py", "requirements.txt", "pyproject.toml", "Makefile"):
            shutil.copy(ROOT / name, self.home)
        (self.home / "lessons").mkdir()
        for name in ("__init__.py", "learner.py"):
            shutil.copy(ROOT / "lessons" / name, self.home / "lessons")

    def start(self, *arguments, fault="", command=(BASE, "course.py"), **env):
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8", "cwd": self.home}
        how["env"] = {**os.environ, "PATH": f"{self.tools}:/usr/bin:/bin", "FAKE_FAULT": fault, **env}
        return subprocess.Popen([*command, *arguments], start_new_session=True, **how)

    def run(self, *arguments, **how):
        process = self.start(*arguments, **how)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def calls(self):
        """Return what the fakes were asked to do since the last time."""
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        self.log.unlink(missing_ok=True)
        return text.splitlines()

    def env_of_uv(self):
        text = self.log.with_name("log.env").read_text("utf-8")
        return dict(line.partition("=")[::2] for line in text.splitlines())

    def set_up(self, **how):
        """Return whether `lab`, which must work, sets up from the start."""
        self.calls()
        code, out, err = self.run("lab", **how)
        assert (code, err) == (0, "")
        *steps, _ = [call.split(" -")[0] for call in self.calls()]
        assert out.splitlines()[-1].startswith("STARTED")
        assert steps in ([], ["uv venv", "uv pip install"])
        return bool(steps)

    @property
    def venv(self):
        return self.home / ".venv"

    def change(self, name="requirements.txt", old="", new="# changed\n"):
        path = self.home / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")


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
    assert "--ServerApp.kernel_websocket_connection_class=helpers.live.server.PromptConnection" in started
    assert "--ServerApp.answer_yes=True" in started  # one Ctrl-C ends it
    assert started[-1] == "--no-browser"
    venv, install, _ = course.calls()
    assert venv == f"uv venv --no-project --python {BASE} {course.venv}"
    assert install.startswith(f"uv pip install --python {course.venv / 'bin/python'} --")
    assert install.endswith("--only-binary :all: --require-hashes -r requirements.txt")
    assert not course.set_up()


@posix
def test_a_compiler_that_is_killed_is_reported(tmp_path, capsys):
    venv = load_course().environments.Venv("none")
    venv.path, venv.python = tmp_path, tmp_path / "python"
    (tmp_path / "a.py").touch()
    venv.python.write_text("#!/bin/sh\nkill -9 $$")
    venv.python.chmod(0o755)
    venv.compile(tmp_path, ())
    assert "exit code -9" in one_sentence(capsys.readouterr().out)


@posix
def test_tests_add_to_the_learners_environment_and_leave_it_ready(course):
    assert course.set_up()
    assert course.run("lint")[0] == 0
    install, *ruff = course.calls()
    assert str(course.venv / "requirements.txt") in install
    assert [one.split(" --")[0] for one in ruff] == ["python -P -m ruff format", "python -P -m ruff check ."]
    added = (course.venv / "requirements.txt").read_text("utf-8")
    assert "extra ==" not in added
    assert "\npytest==" in added
    assert course.run("lint")[0] == 0
    assert len(course.calls()) == 2
    assert not course.set_up()


@posix
def test_colabs_versions_get_an_environment_and_a_kernel_of_their_own(course):
    shutil.copytree(ROOT / "tests", course.home / "tests")
    assert course.run("test", "colab")[0] == 0
    assert course.calls()[1].endswith("--only-binary :all: --no-deps -r tests/colab.txt")
    there = course.home / ".venv-colab"
    kernel = json.loads((there / "share/jupyter/kernels/colab/kernel.json").read_bytes())
    assert kernel["argv"][0] == str(there / "bin/python")


def move(course):
    shutil.copytree(course.home, course.home.with_name("elsewhere"), symlinks=True)
    course.home = course.home.with_name("elsewhere")


PACKAGES = "lib/python3.12/site-packages"
CHANGES = {
    "the lock": (Course.change, True),
    "the project": (lambda course: course.change("pyproject.toml", 'version = "1', 'version = "2'), True),
    "settings of tools": (lambda course: course.change("pyproject.toml", "= 110", "= 99"), False),
    "a lost Python": (lambda course: (course.venv / "bin/python").unlink(), True),
    "a lost package": (lambda course: (course.venv / PACKAGES / "keras").rmdir(), True),
    "one package more": (lambda course: (course.venv / PACKAGES / "pandas").mkdir(), False),
    "a copied folder": (move, True),
}


@pytest.mark.slow
@posix
def test_what_has_changed_is_set_up_anew(course):
    assert course.set_up()
    for name, (change, anew) in CHANGES.items():
        (course.venv / "left-over").touch()
        change(course)
        assert course.set_up() == anew, name
        assert (course.venv / "left-over").exists() != anew, name


def wait_for_uv(course):
    wait(lambda: course.log.exists() and "uv pip" in course.log.read_text("utf-8"), 60)


@pytest.mark.slow
@posix
@pytest.mark.parametrize("how", ["network", signal.SIGINT, signal.SIGKILL])
def test_a_set_up_that_is_stopped_leaves_no_stamp(course, how):
    assert course.set_up()
    course.change()
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
@pytest.mark.parametrize("at", ["before main", "in a program", "while a program is imported"])
def test_ctrl_c_leaves_no_traceback(course, at):
    """A program gets the interrupt that `become` has kept back, or one while it is imported."""
    interrupt = f"import os\n\nos.kill(os.getpid(), {int(signal.SIGINT)})\n"
    if at == "before main":
        course.change("environments.py", new=interrupt)
        assert course.run("lab") == (-signal.SIGINT, "", "")
        return
    (course.home / "slow.py").write_text("raise SystemExit('late')" if at == "in a program" else interrupt)
    program = f"{interrupt * (at == 'in a program')}{load_course().QUIETLY}"
    program = f"import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n{program}"
    assert course.run("slow", command=(sys.executable, "-c", program)) == (130, "", "")


@pytest.fixture
def module(course, monkeypatch):
    """The course.py of the copy, in this process."""
    monkeypatch.setenv("PATH", f"{course.tools}:/usr/bin:/bin")
    module = load_course(course.home)
    monkeypatch.setattr(module, "become", lambda command, env: None)  # it would take the place of pytest
    return module


@posix
def test_a_set_up_that_is_half_removed_is_set_up_again(course, module, monkeypatch):
    assert course.set_up()
    course.change()
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
def test_a_full_disk_gets_one_sentence_before_or_after_it_fails(course, module, monkeypatch, fault):
    usage = shutil.disk_usage(course.home)
    free = iter([10**10, 10**7] if fault else [10**7])
    monkeypatch.setattr(module.shutil, "disk_usage", lambda place: usage._replace(free=next(free)))
    monkeypatch.setenv("FAKE_FAULT", fault)
    with pytest.raises(SystemExit) as stop:
        module.main(["lab"])
    assert "3 GB of free disk space" in one_sentence(stop.value.code)
    assert bool(course.calls()) == bool(fault)
    assert not (course.venv / "course-stamp").exists()


# Surroundings -------------------------------------------------------------------------


def offer_uv(course):
    """Put a uv that is too old on PATH, and lock the fake one as a wheel, which only pip can install."""
    lock = (course.home / "requirements.txt").read_text("utf-8")
    pin = re.search(r"(?m)^uv==(\S+).*\n(?: .*\n)*", lock)
    version = pin[1]
    script = course.fake.replace("99.9", version)
    (course.tools / "uv").write_text(script.replace(version, "0.4.30"))
    path = course.tools / f"uv-{version}-py3-none-any.whl"
    about = f"uv-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        executable = zipfile.ZipInfo(f"uv-{version}.data/scripts/uv")
        executable.external_attr = 0o100755 << 16
        wheel.writestr(executable, script)
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: uv\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    own = f"uv=={version} \\\n    --hash=sha256:{digest}\n"
    (course.home / "requirements.txt").write_text(lock.replace(pin[0], own), "utf-8")
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(course.tools)}


def python_without(folder, *lacks):
    """Return a real Python that lacks some modules: a copy of this one, whose library is links."""
    library = Path(os.__file__).parent
    packages = folder / "lib" / library.name / "site-packages"
    packages.mkdir(parents=True)
    links = [path for path in library.iterdir() if path.name not in ("site-packages", *lacks)]
    for path in [*links, *library.parent.glob("libpython*")]:
        place = packages.parent if path.parent == library else packages.parent.parent
        (place / path.name).symlink_to(path)
    if "pip" not in lacks:
        (packages / "pip").symlink_to(Path(find_spec("pip").origin).parent)
    (folder / "bin").mkdir()
    return shutil.copy(os.path.realpath(BASE), folder / "bin" / "python3")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it makes Pythons as Linux has them")
@pytest.mark.parametrize("lacks", ["", "pip", "pip ensurepip"])
def test_real_pythons_bring_uv_or_say_what_to_install(course, tmp_path, lacks):
    python, offer = python_without(tmp_path / "python", *lacks.split()), offer_uv(course)
    for name in NAMES:
        (course.home / f"{name}.py").write_text(f"raise SystemExit('a learner\\'s {name}')")
    command = (python, "course.py")
    if " " in lacks:
        code, _, err = course.run("lab", command=command, **offer)
        assert code == 1
        assert "sudo apt install python3-venv" in one_sentence(err)
        return
    assert course.set_up(command=command, **offer)
    (wanted,) = re.findall("(?m)^.*==.*$", (course.home / ".venv-uv/requirements.txt").read_text("utf-8"))
    assert wanted.startswith("uv==")
    assert "extra" not in wanted


@posix
@pytest.mark.parametrize("how", ["python", "make"])
def test_environment_variables_do_not_redirect_the_set_up(course, tmp_path, how):
    stray = dict.fromkeys(["PYTHONINSPECT", "PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE"], "1")
    stray.update(PYTHONOPTIMIZE="2", PYTHONWARNINGS="error", PYTHONUTF8="0")
    stray.update(dict.fromkeys(["PYTHONPATH", "PYTHONUSERBASE", "JUPYTER_PATH"], str(tmp_path)))
    for module in ("ast", "json", "platform"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('a learner\\'s')")
    stray["PYTHONSTARTUP"] = str(tmp_path / "json.py")
    command = (BASE, "course.py")
    if how == "make":  # otherwise this ends Python before course.py begins
        stray["PYTHONHOME"], command = "/nowhere", (shutil.which("make"), "--silent")
    assert course.set_up(command=command, LC_ALL="C", PYTHONCOERCECLOCALE="0", **stray)
    assert not course.set_up(command=command, LC_ALL="C", PYTHONCOERCECLOCALE="0", **stray)
    env = course.env_of_uv()
    assert {name: env[name] for name in set(stray) & set(env)} == {"PYTHONUTF8": "1"}
    assert "None" not in course.run("help", command=command, **stray)[1]


@posix
def test_a_folder_of_somebody_else_gets_one_sentence(course, module):
    course.home.chmod(0o500)
    if os.getuid() == 0:
        os.seteuid(65534)  # root may write anywhere
    try:
        with pytest.raises(SystemExit) as stop:
            module.main(["lab"])
    finally:
        os.seteuid(os.getuid())
    assert f"You may not write or run programs in {course.home} " in one_sentence(stop.value.code)


@posix
@pytest.mark.parametrize("fault", ["", "python"])
def test_uv_brings_a_python_where_this_one_is_not_supported(course, module, monkeypatch, capsys, fault):
    monkeypatch.setattr(module.environments, "PYTHONS", ((3, 98), (3, 99)))
    monkeypatch.setenv("FAKE_FAULT", fault)
    with pytest.raises(SystemExit) if fault else contextlib.nullcontext() as stop:
        module.Venv(".venv").prepare()
    assert course.calls()[0].startswith("uv venv --no-project --python >=3.98,<3.100 ")
    assert "There is no Python 3.11, 3.12 or 3.13 here: Downloading cpython-3.13" in capsys.readouterr().out
    assert not fault or "install Python 3.11, 3.12 or 3.13" in one_sentence(stop.value.code)


PIP_CONF = """[global]
index-url = https://mirror.example/simple
extra-index-url =
    https://one.example/a
    https://two.example/b
find-links = /wheels /more
cert = /ca.pem
[install]
index-url = https://nearer.example/simple
[freeze]
timeout = 10
"""


@posix
def test_uv_goes_where_pip_goes_and_nowhere_else(course, monkeypatch):
    (course.tools / "pip.conf").write_text(PIP_CONF)
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_"))]:
        monkeypatch.delenv(name)
    strays = ["UV_NO_VERIFY_HASHES", "UV_CONSTRAINT", "PIP_TARGET", "PYTHONDONTWRITEBYTECODE"]
    kept = {"HTTPS_PROXY": "http://proxy.example", "UV_CACHE_DIR": "/cache", "REQUESTS_CA_BUNDLE": "/no.pem"}
    kept["PIP_USE_FEATURE"] = "truststore"  # pip before 24.2 would not know the system's certificates
    settings = {"PIP_CONFIG_FILE": str(course.tools / "pip.conf"), "PIP_NO_INDEX": "1"}
    assert course.run("lab", **kept, **settings, **dict.fromkeys(strays, "/stray"))[0] == 0
    assert "--no-index" in course.calls()[1]
    env = course.env_of_uv()
    expected = {
        "UV_DEFAULT_INDEX": "https://nearer.example/simple",
        "UV_INDEX": "https://one.example/a https://two.example/b",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/ca.pem",
        "LC_ALL": "C.UTF-8",  # or uv's Python tells paths in the locale's encoding
        **kept,
    }
    assert expected.items() <= env.items()
    assert not {*strays, "UV_HTTP_TIMEOUT"} & set(env)


def test_unknown_platform_gives_one_sentence(monkeypatch):
    environments = load_course().environments
    environments.check_platform()
    monkeypatch.setattr(environments.platform, "machine", lambda: "riscv64")
    with pytest.raises(SystemExit) as stop:
        environments.check_platform()
    assert "riscv64" in one_sentence(stop.value.code)


# Windows, as far as this machine can play it -------------------------------------------


@pytest.mark.parametrize("refused", ["open", "rename", None])
def test_an_environment_in_use_stays_whole_on_windows(tmp_path, monkeypatch, refused):
    environments = load_course().environments
    monkeypatch.setattr(environments, "WINDOWS", True)
    program = tmp_path / ".venv" / "Scripts" / "python.exe"
    program.parent.mkdir(parents=True)
    program.touch()

    def refuse(path, *_):
        raise PermissionError(13, "Access is denied", str(path))

    if refused:
        monkeypatch.setattr(Path, refused, refuse)
        with pytest.raises(SystemExit) as stop:
            environments.remove(tmp_path / ".venv")
        assert "in use" in one_sentence(stop.value.code)
        assert program.exists()
    else:
        environments.remove(tmp_path / ".venv")
        assert not [*tmp_path.iterdir()]


def test_a_second_set_up_waits_on_windows(tmp_path, monkeypatch, capsys):
    environments, answers = load_course().environments, [True, True, False]

    def locking(number, mode, count):
        assert os.lseek(number, 0, os.SEEK_CUR) == 0
        if answers.pop(0):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(environments, "msvcrt", SimpleNamespace(LK_NBLCK=2, locking=locking), raising=False)
    monkeypatch.setattr(environments, "fcntl", None)
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments.time, "sleep", lambda _: None)
    with environments.one_at_a_time() as inherited:
        assert answers == []
        assert inherited == ()
    assert capsys.readouterr().out.count("Waiting") == 1


# Kernels ------------------------------------------------------------------------------

RUN = """
import sys
from jupyter_client.manager import run_kernel
with run_kernel(cwd=sys.argv[1]) as client:
    client.execute_interactive("from helpers import networks; import mine", timeout=60)
    client.execute_interactive("import os; print(os.environ['PYTHONUTF8'])", timeout=60)
"""


@posix
@pytest.mark.slow
def test_a_kernel_takes_no_file_of_a_learner_for_a_package(tmp_path):
    """With the kernel that Binder's postBuild makes."""
    prefix, folder = tmp_path / "Übung 2", tmp_path / "notebooks"
    subprocess.check_call([BASE, "-m", "venv", "--without-pip", prefix])
    (site,) = prefix.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    env["PATH"] = f"{prefix}/bin:/usr/bin:/bin"
    subprocess.check_call(["bash", ROOT / "postBuild"], cwd=ROOT, env=env)
    folder.mkdir()
    names = ["helpers", "ipykernel", "IPython", "keras", "matplotlib", "numpy", "PIL", "tensorflow", *NAMES]
    for name in names:
        (folder / f"{name}.py").write_text(f"raise SystemExit('a learner\\'s {name}')")
    (folder / "mine.py").write_text("print('mine')")
    command = [prefix / "bin" / "python", "-c", RUN, folder]
    result = subprocess.run(command, cwd=prefix, env=env, capture_output=True, text=True, check=False)
    assert result.stdout == "mine\n1\n", result.stderr


@pytest.mark.parametrize("name", ["cv2", "numpy", "python"])
def test_a_file_that_hides_a_package_is_named(tmp_path, name):
    """Where IPython looks in the notebook's folder first, or where nothing else has the name."""
    (tmp_path / f"{name}.py").write_text("raise SystemExit")
    code = "import sys\ntry: import helpers\nexcept ImportError as error: print(*error._render_traceback_())"
    output = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True)
    assert f"{tmp_path / name}.py hides the package {name}: give" in one_sentence(output)
