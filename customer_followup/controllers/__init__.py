from . import export
from . import leave
from . import portal
from . import complaint
