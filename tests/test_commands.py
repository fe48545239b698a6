"""What each command of course.py starts."""

import pathlib

import pytest
from test_lock import ROOT, load_course, one_sentence


def test_unknown_words_give_one_sentence():
    for arguments in (["labs"], ["test", "units"]):
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


def test_checks_run_in_order_and_stop_at_the_first_failure(recorded):
    module, calls = recorded
    module.main(["test"])
    assert [command[3] for command, _, _ in calls] == ["ruff", "ruff", *["pytest"] * 3]
    module.main(["test", "colab"])
    unit, notebooks, browser, answers, colab = calls[2:]
    assert "--cov-fail-under=95" in unit[0]
    assert set(module.NO_BROWSER) < set(unit[0])
    assert set(module.BROWSER_TESTS) < set(browser[0])
    assert "--nbval" in notebooks[0]
    assert ".venv-colab" in answers[0][0]
    assert ".venv-colab" not in colab[0][0]
    assert colab[0] == [*notebooks[0], "--nbval-kernel-name", "colab"]
    assert colab[2]["JUPYTER_PATH"] == str(ROOT / ".venv-colab" / "share" / "jupyter")
    assert notebooks[1] == str(ROOT) != colab[1]
    assert "max_isa" not in notebooks[2].get("XLA_FLAGS", "")
    for parts, steps in ([], 5), (["colab"], 2):
        for module.failing in range(1, steps + 1):
            calls.clear()
            with pytest.raises(SystemExit) as stop:
                module.main(["test", *parts])
            assert (stop.value.code, len(calls)) == (5, module.failing)
    module.failing = None
    module.main(["test", "other-cpu"])
    other_cpu = calls[-1]
    assert (other_cpu[0], other_cpu[1]) == (notebooks[0], colab[1])
    assert other_cpu[2]["XLA_FLAGS"] == colab[2]["XLA_FLAGS"] == "--xla_cpu_max_isa=SSE4_2"
    module.main(["check", "-x"])
    assert {"--quick", "-x"} < set(calls[-1][0])


@pytest.mark.parametrize("root", [True, False])
def test_a_missing_chromium_is_brought_or_asked_for_in_one_sentence(root, recorded, monkeypatch):
    module, calls = recorded
    monkeypatch.setattr(module, "SUPERUSER", root)
    module.with_chromium()
    assert calls == []
    monkeypatch.setattr(module.shutil, "which", lambda name: "/bin/apt-get" if name == "apt-get" else None)
    module.with_chromium()
    install = "apt-get update && apt-get install --yes --no-install-recommends chromium"
    assert calls[0][0] == (install if root else "python -m playwright install chromium")
    module.with_browsers()
    others = [command.split()[-1] for command, _, _ in calls[2:]]
    assert others == (["firefox-esr", "webkit2gtk-driver", "xvfb"] if root else [])
    module.failing = len(calls) + 1
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
