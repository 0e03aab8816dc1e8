from ..contact.timetable import Timetable


class Forecast(Timetable):
    """The timetable as it will be until a moment, as far as it can be known now.

    Conditions, which are asked on the day, are taken as they hold now. What waits for the end of
    another contact is left out.

    :param last: naive UTC
    """

    def __init__(self, rows, facts, last):
        self.last = last
        super().__init__(rows, facts)

    def _until(self, entry, spec):
        return self.last

    def all_due(self):
        """Return the ``timetable.PlannedContact`` the planner will create until then, as a list."""
        return [
            one
            for entry in self.entries.values()
            for spec in self.specs[entry.version]
            for one in self.due(entry, spec, self.upcoming(entry, spec))
        ]
