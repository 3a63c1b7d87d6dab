"""`slm verdict` and `slm counter-offer`: the product's statistics on figures from anywhere, no database."""

import csv
import gzip
import math
import zlib
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from cli.terminal import AsJson, out, print_json, standard_input
from config.errors import BadInputError
from evidence.packed import Content
from levels import verdicts
from levels.counter_offers import supported_objective, tolerance_bound
from templates.render import duration, percent

_STANDARD_INPUT = Path("-")
_FLAGS = {"0": False, "1": True, "false": False, "true": True}
_MOST_TICKETS = 10**12

Share = Annotated[str, typer.Option(help="The share of tickets to be proved, such as 0.9 or 90%.")]
Confidence = Annotated[str, typer.Option(help="Of each one-sided bound by itself, such as 0.95 or 95%.")]


def verdict(
    hits: Annotated[int, typer.Option(help="Tickets within the threshold.")],
    known: Annotated[int, typer.Option(help="Tickets known to be a hit or a miss.")],
    objective: Share,
    confidence: Confidence = "0.95",
    as_json: AsJson = False,
) -> None:
    """Say what so many hits prove about an objective: met, not met or not enough evidence.

    `lower` and `upper` are the exact one-sided bounds of the true share at the confidence (Clopper and
    Pearson); `wilson` is the two-sided interval at the same confidence, for display. `needed_if_all_hit` is
    how many further tickets make it *met* if every one of them is a hit: 0 where it is met already, null
    where no number that a computer counts to does. From nothing it is the size of the smallest trial: 29
    tickets for 90 % at 95 %.

    Example: slm verdict --hits 27 --known 30 --objective 0.9
    """
    goal, sure = _share("--objective", objective), _share("--confidence", confidence)
    if not 0 <= hits <= known:
        raise BadInputError(f"--hits {hits} of --known {known}: hits must lie from 0 to the known tickets")
    if known > _MOST_TICKETS:
        raise BadInputError(f"--known {known}: at most {_MOST_TICKETS} tickets")
    lower, upper = verdicts.bounds(hits, known, sure)
    told: dict[str, Any] = {
        "lower": lower,
        "upper": upper,
        "verdict": str(verdicts.verdict(hits, known, goal, sure)),
        "needed_if_all_hit": _needed(hits, known, goal, sure),
        "wilson": list(verdicts.wilson(hits, known, sure)),
    }
    if as_json:
        print_json(told)
        return
    shown = f", {percent(hits / known)}" if known else ""
    low, high = (percent(edge) for edge in told["wilson"])
    out.print(f"{hits} of {known} tickets are hits{shown}; Wilson interval {low} to {high}")
    out.print(f"true share: at least {percent(lower)}, at most {percent(upper)}, each at {percent(sure)}")
    line = f"objective {percent(goal)}: {told['verdict']}"
    if told["needed_if_all_hit"]:
        line += f"; {told['needed_if_all_hit']} further tickets would prove it if all of them are hits"
    out.print(line, soft_wrap=True)


def counter_offer(
    durations: Annotated[
        Path, typer.Argument(help="CSV with columns seconds and censored (0/1/true/false); - reads stdin.")
    ],
    objective: Share,
    threshold: Annotated[str | None, typer.Option(help="A threshold to be judged too, in seconds.")] = None,
    confidence: Confidence = "0.95",
    as_json: AsJson = False,
) -> None:
    """Say which threshold the durations of tickets support at an objective.

    `threshold_s` is a tolerance bound: the duration at `rank` among all `n`, as it was measured and not
    rounded. A censored ticket has no end yet and counts as slower than every other. Both are null where the
    tickets are too few or too many are censored. `objective_at_threshold` is the highest objective that the
    tickets support at --threshold, null without it; a censored ticket counts as a miss there.

    Example: slm counter-offer durations.csv --objective 90% --threshold 28800
    """
    goal, sure = _share("--objective", objective), _share("--confidence", confidence)
    limit = None if threshold is None else _seconds("--threshold", threshold)
    seconds, censored = _read(durations)
    bound = tolerance_bound(seconds, censored, goal, sure)
    at_limit = None if limit is None else supported_objective(seconds, censored, limit, sure)
    told = {
        "n": len(seconds),
        "threshold_s": bound and _plain(bound.seconds),
        "rank": bound and bound.rank,
        "objective_at_threshold": at_limit,
    }
    if as_json:
        print_json(told)
        return
    out.print(f"{len(seconds)} tickets, {np.count_nonzero(censored)} of them without an end")
    offered = f"the tickets support no threshold for {percent(goal)} at {percent(sure)} confidence"
    if bound:
        offered = (
            f"{percent(goal)} within {_plain(bound.seconds)} s ({duration(bound.seconds)}) is supported "
        )
        offered += f"at {percent(sure)} confidence: the duration of rank {bound.rank}"
    out.print(offered, soft_wrap=True)
    if limit is not None and at_limit is not None:
        out.print(f"within {_plain(limit)} s ({duration(limit)}): {percent(at_limit)} at most is supported")


