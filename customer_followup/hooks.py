"""What Odoo cannot take back by itself when the add-on goes."""


def uninstall_hook(env):
    """Drop what was created at run time: the number series of complaints."""
    env["ir.sequence"].sudo().search([("code", "=", "customer.complaint")]).unlink()
