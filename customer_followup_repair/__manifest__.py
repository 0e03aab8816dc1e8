{
    "name": "Customer Follow-up of Repairs",
    "summary": "A ready rule that puts the customers of finished repairs on a plan",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Follow-up",
    "author": "customer_followup contributors",
    "license": "LGPL-3",
    "depends": ["customer_followup", "repair"],
    "data": ["data/customer_followup_rule_data.xml"],
    "auto_install": True,
}
