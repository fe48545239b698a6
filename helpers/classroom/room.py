"""One class: which question is open, who may vote, and what the teacher's and the learners' pages show."""

import collections
import re

from helpers.checks import InputError
from helpers.classroom import questions
from helpers.classroom.votes import Votes
from helpers.practice import forms

from tornado import web

MARK = {"vote": 1, "shown": False, "revealed": False, "hands": {}}
SENT = {"question", "answer", "sure", "vote", "name"}
NAME = re.compile("[0-9a-f]{32}")
MOST = 1000  # voters in a class
CLOSED = "This vote is closed: wait for the teacher."


class Refused(web.HTTPError):
    """A request that a class refuses: an HTTP status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status)
        self.sentence = sentence


class Room:
    """The present state of a class; raises Refused if there is none with this code."""

    def __init__(self, votes: Votes, code: str) -> None:
        self.votes, self.code, self.state = votes, code, votes.state(code)
        if self.state is None:
            raise Refused(404, "There is no class with this code: check the code.")
        lesson, at = self.state["lesson"], self.state["at"]
        self.questions = questions.of(lesson) if lesson in questions.titles() else []
        self.question = self.questions[at] if 0 <= at < len(self.questions) else None
        self.key = f"{lesson}/{self.question.name}" if self.question else ""
        self.mark = MARK | self.state["marks"].get(self.key, {})

    @property
    def open(self) -> bool:
        """Whether the question accepts votes, which it does until its split is shown."""
        return self.question is not None and not self.mark["shown"] and not self.mark["revealed"]

    def vote(self, message: dict) -> None:
        """Count a vote, {"question", "answer", "sure", "vote", "name"}."""
        if set(message) != SENT or type(message["sure"]) is not bool:
            raise Refused(400, f"Expected a vote of {', '.join(sorted(SENT))}, and nothing else.")
        if not NAME.fullmatch(name := str(message["name"])):
            raise Refused(400, "Expected a random name of 32 hexadecimal digits.")
        if self.question is None or message["question"] != self.question.name:
            raise Refused(409, "This question is not open: the class is at another one.")
        if not self.open or message["vote"] != self.mark["vote"]:
            raise Refused(409, CLOSED)
        answer, vote = self._read(message["answer"]), self.mark["vote"]
        voters = self.votes.count(self.code, question=self.key, round=vote)
        if voters >= MOST and not self.votes.count(self.code, voter=name):
            raise Refused(409, f"This class is full: it takes {MOST:,} voters.")
        self.votes.cast(self.code, self.key, vote, name, answer, message["sure"])

    def _read(self, answer: object) -> object:
        try:
            return self.question.form.read(answer)
        except (ValueError, TypeError, ArithmeticError) as error:
            why = error if isinstance(error, InputError) else "This is no answer: choose, type or draw again."
            raise Refused(400, f"{str(why)[:300].rstrip('.')}.") from None

    def learners(self) -> dict:
        """Return what learners see: the open question, and what happened once it is revealed."""
        if self.question is None:
            return {"question": None, "note": "You are in the class. The first question comes soon."}
        one = self.question
        seen = {"question": one.name, "text": one.text, "form": one.spec, "asks_sure": one.asks_sure}
        seen |= {"vote": self.mark["vote"], "open": self.open, "revealed": self.mark["revealed"]}
        if seen["revealed"]:
            seen |= {"truth": one.truth, "told": one.told, "meanings": one.meanings}
        return seen

    def act(self, message: dict) -> None:
        """Do what the teacher's page asks for, {"do": ...}."""
        do = message.get("do")
        if do == "choose" and str(message.get("lesson")) in questions.titles():
            self.state |= {"lesson": message["lesson"], "at": -1}
        elif do == "go" and type(message.get("at")) is int and -1 <= message["at"] < len(self.questions):
            self.state["at"] = message["at"]
        elif self.question and do in ("show", "reveal"):
            self._mark(**{{"show": "shown", "reveal": "revealed"}[do]: message.get("on") is True})
        elif self.question and do == "again":
            self._mark(vote=2, shown=False, revealed=False)
        elif self.question and do == "hands" and isinstance(message.get("hands"), list):
            rows = [row for row in message["hands"][:100] if isinstance(row, list) and len(row) == 2]
            if len(rows) < len(message["hands"]) or not all(n in range(1, MOST + 1) for _, n in rows):
                raise Refused(400, "Expected how many hands were raised for each answer.")
            raised = [[self._read(answer), int(count)] for answer, count in rows]
            self._mark(hands=self.mark["hands"] | {str(self.mark["vote"]): raised})
        else:
            raise Refused(400, f"Expected what to do, but got {str(do)[:40]!r}.")
        self.votes.set_state(self.code, self.state)

    def _mark(self, **changes: object) -> None:
        self.mark |= changes
        self.state["marks"][self.key] = self.mark

    def teachers(self) -> dict:
        """Return what the teacher's page shows: never who has answered, and the answers only on request."""
        seen = {"code": self.code, "lesson": self.state["lesson"], "at": self.state["at"], "open": self.open}
        if self.question is None:
            return seen
        cast = [self.votes.cast_in(self.code, self.key, n) for n in range(1, self.mark["vote"] + 1)]
        seen |= self.mark | {"answered": [len(one) for one in cast], "voters": self.votes.count(self.code)}
        hands = seen.pop("hands")
        if self.open:
            seen["raised"] = hands.get(str(self.mark["vote"]), [])
        else:
            seen["splits"] = [
                {"answers": sorted(one.values(), key=str), "hands": hands.get(str(n), [])}
                for n, one in enumerate(cast, 1)
            ]
            seen["changes"] = self._changes(*cast) if len(cast) == 2 else []
            if self.mark["revealed"] and self.question.truth is not None:
                last = seen["splits"][-1]
                values = [each for each, _ in last["answers"]]
                values += [each for each, count in last["hands"] for _ in range(count)]
                seen["changes"] += self.question.form.right_in(values, self.question.truth)
        return seen

    def _changes(self, first: dict, second: dict) -> list[str]:
        """Return how many changed their answer and in which direction; about the truth only once revealed."""
        if not (pairs := [(first[voter][0], second[voter][0]) for voter in first if voter in second]):
            return []
        moved = [pair for pair in pairs if pair[0] != pair[1]]
        sentence = f"{len(moved)} of the {len(pairs)} who voted twice changed their answer"
        form, truth = self.question.form, self.question.truth
        if moved and isinstance(form, forms.Choice):
            common = collections.Counter(moved).most_common(3)
            sentence += ": " + ", ".join(f"{count} from “{a}” to “{b}”" for (a, b), count in common)
        elif moved and isinstance(form, forms.Number):
            higher = sum(b > a for a, b in moved)
            sentence += f": {higher} to a higher one, {len(moved) - higher} to a lower one"
        if not self.mark["revealed"] or truth is None:
            return [f"{sentence}."]
        came = sum(form.agrees(b, truth) > form.agrees(a, truth) for a, b in moved)
        left = sum(form.agrees(b, truth) < form.agrees(a, truth) for a, b in moved)
        return [f"{sentence}. {came} came to the right answer, {left} left it."]