def _needed(hits: int, known: int, objective: float, confidence: float) -> int | None:
    try:
        return verdicts.needed_if_all_hit(hits, known, objective, confidence)
    except OverflowError:
        return None


def _share(name: str, text: str) -> float:
    written = text.strip()
    try:
        percents = written.endswith("%")
        share = round(float(written[:-1]) / 100, 12) if percents else float(written)
    except ValueError:
        raise BadInputError(f"{name} {text}: write a share like 0.9 or 90%") from None
    if not 0 < share < 1:
        raise BadInputError(f"{name} {text}: a share must lie between 0 and 1, that is 0 % and 100 %")
    return share


def _seconds(place: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise BadInputError(f"{place}: {text!r} is no number of seconds") from None
    if not 0 <= seconds < math.inf:
        raise BadInputError(f"{place}: {text!r} seconds: they must be finite and not negative")
    return seconds


def _read(path: Path) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Seconds and flags of every ticket in a CSV file, packed with gzip or not.

    Raises:
        BadInputError: the file is empty or is no such table; the message says what and on which line.
    """
    piped = path == _STANDARD_INPUT
    content = Content(Path("standard input"), standard_input().read()) if piped else Content(path)
    rows = list(_rows(content))
    if not rows:
        raise BadInputError(f"{content.path}: there is no ticket below the header")
    seconds, censored = zip(*rows, strict=True)
    return np.array(seconds, np.float64), np.array(censored, np.bool_)


def _rows(content: Content) -> Iterator[tuple[float, bool]]:
    line = 0
    try:
        with content.opened() as (unpacked, _), TextIOWrapper(unpacked, "utf-8-sig", newline="") as text:
            lines = csv.reader(text)
            header = [name.strip() for name in next(lines, [])]
            if not any(header):
                raise BadInputError(f"{content.path}: the file is empty")
            places = [_place(content.path, header, name) for name in ("seconds", "censored")]
            line = lines.line_num
            for cells in lines:
                if cells:
                    yield _row(f"{content.path}: line {line + 1}", cells, places)
                line = lines.line_num
    except UnicodeDecodeError:
        raise BadInputError(f"{content.path}: after line {line}: not utf-8 text") from None
    except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInputError(f"{content.path}: after line {line}: {error}") from None


def _place(path: Path, header: list[str], name: str) -> int:
    if name not in header:
        raise BadInputError(f"{path}: no column {name}; the columns are {', '.join(header)}")
    return header.index(name)


def _row(place: str, cells: list[str], places: list[int]) -> tuple[float, bool]:
    if len(cells) <= max(places):
        raise BadInputError(f"{place}: {len(cells)} cells are too few")
    seconds, censored = (cells[each].strip() for each in places)
    if censored.lower() not in _FLAGS:
        raise BadInputError(f"{place}: censored: {censored!r} is none of 0, 1, true, false")
    return _seconds(f"{place}: seconds", seconds), _FLAGS[censored.lower()]


def _plain(seconds: float) -> int | float:
    return int(seconds) if seconds.is_integer() else seconds
