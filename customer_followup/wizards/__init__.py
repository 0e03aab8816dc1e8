from . import customer_reveal
from . import customer_followup_enroll
from . import customer_followup_close
