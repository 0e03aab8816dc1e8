# The chapters, in the order of the story: each may use the ones above it, never those below.
from . import ground
from . import who
from . import plan
from . import contact
from . import message
from . import complaint
from . import handover
from . import sla
from . import intake
from . import exclusion
from . import listen
from . import learn
