"""The lessons' claims about trained networks, from their claims.py, and `make evidence`.

A lesson's CLAIMS lists its claims by heading. tests/test_claims.py checks each over its first seeds, and that
its mutation breaks it. To add one: measure the experiment over 100 seeds, or 50 of a large network
(`make evidence ARGS="'its name'"` runs it alone), choose a range, and enter how many seeds were inside.
"""

import argparse
import sys
from dataclasses import replace
from functools import cache

from helpers import lessons
from helpers.evidence.runs import FOLDER, Claim, local_executor, write


@cache
def declared() -> dict[str, Claim]:
    """Return the claims of all lessons by name, in the order of the lessons."""
    return {
        claim.name: replace(claim, said=f"{lesson}#{heading}")
        for lesson, module in lessons.load("claims").items()
        for heading, claims in module.CLAIMS.items()
        for claim in claims
    }


def main(arguments: list[str]) -> int:
    """Run all claims in processes of this machine and write the table; return 0 if all hold, else 1."""
    parser = argparse.ArgumentParser("evidence", description="Rerun the experiments behind the claims.")
    parser.add_argument("--workers", type=int, default=2, help="processes to share the runs")
    parser.add_argument("names", nargs="*", help="of the claims to run, if not all; other rows stay")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - declared().keys():
        parser.error(f"expected names of claims, but got {', '.join(sorted(unknown))}: see claims.py.")
    try:
        with local_executor(chosen.workers) as executor:
            holds = write(declared().values(), executor, names=chosen.names)
    except KeyboardInterrupt:
        print("\nInterrupted: finished runs are kept, and the same command goes on from there.")
        return 130
    print(f"Wrote {FOLDER / 'README.md'}: {'every claim holds' if holds else 'NOT every claim holds'}.")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
