from . import customer_followup_plan
from . import customer_followup_step
from . import customer_followup_rule
from . import customer_followup_enrollment
