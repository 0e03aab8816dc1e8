import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Followup extends models.Model {
    _name = "customer.followup";

    name = fields.Char();
    partner_id = fields.Many2one({ relation: "res.partner" });
    phone_masked = fields.Char();
    attempt_count = fields.Integer();
    blocked_text = fields.Char();
    is_automatic = fields.Boolean();
    is_written = fields.Boolean();
    state = fields.Selection({
        selection: [
            ["planned", "Planned"],
            ["done", "Done"],
        ],
    });
    enrollment_id = fields.Many2one({ relation: "customer.followup.enrollment" });
    bucket = fields.Selection({
        selection: [
            ["today", "Today"],
            ["done", "Done today"],
        ],
    });
    score_ids = fields.One2many({ relation: "customer.satisfaction.score", relation_field: "followup_id" });

    _records = [
        { id: 1, name: "Li Na", state: "planned", bucket: "today", score_ids: [1], phone_masked: "138****5678" },
        { id: 2, name: "Wang Wei", state: "done", bucket: "done", score_ids: [] },
        { id: 3, name: "Chen Wei", state: "planned", bucket: "today", score_ids: [], blocked_text: "The problem “It rattles” needs an action or a complaint first." },
        { id: 4, name: "Mail", state: "planned", bucket: "done", score_ids: [], phone_masked: "138****5678", is_written: true, is_automatic: true },
        { id: 5, name: "Letter", state: "planned", bucket: "done", score_ids: [], phone_masked: "138****5678", is_written: true },
    ];
}

class Enrollment extends models.Model {
    _name = "customer.followup.enrollment";

    name = fields.Char();
}

class Outcome extends models.Model {
    _name = "customer.followup.outcome";

    name = fields.Char();
    icon = fields.Char();
    effect = fields.Char();
    is_manual = fields.Boolean();

    _records = [
        { id: 1, name: "Reached", effect: "close", icon: "fa-check", is_manual: true },
        { id: 2, name: "Call back", effect: "callback", icon: "fa-phone", is_manual: true },
        { id: 3, name: "Sent", effect: "close", icon: "fa-send", is_manual: false },
        { id: 4, name: "No answer", effect: "retry", icon: "fa-bell", is_manual: true },
        { id: 5, name: "Busy", effect: "retry", icon: "fa-bell", is_manual: true },
        { id: 6, name: "Wrong number", effect: "wrong_number", icon: "fa-bell", is_manual: true },
        { id: 7, name: "Stop the plan", effect: "stop", icon: "fa-stop", is_manual: true },
        { id: 8, name: "Refused", effect: "refuse", icon: "fa-hand-paper-o", is_manual: true },
    ];
}

class Metric extends models.Model {
    _name = "customer.satisfaction.metric";

    name = fields.Char();
    question = fields.Char();
    scale_min = fields.Integer();
    scale_max = fields.Integer();

    _records = [
        { id: 1, name: "Recommendation", question: "Would you?", scale_min: 0, scale_max: 10 },
        { id: 2, name: "Satisfaction", question: "", scale_min: 1, scale_max: 5 },
    ];
}

class Score extends models.Model {
    _name = "customer.satisfaction.score";

    followup_id = fields.Many2one({ relation: "customer.followup" });
    metric_id = fields.Many2one({ relation: "customer.satisfaction.metric" });
    value = fields.Float();

    _records = [{ id: 1, followup_id: 1, metric_id: 1, value: 9 }];
}

class Complaint extends models.Model {
    _name = "customer.complaint";

    name = fields.Char();
    next_kind = fields.Selection({
        selection: [
            ["first_answer", "First answer"],
            ["closure", "Closing"],
        ],
    });
    next_state = fields.Selection({
        selection: [
            ["open", "Running"],
            ["paused", "Waiting"],
        ],
    });
    date_next = fields.Datetime();
    date_next_warn = fields.Datetime();
    promise_panel = fields.Json();

