from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ...tools import scoring
from ..common import EMAIL, FollowupCommon


class TestScoring(BaseCase):
    """Satisfaction in numbers, by worked examples."""

    def test_no_answer_is_not_zero(self):
        for answers, expected in (
            ([10, 9, 9, 8, 7, 6, 3], 14.29),
            ([10, 9, None, None, 6], 33.33),
            ([0], -100),
            ([10] * 10, 100),
        ):
            with self.subTest(answers=answers):
                self.assertAlmostEqual(scoring.net_promoter(answers), expected, 2)
        self.assertIsNone(scoring.net_promoter([None, None]))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestSatisfaction(FollowupCommon):
    """Numbers customers gave, by phone or in a survey."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nps = cls.env.ref("customer_followup.customer_satisfaction_metric_nps")
        cls.survey = cls.env.ref("customer_followup.survey_after_delivery")
        cls.contact = cls._make_followup()

    def _score(self, value, **vals):
        return (
            self.env["customer.satisfaction.score"]
            .with_user(self.agent)
            .create(
                {
                    "followup_id": self.contact.id,
                    "metric_id": self.nps.id,
                    "value": value,
                    **vals,
                }
            )
        )

    def test_a_survey_counts_as_one_in_any_plan(self):
        survey = self.env.ref("customer_followup.customer_purpose_survey")
        steps = self.plan.step_ids
        steps[0].write({"survey_id": self.survey.id, "channel_id": self.survey_channel.id})
        self.assertEqual(steps[0]._prepare_followup_vals()["purpose_id"], survey.id)
        self.assertEqual(steps[1]._prepare_followup_vals()["purpose_id"], self.service.id)
        steps[0].purpose_id = self.service
        self.assertEqual(steps[0]._prepare_followup_vals()["purpose_id"], self.service.id)

    def _asked(self):
        """Return the invitation of a survey that was sent to the customer."""
        contact = self._make_followup(channel_id=self.survey_channel.id)
        contact.step_id = self.plan.step_ids[0]
        contact.step_id.survey_id = self.survey
        contact._send_survey()
        self._empty_queues()
        return contact.invitation_ids

    def _answer(self, invitation, **values):
        answer = invitation.user_input_id
        questions = self.survey.question_ids.filtered("customer_metric_id")
        answer._mark_in_progress()
        for question, value in zip(questions, values["scores"], strict=False):
            answer._save_lines(question, value)
        answer._mark_done()
        return invitation

    def test_a_score_belongs_to_the_contact_it_was_given_in(self):
        score = self._score(9)
        self.assertEqual(
            (score.partner_id, score.user_id, score.team_id, score.company_id),
            (self.customer, self.agent, self.team, self.company),
        )
        self.assertEqual((score.hundred, score.source), (90, "phone"))
        self.assertEqual(self.contact.last_score, "Recommendation 9/10")

    def test_zero_is_a_value(self):
        self.assertEqual((self._score(0).value, self._score(0).hundred), (0, 0))

    def test_a_score_lies_on_its_scale(self):
        for value in (-1, 11, 99):
            with (
                self.subTest(value=value),
                self.assertRaisesRegex(
                    ValidationError, f"Recommendation: {value} is not between 0 and 10"
                ),
                self.env.cr.savepoint(),
            ):
                self._score(value)

    def test_what_an_agent_notes_can_be_corrected_while_the_contact_is_open(self):
        contact = self._make_followup().with_user(self.agent)
        metric = self.env.ref("customer_followup.customer_satisfaction_metric_nps")
        contact.score_ids = [Command.create({"metric_id": metric.id, "value": 1})]
        contact.score_ids.value = 10
        self.assertEqual((contact.score_ids.value, contact.score_ids.hundred), (10, 100))
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            contact.score_ids.value = 11
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            contact.score_ids.with_user(self.colleague).value = 2
        contact.score_ids.unlink()
        contact.score_ids = [Command.create({"metric_id": metric.id, "value": 9})]
        contact._record_outcome(self._ending("reached"))
        for change in (
            lambda: contact.score_ids.unlink(),
            lambda: contact.score_ids.write({"value": 1}),
        ):
            with self.assertRaisesRegex(UserError, "neither changed nor deleted"):
                change()

    def test_the_contact_says_whose_answer_it_is(self):
        contact = self._make_followup().with_user(self.agent)
        metric = self.env.ref("customer_followup.customer_satisfaction_metric_nps")
        answer = {"followup_id": contact.id, "metric_id": metric.id, "value": 3}
        scores = self.env["customer.satisfaction.score"].with_user(self.agent)
        foreign = self._make_customer("Wang Wei")
        for more in ({"partner_id": foreign.id}, {"source": "survey"}, {"user_id": self.leader.id}):
            with (
                self.subTest(more=more),
                self.assertRaisesRegex(UserError, "gives all other"),
            ):
                scores.create({**answer, **more})
        score = scores.with_context(default_partner_id=foreign.id).create(answer)
        self.assertEqual((score.partner_id, score.source), (self.customer, "phone"))
        contact._record_outcome(self._ending("reached"))
        with self.assertRaisesRegex(UserError, "neither changed nor deleted"):
            scores.create(answer)

    def test_an_answer_that_opened_a_complaint_stays(self):
        contact = self._make_followup().with_user(self.agent)
        metric = self.env.ref("customer_followup.customer_satisfaction_metric_nps")
        metric.write({"opens_complaint": True, "complaint_value": 6})
        contact.score_ids = [Command.create({"metric_id": metric.id, "value": 9})]
        self.assertFalse(contact.sudo().low_complaint_ids)
        contact.score_ids.value = 2
        self.assertEqual(len(contact.sudo().score_ids.low_complaint_ids), 1)
        with self.assertRaisesRegex(UserError, "a complaint was opened from this answer"):
            contact.score_ids.value = 9

    def test_what_was_answered_is_never_changed(self):
        score = self._answer(self._asked(), scores=["9"]).score_ids
        for user in (self.agent, self.manager, self.admin, self.env.user):
            with self.subTest(user=user.login):
                with self.assertRaises(UserError):
                    score.with_user(user).value = 10
                with self.assertRaises(UserError):
                    score.with_user(user).unlink()

    def test_an_answered_survey_becomes_scores(self):
        invitation = self._asked()
        self.assertEqual(invitation.state, "sent")
        self.assertEqual(invitation.user_input_id.email, EMAIL)
        answer = invitation.user_input_id
        answer._mark_in_progress()
        self.assertEqual(invitation.state, "opened")
        question = self.survey.question_ids.filtered("customer_metric_id")[:1]
        for value, state in (("", "opened"), ("9", "partly"), ("", "opened"), ("9", "partly")):
            answer._save_lines(question, value)
            self.assertEqual(invitation.state, state)
        answer._mark_in_progress()
        self.assertEqual(invitation.state, "partly")
        self._answer(invitation, scores=["10"])
        self.assertEqual(invitation.state, "answered")
        self.assertEqual(invitation.score_ids.mapped("value"), [10])
        self.assertEqual(invitation.score_ids.source, "survey")
        invitation.user_input_id._mark_done()
        self.assertEqual(len(invitation.score_ids), 1)

    def test_zero_counts_and_a_skipped_question_does_not(self):
        self.assertEqual(self._answer(self._asked(), scores=["0"]).score_ids.mapped("value"), [0])
        self.assertFalse(self._answer(self._asked(), scores=[""]).score_ids)

    def test_an_answer_off_the_scale_is_noted_not_counted(self):
        invitation = self._answer(self._asked(), scores=["99"])
        self.assertFalse(invitation.score_ids)
        self.assertEqual(invitation.state, "answered")
        self.assertEqual(invitation.problem, "Recommendation: 99")

    def test_a_trial_by_staff_counts_nowhere(self):
        invitation = self._asked()
        invitation.user_input_id.test_entry = True
        self._answer(invitation, scores=["3"])
        self.assertFalse(invitation.score_ids)

    def test_an_invitation_is_not_deleted(self):
        with self.assertRaises(UserError):
            self._asked().unlink()

    def test_a_survey_step_needs_a_survey(self):
        with self.assertRaisesRegex(ValidationError, "choose the survey to send"):
            self.plan.step_ids[0].channel_id = self.survey_channel

    def test_phone_and_survey_are_kept_apart_in_reports(self):
        self._score(9)
        self._answer(self._asked(), scores=["5"])
        rows = self.env["customer.satisfaction.score"]._read_group(
            [("partner_id", "=", self.customer.id)], ["source"], ["value:avg", "__count"]
        )
        self.assertEqual(sorted(rows), [("phone", 9, 1), ("survey", 5, 1)])

    def test_a_score_keeps_its_scale(self):
        metric = self.env["customer.satisfaction.metric"].create(
            {"name": "M", "scale_min": 1, "scale_max": 5}
        )
        score = self._score(5, metric_id=metric.id)
        metric.write({"scale_min": 0, "scale_max": 10})
        self.assertEqual((score._text(), score.hundred, score.percent), ("M 5/5", 100, 100))
        score.with_user(self.agent).value = 3
        self.assertEqual((score._text(), score.hundred, score.percent), ("M 3/5", 50, 60))
        later = self._score(8, metric_id=metric.id)
        self.assertEqual((later._text(), later.hundred), ("M 8/10", 80))
        with self.assertRaises(ValidationError):
            score.with_user(self.agent).value = 8
        # Of the contact, not of the screen.
        self.assertEqual(self._score(4, metric_id=metric.id).scale_max, 10)

    def test_the_list_finds_scores_below_60_percent(self):
        search = self.env.ref("customer_followup.customer_satisfaction_score_view_search")
        metric = self.env["customer.satisfaction.metric"].create(
            {"name": "M", "scale_min": 1, "scale_max": 5}
        )
        for value in (2, 3, 4):
            self._score(value, metric_id=metric.id)
        self.assertEqual(search.arch.count("('percent', '&lt;', 60)"), 1)
        low = self.env["customer.satisfaction.score"].search(
            [("percent", "<", 60), ("metric_id", "=", metric.id)]
        )
        self.assertEqual(low.mapped("value"), [2])

    def test_the_scale_of_the_question_counts(self):
        question = self.survey.question_ids.filtered("customer_metric_id")[:1]
        self.nps.write({"opens_complaint": True, "complaint_value": 6})
        question.write({"scale_min": 1, "scale_max": 5})
        score = self._answer(self._asked(), scores=["5"]).score_ids
        self.assertEqual((score._text(), score.hundred), ("Recommendation 5/5", 100))
        self.assertFalse(score.low_complaint_ids)
        score = self._answer(self._asked(), scores=["2"]).score_ids
        self.assertEqual(score.hundred, 25)
        self.assertEqual(len(score.low_complaint_ids), 1)

    def test_an_answer_begun_before_the_scale_changed(self):
        metric = self.env["customer.satisfaction.metric"].create(
            {"name": "M", "scale_min": 1, "scale_max": 5}
        )
        question = self.survey.question_ids.filtered("customer_metric_id")[:1]
        question.write({"customer_metric_id": metric.id, "scale_min": 1, "scale_max": 5})
        invitation = self._asked()
        answer = invitation.user_input_id
        answer._mark_in_progress()
        answer._save_lines(question, "5")
        metric.write({"scale_min": 0, "scale_max": 10})
        answer._mark_done()
        self.assertEqual(invitation.score_ids.hundred, 100)

    def test_only_questions_with_one_number_measure(self):
        question = self.survey.question_ids.filtered("customer_metric_id")[:1]
        for kind in ("multiple_choice", "text_box", "char_box", "date", "datetime", "matrix"):
            with self.subTest(kind=kind), self.assertRaises(ValidationError):
                question.question_type = kind
        question.write({"question_type": "text_box", "customer_metric_id": False})
        self.assertEqual(question.question_type, "text_box")

    def test_each_metric_has_one_score_of_an_answer(self):
        question = self.survey.question_ids.filtered("customer_metric_id")[:1]
        again = question.copy({"survey_id": self.survey.id, "sequence": question.sequence + 1})
        invitation = self._asked()
        answer = invitation.user_input_id
        answer._mark_in_progress()
        answer._save_lines(again, "3")
        answer._save_lines(question, "9")
        answer._mark_done()
        self.assertEqual(invitation.score_ids.mapped("value"), [9])

    def test_an_invitation_is_answered_once(self):
        first, second = self._asked(), self._asked()
        self._answer(first, scores=["9"])
        for invitation, is_left in ((first, False), (second, True)):
            answer = invitation.user_input_id
            self.assertEqual(
                self.survey._has_attempts_left(
                    answer.partner_id, answer.email, answer.invite_token
                ),
                is_left,
            )
        page = self.env["ir.qweb"]._render(
            "survey.survey_button_retake",
            {"answer": first.sudo().user_input_id, "survey": self.survey.sudo()},
        )
        self.assertEqual(str(page).count("/survey/retry/"), 0)
        self._answer(second, scores=["2"])
        self.assertEqual(second.score_ids.mapped("value"), [2])

    def test_a_scale_makes_sense(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "scale_range"),
            self.env.cr.savepoint(),
        ):
            self.env["customer.satisfaction.metric"].create(
                {"name": "Hm", "scale_min": 5, "scale_max": 5}
            )
            self.env.flush_all()
