"""Plans get versions, and the windows of steps get units."""

from odoo.tools import sql


def migrate(cr, _version):
    """Give each plan a first version before steps and enrollments must belong to one."""
    sql.rename_column(cr, "customer_followup_step", "window_days", "late_count")
    cr.execute(
        """CREATE TABLE customer_followup_plan_version (
               id SERIAL PRIMARY KEY, plan_id int4, number int4, state varchar, date_run timestamp,
               create_uid int4, write_uid int4, create_date timestamp, write_date timestamp
           );
           INSERT INTO customer_followup_plan_version (plan_id, number, state, date_run)
           SELECT id, 1, CASE state WHEN 'draft' THEN 'draft' ELSE 'running' END,
                  CASE state WHEN 'draft' THEN NULL ELSE write_date END
             FROM customer_followup_plan;
           ALTER TABLE customer_followup_plan ADD COLUMN version_id int4;
           ALTER TABLE customer_followup_step ADD COLUMN version_id int4;
           ALTER TABLE customer_followup_enrollment ADD COLUMN version_id int4;
           UPDATE customer_followup_plan AS plan SET version_id = version.id
             FROM customer_followup_plan_version AS version
            WHERE version.plan_id = plan.id AND version.state = 'running';
           UPDATE customer_followup_step AS step SET version_id = version.id
             FROM customer_followup_plan_version AS version WHERE version.plan_id = step.plan_id;
           UPDATE customer_followup_enrollment AS enrollment SET version_id = version.id
             FROM customer_followup_plan_version AS version
            WHERE version.plan_id = enrollment.plan_id;
           ALTER TABLE customer_followup ADD COLUMN date_nominal timestamp;
           UPDATE customer_followup SET date_nominal = date_original
            WHERE enrollment_id IS NOT NULL;
           UPDATE customer_followup_enrollment SET date_next = now() AT TIME ZONE 'UTC'
            WHERE state = 'active';
           DELETE FROM ir_ui_view WHERE id IN (
               SELECT res_id FROM ir_model_data
                WHERE module = 'customer_followup'
                  AND name = 'customer_followup_plan_view_form_listen');
           DROP INDEX IF EXISTS customer_followup_enrollment_due_idx"""
    )
