import doctest
import unittest

from devtools import suite_log

HEAD = "2026-03-01 10:00:00,123 77 {} db odoo.addons.{}: {}"
STARTS = "Starting TestPost.test_many ... "
COUNT = (
    "FAIL: Subtest TestPost.test_many (<subtest>)\n"
    "Traceback (most recent call last):\n"
    '  File "/a/odoo/tests/common.py", line 670, in assertQueryCount\n'
    "    self.fail(msg % (login, count))\n"
    "AssertionError: Query count more than expected for user employee: {} > 830 in test_many"
    " at test_mail/tests/test_post.py:{}"
)
EXPECTED = (
    "AssertionError: Query count more than expected for user employee: {} > 830 in test_many"
    " at test_mail/tests/test_post.py"
)
NAME = "test_mail: TestPost.test_many"
SUBTEST = f"{NAME} (<subtest>)"


def entry(message, level="INFO", module="test_mail", file="test_post"):
    return HEAD.format(level, f"{module}.tests.{file}", message)


def started(module="test_mail"):
    return entry(STARTS, module=module)


def failed(message, module="test_mail"):
    return entry(message, "ERROR", module)


def read(*entries):
    return suite_log.read("\n".join(entries))


class TestSuiteLog(unittest.TestCase):
    def _differences(self, before, after):
        return suite_log.differences(read(*before), read(*after))

    def test_a_test_that_passes_only_ran(self):
        results = read(started())
        self.assertEqual(results.ran, {NAME})
        self.assertEqual(results.findings, {})

    def test_a_failure_has_its_reason(self):
        text = (
            "ERROR: TestPost.test_many\nTraceback (most recent call last):\n"
            '  File "/a/b.py", line 3, in test_many\n    run()\n    ~~~^^\n'
            "odoo.exceptions.AccessError: Not allowed\n\nAsk for it."
        )
        self.assertEqual(
            read(started(), failed(text)).findings,
            {(NAME, "ERROR", "odoo.exceptions.AccessError: Not allowed\n\nAsk for it."): 1},
        )

    def test_of_chained_errors_the_last_is_the_reason(self):
        text = (
            "ERROR: TestPost.test_many\nTraceback (most recent call last):\n"
            '  File "/a/b.py", line 3, in one\n    one()\nKeyError: 1\n\n'
            "During handling of the above exception, another exception occurred:\n\n"
            "Traceback (most recent call last):\n"
            '  File "/a/b.py", line 4, in two\n    two()\nValueError: two'
        )
        self.assertEqual(read(failed(text)).findings, {(NAME, "ERROR", "ValueError: two"): 1})

    def test_a_subtest_fails_for_itself_and_with_its_count(self):
        results = read(started(), failed(COUNT.format(890, 12)))
        self.assertEqual(results.findings, {(SUBTEST, "FAIL", EXPECTED.format(890)): 1})

    def test_two_failures_of_one_subtest_are_two(self):
        one = failed(COUNT.format(890, 12))
        results = read(started(), one, one)
        self.assertEqual(results.findings, {(SUBTEST, "FAIL", EXPECTED.format(890)): 2})

    def test_a_set_up_that_fails_is_found(self):
        text = "ERROR: setUpClass (odoo.addons.test_mail.tests.test_post.TestPost)\nKeyError: 1"
        name = "test_mail: setUpClass (odoo.addons.test_mail.tests.test_post.TestPost)"
        self.assertEqual(read(failed(text)).findings, {(name, "ERROR", "KeyError: 1"): 1})

    def test_a_test_that_is_skipped_is_found(self):
        text = "skipped TestPost.test_many : no browser"
        self.assertEqual(read(entry(text)).findings, {(NAME, "SKIPPED", "no browser"): 1})

    def test_fewer_queries_than_expected_are_found(self):
        text = "Query count less than expected for user admin: 3 < 4 in test_many at a/b.py:7"
        self.assertEqual(
            read(started(), entry(text)).findings,
            {(NAME, "FEWER", text.removesuffix(":7")): 1},
        )

    def test_equal_names_of_two_apps_are_two_tests(self):
        self.assertEqual(read(started("mail"), started()).ran, {NAME, "mail: TestPost.test_many"})

    def test_what_only_the_app_itself_logs_is_no_result(self):
        line = HEAD.format("ERROR", "mail.models.mail_mail", "FAIL: TestPost.test_many")
        self.assertEqual(read(line).findings, {})

    def test_only_a_run_that_came_to_its_end_is_complete(self):
        end = "2026-03-01 10:00:00,123 77 ERROR db odoo.tests.result: 2 failed, 0 error(s) of"
        self.assertFalse(read(started()).is_complete)
        self.assertTrue(read(started(), f"{end} 1234 tests when loading database 'db'").is_complete)

    def test_the_same_results_do_not_differ_whatever_their_order(self):
        other = failed("FAIL: TestPost.test_few\nAssertionError: 1 != 2")
        one = failed(COUNT.format(890, 12))
        self.assertEqual(self._differences([started(), one, other], [other, one, started()]), [])

    def test_lines_that_moved_do_not_differ(self):
        before, after = failed(COUNT.format(890, 12)), failed(COUNT.format(890, 99))
        self.assertEqual(self._differences([before], [after]), [])

    def test_another_count_differs(self):
        before, after = failed(COUNT.format(831, 12)), failed(COUNT.format(890, 12))
        self.assertEqual(
            self._differences([before], [after]),
            [
                f"{SUBTEST} with: FAIL: {EXPECTED.format(890)}",
                f"{SUBTEST} without: FAIL: {EXPECTED.format(831)}",
            ],
        )

    def test_a_failure_that_comes_more_often_differs(self):
        one = failed("FAIL: TestPost.test_few\nAssertionError: 1 != 2")
        self.assertEqual(
            self._differences([one], [one, one, one]),
            ["test_mail: TestPost.test_few with (2 times): FAIL: AssertionError: 1 != 2"],
        )

    def test_a_test_that_did_not_run_differs(self):
        self.assertEqual(self._differences([started()], []), [f"{NAME} ran only without"])
        self.assertEqual(self._differences([], [started()]), [f"{NAME} ran only with"])

    def test_ids_addresses_and_times_are_left_out(self):
        for text, expected in (
            ("res.partner(1,) != res.partner()", "res.partner(IDS) != res.partner(IDS)"),
            ("{'res_id': 12, 'count': 3}", "{'res_id': ID, 'count': 3}"),
            ("ids=[4, 5]", "ids=ID"),
            ("<Thing at 0x7f00aa>", "<Thing at ADDRESS>"),
            ("at 2026-03-01 10:00:00.5", "at TIME"),
            ("after 12.5s, 3 times", "after DURATION, 3 times"),
            ("http://127.0.0.1:8069/web", "http://SERVER/web"),
            ("890 > 830", "890 > 830"),
            ("Key (id)=(12) is used", "Key (id)=(ID) is used"),
            ('<img src="/web/image/5268[18 chars]', '<img src="/web/image/ID[...]'),
            ("TestThing.test_1_is_a_very_long_name", "TestThing.test_1_is_a_very_long_name"),
            ("token 0123456789abcdef0123456789abcdef", "token TOKEN"),
        ):
            with self.subTest(text=text):
                self.assertEqual(suite_log.normal(text), expected)

    def test_its_examples_are_right(self):
        self.assertEqual(doctest.testmod(suite_log), (0, 1))
