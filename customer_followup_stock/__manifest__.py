{
    "name": "Customer Follow-up of Deliveries",
    "summary": "A ready rule that puts the customers of finished deliveries on a plan",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Follow-up",
    "author": "customer_followup contributors",
    "license": "LGPL-3",
    "depends": ["customer_followup", "stock"],
    "data": ["data/customer_followup_rule_data.xml"],
    "auto_install": True,
}
