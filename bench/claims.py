"""Claims about shares of simulated trials, and whether they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import sqrt

from bench.simulated_trials import Trials
from levels.verdicts import Verdict, verdict

OBJECTIVE = 0.9

judge = cache(verdict)


@dataclass(frozen=True)
class Claim:
    """What is claimed about a share of trials, and what the simulation found.

    Attributes:
        of: what the share is of.
        setting: in what trials.
        relation: "at most", "at least" or "about"; empty where nothing is claimed and the figure is there
            for comparison.
        stated: the share that is claimed.
        found: the share that was found.
        trials: of how many; of tickets, where the share is a mean of theirs.
    """

    of: str
    setting: str
    relation: str
    stated: float
    found: float
    trials: int

    @property
    def error(self) -> float:
        """Half of the simulation's own 95 % interval."""
        return 1.96 * sqrt(max(self.found * (1 - self.found), 1 / self.trials) / self.trials)

    @property
    def holds(self) -> bool | None:
        """Whether the claim holds within 1.7 such errors, one in a thousand by chance; None without one."""
        beyond, allowed = self.found - self.stated, 1.7 * self.error
        return {
            "at most": beyond <= allowed,
            "at least": beyond >= -allowed,
            "about": abs(beyond) <= allowed,
        }.get(self.relation)


def verdicts_of(trials: Trials, objective: float = OBJECTIVE) -> list[Verdict]:
    """The verdict of each trial at 95 %."""
    return judged_counts(zip(trials.hits.tolist(), trials.known.tolist(), strict=True), objective)


def judged_counts(counts: Iterable[tuple[int, int]], objective: float = OBJECTIVE) -> list[Verdict]:
    """The verdict at 95 % of each pair of hits and known tickets."""
    return [judge(hits, known, objective, 0.95) for hits, known in counts]


def share_of(found: list[Verdict], *wanted: Verdict) -> float:
    """The share of verdicts that are among those wanted."""
    return sum(each in wanted for each in found) / len(found)


def percent(share: float, decimals: int = 0) -> str:
    """A share in percent, as the tables have it."""
    return f"{share * 100:.{decimals}f} %"


def table(claims: list[Claim]) -> str:
    """Return the claims as a Markdown table."""
    rows = ["| share of trials in which | trials of | stated | found | |", "|---|---|---|---|---|"]
    for claim in claims:
        stated = (
            f"{claim.relation} {percent(claim.stated, 1)}"
            if claim.relation
            else f"({percent(claim.stated, 1)})"
        )
        found = f"{percent(claim.found, 1)} ± {percent(claim.error, 1)}"
        holds = {True: "holds", False: "**does not hold**", None: "to compare"}[claim.holds]
        rows.append(f"| {claim.of} | {claim.setting} | {stated} | {found} | {holds} |")
    return "\n".join(rows)
