{
    "name": "Customer Follow-up in Meetings",
    "summary": "Keeps contact details of customers out of the descriptions of meetings",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Follow-up",
    "author": "customer_followup contributors",
    "license": "LGPL-3",
    "depends": ["customer_followup", "calendar"],
    "auto_install": True,
}
