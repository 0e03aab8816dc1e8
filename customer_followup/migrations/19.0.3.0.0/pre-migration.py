"""Contacts keep until when they were to be made, and whether they were."""


def migrate(cr, _version):
    """Fill both for what is there, in one statement instead of contact by contact."""
    cr.execute(
        """ALTER TABLE customer_followup
               ADD COLUMN IF NOT EXISTS date_due timestamp,
               ADD COLUMN IF NOT EXISTS timeliness varchar;
           UPDATE customer_followup
              SET date_due = date_deadline,
                  timeliness = CASE WHEN state = 'missed' THEN 'missed'
                                    WHEN state <> 'done' THEN NULL
                                    WHEN date_done > date_deadline THEN 'late'
                                    ELSE 'on_time' END"""
    )
