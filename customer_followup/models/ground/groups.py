"""The groups that Python code asks for by name."""

AGENT = "customer_followup.group_followup_user"
LEADER = "customer_followup.group_followup_leader"
MANAGER = "customer_followup.group_followup_manager"