    _records = [
        {
            id: 1,
            name: "W1",
            next_kind: "first_answer",
            next_state: "open",
            date_next: "2026-05-01 14:10:00",
            date_next_warn: "2026-05-01 14:08:00",
            promise_panel: [
                {
                    id: 1,
                    kind: "Closing",
                    state: "open",
                    start: "2026-05-01 10:00:00",
                    deadline: "2026-05-01 15:00:00",
                    warn: false,
                    met: false,
                    why: "4 working hours from 10:00",
                    intervals: [
                        { start: "2026-05-01 10:00:00", end: "2026-05-01 12:00:00", is_counted: true, why: "the clock runs" },
                        { start: "2026-05-01 12:00:00", end: "2026-05-01 13:00:00", is_counted: false, why: "break" },
                        { start: "2026-05-01 13:00:00", end: "2026-05-01 15:00:00", is_counted: true, why: "the clock runs" },
                    ],
                },
                {
                    id: 2,
                    kind: "First answer",
                    state: "met",
                    start: "2026-05-01 10:00:00",
                    deadline: "2026-05-01 10:10:00",
                    warn: false,
                    met: "2026-05-01 10:06:00",
                    why: "10 minutes from 10:00",
                    intervals: [],
                },
            ],
        },
        {
            id: 2,
            name: "W2",
            next_kind: "closure",
            next_state: "paused",
            promise_panel: [
                {
                    id: 3,
                    kind: "First answer",
                    state: "missed",
                    start: "2026-05-01 10:00:00",
                    deadline: "2026-05-01 10:10:00",
                    warn: false,
                    met: "2026-05-01 10:06:00",
                    why: "10 minutes from 10:00",
                    intervals: [],
                },
            ],
        },
        { id: 3, name: "W3" },
    ];
}

defineMailModels();
defineModels([Followup, Enrollment, Outcome, Metric, Score, Complaint]);

const FORM = `
    <form>
        <header><widget name="customer_outcomes"/></header>
        <field name="state" invisible="1"/>
        <field name="name"/>
        <field name="score_ids" widget="customer_scores" readonly="state == 'done'"/>
    </form>`;

test("a card dropped on another column asks first and moves nothing by itself", async () => {
    onRpc("customer.followup", "action_desk_drop", ({ args }) => {
        expect.step(`asked ${args[0]} ${args[1]}`);
        return { type: "ir.actions.act_window", name: "How did it end?" };
    });
    onRpc("customer.followup", "web_save", () => expect.step("saved"));
    mockService("action", {
        doAction: (action) => expect.step(action.name),
    });
    await mountView({
        type: "kanban",
        resModel: "customer.followup",
        groupBy: ["bucket"],
        arch: `
            <kanban js_class="customer_desk_kanban">
                <templates><t t-name="card"><field name="name"/></t></templates>
            </kanban>`,
    });
    await contains(".o_kanban_group:first .o_kanban_record").dragAndDrop(".o_kanban_group:last");
    expect.verifySteps(["asked 1 done", "How did it end?"]);
    expect(".o_kanban_group:first .o_kanban_record").toHaveCount(2);
});

test("a card dropped where it was asks nothing", async () => {
    onRpc("customer.followup", "action_desk_drop", () => expect.step("asked"));
    await mountView({
        type: "kanban",
        resModel: "customer.followup",
        groupBy: ["bucket"],
        arch: `
            <kanban js_class="customer_desk_kanban">
                <templates><t t-name="card"><field name="name"/></t></templates>
            </kanban>`,
    });
    await contains(".o_kanban_group:first .o_kanban_record").dragAndDrop(".o_kanban_group:first");
    expect.verifySteps([]);
});

test("a message offers no call, and one of the system no outcome", async () => {
    await mountView({ type: "form", resModel: "customer.followup", resId: 4, arch: FORM });
    expect(".o_customer_outcomes button").toHaveCount(0);
    await mountView({ type: "form", resModel: "customer.followup", resId: 5, arch: FORM });
    expect(queryAllTexts(".o_customer_outcomes button[data-effect]")).toEqual([
        "ReachedAlt+1",
        "Wrong numberAlt+2",
        "RefusedAlt+3",
    ]);
    expect(".o_customer_outcomes button[name=dial]").toHaveCount(0);
});

