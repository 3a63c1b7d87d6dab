"""Satisfaction ratings of the sample year: what requesters answer when their ticket is closed."""

from collections.abc import Iterator

import numpy as np
import scipy

from evidence.sample_lives import Lives

INDICATORS = ("overall", "speed", "quality", "information")

_DISSATISFIED = ((3, 0.6), (2, 0.3), (1, 0.1))
_VERY_SATISFIED_SHARE = 0.4
_COMMENT_SHARE = 0.35
_KINSHIP = 0.6  # correlation of one person's answers
_PRAISE = {
    "speed": "Quick as always.",
    "quality": "Works again, thank you.",
    "information": "I knew at every moment what was going on.",
}
_COMPLAINTS = {
    "speed": "This took too long, work stood still.",
    "quality": "The same fault came back.",
    "information": "Nobody told me what was happening or when to expect help.",
}


def draw_ratings(rng: np.random.Generator, lives: Lives) -> Iterator[tuple[int, list[int], str]]:
    """Draw who rates a closed ticket and how.

    A person's answers go together (a Gaussian copula); each indicator's share of satisfied answers is as
    the customer's `Satisfaction` says.

    Yields:
        The ticket's index, the scores from 1 to 5 in the order of `INDICATORS`, and a comment or "".
    """
    truth = lives.customer.satisfaction
    closed = np.flatnonzero(lives.closed_at)
    rated = closed[rng.random(len(closed)) < truth.rated]
    mood = rng.normal(size=(len(rated), 1)) * np.sqrt(_KINSHIP)
    own = rng.normal(size=(len(rated), len(INDICATORS))) * np.sqrt(1 - _KINSHIP)
    quantile = scipy.special.ndtr(mood + own)
    speaks = rng.random(len(rated)) < _COMMENT_SHARE
    satisfied = [getattr(truth, name) for name in INDICATORS]
    for ticket, row, comments in zip(rated.tolist(), quantile.tolist(), speaks.tolist(), strict=True):
        scores = [_score(at, share) for at, share in zip(row, satisfied, strict=True)]
        yield ticket, scores, _comment(scores) if comments else ""


def _score(quantile: float, satisfied: float) -> int:
    """The score at a quantile, counted from the worst answer, where so large a share is satisfied."""
    for score, share in reversed(_DISSATISFIED):
        below_this = share * (1 - satisfied)
        if quantile < below_this:
            return score
        quantile -= below_this
    return 4 if quantile < satisfied * (1 - _VERY_SATISFIED_SHARE) else 5


def _comment(scores: list[int]) -> str:
    """What the person says: about the worst answer if not satisfied, else about the best."""
    about = dict(zip(INDICATORS[1:], scores[1:], strict=True))
    if scores[0] >= 4:
        return _PRAISE[max(about, key=lambda name: about[name])]
    return _COMPLAINTS[min(about, key=lambda name: about[name])]
