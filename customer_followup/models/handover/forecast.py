from ..contact.timetable import Timetable


class Forecast(Timetable):
    """The timetable as it will be until a moment, as far as it can be known now.

    What a condition decides on the day is taken to go as it would today. What waits for the end
    of another contact is not told.

    :param last: naive UTC
    """

    def __init__(self, rows, facts, last):
        self.last = last
        super().__init__(rows, facts)

    def _until(self, line, term):
        return self.last

    def all_due(self):
        """Return the ``timetable.PlannedContact`` the planner will create until then, as a list."""
        return [
            one
            for line in self.lines.values()
            for term in self.terms[line.version]
            for one in self.due(line, term, self.upcoming(line, term))
        ]