const NEXT = { type: "ir.actions.act_window", name: "Next", res_id: 3 };

function mockOutcomes(next = NEXT) {
    onRpc("customer.followup", "action_outcome", ({ args }) => {
        expect.step(`ended ${args[0]} with ${args[1]}`);
        expect(args[2]).toBe(0);
        return args[1] === 2 && { type: "ir.actions.act_window", name: "How did it end?" };
    });
    onRpc("customer.followup", "action_call", ({ args }) => {
        expect.step(`dialled ${args[0]}`);
        return { type: "ir.actions.act_window", name: "Number" };
    });
    onRpc("customer.followup", "action_next", () => next);
    onRpc("customer.followup", "web_save", ({ args }) => expect.step(`saved ${args[1].name}`));
    mockService("action", {
        doAction: (action, options = {}) => {
            // The Desk is opened by its name, a customer as its form.
            const desk = options.props ? `Desk: customer ${options.props.resId}` : "Desk";
            expect.step(typeof action === "string" ? desk : action.name);
            options.onClose?.(action.name === "How did it end?" ? { outcome: "Call back" } : undefined);
        },
    });
}

test("the usual ways to end a contact have a button, the others a menu", async () => {
    mockOutcomes();
    await mountView({ type: "form", resModel: "customer.followup", resId: 1, arch: FORM });
    expect(".o_customer_outcomes button[data-effect]").toHaveCount(4);
    expect(".o_customer_outcomes button[data-effect]:first kbd").toHaveText("Alt+1");
    await contains(".o_customer_more").click();
    expect(queryAllTexts(".o-dropdown-item")).toEqual([
        "Wrong numberAlt+5",
        "RefusedAlt+6",
        "then the next customer",
    ]);
    await contains("[name=name] input").edit("Li Na (new)");
    await contains(".o_customer_outcomes button:contains(Reached)").click();
    expect.verifySteps(["saved Li Na (new)", "ended 1 with 1", "Desk: customer 3"]);
});

test("Alt and a digit end a contact, also while typing; a digit alone does not", async () => {
    mockOutcomes();
    await mountView({ type: "form", resModel: "customer.followup", resId: 1, arch: FORM });
    await press("d");
    await animationFrame();
    expect.verifySteps(["dialled 1", "Number"]);
    await press("2");
    await animationFrame();
    expect.verifySteps([]);
    await contains("[name=name] input").click();
    await press("1");
    await animationFrame();
    expect.verifySteps([]);
    await press(["alt", "2"]);
    await animationFrame();
    expect.verifySteps([
        "saved Li Na1",
        "ended 1 with 2",
        "How did it end?",
        "Desk: customer 3",
    ]);
});

test("no key acts on the contact from the chatter or a dialog", async () => {
    mockOutcomes();
    await mountView({
        type: "form",
        resModel: "customer.followup",
        resId: 1,
        arch: `${FORM.replace("</form>", "")}
            <div class="o-mail-Chatter"><button type="button" class="note">Log note</button></div>
            <div class="o_dialog"><button type="button" class="other">Other</button></div></form>`,
    });
    for (const focused of [".note", ".other"]) {
        queryFirst(focused).focus();
        for (const keys of ["d", "4", ["alt", "1"]]) {
            await press(keys);
            await animationFrame();
        }
    }
    expect.verifySteps([]);
    expect("[data-metric=Satisfaction] button[aria-pressed=true]").toHaveCount(0);
});

test("the key for the next customer does nothing in the chatter", async () => {
    mockOutcomes();
    await mountView({
        type: "form",
        resModel: "customer.followup",
        resId: 2,
        arch: `${FORM.replace("</form>", "")}
            <div class="o-mail-Chatter"><button type="button" class="note">Log note</button></div></form>`,
    });
    queryFirst(".note").focus();
    await press("n");
    await animationFrame();
    expect.verifySteps([]);
    queryFirst(".note").blur();
    await press("n");
    await animationFrame();
    expect.verifySteps(["Desk: customer 3"]);
});

