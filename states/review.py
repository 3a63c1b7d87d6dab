"""The review: frozen figures, findings and a recommendation, and the decision on them."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from levels.verdicts import Verdict
from mail import keys
from mail.outbox import post
from models.agreements import Agreement, Stage
from models.assessments import Assessment, ServicePeriod
from models.reviews import ReviewDecision, ReviewPack
from models.sealing import canonical_json, sha256_of
from models.version_words import VersionStatus
from models.versions import AgreementVersion
from states import actions, restatements
from states.drafts import version_in_force
from states.experience import delivered, kept
from states.monitoring import assessments_in, period_told
from states.move import POLICY, SWEEP, Move, Trigger
from states.restated_figures import restated_told, restatements_of
from states.survey_outcomes import survey_figures
from states.surveys import survey_of
from templates.figures_in_words import share_in_words
from templates.languages.telling import marked, told
from templates.render import percent


def review_blockers(move: Move) -> list[str]:
    """Gate of `begin_review`: a version is in force, and a period of it is closed and not yet reviewed."""
    if version_in_force(move.agreement) is None:
        return ["no version is in force"]
    if period_to_review(move.session, move.agreement) is None:
        return ["no closed period of the version in force waits for a review"]
    return []


def period_to_review(session: Session, agreement: Agreement) -> ServicePeriod | None:
    """Return the newest closed period, if the version in force applied in it and it had no review yet."""
    in_force = version_in_force(agreement)
    newest = session.exec(
        select(ServicePeriod)
        .where(ServicePeriod.agreement_id == agreement.id, col(ServicePeriod.closed_at).is_not(None))
        .order_by(col(ServicePeriod.starts_at).desc())
        .limit(1)
    ).first()
    if in_force is None or in_force.in_force_from is None or newest is None:
        return None
    reviewed = session.exec(select(ReviewPack.id).where(ReviewPack.period_id == newest.id)).first()
    return newest if reviewed is None and newest.ends_at > in_force.in_force_from else None


def reviews_due(_at: datetime) -> SelectOfScalar[Agreement]:
    """Select the monitored agreements whose newest closed period, under the version in force, waits."""
    period, newer = aliased(ServicePeriod), aliased(ServicePeriod)
    is_newer = (
        select(newer.id)
        .where(
            newer.agreement_id == period.agreement_id,
            col(newer.closed_at).is_not(None),
            newer.starts_at > period.starts_at,
        )
        .exists()
    )
    reviewed = select(ReviewPack.id).where(ReviewPack.period_id == period.id).exists()
    return (
        select(Agreement)
        .join(AgreementVersion, col(AgreementVersion.agreement_id) == Agreement.id)
        .join(period, col(period.agreement_id) == Agreement.id)
        .where(
            Agreement.stage == Stage.MONITORING,
            AgreementVersion.status == VersionStatus.IN_FORCE,
            col(period.closed_at).is_not(None),
            period.ends_at > col(AgreementVersion.in_force_from),
            ~is_newer,
            ~reviewed,
        )
        .order_by(col(Agreement.id))
    )


def latest_pack(session: Session, agreement: Agreement) -> ReviewPack | None:
    """Return the newest review pack, None before the first review."""
    return session.exec(
        select(ReviewPack)
        .where(ReviewPack.agreement_id == agreement.id)
        .order_by(col(ReviewPack.id).desc())
        .limit(1)
    ).first()


def freeze_pack(move: Move) -> None:
    """Effect of `begin_review`: figures, findings and recommendation are frozen; who must decide is told.

    Only the version in force is under review: what a superseded one left behind is settled with it.
    Periods that were assessed before are restated first, as far as anything became known of them; the pack
    tells what was restated since the last one, and is itself about the figures that were reported.
    """
    former = latest_pack(move.session, move.agreement)
    since = former.made_at if former else None
    restatements.restate(move.session, move.agreement, move.at, since=since)
    period = period_to_review(move.session, move.agreement)
    assert period is not None, "the gate saw a period"
    assessed = assessments_in(move.session, period)
    survey = _satisfaction(move.session, move.agreement, period)
    in_force = version_in_force(move.agreement)
    assert in_force is not None, "the gate saw a version in force"
    current = [row for row in assessed if row.version_id == in_force.id]
    findings = findings_of(current, survey)
    failing = any(row.verdict == Verdict.NOT_MET for row in current)
    recommendation = ReviewDecision.RENEGOTIATE if failing else ReviewDecision.RENEW
    figures = {
        "period": period_told(move.agreement, period),
        "delivered": [delivered(row) for row in current],
        "satisfaction": survey,
        "restatements": [
            restated_told(row) for row in restatements_of(move.session, move.agreement, after=since)
        ],
    }
    pack = ReviewPack(
        agreement_id=move.agreement.id,
        period_id=period.id,
        made_at=move.at,
        findings=findings,
        figures=figures,
        recommendation=recommendation,
        sha256=sha256_of(canonical_json([figures, findings, recommendation.value])),
    )
    move.session.add(pack)
    move.session.flush()
    if move.actor == SWEEP and not renewal_blockers_by_policy(move.session, move.agreement, move.at):
        return  # the same sweep renews it: there is nothing for the owner to decide
    post(
        move.session,
        "review_made",
        move.agreement.owner,
        key=keys.review_made(pack),
        at=move.at,
        agreement=move.agreement,
        pack=pack,
        figures=figures,
    )


def _satisfaction(session: Session, agreement: Agreement, period: ServicePeriod) -> dict[str, Any] | None:
    survey = survey_of(session, agreement, Stage.MONITORING, period.id)
    return survey_figures(survey) if survey else None


def findings_of(assessed: list[Assessment], survey: dict[str, Any] | None) -> list[str]:
    """Return what is not as promised, a sentence each; empty when all is green."""
    findings = [_missed(row) for row in assessed if not kept(row)]
    if not any(row.known or row.undecided for row in assessed):
        findings.append(told("No ticket was measured in this period: does the evidence still come in?"))
    if survey is not None and survey["verdict"] == Verdict.NOT_MET:
        share = percent(survey["hits"] / survey["known"])
        standard = percent(survey["standard"])
        people = marked("%(share)s of %(known)s people are satisfied, the standard is %(standard)s")
        words = told(people, share=share, known=survey["known"], standard=standard)
        unhappy = told("All targets are green, but users are not: %(words)s", words=words)
        findings.append(words if findings else unhappy)
    return findings


def _missed(row: Assessment) -> str:
    message = marked(
        "%(key)s: %(figure)s, promised: %(promise)s; too few tickets to prove more than this period"
    )
    if row.verdict == Verdict.NOT_MET:
        message = marked(
            "%(key)s: %(figure)s, promised: %(promise)s; the evidence proves that the promise is not kept"
        )
    return told(
        message,
        key=row.target_key,
        figure=share_in_words(row),
        promise=row.target["promise"],
    )


def renewal_blockers(move: Move) -> list[str]:
    """Gate of `renew`: a manager decides, or policy does where there is no finding."""
    pack = latest_pack(move.session, move.agreement)
    if pack is None or pack.decision != ReviewDecision.NONE:
        return ["no review waits for a decision"]
    if move.actor == POLICY and not policy().reviews.renew_when_green:
        return ["policy leaves every renewal to a manager"]
    if move.actor == POLICY and pack.findings:
        return [f"a manager must decide on {len(pack.findings)} finding(s): {'; '.join(pack.findings)}"]
    return []


def renewal_blockers_by_policy(session: Session, agreement: Agreement, at: datetime) -> list[str]:
    """Return what keeps the review from renewing the agreement by itself."""
    return renewal_blockers(Move(session, agreement, Trigger.RENEW, POLICY, at))


def renew(move: Move) -> None:
    """Effect of `renew`: the decision is recorded; each missed promise becomes an improvement action."""
    pack = record_decision(move, ReviewDecision.RENEW)
    for row in pack.figures["delivered"]:
        if not row["kept"]:
            actions.open_improvement(move, row["key"], f"Improve {row['key']}: {row['promise']}", row)
    survey = pack.figures["satisfaction"]
    if survey is not None and survey["verdict"] == Verdict.NOT_MET:
        title = f"Find out why only {survey['hits']} of {survey['known']} people are satisfied, and mend it"
        actions.open_improvement(move, actions.SATISFACTION, title, survey)


def renegotiation_blockers(move: Move) -> list[str]:
    """Gate of `renegotiate`: the review has a finding, or somebody asks for it with a reason."""
    pack = latest_pack(move.session, move.agreement)
    if pack is None or pack.decision != ReviewDecision.NONE:
        return ["no review waits for a decision"]
    if not pack.findings and not move.reason:
        return ["the review has no finding: give the reason of the request"]
    return []


def record_decision(move: Move, decision: ReviewDecision) -> ReviewPack:
    """Write down what the review ended in, by whom and why; return its pack."""
    pack = latest_pack(move.session, move.agreement)
    assert pack is not None, "the gate saw a pack"
    pack.decision, pack.decided_by, pack.decided_at = decision, move.actor, move.at
    pack.reason = move.reason or ""
    return pack
