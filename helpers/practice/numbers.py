"""Numbers as people type them: "74,535", "7.4e4", "about 75k"."""

import math
import re

from helpers.checks import InputError

ABOUT = r"(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|nearly|almost|some|[~≈=])"
TIMES = {"": 1, "k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9}
DIGITS = r"\d{1,3}(?:[,_'’ \u00a0\u2009\u202f]\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+"
NUMBER = re.compile(
    rf"(?:{ABOUT}\s*)*([+-]?)\s*({DIGITS})(e[+-]?\d+)?\s*({'|'.join(TIMES)})\.?", re.IGNORECASE
)


def read(text: str, unit: str = "") -> float:
    """Return the number that a text means, with a comma or a space between thousands, or "k" behind it.

    Args:
        text: "74,535", "7.4e4", "about 75k", "−0.5", "3 million".
        unit: may stand behind the number: "%" for "12 %", "epochs" for "12 epochs".

    Raises:
        InputError: for what is no finite number, or could be two, as "0,5" and "70-80".
    """
    plain = text.strip().replace("−", "-")
    if unit and plain.lower().endswith(unit.lower()):
        plain = plain[: -len(unit)].strip()
    found = NUMBER.fullmatch(plain)
    if found:
        sign, digits, power, times = found.groups()
        value = float(sign + re.sub(r"[^\d.]", "", digits) + (power or "")) * TIMES[times.lower()]
        if math.isfinite(value):
            return value
    if re.fullmatch(r"[+-]?\d+,\d+", plain):
        advice = f'with a point for its decimals, "{plain.replace(",", ".")}"'
    else:
        advice = 'in digits, for example "74,535", "7.4e4" or "about 75k"'
    raise InputError(f"Expected one number, but got {text.strip()[:40]!r}: write it {advice}.")
