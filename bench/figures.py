"""Figures: what a benchmark measured, ours beside something else, as a table and as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """One figure, measured side by side in one run.

    Attributes:
        name: what was measured.
        ours: the product's own figure; None where it could not be measured.
        beside: the figure that it is compared with; None where there is none.
        unit: of both.
        note: what `beside` is, and what else belongs to the figure.
    """

    name: str
    ours: float | None
    beside: float | None
    unit: str
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """`ours` as a multiple of `beside`: 2 is twice as much, 0.001 a thousandth."""
        return None if self.ours is None or not self.beside else self.ours / self.beside


def side_by_side(rounds: int, *calls: Callable[[], object]) -> list[float]:
    """The best time of each call in seconds, taken in turns so that all of them meet the same machine."""
    times = [[_seconds(call) for call in calls] for _ in range(rounds)]
    return [min(column) for column in zip(*times, strict=True)]


def _seconds(call: Callable[[], object]) -> float:
    begun = perf_counter()
    call()
    return perf_counter() - begun


def show_header() -> None:
    """Print what stands above the columns of `show`."""
    _print_line("", "ours", "beside", "ratio", "unit")


def show(figure: Figure) -> None:
    """Print a figure as one line of a table."""
    numbers = (_short(figure.ours), _short(figure.beside), _ratio(figure.ratio))
    _print_line(figure.name, *numbers, f"{figure.unit:<4} {figure.note}")


def _print_line(name: str, ours: str, beside: str, ratio: str, rest: str) -> None:
    print(f"{name:<50} {ours:>10} {beside:>10} {ratio:>9} {rest}", flush=True)


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write figures as a JSON list of objects: name, ours, beside, ratio, unit, note."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio:.2f}" if ratio >= 0.01 else f"1/{1 / ratio:,.0f}"
