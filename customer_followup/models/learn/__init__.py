from . import customer_complaint_week
from . import customer_complaint_category
from . import customer_action
from . import customer_followup
from . import customer_complaint_promise
from . import customer_setup
