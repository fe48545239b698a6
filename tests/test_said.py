"""What the exercises say about an answer is true, for answers drawn at random from all possible ones.

The long run: `pytest tests/test_said.py --answers 2000 -s` prints how many answers got how many sentences.
"""

import contextlib
import inspect
import re
import zlib
from collections import Counter
from unittest import mock

from helpers import lessons
from helpers.checks import InputError
from helpers.practice import check, given, limits

import keras
import numpy as np
import pytest
from support import is_one_sentence

SPACES = {name: space for said in lessons.load("said").values() for name, space in said.SPACES.items()}
# What Python or NumPy writes, and a wrong article.
UNREADABLE = r"np\.\w+\(|array\(|\[\[|\b\d\.\d{12}|\ba [aeiouAEIO]\w|\ban (?!hour|RMSE|L\b)[^aeiouAEIO\W]|\n"
ARTICLES = r"\ba (unit|use|one)"


def judged(name, answer):
    """Whether an exercise takes an answer for right, and its sentence; None where a reader refuses it."""
    judge = check.declared()[name].judge
    readers = {of: each.annotation for of, each in inspect.signature(judge).parameters.items()}
    try:
        # The functions drawn here end, so no call of them needs a process of its own.
        with mock.patch.object(limits, "_copy", given.function in readers.values()):
            return judge(*(read(it, of) for it, (of, read) in zip(answer, readers.items(), strict=True)))[:2]
    except InputError as refused:
        return None, str(refused)


class Caught(list):
    """What a pattern caught: numbers, where they are any; texts, as it was written."""

    def __init__(self, texts):
        super().__init__(map(self.value, texts))
        self.texts = texts

    @staticmethod
    def value(text):
        with contextlib.suppress(AttributeError, ValueError):
            return float(text.replace(",", "").replace("−", "-").replace("≈", ""))
        return text


def objections(name, answer):
    """What is wrong with what an answer is told, and the sentence with its numbers left out."""
    space, (taken, sentence) = SPACES[name], judged(name, answer)
    kind = re.sub(r"[≈−]*\d[\d,.]*(?<=\d)", "#", sentence)
    try:
        is_one_sentence(sentence)
    except AssertionError:
        yield "it is no sentence", kind
    found = re.findall(UNREADABLE, re.sub(ARTICLES, "", sentence))
    if found:
        yield f"unreadable: {found}", kind
    truth = space.right(*answer)
    if truth is not None and bool(taken) != truth:
        yield f"it is {'right' if truth else 'wrong'}", kind
    held = 0
    for pattern, fact in space.facts.items():
        for match in re.finditer(pattern, sentence):
            held += 1
            if not fact(Caught(match.groups()), *answer):
                yield f"not true: {pattern}", kind
    if not held and taken is not None:
        yield "no statement of it is known", kind
    yield None, kind


@pytest.mark.parametrize("lesson", lessons.having("said.py"))
def test_every_exercise_of_a_lesson_has_its_space(lesson):
    declared = {name for name, one in check.declared().items() if one.lesson == lesson}
    assert set(lessons.load("said")[lesson].SPACES) == declared


@pytest.mark.parametrize("name", SPACES)
def test_what_is_said_of_a_random_answer_is_true(name, request):
    count = request.config.getoption("answers") // (10 if check.declared()[name].seconds else 1)
    kinds, false = Counter(), []
    for i in range(count):
        rng = np.random.default_rng([zlib.crc32(name.encode()), i])
        keras.utils.set_random_seed(i)
        answer = SPACES[name].draw(rng)
        shown = ", ".join(getattr(part, "__name__", repr(part)) for part in answer)
        for objection, kind in objections(name, answer):
            kinds[kind] += objection is None
            if objection:
                false.append(f"{i} {shown}\n    {judged(name, answer)[1]}\n    {objection}")
    lines = [f"{times:6} {kind}" for kind, times in kinds.most_common()]
    print(f"\n{name}: {count} answers, {len(kinds)} sentences, {len(false)} objections", *lines, sep="\n")
    if false:
        pytest.fail("\n".join(["", *false[:12]]), pytrace=False)
