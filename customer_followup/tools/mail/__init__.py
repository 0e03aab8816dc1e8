"""Incoming e-mails: which kind they are, what their text says, and which parts they consist of."""
