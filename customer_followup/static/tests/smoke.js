/**
 * Opens every menu it is given, every view of it with records, *New* and the first record, as a
 * user would, in one page. What goes wrong is collected and said at the end, all at once.
 */
import { App } from "@odoo/owl";
import { rpcBus } from "@web/core/network/rpc";

const PATIENCE = 20000;
const RECORDS = {
    activity: ".o_activity_view_table tbody .o_activity_record",
    calendar: ".o_calendar_view .fc-event",
    form: ".o_form_view",
    graph: ".o_graph_renderer canvas",
    kanban: ".o_kanban_record:not(.o_kanban_ghost, .o-kanban-button-new)",
    list: ".o_data_row",
    pivot: ".o_pivot_cell_value",
};
// What to click on to open the first record; a cell may hold a widget of its own.
const FIRST = {
    activity: RECORDS.activity,
    calendar: RECORDS.calendar,
    kanban: RECORDS.kanban,
    list: ".o_data_row .o_data_cell:not(:has(button, input, a))",
};
const COLUMN = ".o_kanban_group";
// The stages of complaints; an industry of the gallery is like the next.
const MAX_COLUMNS = 7;
const FORM = ".o_form_view, .o_data_row.o_selected_row, .o_kanban_quick_create";
const NEW = [".o_list_button_add", ".o-kanban-button-new", ".o_form_button_create"]
    .map((button) => `.o_control_panel ${button}`)
    .join();

const tick = () => new Promise((done) => setTimeout(done, 5));
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const shown = (selector) => all(selector).find((element) => element.checkVisibility());
const text = (element) => element.innerText.replace(/\s+/g, " ").trim().slice(0, 300);

class Walk {
    constructor() {
        this.env = odoo.__WOWL_DEBUG__.root.env;
        this.action = this.env.services.action;
        this.place = "start";
        this.faults = new Map();
        this.empty = [];
        // Whose form was looked at from end to end.
        this.models = new Set();
        this.opened = 0;
        this._listen();
    }

