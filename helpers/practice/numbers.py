"""Numbers as people type them: "74,535", "7.4e4", "about 75k", "1,000 times", "10^3", "1/2", "zero"."""

import math
import re

from helpers.checks import InputError

LONGEST = 100  # characters
TIMES = {"": 1, "k": 1e3, "m": 1e6, "mio": 1e6, "b": 1e9}
TIMES |= {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9}
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
DIGITS = r"\d{1,3}(?:[,_'’ \u00a0\u2009\u202f]\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+"
ABOUT = re.compile(
    r"^(?:(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|nearly|almost|some|[~≈=])\s*)+",
    re.IGNORECASE,
)
FACTOR = re.compile(r"(?<=\w)(?:[\s-]*(?:times|fold)|\s*[x×])$|^[x×]\s*(?=\d)", re.IGNORECASE)
PLAIN = re.compile(rf"^({DIGITS}|{'|'.join(WORDS)}|an?(?=\s))(e[+-]?\d+)?\s*({'|'.join(TIMES)})\.?$")
POWER = re.compile(rf"^(?:({DIGITS})\s*[·×x*]\s*)?({DIGITS})\s*\^\s*([+-]?\d+)$")
# The same rules for the browser.
SPEC = {"words": WORDS, "times": TIMES, "about": ABOUT.pattern, "factor": FACTOR.pattern}
SPEC |= {"plain": PLAIN.pattern, "power": POWER.pattern}


def read(text: str, unit: str = "") -> float:
    """Return the number in a text, with a comma or a space between thousands, or a "k" at the end.

    Args:
        text: "74,535", "7.4e4", "about 75k", "−0.5", "3 million", "1000x", "10^3", "3·10^5", "1/2", "zero".
        unit: may follow the number: "%" for "12 %", "epochs" for "12 epochs".

    Raises:
        InputError: if it is not a finite number, or ambiguous, such as "0,5" and "70-80".
    """
    plain = text.strip().replace("−", "-").replace("**", "^") if len(text) <= LONGEST else ""
    if unit and plain.lower().endswith(unit.lower()):
        plain = plain[: -len(unit)].strip()
    size = ABOUT.sub("", plain)
    sign = -1 if size.startswith("-") else 1
    value = _value(FACTOR.sub("", re.sub(r"^[+-]\s*", "", size)).lower())
    if value is not None and math.isfinite(value):
        return sign * value + 0.0  # no −0
    if re.fullmatch(r"[+-]?\d+,\d+", plain):
        advice = f'with a point for its decimals, "{plain.replace(",", ".")}"'
    else:
        advice = 'in digits, for example "74,535", "7.4e4" or "about 75k"'
    raise InputError(f"Expected one number, but got {text.strip()[:40]!r}: write it {advice}.")


def _value(text: str) -> float | None:
    """Return the value of an unsigned number, a power or a fraction; None for anything else."""
    parts = [_part(part.strip()) for part in text.split("/")]
    if None in parts or len(parts) > 2 or not all(map(math.isfinite, parts)) or 0 in parts[1:]:
        return None
    return parts[0] / (parts[1] if len(parts) == 2 else 1)


def _part(text: str) -> float | None:
    if match := PLAIN.match(text):
        digits, power, times = match.groups()
        if digits[0].isalpha():
            return None if power else (WORDS.index(digits) if digits in WORDS else 1.0) * TIMES[times]
        return float(_bare(digits) + (power or "")) * TIMES[times]
    if match := POWER.match(text):
        factor, base, exponent = match.groups()
        try:
            return float(_bare(factor or "1")) * float(_bare(base)) ** float(exponent)
        except (OverflowError, ZeroDivisionError):
            return None
    return None


def _bare(digits: str) -> str:
    return re.sub(r"[^\d.]", "", digits)
