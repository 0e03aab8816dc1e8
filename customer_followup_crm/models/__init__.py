from . import customer_followup