    _listen() {
        const pending = (this.pending = new Map());
        rpcBus.addEventListener("RPC:REQUEST", ({ detail }) =>
            pending.set(detail.data.id, this.place)
        );
        rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
            const place = pending.get(detail.data.id);
            pending.delete(detail.data.id);
            if (detail.error) {
                this._note(detail.error, place);
            }
        });
        window.addEventListener("error", (event) => this._note(event.error || event.message));
        window.addEventListener("unhandledrejection", (event) => this._note(event.reason));
        const { error } = console;
        this.say = error.bind(console);
        console.error = (...things) => things.forEach((thing) => this._note(thing));
    }

    _note(what, place = this.place) {
        let said = what?.data?.message || what?.cause?.message || what?.message || String(what);
        // Where the server stumbled.
        const last = /.*(File "[^"]+", line \d+, in \w+)/s.exec(what?.data?.debug || "");
        said = last ? `${said} (${last[1]})` : said;
        // Later faults of a step follow from its first one.
        if (!this.faults.has(place)) {
            this.faults.set(place, said.slice(0, 600));
        }
    }

    _isBusy() {
        return this.pending.size || [...App.apps].some((app) => app.scheduler.tasks.size);
    }

    /** Wait until the page is idle and shows ``selector``; note it if it does not. */
    async _settle(selector) {
        const isThere = () => !selector || shown(selector) || this.faults.has(this.place);
        const deadline = performance.now() + PATIENCE;
        for (let idleTicks = 0; idleTicks < 3; idleTicks++) {
            await tick();
            if (performance.now() > deadline) {
                this._note(`does not show ${selector || "anything"}`);
                return;
            }
            if (this._isBusy() || !isThere()) {
                idleTicks = -1;
            }
        }
    }

    /** Do a step, and note whatever went wrong with it; say whether all went well. */
    async _try(place, step) {
        const before = this.faults.size;
        this.place = place;
        try {
            await step();
        } catch (error) {
            this._note(error);
        }
        await this._settle();
        for (const dialog of all(".o_error_dialog, .o_notification:has(.bg-danger)")) {
            this._note(text(dialog));
        }
        return this.faults.size === before;
    }

    async _closeDialogs() {
        for (let rest = all(".o_dialog"); rest.length; rest = all(".o_dialog")) {
            const close = rest.at(-1).querySelector(".btn-close, .o_form_button_cancel, footer button");
            close?.click();
            await this._settle();
            if (!close || all(".o_dialog").length >= rest.length) {
                this._note(`cannot close ${text(rest.at(-1))}`);
                rest.at(-1).closest(".o-overlay-item")?.remove();
            }
        }
    }

    /** Show what the default filters hide. */
    async _clearSearch() {
        const [view] = all(".o_action_manager .o_view_controller");
        const find = (node) =>
            node.component?.env.searchModel ||
            Object.values(node.children).reduce((found, child) => found || find(child), null);
        const model = view && find(odoo.__WOWL_DEBUG__.root.__owl__);
        if (model?.query.length) {
            model.clearQuery();
            await this._settle();
        }
    }

    async _unfold() {
        for (let depth = 0; depth < 4 && !shown(RECORDS.list) && shown(".o_group_header"); depth++) {
            all(".o_group_header").at(-1).querySelector(".o_group_name").click();
            await this._settle();
        }
    }

    async _hasRecords(type) {
        if (type === "list") {
            await this._unfold();
        }
        // What a view shows as a sample is no record.
        return shown(RECORDS[type]) && !shown(".o_view_sample_data");
    }

    async _see(menu, type) {
        this.opened++;
        if (!(await this._hasRecords(type))) {
            await this._clearSearch();
        }
        if (!(await this._hasRecords(type))) {
            this.empty.push(`${menu.name}, ${type}`);
            return false;
        }
        return true;
    }

    /** Press *New*, where there is such a button, and discard. */
    async _new(place, back) {
        const button = shown(NEW);
        if (!button) {
            return;
        }
        await this._try(`${place}, New`, async () => {
            button.click();
            await this._settle(`.o_dialog, ${FORM}`);
        });
        await back();
    }

    /** Open the first record, or the first of each column, and go back. */
    async _firsts(place, type, hasForm, back) {
        if (type === "list") {
            await this._unfold();
        }
        const columns = type === "kanban" ? Math.min(all(COLUMN).length, MAX_COLUMNS) : 0;
        const places = columns
            ? [...Array(columns).keys()].map((nth) => `${COLUMN}:nth-child(${nth + 1}) `)
            : [""];
        for (const column of places) {
            if (shown(column + FIRST[type])) {
                await this._first(`${place}, ${column}first record`, column + FIRST[type], hasForm);
                await back();
            }
        }
    }

    async _first(place, selector, hasForm) {
        const isFine = await this._try(place, async () => {
            shown(selector).click();
            if (selector === FIRST.calendar) {
                await this._settle(".o_cw_popover, .o_dialog");
                shown(".o_cw_popover_edit")?.click();
            }
            await this._settle(hasForm ? `.o_dialog, ${FORM}` : null);
        });
        const { resModel } = this.action.currentController.props;
        if (isFine && shown(".o_form_view") && !this.models.has(resModel)) {
            this.models.add(resModel);
            await this._pages(place);
            await this._activity(place);
        }
    }

    /** Begin to plan an activity. */
    async _activity(place) {
        const button = shown(".o-mail-Chatter-activity:enabled");
        if (!button) {
            return;
        }
        await this._try(`${place}, Activity`, async () => {
            button.click();
            await this._settle(".o_dialog .o_form_view");
        });
    }

    async _pages(place) {
        for (const tab of all(".o_form_view .o_notebook_headers .nav-link")) {
            await this._try(`${place}, ${text(tab)}`, () => tab.click());
        }
    }

    /** Open a view of the current action again, whatever is shown now. */
    async _back(place, jsId, type) {
        await this._try(`${place}, back`, async () => {
            await this._closeDialogs();
            shown(".o_list_button_discard, .o_form_button_cancel, .o_kanban_cancel")?.click();
            await this._settle();
            const { currentController: now } = this.action;
            if (now.jsId !== jsId) {
                await this.action.restore(jsId);
            }
            await this._settle(`.o_${type}_view`);
        });
    }

    /** Open a menu and all it leads to. */
    async _menu(menu) {
        const here = () => this.action.currentController;
        await this._try(menu.name, async () => {
            await this.env.services.menu.selectMenu(menu.id);
            await this._settle(menu.isDialog ? ".o_dialog" : ".o_action_manager > .o_action");
            if (!menu.isDialog && shown(".o_dialog")) {
                this._note(`opens ${text(shown(".o_dialog"))}`);
            }
        });
        const landed = here()?.action;
        if (landed?.id !== menu.action && landed?.path !== menu.path) {
            this._note(`lands in ${landed?.name} instead`);
            await this._closeDialogs();
            return;
        }
        for (const type of menu.views) {
            await this._view(menu, type);
        }
        await this._closeDialogs();
    }

    async _view(menu, type) {
        const place = `${menu.name}, ${type}`;
        const isForm = type === "form";
        if (isForm && menu.views.length > 1) {
            return;
        }
        const isOpen = await this._try(place, async () => {
            if (this.action.currentController.view?.type !== type) {
                await this.action.switchView(type);
            }
            await this._settle(`.o_${type}_view`);
        });
        if (!isOpen) {
            await this._closeDialogs();
            return;
        }
        const hasRecords = await this._see(menu, type);
        const { jsId } = this.action.currentController;
        const back = () => this._back(place, jsId, type);
        if (isForm) {
            await this._pages(place);
            return;
        }
        await this._new(place, back);
        if (hasRecords && FIRST[type]) {
            await this._firsts(place, type, menu.views.includes("form"), back);
        }
    }

    async run(menus, empty) {
        await this._settle();
        for (const menu of menus) {
            await this._menu(menu);
        }
        if (empty) {
            const unknown = this.empty.filter((name) => !empty.includes(name));
            const filled = empty.filter((name) => !this.empty.includes(name));
            unknown.forEach((name) => this._note("shows no record", name));
            filled.forEach((name) => this._note("is known as empty, but shows records", name));
        }
        if (this.faults.size) {
            this.say([...this.faults].map((fault) => fault.join(": ")).join("\n"));
        } else {
            console.log(`${menus.length} menus and ${this.opened} views opened`);
        }
    }
}

