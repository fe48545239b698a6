"""One class: which question is open, who may vote, and what the teacher's and the learners' pages show."""

import collections
import re

from helpers.checks import InputError
from helpers.classroom import questions
from helpers.classroom.votes import Votes
from helpers.practice import forms

import numpy as np

START = {"lesson": None, "at": -1, "marks": {}}
MARK = {"vote": 1, "shown": False, "revealed": False, "hands": []}
SENT = {"question", "answer", "sure", "vote", "name"}
NAME = re.compile("[0-9a-f]{32}")
MOST = 1000  # voters in a class
CLOSED = "This vote is closed: wait for the teacher."


class Refused(Exception):
    """What a class does not take: a status of HTTP, and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Room:
    """A class as its file has it now; raises Refused if there is none of this code."""

    def __init__(self, votes: Votes, code: str) -> None:
        self.votes, self.code = votes, code
        self.state = votes.state(code)
        if self.state is None:
            raise Refused(404, "There is no class with this code: look at the code once more.")
        self.asked = questions.of(self.state["lesson"]) if self.state["lesson"] else []
        at = self.state["at"]
        self.question = self.asked[at] if 0 <= at < len(self.asked) else None
        self.key = f"{self.state['lesson']}/{self.question.name}" if self.question else ""
        self.mark = MARK | self.state["marks"].get(self.key, {})

    @property
    def open(self) -> bool:
        """Tell whether the question takes votes: not before it is asked, nor once its split is seen."""
        return self.question is not None and not self.mark["shown"] and not self.mark["revealed"]

    # Learners ---------------------------------------------------------------------------

    def vote(self, given: object) -> str:
        """Count a vote, {"question", "answer", "sure", "vote", "name"}; return the voter's name."""
        if not isinstance(given, dict) or set(given) != SENT or type(given["sure"]) is not bool:
            raise Refused(400, f"Expected a vote of {', '.join(sorted(SENT))}, and nothing else.")
        name = given["name"]
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Refused(400, "Expected a random name of 32 hexadecimal digits.")
        if self.question is None or given["question"] != self.question.name:
            raise Refused(409, "This question is not open: the class is at another one.")
        if not self.open or given["vote"] != self.mark["vote"]:
            raise Refused(409, CLOSED)
        answer, vote = self._read(given["answer"]), self.mark["vote"]
        if self.votes.count(self.code, self.key, vote) >= MOST and not self.votes.known(self.code, name):
            raise Refused(409, f"This class is full: it takes {MOST:,} voters.")
        self.votes.cast(self.code, self.key, vote, name, answer, given["sure"])
        return name

    def _read(self, answer: object) -> object:
        form = self.question.form
        try:
            read = form.read(answer)
            outside = isinstance(form, forms.Drawing) and not all(form.low <= h <= form.high for h in read)
        except InputError as error:
            raise Refused(400, f"{str(error)[:300].rstrip('.')}.") from None
        except (ValueError, TypeError, ArithmeticError):
            read, outside = None, True
        if outside:
            raise Refused(400, "This is no answer to the question: choose, type or draw it again.")
        return read

    def learners(self) -> dict:
        """Return what learners see: the open question; what happened, once it is revealed."""
        if self.question is None:
            return {"question": None, "note": "You are in the class. The first question comes soon."}
        one = self.question
        seen = {"question": one.name, "text": one.text, "form": one.spec, "asks_sure": one.asks_sure}
        seen |= {"vote": self.mark["vote"], "open": self.open, "revealed": self.mark["revealed"]}
        if seen["revealed"]:
            seen |= {"truth": one.truth, "told": one.told, "meanings": one.meanings}
        return seen

    # The teacher ------------------------------------------------------------------------

    def act(self, given: dict) -> None:
        """Do what the teacher's page asks for, {"do": ...}."""
        do = given.get("do")
        if do == "choose":
            self.state |= {"lesson": questions.lessons.named(str(given.get("lesson"))), "at": -1}
        elif do == "go" and type(given.get("at")) is int and -1 <= given["at"] < len(self.asked):
            self.state["at"] = given["at"]
        elif self.question and do in ("show", "reveal"):
            self._mark(**{{"show": "shown", "reveal": "revealed"}[do]: given.get("on") is True})
        elif self.question and do == "again":
            self._mark(vote=2, shown=False, revealed=False)
        elif self.question and do == "hands" and isinstance(given.get("hands"), list):
            self._mark(hands=[row for row in self.mark["hands"] if row[0] != self.mark["vote"]])
            for row in given["hands"][:100]:
                answer, count = row if isinstance(row, list) and len(row) == 2 else (None, None)
                if type(count) is not int or not 0 < count <= MOST:
                    raise Refused(400, "Expected how many hands were raised for each answer.")
                self.mark["hands"].append([self.mark["vote"], self._read(answer), count])
            self._mark()
        else:
            raise Refused(400, f"Expected what to do, but got {str(do)[:40]!r}.")
        self.votes.set_state(self.code, self.state)

    def _mark(self, **changes: object) -> None:
        self.mark |= changes
        self.state["marks"][self.key] = self.mark

    def teachers(self) -> dict:
        """Return what the teacher's page shows: who has answered never, how they did if it was asked for."""
        seen = {"code": self.code, "lesson": self.state["lesson"], "at": self.state["at"], "open": self.open}
        if self.question is None:
            return seen
        rounds = range(1, self.mark["vote"] + 1)
        seen |= self.mark | {"answered": [self.votes.count(self.code, self.key, n) for n in rounds]}
        del seen["hands"]
        if not self.open:
            cast = [self.votes.cast_in(self.code, self.key, n) for n in rounds]
            hands = [[row[1:] for row in self.mark["hands"] if row[0] == n] for n in rounds]
            seen["splits"] = [
                {"answers": sorted(votes.values(), key=str), "hands": raised}
                for votes, raised in zip(cast, hands, strict=True)
            ]
            seen["changes"] = self._changes(*cast) if len(cast) == 2 else ""
            seen["judged"] = self._judged(seen["splits"][-1]) if self.mark["revealed"] else []
        return seen

    def _changes(self, first: dict, second: dict) -> str:
        """Return how many changed their answer, and in which direction; of the truth only once revealed."""
        pairs = [(first[voter][0], second[voter][0]) for voter in first if voter in second]
        moved = [pair for pair in pairs if pair[0] != pair[1]]
        said = f"{len(moved)} of the {len(pairs)} who voted twice changed their answer"
        form = self.question.form
        if moved and isinstance(form, forms.Choice):
            common = collections.Counter(moved).most_common(3)
            said += ": " + ", ".join(f"{count} from “{a}” to “{b}”" for (a, b), count in common)
        elif moved:
            ups, more, less = [np.mean(b) > np.mean(a) for a, b in moved], "to more", "to less"
            if isinstance(form, forms.Drawing):
                more, less = "to a higher curve on the whole", "to a lower one"
            said += f": {sum(ups)} {more}, {len(ups) - sum(ups)} {less}"
        truth = self.question.truth
        if not self.mark["revealed"] or truth is None or isinstance(form, forms.Drawing):
            return f"{said}."
        came, left = (
            sum(form.agrees(pair[to], truth) and not form.agrees(pair[1 - to], truth) for pair in moved)
            for to in (1, 0)
        )
        return f"{said}. {came} came to the right answer, {left} left it."

    def _judged(self, split: dict) -> list[str]:
        """Return how many numbers or drawings of a vote are right, and in what; bars say it of choices."""
        form, truth = self.question.form, self.question.truth
        given = [answer for answer, *_ in split["answers"]]
        given += [answer for answer, count in split["hands"] for _ in range(count)]
        if not given or truth is None or isinstance(form, forms.Choice):
            return []
        if isinstance(form, forms.Number):
            wrong = [answer for answer in given if not form.agrees(answer, truth)]
            large = sum(answer > truth for answer in wrong)
            right = f"{len(given) - len(wrong)} of {len(given)} right"
            return [f"Numbers: {right}, {large} too large, {len(wrong) - large} too small."]
        judged, lines = [form.judged(answer, truth) for answer in given], []
        for n, (_, what) in enumerate(form.judged(truth, truth)):
            wrong = collections.Counter(one[n][1] for one in judged if not one[n][0])
            lines.append(f"Right in {len(given) - wrong.total()} of {len(given)} drawings: {what}.")
            said, times = max(wrong.items(), key=lambda pair: pair[1], default=("", 0))
            if times > 1:
                lines[-1] += f" Not right in {times}: {said}."
        return lines
