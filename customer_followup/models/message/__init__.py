from . import customer_followup_sending
from . import customer_followup_message
from . import customer_followup_leave
from . import customer_followup_reply
from . import customer_followup_step_message
from . import customer_followup_copy
from . import mail_notification
