"""An agreement's life as a story on the terminal: moves, then a table of its targets."""

from typing import Any

from rich.markup import escape

from cli.terminal import out, table
from levels.counter_offers import CounterOffer
from states.promises import offer_in_words
from templates.render import percent


def tell(account: dict[str, Any]) -> None:
    """Print the life of an agreement, as `states.overview.account` gives it."""
    out.print()
    out.print(
        f"[bold]{escape(account['reference'])}[/bold], {escape(account['customer'])}: {account['stage']}"
    )
    for move in account["history"]:
        why = f" ({move['reason']})" if move["reason"] else ""
        out.print(
            f"  {move['at'][:10]}  {move['trigger']:<16} {move['from']} -> {move['to']}{why}", markup=False
        )
    for trial in account["trials"]:
        _tell_trial(trial)
    for version in account["versions"]:
        _tell_version(version)
    _tell_months(account)
    for review in account["reviews"]:
        _tell_review(review)
    for survey in account["surveys"]:
        _tell_survey(survey)


def _tell_trial(trial: dict[str, Any]) -> None:
    title = f"Trial run of version {trial['version']}, {trial['from'][:10]} to {trial['to'][:10]}"
    if trial["state"] != "concluded":
        out.print(f"{title}: {trial['state']}")
        return
    figures = table(
        title,
        "target",
        "stated",
        "shown",
        "counted",
        "90 % band",
        "verdict",
        "counter-offer",
        right=("stated", "shown", "counted", "90 % band"),
    )
    for row in trial["targets"]:
        figures.add_row(
            row["target"],
            offer_in_words(CounterOffer(row["threshold_s"], row["objective"])),
            row["shown"],
            row["counted"],
            f"{percent(row['lower'])} to {percent(row['upper'])}",
            row["verdict"],
            offer_in_words(CounterOffer(**row["counter_offer"])) if row["counter_offer"] else "",
        )
    out.print(figures)


def _tell_version(version: dict[str, Any]) -> None:
    sealed = f", {version['sha256'][:12]}" if version["sha256"] else ""
    made = table(
        f"Version {version['number']}: {version['status']}{sealed}", "target", "promise", "accepted risk"
    )
    for row in version["targets"]:
        made.add_row(row["id"], escape(row["promise"]), escape(row["accepted_risk"]))
    out.print(made)


def _tell_months(account: dict[str, Any]) -> None:
    if not account["assessments"]:
        return
    months = table(
        "Delivered",
        "from",
        "to",
        "version",
        "target",
        "delivered",
        "counted",
        "verdict",
        right=("version", "delivered", "counted"),
    )
    for row in account["assessments"]:
        months.add_row(
            row["from"][:10],
            row["to"][:10],
            str(row["version"]),
            row["target"],
            row["shown"],
            row["counted"],
            row["verdict"],
        )
    out.print(months)


def _tell_review(review: dict[str, Any]) -> None:
    decision = review["decision"] or "open"
    out.print(f"Review of {review['at'][:10]}: {decision}, recommended: {review['recommendation']}")
    for finding in review["findings"] or ["every promise was kept"]:
        out.print(f"  - {finding}", markup=False)


def _tell_survey(survey: dict[str, Any]) -> None:
    told = "open"
    if survey["verdict"]:
        told = f"{survey['hits']} of {survey['known']} satisfied, standard {percent(survey['standard'])}"
        told += f": {survey['verdict']}"
    out.print(f"Survey on {survey['about']}: {told}", markup=False)
