"""The share that evidence supports, as an offer says it: always rounded down to what people can read."""

import math

_NOISE_DECIMALS = 9  # 0.57 * 100 is a little less than 57 in floating point
_HIGH_PERCENT = 99


def share_to_offer(share: float, steps_a_percent: int = 1) -> float:
    """Return a share rounded down to whole percents, or to so many steps a percent; hundredths above 99 %.

    Above 99 % a whole percent is most of what there is to promise: 0.99872 gives 0.9987, 0.937 gives 0.93.
    """
    percent = round(share * 100, _NOISE_DECIMALS)
    steps = 100 if percent > _HIGH_PERCENT else steps_a_percent
    return math.floor(round(percent * steps, _NOISE_DECIMALS)) / (100 * steps)