test("digits typed faster than the server answers belong to their questions", async () => {
    mockDate("2026-05-01 14:06:30", 0);
    const answers = [];
    onRpc("customer.satisfaction.score", "onchange", async ({ parent }) => {
        const added = new Deferred();
        answers.push(added);
        await added;
        return parent();
    });
    await mountView({ type: "form", resModel: "customer.followup", resId: 3, arch: FORM });
    await press("1");
    await press("0");
    await advanceTime(2000);
    await press("4");
    await animationFrame();
    while (answers.length) {
        answers.shift().resolve();
        await animationFrame();
        await animationFrame();
    }
    expect("[data-metric=Recommendation] button[aria-pressed=true]").toHaveText("10");
    expect("[data-metric=Satisfaction] button[aria-pressed=true]").toHaveText("4");
});

test("an outcome can be undone from its toast, and the contact shows again", async () => {
    mockOutcomes();
    onRpc("customer.followup", "action_undo", ({ args }) => {
        expect.step(`undone ${args[0]}`);
        return true;
    });
    await mountView({ type: "form", resModel: "customer.followup", resId: 1, arch: FORM });
    await contains(".o_customer_outcomes button:contains(Reached)").click();
    expect.verifySteps(["ended 1 with 1", "Desk: customer 3"]);
    expect(queryAllTexts(".o_notification_buttons button")).toEqual(["Undo", "Show"]);
    await contains(".o_notification_buttons button:first").click();
    await animationFrame();
    expect.verifySteps(["undone 1", "Follow-up"]);
    expect(".o_notification").toHaveCount(0);
});

test("without the next customer the same contact stays open", async () => {
    mockOutcomes();
    await mountView({ type: "form", resModel: "customer.followup", resId: 1, arch: FORM });
    await contains(".o_customer_more").click();
    await contains(".o_customer_goes_on").click();
    expect(".o_customer_goes_on").toHaveAttribute("aria-pressed", "false");
    await contains(".o_customer_outcomes button:contains(Reached)").click();
    expect.verifySteps(["ended 1 with 1"]);
});

test("without a next customer the Desk opens with a message", async () => {
    mockOutcomes({ tag: "display_notification", params: { message: "No customer is left", type: "info" } });
    await mountView({ type: "form", resModel: "customer.followup", resId: 2, arch: FORM });
    expect(".o_customer_outcomes button").toHaveText("Next customer");
    await press("n");
    await animationFrame();
    expect.verifySteps(["Desk"]);
});

test("what keeps a contact from ending is shown before a click", async () => {
    mockOutcomes();
    await mountView({ type: "form", resModel: "customer.followup", resId: 3, arch: FORM });
    expect(".o_customer_blocked").toHaveText(/It rattles/);
    expect(".o_customer_outcomes button:contains(Reached)").not.toBeEnabled();
    expect(".o_customer_outcomes button:contains(No answer)").toBeEnabled();
    await press(["alt", "1"]);
    await animationFrame();
    expect.verifySteps([]);
});

test("the phone button of a card dials, then opens the contact", async () => {
    mockOutcomes();
    await mountView({
        type: "kanban",
        resModel: "customer.followup",
        groupBy: ["bucket"],
        selectRecord: (resId) => expect.step(`opened ${resId}`),
        arch: `
            <kanban js_class="customer_desk_kanban">
                <templates><t t-name="card"><field name="name"/><span class="o_customer_dial">Call</span></t></templates>
            </kanban>`,
    });
    await contains(".o_customer_dial:first").click();
    expect.verifySteps(["dialled 1", "Number", "opened 1"]);
});

