"""What the commands of course.py start."""

import pathlib

import pytest
from support import ROOT, load_course, one_sentence


def test_unknown_words_give_one_sentence():
    for arguments in (["labs"], ["test", "units"]):
        with pytest.raises(SystemExit) as stop:
            load_course().main(arguments)
        assert arguments[-1] in one_sentence(stop.value.code)


def test_what_is_written_as_for_make_is_understood():
    given = [r'ARGS=--port 1 "C:\my class"', "ADDRESS=https://x.example/a", "-k", "a=b"]
    plain = ["--port", "1", r"C:\my class", "https://x.example/a", "-k", "a=b"]
    assert load_course().as_for_make(given) == plain


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

    module.failing, module.written = None, []
    for where, name, fake in (
        (module.Venv, "prepare", lambda self: self),
        (module.environments, "replace", lambda path, text: module.written.append((path.name, text))),
        (module.environments, "find_uv", lambda busy: "uv"),
        (module.environments, "uv_environment", dict),
        (module.subprocess, "call", call),
        (module.shutil, "which", lambda name: f"/bin/{name}"),
    ):
        monkeypatch.setattr(where, name, fake)
    return module, calls


@pytest.mark.parametrize(("parts", "steps"), [([], 5), (["colab"], 2), (["other-cpu"], 1)])
def test_checks_stop_at_the_first_failure(recorded, parts, steps):
    module, calls = recorded
    for module.failing in range(1, steps + 1):
        calls.clear()
        with pytest.raises(SystemExit) as stop:
            module.main(["test", *parts])
        assert (stop.value.code, len(calls)) == (5, module.failing)
    module.failing = None
    calls.clear()
    module.main(["test", *parts])
    elsewhere = [env.get("XLA_FLAGS") for _, cwd, env in calls if cwd != str(ROOT)]
    assert elsewhere == ["--xla_cpu_max_isa=SSE4_2"] * len(parts)


def test_a_chromium_that_cannot_be_installed_is_asked_for_in_one_sentence(recorded, monkeypatch):
    module, calls = recorded
    module.with_browsers()
    assert calls == []  # it is here already
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    module.failing = 1
    with pytest.raises(SystemExit) as stop:
        module.with_browsers()
    assert "install Chromium" in one_sentence(stop.value.code)


def test_the_lock_is_written_whole_or_not_at_all(recorded):
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