/** Walk through menus; ``empty`` names the views in which there is no record, if known. */
export async function walk(menus, empty) {
    await new Walk().run(menus, empty);
}

async function openPage(frame, path) {
    await new Promise((done) => {
        frame.onload = done;
        frame.src = path;
    });
    const page = frame.contentWindow;
    const deadline = performance.now() + PATIENCE;
    const isReady = () => page.document.body.getAttribute("is-ready") === "true";
    while (!isReady() && performance.now() < deadline) {
        await tick();
    }
    const [{ responseStatus }] = page.performance.getEntriesByType("navigation");
    if (responseStatus !== 200 || page.location.pathname !== path || !isReady()) {
        throw new Error(`${path} answers ${responseStatus} at ${page.location.pathname}`);
    }
    return all("a[href]", page.document).map((link) => new URL(link.href));
}

/** Open a page of the portal and each one of complaints that it leads to, ``paths`` among them. */
export async function crawl(start, paths) {
    const frame = document.createElement("iframe");
    frame.style.width = `${window.innerWidth}px`;
    document.body.append(frame);
    const seen = new Set();
    for (const waiting = [start]; waiting.length; ) {
        const path = waiting.pop();
        if (!seen.has(path)) {
            seen.add(path);
            const links = await openPage(frame, path);
            const ours = links.filter(
                ({ origin, pathname }) =>
                    origin === location.origin && /^(\/my)?\/complaint/.test(pathname)
            );
            waiting.push(...ours.map((link) => link.pathname));
        }
    }
    const missed = paths.filter((path) => !seen.has(path));
    if (missed.length) {
        throw new Error(`No page leads to ${missed.join(", ")}`);
    }
    console.log("all pages opened");
}
