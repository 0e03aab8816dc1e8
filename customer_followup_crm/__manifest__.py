{
    "name": "Customer Follow-up of Leads",
    "summary": "A ready plan that keeps in touch with leads until the date they intend to buy",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Follow-up",
    "author": "customer_followup contributors",
    "license": "LGPL-3",
    "depends": ["customer_followup", "crm"],
    "data": ["data/customer_followup_rule_data.xml", "views/customer_followup_views.xml"],
    "auto_install": True,
}
