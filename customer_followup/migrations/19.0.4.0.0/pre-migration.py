"""The card of a complaint shows its next promise from stored fields."""

# Loaded anew with the files; until then it would name a field that is gone.
CARD = "customer_complaint_view_kanban_promise"


def migrate(cr, _version):
    """Remove what is added to the card."""
    cr.execute(
        """DELETE FROM ir_ui_view
                 USING ir_model_data AS data
                 WHERE data.module = 'customer_followup'
                   AND data.name = %s
                   AND data.model = 'ir.ui.view'
                   AND ir_ui_view.id = data.res_id
                   AND NOT EXISTS (SELECT FROM ir_ui_view AS inherited
                                    WHERE inherited.inherit_id = ir_ui_view.id)""",
        [CARD],
    )
