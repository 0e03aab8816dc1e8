from . import test_hidden_or_missing
