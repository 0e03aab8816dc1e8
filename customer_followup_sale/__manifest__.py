{
    "name": "Customer Follow-up of Sales",
    "summary": "Ready rules that put the customers of orders, invoices and quotations on a plan",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Follow-up",
    "author": "customer_followup contributors",
    "license": "LGPL-3",
    "depends": ["customer_followup", "sale"],
    "data": ["data/customer_followup_rule_data.xml"],
    "assets": {"web.assets_tests": ["customer_followup_sale/static/tests/tours/**/*"]},
    "auto_install": True,
}
