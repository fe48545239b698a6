"""Finds by trial what helps a network that does not learn: one change at a time, then several."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from helpers import words
from helpers.checks import columns, one_of, whole_number
from helpers.cure import changes, floors, trials
from helpers.cure.changes import CHANGES, WHOLE
from helpers.cure.recipes import Recipe, read
from helpers.cure.trials import STARTS, Examples, Trial
from helpers.pictures import marks
from helpers.problems import same_length

import keras
import numpy as np
from IPython.display import Markdown, display

CLEARLY = 0.7  # a change helps if it leaves at most this fraction of the error,
LUCK = 0.05  # and if, without any effect, fresh starts would look as good no more often than this
AS_GOOD = 1.25  # fewer changes count as equally good up to this factor
# Relative errors: nothing is wrong below the first, nothing is to be gained below the second.
FINE, EXACT = 0.02, 1e-4
WORK = 2e10  # multiplications per start; larger training runs are first tried with fewer epochs
HARD = [0.0, 0.01, 0.1]  # a round of whole recipes is tried if all before leave a larger relative error
SINGLE = [key for key in CHANGES if key not in ("enough", "two layers", "waves", "fast waves")]
FEW = "end", "inputs", "relu", "free", "adam 0.01"  # where `fit` has to train
# The order in which changes of a whole recipe are taken back.
DOUBTED = (
    "free", "start", "two layers", "enough", "adam", "adam 0.01", "targets", "tanh", "relu", "inputs", "end",
)  # fmt: skip


@dataclass(frozen=True)
class Cure:
    """The result of the trials: a verdict in a word, a sentence, the change as code, and every trial.

    verdict: "cured", "healthy", "nothing to cure", "nothing helps" or "interrupted"; changes: in words;
    code: a whole training with these changes, to paste below x and y, or ""; false_alarm: how often the
    fresh starts would look as good if the changes had no effect.
    """

    verdict: str
    sentence: str
    changes: tuple[str, ...]
    code: str
    false_alarm: float
    trials: list[Trial] = field(repr=False)
    remarks: list[str] = field(repr=False)

    def table(self, *names: str) -> Markdown:
        """Return all trials, the best first, with their errors in standard deviations of the targets.

        names: show only the network as it is and these changes, each alone, in this order.

        Raises:
            InputError: for a change that was not tried alone.
        """
        with_classes = np.isfinite(self.trials[0].accuracy).all()
        header = ["tried", "error", "lowest", "highest", "starts below the median as it is"]
        header += ["accuracy", "cross-entropy"] if with_classes else []
        usual = np.median(self.trials[0].each)
        rows = []
        for trial in [self.trials[0], *self._wanted(names)]:
            each = trial.each
            better = f"{(each < usual).sum()} of {len(each)}"
            cells = [" / ".join(words.about(error, 2) for error in np.median(trial.errors, axis=0)[:4])]
            cells += [words.about(each.min(), 2), words.about(each.max(), 2), f"≈ {better}"]
            if with_classes:
                cells += [words.about(np.median(trial.accuracy), 3), words.about(np.median(trial.entropy), 2)]
            rows.append([_named(trial.keys), *cells])
        return words.table(header, rows)

    def _wanted(self, names: Sequence[str]) -> list[Trial]:
        if not names:
            return sorted(self.trials[1:], key=lambda trial: trial.score)
        alone = {_named(trial.keys): trial for trial in self.trials if len(trial.keys) == 1}
        return [alone[one_of("a change", name, alone)] for name in names]

    def picture(self) -> marks.Picture:
        """Draw every trial, the best on top: a dot for each start, and the median."""
        shown = sorted(self.trials, key=lambda trial: -trial.score)
        drawn = []
        for row, trial in enumerate(shown):
            finite = np.minimum(np.maximum(trial.each, EXACT / 10), 10.0)
            dots, median = marks.strip("", finite, at=row, lying=True)
            drawn += [dots, replace(median, legend=row == 0)]
        drawn.append(marks.level("the best constant", 1.0, upright=True))
        names = {row: " + ".join(trial.keys) or "as it is" for row, trial in enumerate(shown)}
        frame = marks.Frame(
            "error in deviations of the targets", "", None, (-0.5, len(shown) - 0.5), "x", None
        )
        frame = replace(frame, y_ticks=names, legend="outside upper right")
        figure = marks.still((frame, drawn), size=(11, 1.6 + 0.42 * len(shown)))
        figure.axes[0].grid(axis="y", visible=False)
        figure.axes[0].tick_params("y", labelsize=11)
        caption = (
            f"{len(shown)} trials, a dot for each start; errors above 10 are drawn at 10. {self.sentence}"
        )
        return marks.Picture(figure, "A dot for each start; the bar is the median of a trial.", long=caption)

    def __str__(self) -> str:
        code = f"```python\n{self.code}```" if self.code else ""
        parts = [self.sentence, *self.remarks, code, self.table().data if self.trials else ""]
        return "\n\n".join(part for part in parts if part)

    __repr__ = _repr_markdown_ = __str__

    def _ipython_display_(self) -> None:
        display(Markdown(str(self)))
        if self.trials:
            display(self.picture())


def cure(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> Cure:
    """Train the network again, as it is and with one change at a time, and report what helps.

    Each change is trained from five starts, by `helpers.train` where possible, and each start is judged on a
    fifth of the examples, which it has not seen (on all if there are fewer than 40). What helps most must
    help again from fresh starts. The model, generators and files stay unchanged.

    Args:
        model: compiled, one path of Keras's own layers that ends in a Dense layer; trained or not.
        x: float array (examples, inputs), scaled for the model.
        y: float array (examples, outputs), scaled for the model, or one column for all outputs.
        epochs: of the training that does not work; by default those of the model's last one, or 100.
        batch_size: of that training; by default that of the last one, or 32.
        seed: makes the result reproducible.
        verbose: print how long it takes, and show a bar.

    Raises:
        InputError: for a model whose training cannot be written as code, or data that do not fit.
    """
    x, y = columns("x", x), columns("y", y)
    same_length(x=x, y=y)
    floors.must_vary(y)
    with trials.nothing_drawn():
        recipe = read(model, x.shape[1], *_settings(model, len(x), epochs, batch_size))
        task = changes.task(recipe, y)
        if not task.classes:
            columns("y", y, task.units, 1)
        search = _Search(model, Examples(x, y, task), changes.plain(recipe, task, y), seed, verbose)
        try:
            return search.result()
        except KeyboardInterrupt:
            return search.stopped()


def _settings(
    model: keras.Model, examples: int, epochs: int | None, batch_size: int | None
) -> tuple[int, int]:
    history = getattr(model, "history", None)
    done = len(getattr(history, "epoch", None) or ())
    steps = history.params.get("steps") if done else None  # None after a generator
    if epochs is None:
        epochs = done or 100
    if batch_size is None:
        batch_size = -(-examples // steps) if steps else 32
    return whole_number("epochs", epochs), min(examples, whole_number("batch_size", batch_size))


class _Search:
    """The search for a cure."""

    def __init__(
        self, model: keras.Model, examples: Examples, recipe: Recipe, seed: int, verbose: bool
    ) -> None:
        self.model, self.examples, self.recipe, self.seed = model, examples, recipe, seed
        self.verbose = verbose
        self.odd = floors.outlier("Target", examples.y)
        self.enough = FINE if examples.task.classes else EXACT  # classes can be separated long before
        self.tried: dict[tuple[str, ...], Trial] = {}
        self.fresh: dict[tuple[str, ...], Trial] = {}

    def result(self) -> Cure:
        """Run all trials and return the result."""
        began = time.perf_counter()
        self.run([()])
        self.announce(time.perf_counter() - began)
        self.run([(key,) for key in (SINGLE if self.base.by_train else FEW)])
        for recipes, error in zip(WHOLE, HARD, strict=True):
            if min(trial.score for trial in self.tried.values()) > error:
                self.run(recipes)
        best = self.improved(self.fewest())
        if best.score > CLEARLY * self.base.score or self.base.score <= EXACT:
            return self.verdict(None)
        self.run([(), best.keys], fresh=True)
        lowest = min(self.tried.values(), key=lambda trial: trial.score)
        if not self.confirmed(best.keys) and lowest.keys != best.keys:
            best = self.run([lowest.keys], fresh=True)[0]
        return self.verdict(best.keys)

    @property
    def base(self) -> Trial:
        """The network as it is."""
        return self.tried[()]

    def run(self, wanted: Sequence[tuple[str, ...]], *, fresh: bool = False) -> list[Trial]:
        """Try sets of changes that are new; return the trials of all sets."""
        kept, new, results = self.fresh if fresh else self.tried, {}, []
        for keys in wanted:
            recipe, keys = changes.applied(self.recipe, keys, self.examples.task, self.examples.per_start)
            if not fresh:
                share = min(1.0, WORK / recipe.work(self.examples.per_start))
                recipe = replace(recipe, epochs=max(1, round(share * recipe.epochs)))
            same = [each for each, trial in kept.items() if trial.recipe == recipe]
            same += [each for each, other in new.items() if other == recipe]
            results.append(same[0] if same else keys)
            if not same:
                new[keys] = recipe
        starts = range(STARTS, 2 * STARTS) if fresh else range(STARTS)

        def done(trial: Trial) -> None:
            kept[trial.keys] = trial

        if new:
            trials.run([*new.items()], self.examples, starts, self.seed, self.model, done)
        return [kept[keys] for keys in results]

    def announce(self, seconds: float) -> None:
        """Print how long it will take."""
        if self.verbose:
            many = len(SINGLE if self.base.by_train else FEW) + sum(map(len, WHOLE))
            print(
                f"About {words.short(2 * round(6 * seconds))} s: up to {many} changes, {STARTS} starts each."
            )

    def fewest(self) -> Trial:
        """Return the best trial, or an equally good one with fewer changes."""
        one = min((trial for trial in self.tried.values() if len(trial.keys) <= 1), key=lambda t: t.score)
        best = min(self.tried.values(), key=lambda trial: trial.score)
        limit = max(AS_GOOD * best.score, self.enough)
        if one.score <= limit:
            return one
        for key in DOUBTED:
            if key in best.keys and len(best.keys) > 1:
                (without,) = self.run([tuple(each for each in best.keys if each != key)])
                if without.score <= limit:
                    best = without
        return best

    def improved(self, best: Trial) -> Trial:
        """Return the best trial, or one with additional changes if it is clearly better."""
        for _ in range(2):
            if best.score <= self.enough or not best.keys:
                break
            alone = [trial for trial in self.tried.values() if len(trial.keys) == 1]
            wanted = []
            for (new,) in (trial.keys for trial in sorted(alone, key=lambda trial: trial.score)[:4]):
                if new not in best.keys:
                    kept = [key for key in best.keys if not changes.exclude(key, new)]
                    wanted.append(tuple(sorted([*kept, new], key=[*CHANGES].index)))
            more = self.run(wanted)
            better = min(more, key=lambda trial: trial.score, default=best)
            if better.score > CLEARLY * best.score:
                break
            best = better
        return best

    def luck(self, keys: tuple[str, ...]) -> float:
        """Return the probability that five of all these starts are as good by chance as the fresh ones."""
        usual = np.concatenate([self.base.each, self.fresh[()].each])
        logs = np.log(np.clip(np.concatenate([self.fresh[keys].each, usual]), 1e-9, 10))
        sums = np.array([sum(five) for five in itertools.combinations(logs, STARTS)])
        chances = len(self.fresh) - 1  # each set of changes that got fresh starts is one
        return min(1.0, chances * float(np.mean(sums <= logs[:STARTS].sum() + 1e-9)))

    def confirmed(self, keys: tuple[str, ...]) -> bool:
        """Return whether a set of changes helps from its fresh starts as well."""
        return self.luck(keys) <= LUCK and self.fresh[keys].score <= CLEARLY * self.fresh[()].score

    def fine(self, trial: Trial) -> bool:
        """Return whether nothing is wrong with a trial: a small error, or every class right."""
        return trial.score < FINE or bool(np.sort(trial.accuracy)[1] == 1)

    def verdict(self, keys: tuple[str, ...] | None) -> Cure:
        """Return the verdict on the best set of changes, or on none."""
        all_, names, code, luck = [*self.tried.values()], (), "", 1.0
        rest = floors.remarks(self.examples.x, self.examples.y)
        if keys and self.confirmed(keys):
            before, after, luck = self.fresh[()], self.fresh[keys], self.luck(keys)
            names = tuple(CHANGES[key].words for key in after.keys)
            code = after.recipe.code(by_train=after.by_train)
            better = (after.each < np.median(before.each)).sum()
            verdict = "healthy" if self.fine(before) and not self.odd else "cured"
            judged = "on examples left out" if self.examples.held_out else "on all of the few examples"
            falls = f"the error falls from {self.error(before)} to {self.error(after)}"
            sentence = f"With {words.listed(names)}, {falls}, in {better} of {STARTS} fresh starts, {judged}."
            if verdict == "healthy":
                sentence = f"It learns, and nothing is wrong; its error can still be made smaller. {sentence}"
            if not any(step.activation for step in self.recipe.dense) and any(
                step.activation for step in after.recipe.hidden
            ):
                sentence = (
                    f"No layer has an activation, so it is an affine map, whatever its weights. {sentence}"
                )
            share = f"{words.short(100 * luck)} % of cases"
            rest.append(f"Without any effect, fresh starts would look this good in {share}.")
        else:
            verdict, why = self.floor()
            less = min(trial.score for trial in all_) <= CLEARLY * self.base.score
            least = "clearly less from fresh starts as well" if less else "clearly less"
            error = f"the network's error, {self.error(self.base)}"
            sentence = f"{why}; none of {len(all_) - 1} changes makes {error}, {least}."
        rest += [self.alone(names), *self.doubts()]
        return Cure(verdict, sentence, names, code, luck, all_, rest)

    def floor(self) -> tuple[str, str]:
        """Return the verdict if nothing helps, and why."""
        x, y, base = self.examples.x, self.examples.y, self.base
        repeated, reachable = floors.repeated(x, y), floors.reachable(x, y)
        near = sum(trial.score < 1.15 * base.score for trial in self.tried.values()) - 1
        if self.odd:
            return "nothing helps", f"{self.odd}, so every error here is measured against it"
        if self.fine(base):
            return "healthy", "It learns, and nothing is wrong"
        if repeated.any() and base.score < 1.2 * np.sqrt((repeated**2).mean()):
            least = f"no function can be below {_share(repeated)}"
            return "nothing to cure", f"Nothing to cure: equal inputs have different targets, and {least}"
        if self.examples.held_out and base.score > 0.9 and reachable.min() > 0.9:
            noise = "as far as I can tell, the targets are noise, or do not belong to these rows"
            return "nothing to cure", f"Nothing to cure: {noise}"
        if self.examples.held_out and near >= 5 and base.score < 1.15 * np.sqrt((reachable**2).mean()):
            others = f"{near} other networks end there, and no smooth function is better"
            return "nothing to cure", f"Nothing to cure: it is as good as these examples allow: {others}"
        return "nothing helps", "No change of mine helps"

    def stopped(self) -> Cure:
        """Return the results so far after Ctrl-C."""
        done = [*self.tried.values()]
        if not done:
            return Cure("interrupted", "Interrupted before any trial was done.", (), "", 1.0, [], [])
        best = min(done, key=lambda trial: trial.score)
        names = tuple(CHANGES[key].words for key in best.keys)
        sentence = (
            f"Interrupted after {words.plural(len(done), 'trial')}; the best, not yet confirmed, is "
            f"{_named(best.keys) if best.keys else 'the network as it is'}, with {self.error(best)}."
        )
        code = best.recipe.code(by_train=best.by_train) if names else ""
        return Cure("interrupted", sentence, names, code, 1.0, done, [])

    def error(self, trial: Trial) -> str:
        """Return a trial's error in words."""
        median = np.median(trial.errors, axis=0)
        if not np.isfinite(median).all():
            return "NaN"
        if self.examples.task.classes:
            return f"{_share(median)} (accuracy {words.about(100 * np.median(trial.accuracy), 3)} %)"
        sizes = " and ".join(
            words.about(each, 3) for each in (median * floors.deviation(self.examples.y))[:4]
        )
        return f"RMSE {sizes}, {_share(median)}"

    def alone(self, names: tuple[str, ...]) -> str:
        """Return a sentence on which changes help alone, and which do not."""
        single = sorted(
            (trial for trial in self.tried.values() if len(trial.keys) == 1), key=lambda t: t.score
        )
        helpful, others = [], []
        for trial in single:
            name = CHANGES[trial.keys[0]].words
            if names == (name,):
                continue
            if np.median(trial.each) < min(1.0, CLEARLY * np.median(self.base.each)):
                helpful.append(f"{name} (to {words.about(100 * float(np.median(trial.each)), 2)} %)")
            else:
                others.append(name)
        helps = f"Helpful on their own: {', '.join(helpful)}." if helpful else ""
        rest = f"Not helpful on their own: {', '.join(others)}." if others else ""
        return f"{helps} {rest}".strip()

    def doubts(self) -> list[str]:
        """Return caveats: for which inputs the result holds, and what was tried with fewer epochs."""
        low, high = self.examples.x.min(axis=0), self.examples.x.max(axis=0)
        spans = "; ".join(map(floors.span, low[:3], high[:3]))
        remarks = [
            f"All this holds for inputs like these ({spans}{' …' if len(low) > 3 else ''}): asked beyond its "
            "examples, no network here knows the answer, however well it fits."
        ]
        if self.recipe.work(self.examples.per_start) > WORK:
            remarks.append(
                "Long training runs were first tried with fewer epochs, too few to say what does not help; "
                "what is confirmed had all of them."
            )
        if not self.base.by_train:
            remarks.append(
                "`train` does not know this network, so `fit` trains it, and fewer changes are tried."
            )
        return remarks


def _share(errors: np.ndarray) -> str:
    return f"{' and '.join(words.about(100 * each, 2) for each in errors[:4])} % of the targets' deviation"


def _named(keys: tuple[str, ...]) -> str:
    return "; ".join(CHANGES[key].words for key in keys) or "as it is"
