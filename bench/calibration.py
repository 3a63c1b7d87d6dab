"""Whether the statistics keep their word: ten thousand simulated trials for each claim.

Run as `python -m bench.calibration [--trials 10000] [--json FILE]`. Exit code 1 if a claim does not hold by
more than the simulation's own error. The table is in `docs/statistics.md`.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

import numpy as np

from bench import offer_claims, verdict_claims
from bench.claims import Claim, table

TRIALS = 10_000
SEED = 20260101


def measure(trials: int = TRIALS, seed: int = SEED) -> list[Claim]:
    """Simulate every claim; the same figures for the same seed."""
    random = np.random.default_rng(seed)
    parts = (*verdict_claims.PARTS, *offer_claims.PARTS)
    return [claim for part in parts for claim in part(random, trials)]


def main() -> None:
    """Print the table; write the figures too where a file is named."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    begun = perf_counter()
    claims = measure(asked.trials)
    print(table(claims))
    print(f"\n{asked.trials} trials for each line, {perf_counter() - begun:.0f} s")
    if asked.json:
        told = [{**asdict(claim), "error": claim.error, "holds": claim.holds} for claim in claims]
        asked.json.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    if any(claim.holds is False for claim in claims):
        sys.exit(1)


if __name__ == "__main__":
    main()
