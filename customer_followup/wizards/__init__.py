from . import customer_followup_close
from . import customer_followup_enroll
from . import customer_followup_pause
from . import customer_followup_stop
from . import customer_reveal
from . import customer_followup_override
from . import customer_consent_note