test("an answer is one click and can be changed or taken back while the contact is open", async () => {
    onRpc("customer.followup", "web_save", ({ args }) => {
        expect.step(JSON.stringify(args[1].score_ids.map(([command, , vals]) => [command, vals])));
    });
    await mountView({ type: "form", resModel: "customer.followup", resId: 1, arch: FORM });
    expect("[data-metric=Recommendation] button").toHaveCount(11);
    expect("[data-metric=Satisfaction] button").toHaveCount(5);
    expect("[data-metric=Recommendation] button[aria-pressed=true]").toHaveText("9");
    expect("[data-metric=Recommendation] button:first").toBeEnabled();
    await contains("[data-metric=Satisfaction] button:eq(0)").click();
    await contains("[data-metric=Satisfaction] button:eq(3)").click();
    expect("[data-metric=Satisfaction] button[aria-pressed=true]").toHaveText("4");
    await contains("[data-metric=Satisfaction] button:eq(3)").click();
    expect("[data-metric=Satisfaction] button[aria-pressed=true]").toHaveCount(0);
    await contains("[data-metric=Satisfaction] button:eq(4)").click();
    await contains(".o_form_button_save").click();
    await animationFrame();
    expect.verifySteps([JSON.stringify([[0, { metric_id: 2, value: 5 }]])]);
});

test("digits answer the questions one after the other", async () => {
    mockDate("2026-05-01 14:06:30", 0);
    await mountView({ type: "form", resModel: "customer.followup", resId: 3, arch: FORM });
    const pressed = (metric) => `[data-metric=${metric}] button[aria-pressed=true]`;
    expect("[data-metric=Recommendation] kbd").toHaveText("0-10");
    await press("1");
    await animationFrame();
    await press("0");
    await animationFrame();
    expect(pressed("Recommendation")).toHaveText("10");
    expect("[data-metric=Satisfaction] kbd").toHaveText("1-5");
    for (const beyond of ["0", "9"]) {
        await press(beyond);
        await animationFrame();
    }
    expect(pressed("Satisfaction")).toHaveCount(0);
    await press("4");
    await animationFrame();
    await advanceTime(2000);
    await press("5");
    await animationFrame();
    expect(pressed("Satisfaction")).toHaveText("4");
    expect(pressed("Recommendation")).toHaveText("10");
});

const LOOKUP = `<form><field name="partner_id" widget="customer_lookup" options="{'no_create': True}"/></form>`;
const suggested = () => queryAllTexts(".o-autocomplete--dropdown-item");

function mockLookup(isMasked) {
    onRpc("has_group", ({ args }) =>
        isMasked ? args[1] === "customer_followup.group_data_masked" : true
    );
    onRpc("res.partner", "web_name_search", ({ kwargs }) => {
        expect.step(`searched ${kwargs.name}`);
        // As the server answers masked people.
        return isMasked && kwargs.name.length < 3
            ? []
            : [{ id: 51, display_name: "Wang Fang" }].filter((one) => one.display_name.toLowerCase().includes(kwargs.name.toLowerCase()));
    });
}

async function typeSlowly(text) {
    await contains("[name=partner_id] input").click();
    for (const letter of text) {
        await press(letter);
        await advanceTime(500);
        await animationFrame();
    }
}

test("a masked agent finds a customer letter by letter, with a hint before", async () => {
    mockLookup(true);
    await mountView({ type: "form", resModel: "customer.followup", arch: LOOKUP });
    await typeSlowly("wa");
    expect(suggested()).toEqual(["Type at least three letters of the name"]);
    expect.verifySteps([]);
    await typeSlowly("n");
    expect(suggested()).toEqual(["Wang Fang"]);
    expect.verifySteps(["searched wan"]);
    await typeSlowly("x");
    expect(suggested()).toEqual(["No customer of this name"]);
    expect.verifySteps(["searched wanx"]);
});

test("a user who sees contacts looks them up as usual", async () => {
    mockLookup(false);
    await mountView({ type: "form", resModel: "customer.followup", arch: LOOKUP });
    await typeSlowly("w");
    expect(suggested()).toEqual(["Wang Fang", "Search more..."]);
    expect.verifySteps(["searched ", "searched w"]);
});

