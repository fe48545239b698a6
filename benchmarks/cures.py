# ruff: noqa: E501 (a table of sources)
"""What `networks.cure` says of the networks of cases.py: `python benchmarks/cures.py`.

Further arguments are groups (asked, own, healthy, straight) or parts of names. The printed code is executed
as it stands, from five fresh starts, and held against the known cure's five. Results are kept in cures.json
and not done again; the table goes to cures.md.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from helpers import networks, words
from helpers.checks import InputError
from helpers.cure import floors, recipes
from helpers.train import train

import cases
import keras
import numpy as np

FOLDER = Path(__file__).parent
KEPT = FOLDER / "cures.json"
STARTS, FACTOR, POINTS = 5, 2.0, 0.02
TINY = 1e-3  # of the targets' deviation: below it both are taken as exact


INTRODUCTION = """# Networks that do not learn

Written by `python benchmarks/cures.py`, which does what has not been done. `asked`: other people's networks,
rebuilt from public questions; `own`: of other kinds, written down before the first run on them. Each is
trained as its owner did; then `networks.cure` is asked, and the code that it prints is executed as it stands
from five fresh starts. A case is cured if in four of five the error is at most twice the known cure's median,
or the accuracy at most two points below its; errors below a thousandth of the targets' deviation count as
equal. Errors are RMSE in deviations of the targets, medians of five starts, on all examples ("before": on
examples left out, where there are enough). "quick look" is what `networks.diagnose` names.
"s" was measured while the machine did other work as well, so "CPU s" is the fairer figure.
"""
OTHERS = """## Beside the tools of research

