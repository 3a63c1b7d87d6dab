"""Proposals that are overtaken: what is decided directly ends what still waits for the customer's answer."""

from datetime import datetime

from sqlmodel import Session

from models.agreements import Agreement
from models.proposals import Proposal
from states import settling
from states.move import SWEEP
from states.proposal_standing import overtaken_by


def withdraw_overtaken(session: Session, agreement: Agreement, at: datetime) -> None:
    """Withdraw every proposal that what just happened has overtaken; whoever was asked is told.

    Called after all that moves an agreement or changes its draft.
    """
    for proposal in settling.waiting(session, Proposal, agreement):
        if why := overtaken_by(session, agreement, proposal):
            settling.close(session, agreement, proposal, "withdrawn", SWEEP, at, why, tell=True)