test("unanswered questions are hidden once the contact has ended", async () => {
    await mountView({ type: "form", resModel: "customer.followup", resId: 2, arch: FORM.replace("state == 'done'", "1") });
    expect(".o_customer_scores button").toHaveCount(0);
});

test("the time left to the next promise is updated each minute, without the server", async () => {
    mockDate("2026-05-01 14:06:30", 0);
    onRpc("customer.complaint", "*", ({ method }) => expect.step(method));
    await mountView({
        type: "kanban",
        resModel: "customer.complaint",
        arch: `
            <kanban><templates><t t-name="card">
                <field name="date_next" widget="customer_time_left"/>
            </t></templates></kanban>`,
    });
    const card = (place, rest = "") => `.o_kanban_record:eq(${place}) .o_customer_time_left${rest}`;
    expect.verifySteps(["get_views", "web_search_read"]);
    expect(card(0, "[data-standing=good]")).toHaveText("First answer: 3 min");
    expect(card(0)).toHaveClass("text-success");
    expect(card(1, "[data-standing=waiting]")).toHaveText("Closing: waiting");
    expect(card(2)).toHaveCount(0);
    await advanceTime(120_000);
    await animationFrame();
    expect(card(0, "[data-standing=soon]")).toHaveText("First answer: 1 min");
    expect(card(0)).toHaveClass("text-warning");
    await advanceTime(180_000);
    await animationFrame();
    expect(card(0, "[data-standing=late]")).toHaveText("First answer: 1 min late");
    expect(card(0)).toHaveClass("text-danger");
    expect.verifySteps([]);
});

test("a promise shows when its clock ran, when it was paused and why", async () => {
    mockDate("2026-05-01 14:00:00", 0);
    await mountView({
        type: "form",
        resModel: "customer.complaint",
        resId: 1,
        arch: `<form><field name="promise_panel" widget="customer_promises" readonly="1"/></form>`,
    });
    const closing = ".o_customer_promise:eq(0)";
    expect(`${closing} .o_customer_part`).toHaveCount(3);
    expect(`${closing} .o_customer_still`).toHaveAttribute("title", /break/);
    expect(`${closing} .o_customer_still`).toHaveAttribute("style", /left: 40%; width: 20%/);
    expect(`${closing} .o_customer_now`).toHaveAttribute("style", /left: 80/);
    expect(`${closing}:contains(4 working hours from)`).toHaveCount(1);
    expect(".o_customer_promise[data-standing=kept]:contains(kept, 4 min before)").toHaveCount(1);
});

test("a promise that is recorded after its deadline but kept in time is not late", async () => {
    mockDate("2026-05-01 14:00:00", 0);
    await mountView({
        type: "form",
        resModel: "customer.complaint",
        resId: 2,
        arch: `<form><field name="promise_panel" widget="customer_promises" readonly="1"/></form>`,
    });
    expect(".o_customer_promise:contains(done in time, recorded after the deadline)").toHaveCount(1);
    expect(".o_customer_promise:contains(min late)").toHaveCount(0);
});

test("tomorrow is tomorrow, also in the next month", async () => {
    mockDate("2026-04-30 12:00:00", 0);
    await mountView({
        type: "form",
        resModel: "customer.complaint",
        resId: 1,
        arch: `<form><field name="date_next" widget="customer_days_left" readonly="1"/></form>`,
    });
    expect(".o_field_customer_days_left").toHaveText("Tomorrow");
});

test("a compact list of promises gives the reason of a deadline as its tooltip", async () => {
    mockDate("2026-05-01 14:00:00", 0);
    await mountView({
        type: "form",
        resModel: "customer.complaint",
        resId: 1,
        arch: `<form><field name="promise_panel" widget="customer_promises" options="{'is_compact': True}" readonly="1"/></form>`,
    });
    const closing = ".o_customer_compact .o_customer_promise:eq(0)";
    expect(`${closing}:contains(Closing):contains(due)`).toHaveCount(1);
    expect(`${closing}:contains(4 working hours from)`).toHaveCount(0);
    expect(closing).toHaveAttribute("title", "4 working hours from 10:00");
});
