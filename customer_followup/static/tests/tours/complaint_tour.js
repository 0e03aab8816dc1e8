import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const open = [
    {
        content: "My complaint is in the list, and wants an answer",
        trigger: ".list-group-item:contains(It rattles):contains(Waiting for your answer)",
        run: "click",
        expectUnloadPage: true,
    },
    { content: "The page says what was done", trigger: ".card:contains(Tightened, free)" },
];

/** The customer: not content. */
tours.add("customer_followup_complaint_reject", {
    steps: () => [
        ...open,
        {
            content: "It is not solved",
            trigger: "a.btn:contains(No, not solved)",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "Say why", trigger: "textarea[name=why]", run: "edit It still rattles" },
        {
            content: "Send",
            trigger: "form[action$=unsolved] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success" },
        {
            content: "The complaint is open again",
            trigger: ".o_customer_status:contains(We are working on a solution)",
        },
    ],
});

/** The customer: now it is solved. */
tours.add("customer_followup_complaint_confirm", {
    steps: () => [
        ...open,
        {
            content: "It is solved",
            trigger: "a.btn:contains(Yes, solved)",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "Content", trigger: "#satisfaction5", run: "click" },
        {
            content: "Send",
            trigger: "form[action$=solved] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "The case is closed", trigger: ".o_customer_status:contains(Closed)" },
    ],
});