| tool | its figure | on what |
| :-- | :-- | :-- |
| NeuraLint, 23 rules on the program's graph ([Nikanjam and others 2022](https://doi.org/10.1145/3470006)) | recall 70.5 %, precision 100 % of faults and inefficiencies | 28 synthesised and 34 real programs |
| DeepLocalize, values watched while training ([Wardat and others 2021](https://arxiv.org/abs/2103.03376)) | sees 34 of 40 faulty models, and the place in 21 | Stack Overflow and GitHub |
| DeepDiagnosis, eight symptoms with advice ([Wardat and others 2022](https://arxiv.org/abs/2112.04036)) | above UMLAUT and DeepLocalize, by its authors | 53 real models, 391 of AUTOTRAINER's |
| AUTOTRAINER, repairs eight problems while training ([Zhang and others 2024](https://doi.org/10.1109/tdsc.2024.3450951)) | 98.4 % of the problems that it looks for are repaired | 701 models, by its authors |
| DeepFD, learned classifiers ([Cao and others 2022](https://arxiv.org/abs/2205.01938)) | 52 % diagnosed, where the best before had 27 %; 42 % located | its own faulty programs |
| the same, by others ([Humbatova and others 2025](https://doi.org/10.1007/s10664-025-10657-7)) | recall 55 %, precision 37 %, the best of those compared; with one ground truth a case none is above 33 % | real faults and mutants, with equivalent repairs |
| DEFault, learned, in levels ([Jahan and others 2025](https://arxiv.org/abs/2501.12560)) | 94 % seen, 63 % diagnosed | 52 real programs |

Not comparable as numbers: they name a cause, and a person judges the name; here the printed change is executed,
and its error is judged. They know convolutions and recurrent layers; here are Dense layers only, on small data.
Their programs were not run here, nor those tools on these cases; what is shared is the kind of fault (loss and
last layer, activation, rate, epochs, initial weights, scale of the data). Repairs by trial have been compared
[before](https://arxiv.org/abs/2301.11568), where random changes did as well as the tools of their day.
"""


def judged(answers: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return the relative error over all outputs, and the share of right classes (NaN for amounts)."""
    labels = np.unique(y)
    error = float(np.sqrt((floors.relative(answers, y, y.std(axis=0)) ** 2).mean()))
    if not np.isfinite(answers).all():
        return np.inf, 0.0
    if y.shape[1] == 1:
        right = labels[np.abs(answers - labels).argmin(axis=1)] == y[:, 0] if len(labels) == 2 else np.nan
    else:
        right = answers.argmax(axis=1) == y.argmax(axis=1) if labels.tolist() == [0, 1] else np.nan
    return error, float(np.mean(right))


def in_labels(answers: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return answers and targets in common units: classes in columns, two labels as 0 and 1."""
    labels = np.unique(y)
    if y.shape[1] == 1 < answers.shape[1] and len(labels) == answers.shape[1]:
        return answers, (y == labels).astype(float)
    if y.shape[1] == 1 and len(labels) == 2:
        return answers, (y == labels[1]).astype(float)
    return answers, np.broadcast_to(y, answers.shape)


def from_fresh_starts(train: Callable[[], np.ndarray], y: np.ndarray) -> list[tuple[float, float]]:
    """Return what comes of five starts: (relative error, accuracy) each."""
    found = []
    for start in range(STARTS):
        keras.utils.set_random_seed(1000 + start)
        found.append(judged(*in_labels(train(), y)))
    return found


def pasted(code: str, model: keras.Model, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Execute the printed code as it stands; return what its network answers to x."""
    space = {"model": model, "x": x, "y": y}
    exec(code, space)
    return np.asarray(space["answers"](x), dtype=float)


def known(case: cases.Case, x: np.ndarray, y: np.ndarray, net: cases.Net) -> np.ndarray:
    """Train the known cure; return its answers in what the targets are given in."""
    given = case.labels(y) if case.labels else y
    data = [
        recipes.Recipe(x.shape[1], (), None, "", 0, 0, inputs=net.x, labels="standardised" if net.y else "")
    ]
    space = {"np": np, "x": x, "y": np.asarray(given, float)}
    exec(data[0].data_code, space)
    model = net.model(x.shape[1])
    fitted(model, space["inputs"], space["targets"], net)
    answers = np.asarray(model(space["inputs"]), dtype=float)
    return answers * space["y_std"] + space["y_mean"] if net.y else answers


def fitted(model: keras.Model, x: np.ndarray, y: np.ndarray, net: cases.Net) -> None:
    """Train as the case says, by `train` or, where it refuses, by `fit`; a failure leaves what it leaves."""
    settings = {"epochs": net.epochs, "batch_size": min(net.batch, len(x))}
    try:
        train(model, x, y, verbose=False, **settings)
    except InputError:
        try:
            model.fit(x, y, verbose=0, **settings)
        except Exception as error:
            print("   fit:", str(error).splitlines()[0][:100])


def try_case(name: str, data: Callable, net: cases.Net, case: cases.Case | None) -> dict:
    """Return what is said of a case and what following it gives."""
    x, y = data()
    keras.utils.set_random_seed(1)
    model = net.model(x.shape[1])
    quick = trained_quick(model, x, y, net)
    began, cpu = time.perf_counter(), time.process_time()
    found = networks.cure(model, x, y, epochs=net.epochs, batch_size=net.batch, verbose=False)
    row = {
        "name": name, "quick": quick, "verdict": found.verdict, "sentence": found.sentence,
        "remarks": found.remarks, "code": found.code, "keys": found.changes, "luck": found.false_alarm,
        "seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu,
        "before": float(np.median(found.trials[0].each)), "best": min(trial.score for trial in found.trials),
        "trials": len(found.trials),
    }  # fmt: skip
    if case is not None and found.code:
        row["after"] = from_fresh_starts(lambda: pasted(found.code, model, x, y), y)
    if case is not None and case.cure is not None:
        row["known"] = from_fresh_starts(lambda: known(case, x, y, case.cure), y)
    return row


def trained_quick(model: keras.Model, x: np.ndarray, y: np.ndarray, net: cases.Net) -> str:
    """Train the asker's network as the asker did; return what the quick look says."""
    fitted(model, x, y, net)
    try:
        return networks.diagnose(model, x, y).cause
    except ValueError as error:
        return f"refuses: {str(error)[:60]}"


def cured(row: dict) -> bool | None:
    """Return whether the code cures in four of five starts; None where there is no known cure."""
    if "known" not in row:
        return None
    errors, rights = zip(*row["known"], strict=True)
    limit, right = max(FACTOR * float(np.median(errors)), TINY), float(np.median(rights)) - POINTS
    return sum(error <= limit or accuracy >= right for error, accuracy in row.get("after", ())) >= STARTS - 1


def table(kept: dict) -> str:
    """Return the table of all that has been done."""
    parts = [INTRODUCTION]
    for group in filter(kept.get, groups()):
        rows = kept[group]
        lines = []
        for row in rows.values():
            median = {
                key: float(np.median([error for error, _ in row[key]]))
                for key in ("after", "known")
                if key in row
            }
            verdict = {True: "yes", False: "no", None: "—"}[cured(row)]
            lines.append([
                row["name"], row["quick"], row["verdict"], ", ".join(row["keys"]) or "—",
                words.about(row["before"], 2),
                *(words.about(median[key], 2) if key in median else "—" for key in ("after", "known")),
                verdict, f"{row['seconds']:.0f}", f"{row['cpu']:.0f}",
            ])  # fmt: skip
        header = [
            "case",
            "quick look",
            "verdict",
            "changes",
            "before",
            "after",
            "known cure",
            "cured",
            "s",
            "CPU s",
        ]
        verdicts = [cured(row) for row in rows.values()]
        fine = sum(row["verdict"] in ("healthy", "nothing to cure") for row in rows.values())
        named = sum(row["quick"] == "no activation" for row in rows.values())
        counts = f"{len(rows)} of {len(groups()[group])} cases done. "
        counts += (
            f"Cured: {verdicts.count(True)} of {len(verdicts) - verdicts.count(None)} with a known cure. "
        )
        counts += f"Called healthy, or nothing to cure: {fine}. Called without activation: {named}."
        parts.append(f"## {group}\n\n{counts}\n\n{words.table(header, lines).data}\n")
    return "\n".join([*parts, OTHERS])


def groups() -> dict[str, list[tuple]]:
    """Return all cases: (name, data, net, case) in groups."""
    named = {"asked": cases.ASKED, "own": cases.OWN}
    found = {
        group: [(each.name, each.data, each.net, each) for each in some] for group, some in named.items()
    }
    plain = {"healthy": cases.HEALTHY, "straight": cases.STRAIGHT}
    return found | {group: [(*each, None) for each in some] for group, some in plain.items()}


def main(wanted: list[str]) -> None:
    """Do what has not been done, in the order of the arguments, and write the table after each case."""
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    everything = [(group, *member) for group, members in groups().items() for member in members]
    for word in wanted or [*groups()]:
        for group, name, *of in everything:
            rows = kept.setdefault(group, {})
            if name in rows or (group != word and word not in name):
                continue
            row = rows[name] = try_case(name, *of)
            KEPT.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
            (FOLDER / "cures.md").write_text(table(kept), "utf-8")
            done = f"{group}: {name}: {row['verdict']}, cured {cured(row)}, {row['cpu']:.0f} CPU s"
            print(done, row["sentence"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
