import { onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { Many2One } from "@web/views/fields/many2one/many2one";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { Many2ManyTagsField, many2ManyTagsField } from "@web/views/fields/many2many_tags/many2many_tags_field";
import { Many2XAutocomplete } from "@web/views/fields/relational_utils";

// As in `res.partner.name_search`: the same number of letters, of which an ideograph counts as two.
const LETTERS = 3;
const MAX_FOUND = 8;
const IDEOGRAPHS = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/g;

function letters(text) {
    const written = text.replace(/[%_\\]/g, "").trim();
    return written.length + (written.match(IDEOGRAPHS) || []).length;
}

/** Finds customers for people who may not open contacts, by the beginning of what they know. */
export class CustomerAutocomplete extends Many2XAutocomplete {
    static template = "customer_followup.CustomerAutocomplete";

    setup() {
        super.setup();
        onWillStart(async () => {
            const [isMasked, isOpen] = await Promise.all([
                user.hasGroup("customer_followup.group_data_masked"),
                user.hasGroup("customer_followup.group_data_contact"),
            ]);
            this.isMasked = isMasked && !isOpen;
        });
    }

    async suggest(request, lock) {
        if (!this.isMasked) {
            return super.suggest(...arguments);
        }
        if (letters(request) < LETTERS) {
            return [this.buildHint(_t("Type at least three letters of the name"))];
        }
        const records = await lock(this.search(request));
        if (!records.length) {
            return [this.buildHint(_t("No customer of this name"))];
        }
        const found = records.map((record) => this.buildRecordSuggestion(request, record));
        return records.length < MAX_FOUND
            ? found
            : [...found, this.buildHint(_t("There may be more customers: type more of the name"))];
    }

    buildHint(label) {
        return { ...this.buildNoRecordsSuggestion(), label };
    }
}

class CustomerMany2One extends Many2One {
    static components = { ...Many2One.components, Many2XAutocomplete: CustomerAutocomplete };
}

class CustomerLookupField extends Many2OneField {
    static components = { ...Many2OneField.components, Many2One: CustomerMany2One };
}

registry.category("fields").add("customer_lookup", buildM2OFieldDescription(CustomerLookupField));

class CustomerLookupTagsField extends Many2ManyTagsField {
    static components = { ...Many2ManyTagsField.components, Many2XAutocomplete: CustomerAutocomplete };
}

registry.category("fields").add("customer_lookup_tags", {
    ...many2ManyTagsField,
    component: CustomerLookupTagsField,
});
