from . import customer_channel
from . import customer_followup_plan
from . import customer_followup_step
from . import mail_thread
from . import customer_followup
from . import mail_notification
