"""All benchmarks in one run: ratios side by side, printed as they come and written as JSON.

Run as `python -m bench`; `--help` tells the sizes that can be chosen.
"""

import argparse
from pathlib import Path

from bench import assessments, calendars, imports
from bench.figures import Figure, show, show_header, write


def run() -> None:
    """Run the benchmarks that the command line names, all of them unless it names some."""
    chosen = _arguments().parse_args()
    benches = {
        "calendars": lambda: calendars.figures(chosen.pairs),
        "imports": lambda: imports.figures(chosen.rows),
        "assessments": lambda: assessments.figures(chosen.tickets),
    }
    measured: list[Figure] = []
    show_header()
    for name in chosen.only or benches:
        for figure in benches[name]():
            show(figure)
            measured.append(figure)
            write(measured, chosen.json)
    print(f"written to {chosen.json}")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Print speeds as ratios, side by side."
    )
    names = ("calendars", "imports", "assessments")
    parser.add_argument("--only", action="append", choices=names, help="run this one; may be given again")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="file of the figures")
    parser.add_argument("--pairs", type=int, default=calendars.PAIRS, help="instants of the calendars")
    parser.add_argument("--rows", type=int, default=imports.ROWS, help="of the synthetic log")
    parser.add_argument("--tickets", type=int, default=assessments.TICKETS, help="in the assessed databases")
    return parser


if __name__ == "__main__":
    run()
