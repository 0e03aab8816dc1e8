from . import customer_protected_mixin
from . import customer_bulk_mixin
from . import customer_batch_mixin
from . import customer_access_log
from . import customer_work_mixin
from . import customer_absence
from . import customer_team
from . import res_users
