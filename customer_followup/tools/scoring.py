"""Satisfaction in numbers: no answer is not zero."""


def to_hundred(value, low, high):
    """Return ``value`` of a scale from ``low`` to ``high`` as a share of it, 0 to 100.

    >>> to_hundred(9, 0, 10), to_hundred(1, 1, 5)
    (90.0, 0.0)
    """
    return (value - low) / (high - low) * 100


def percent(value, high):
    """Return ``value`` as a share of the highest number of its scale, 0 to 100.

    >>> percent(3, 5), percent(0, 10), percent(0, 0)
    (60.0, 0.0, 0.0)
    """
    return value / high * 100 if high else 0.0


def on_scale(value, scale, other):
    """Return the number on another scale that lies where ``value`` lies on its own.

    >>> on_scale(5, (1, 5), (0, 10)), on_scale(3, (1, 5), (0, 10)), on_scale(3, (0, 10), (0, 10))
    (10.0, 5.0, 3)
    """
    if scale == other:
        return value
    return other[0] + to_hundred(value, *scale) * (other[1] - other[0]) / 100


def net_promoter(values):
    """Return the Net Promoter Score, -100 to 100, of answers on 0 to 10; ``None`` without answers.

    Share of promoters (9 and 10) less share of detractors (0 to 6), as Reichheld (2003) defines it.

    >>> round(net_promoter([10, 9, 9, 8, 7, 6, 3]), 2), round(net_promoter([10, 9, None, 6]), 2)
    (14.29, 33.33)
    >>> net_promoter([None]) is None
    True
    """
    given = [value for value in values if value is not None]
    if not given:
        return None
    promoters = sum(value >= 9 for value in given)
    detractors = sum(value <= 6 for value in given)
    return (promoters - detractors) / len(given) * 100
