"""The groups that Python code asks for by name."""

AGENT = "customer_followup.group_followup_user"
LEADER = "customer_followup.group_followup_leader"
MANAGER = "customer_followup.group_followup_manager"
ADMIN = "customer_followup.group_followup_admin"
AUDITOR = "customer_followup.group_followup_auditor"
# Contact details shortened, and in full.
DATA_MASKED = "customer_followup.group_data_masked"
DATA_CONTACT = "customer_followup.group_data_contact"
