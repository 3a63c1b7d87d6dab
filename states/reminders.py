"""When to remind whoever has not answered: on their working days, and not on the agreement's holidays."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.policy import policy
from levels.calendars import Calendar
from levels.working_days import add_working_days
from levels.working_hours import WorkingHours
from models.parties import Person
from models.versions import AgreementVersion

_WORKDAYS = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
# a calendar with more holidays in the days looked at says nothing about when people work
_MOST_HOLIDAYS = 20


def next_reminder(version: AgreementVersion, person: Person, at: datetime) -> datetime:
    """Return when to remind a person after `at`: policy's number of working days later, same time of day.

    Working days are Monday to Friday where the person is, without the holidays of the version's calendars.
    """
    days = policy().approvals.reminder_after_days
    return add_working_days(_working_days_of(version, person, at), at, days)


def put_off_until(version: AgreementVersion, person: Person, at: datetime) -> datetime | None:
    """Return the same time of the next working day where `at` is on none of the person's; None on one."""
    calendar = _working_days_of(version, person, at)
    if calendar.elapsed(at, at + timedelta(seconds=1)):
        return None
    return add_working_days(calendar, at, 1)


def _working_days_of(version: AgreementVersion, person: Person, at: datetime) -> Calendar:
    today = at.astimezone(ZoneInfo(person.zone)).date()
    ahead = 2 * (policy().approvals.reminder_after_days + _MOST_HOLIDAYS) + 7
    days = [today + timedelta(days=number) for number in range(ahead)]
    served = [WorkingHours.model_validate(calendar.hours) for calendar in version.calendars]
    holidays = [day for day in days if any(hours.on(day).holiday_on(day) for hours in served)]
    if len(holidays) > _MOST_HOLIDAYS:
        holidays = []
    hours = WorkingHours(zone=person.zone, weekly=_WORKDAYS, holidays=list(holidays))
    return Calendar.compile(hours, today - timedelta(days=1), days[-1])
