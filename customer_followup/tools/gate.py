"""The gate: may we contact this person, now? All rules on it are here."""

from datetime import timedelta
from typing import NamedTuple

from . import worktime

ALLOWED, DEFERRED, BLOCKED = "allowed", "deferred", "blocked"
# Reasons for a delay that are rules of the plan, not of the customer: the due date follows them.
OF_PLAN = ("cooling_off", "hours")
ONE_DAY = timedelta(days=1)
# More rounds than there are reasons that can defer a contact in turn.
ROUNDS = 10


class Verdict(NamedTuple):
    """What the gate says to one contact: allowed, deferred until then, or blocked, and why."""

    state: str
    until: object = None
    reason: str | None = None


class Facts(NamedTuple):
    """What the gate knows of one person, for all purposes and channels.

    :param no_phone: why there is no number to use, or ``None``; likewise ``no_email``
    :param channel_id: the channel the person prefers
    :param standing: what was said: ``(((purpose id, channel id), (kind, (moment, id))), ...)``
    :param windows: hours in which the person wants contact, as in :func:`worktime.openings`
    :param holds: ``((from, until or None, ids of purposes), ...)``, moments in naive UTC
    :param blocked_since: when a number or address was blocked by a wish, or ``None``
    """

    is_archived: bool
    zone: str
    no_phone: str | None
    no_email: str | None
    channel_id: int | None = None
    is_minor: bool = False
    guardian_agreed: bool = False
    standing: tuple = ()
    windows: tuple = ()
    holds: tuple = ()
    blocked_since: object = None


class GateRequest(NamedTuple):
    """What one contact asks of the gate, for any person.

    :param windows: hours of the plan
    :param workdays: on which days only, or ``None``
    :param earliest: not before then (naive UTC), or ``None``
    :param is_agreed: the customer chose the time: the plan's hours do not count
    :param is_now: it is about to be made, not planned
    """

    purpose_id: int
    channel_id: int
    needs: str | None
    hours: tuple
    is_requested: bool = False
    is_marketing: bool = False
    needs_consent: bool = False
    is_any_hour: bool = False
    budget: tuple = ()
    windows: tuple = ()
    workdays: object = None
    earliest: object = None
    is_agreed: bool = False
    is_now: bool = False


def prepare_request(purpose, channel, **others):
    """Return the :class:`GateRequest` of a purpose and a channel."""
    return GateRequest(
        purpose.id,
        channel.id,
        channel._needed(),
        (channel.hour_from, channel.hour_to),
        purpose.is_requested,
        purpose.is_marketing,
        others.pop("needs_consent", False) or purpose.needs_consent,
        purpose.is_any_hour,
        (purpose.budget_count, purpose.budget_days) if purpose.budget_count else (),
        **others,
    )


def verdict(facts, request, moment, made=()):
    """Return the :class:`Verdict` on a requested contact at naive UTC ``moment``.

    :param made: moments of contacts of the same purpose with the person, made or planned
    """
    refusal = _refusal(facts, request)
    if refusal:
        return Verdict(BLOCKED, None, refusal)
    until, reason = moment, None
    for _round in range(ROUNDS):
        later, why = _put_off(facts, request, until, made)
        if later is None:
            return Verdict(BLOCKED, None, why)
        if later <= until:
            break
        until, reason = later, reason or why
    return Verdict(DEFERRED, until, reason) if until > moment else Verdict(ALLOWED)


def next_try(facts, request, moment, hours, workdays, is_first):
    """Return when (naive UTC) to try again after an unsuccessful try at ``moment``.

    That is later on the same day, once: in its next contact hours, else after some ``hours``.
    After that it is in the first contact hours of the next working day.

    :param workdays: the days on which the agents work
    :param is_first: whether it was the first try of that day
    """
    windows = facts.windows, request.windows
    if is_first:
        later = moment + timedelta(hours=hours)
        opening = worktime.later_opening(moment, facts.zone, request.hours, *windows) or (
            worktime.next_opening(later, facts.zone, request.hours, *windows)
        )
        today = worktime.local_day(moment, facts.zone)
        if opening and worktime.local_day(opening, facts.zone) == today:
            return opening
    tomorrow = worktime.at_local(worktime.local_day(moment, facts.zone) + ONE_DAY, 0, facts.zone)
    return (
        worktime.next_opening(tomorrow, facts.zone, request.hours, *windows, workdays=workdays)
        or tomorrow
    )


def _refusal(facts, request):
    """Return why the person may not be contacted at all, or ``None``."""
    if facts.is_archived:
        return "archived"
    missing = {"phone": facts.no_phone, "email": facts.no_email}.get(request.needs)
    is_wish = missing in ("blocked", "blacklisted")
    if missing and not (request.is_requested and is_wish) and not _is_back(missing, facts, request):
        return missing
    if request.is_requested:
        return None
    if facts.is_minor and (request.is_marketing or not facts.guardian_agreed):
        return "minor"
    said = _last_said(facts, request)
    if said and said[0] == "withdrawn":
        return "withdrawn"
    return "no_consent" if request.needs_consent and not said else None


def _is_back(missing, facts, request):
    """Say whether a person who wished to be left alone has allowed this since then."""
    if missing != "blocked" or not facts.blocked_since:
        return False
    said = _last_said(facts, request)
    return bool(said) and said[0] == "given" and said[1][0] >= facts.blocked_since


def _last_said(facts, request):
    """Return what was said last that covers purpose and channel: ``(kind, when)`` or ``None``.

    >>> no, yes, later = ("withdrawn", 1), ("given", 2), ("withdrawn", 3)
    >>> said = ((None, None), no), ((7, None), yes), ((7, 3), later)
    >>> facts = Facts(False, "UTC", None, None, standing=said)
    >>> [
    ...     _last_said(facts, GateRequest(purpose, channel, None, (0, 24)))
    ...     for purpose, channel in ((7, 2), (7, 3), (8, 2))
    ... ]
    [('given', 2), ('withdrawn', 3), ('withdrawn', 1)]
    """
    covering = [
        said
        for (purpose_id, channel_id), said in facts.standing
        if purpose_id in (request.purpose_id, None)
        and channel_id in (request.channel_id, None)
        and said[0] != "none"
    ]
    return max(covering, key=lambda said: said[1], default=None)


def _put_off(facts, request, moment, made):
    """Return the first allowed moment from ``moment`` on, and the reason for the delay."""
    if request.earliest and moment < request.earliest:
        return request.earliest, "cooling_off"
    if not request.is_requested:
        held = _held_until(facts, request, moment)
        if held:
            return held, "hold"
        free = _budget_free(request, moment, made)
        if free:
            return free, "budget"
    if request.is_any_hour:
        return moment, None
    windows, workdays = (), None
    if not request.is_agreed:
        windows, workdays = request.windows, request.workdays
    opening = worktime.next_opening(
        moment, facts.zone, request.hours, facts.windows, windows, workdays=workdays
    )
    return opening, "hours"


def _held_until(facts, request, moment):
    for start, until, purpose_ids in facts.holds:
        is_other = purpose_ids and request.purpose_id not in purpose_ids
        if is_other or moment < start:
            continue
        if until and moment < until:
            return until
        if not until and request.is_now:
            # Tomorrow the hold is checked again.
            return moment + ONE_DAY
    return None


def _budget_free(request, moment, made):
    """Return when a further contact fits the budget of its purpose, or ``None`` if it does now."""
    if not request.budget:
        return None
    count, days = request.budget
    span = timedelta(days=days)
    within = sorted(one for one in made if moment - span < one <= moment)
    return within[-count] + span if len(within) >= count else None
