import { registry } from "@web/core/registry";

const card = (name) => `.o_kanban_record:contains(${name})`;
const column = (name) => `.o_kanban_group:has(.o_kanban_header:contains(${name}))`;
const customer = (name) =>
    `.o_form_view [name=partner_id]:contains(${name}), .o_form_view [name=partner_id] input:value(${name})`;
const outcome = (name) => `.o_customer_outcomes button:contains(${name})`;

/** An agent's day in Chinese. */
registry.category("web_tour.tours").add("customer_followup_day_chinese", {
    steps: () => [
        { content: "The app's menus", trigger: ".o_main_navbar:contains(回访):contains(工作台):contains(投诉)" },
        { content: "The late one lies first", trigger: `${column("逾期")} ${card("An Late")}` },
        { trigger: ".o_control_panel button[name=action_next]:contains(下一位客户)", run: "click" },
        { trigger: customer("An Late") },
        { trigger: outcome("无人接听"), run: "click" },
        { trigger: customer("Bo Starred") },
        { trigger: ".o_notification:contains(An Late: Call: 无人接听)" },
        { trigger: "[name=summary] textarea[placeholder=谈话要点]", run: "edit 需要宣传册" },
        { trigger: outcome("已联系上"), run: "click" },
        { trigger: customer("Cy Refuses") },
        { trigger: outcome("已联系上"), run: "click" },
        { content: "No customer is left", trigger: ".o_notification:contains(目前没有其他客户需要联系)" },
        { trigger: `${column("今日已完成")} ${card("Bo Starred")}` },
        { trigger: `${column("等待中")} ${card("An Late")}:contains(无人接听)` },
    ],
});
