"""`import helpers` is quick, quiet and enough."""

import subprocess
import sys


def python(code, **options):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, **options)


def test_import_loads_neither_tensorflow_nor_matplotlib():
    loaded = python("import sys, helpers; print(*sys.modules)").stdout.split()
    assert "helpers" in loaded
    assert not {"tensorflow", "keras", "numpy", "matplotlib", "IPython"} & set(loaded)


def test_import_is_enough_from_any_folder_and_starts_quietly(tmp_path):
    code = (
        "import helpers; model = helpers.networks.stack([2, 1]); model.compile('adam', 'mse');"
        "helpers.training.train(model, [0.1, 0.2], [0.1, 0.2]); print(helpers.closed_forms.best_line(9))"
    )
    run = python(code, cwd=tmp_path)
    assert run.stdout == "(10.0, -18.333333333333332)\n"
    assert run.stderr == ""


def test_imports_run_one_way():
    order = ["checks", "problems", "thread", "closed_forms", "words", "progress", "networks", "known", "compiled",
             "training", "experiments", "trials", "evidence", "claims", "figures", "canvas", "panels",
             "explore", "server"]  # fmt: skip
    import ast
    from pathlib import Path

    import helpers

    folder = Path(helpers.__file__).parent
    assert sorted(path.stem for path in folder.glob("*.py")) == sorted([*order, "__init__"])
    assert sorted(helpers.__all__) == sorted(order)
    for position, name in enumerate(order):
        tree = ast.parse((folder / f"{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("helpers"):
                _, _, module = node.module.partition(".")
                for used in [module] if module else [alias.name for alias in node.names]:
                    assert used in order[:position], f"{name} imports {used}"
