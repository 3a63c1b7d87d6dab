"""The first start: an empty database is filled with a sample year, replayed up to today."""

from datetime import timedelta

from sqlalchemy import Engine

from cli.terminal import progress_bar
from config.clock import now
from config.settings import settings
from evidence.importer import import_log
from evidence.mappings import load_mapping
from evidence.sample import generate_sample
from evidence.sample_truth import PROVIDER, SERVICES
from models.agreements import Agreement
from models.database import transaction
from models.parties import PersonRole
from states.agreement_document import AgreementDocument
from states.agreement_export import export_document
from states.drafting import apply_document, find_agreement
from states.drafts import version_in_force
from states.lifecycle import advance
from states.move import Trigger
from states.replay import ReplayPlan, hand_over, replay
from states.simulated_people import read_experiences
from states.stated_targets import by_policy


def prepare_sample(engine: Engine) -> None:
    """Fill an empty database: a sample year of tickets, replayed, and one offer that waits to be signed."""
    yesterday = now().date() - timedelta(days=1)
    folder = settings().var / "sample"
    with progress_bar("Making a sample year") as progress:
        sample = generate_sample(folder, until=yesterday, progress=progress)
    with progress_bar("Importing its tickets") as progress:
        import_log(engine, sample.log, load_mapping("sample"), progress=progress)
    plan = ReplayPlan(
        source="sample",
        first=sample.first_day,
        last=yesterday,
        provider=PROVIDER,
        stated=by_policy(),
        services=list(SERVICES),
        experiences=read_experiences(sample.satisfaction),
        trial_days=56,  # a small organisation: two months show enough tickets of each priority
    )
    with progress_bar("Replaying it day by day") as progress:
        replay(engine, plan, progress)
    hand_over(engine)
    _offer_one_more(engine)


def _offer_one_more(engine: Engine) -> None:
    """Offer an agreement about one service today, so that there is a letter to answer."""
    with transaction(engine) as session:
        model = find_agreement(session, "SLA-City-Hospital")
        document = _about_one_service(model)
        agreement = apply_document(session, document, model.owner.name, now())
        advance(
            session,
            agreement,
            Trigger.SKIP_TRIAL,
            model.owner.name,
            now(),
            reason="the agreement on all services has shown these targets to hold",
        )


def _about_one_service(model: Agreement) -> AgreementDocument:
    version = version_in_force(model) or model.versions[-1]
    content = export_document(model, version)
    service = content["services"][0]
    content |= {
        "reference": f"{model.reference}-{service.replace(' ', '-')}",
        "title": f"{service} for {model.customer.name}",
        "services": [service],
    }
    for target in content["targets"]:
        target["population"] = {**target["population"], "service": service}
    for party in ("provider", "customer"):
        people = content[party]["people"]
        content[party]["people"] = [row for row in people if row["role"] != PersonRole.USER.value]
    return AgreementDocument.model_validate(content)
