//! The vocabulary as a schema in Cedar's own syntax.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::str::FromStr;

use cedar_policy::SchemaFragment;

use super::{Label, Labels, PrincipalKind, Record, Type, Vocabulary};

/// Common types that depend on the labels in use.
pub(super) const PROPERTIES: &str = "Properties";
pub(super) const ATTRIBUTES: &str = "Attributes";
/// Who makes and owns things.
const MAKER: &str = "Maker";

/// All but the labels and the maker.
pub(super) fn fixed(vocabulary: &Vocabulary) -> String {
    let mut writer = Writer {
        text: "entity Role;\n\nentity Group;\n".to_owned(),
    };
    for (kind, record) in &vocabulary.principals {
        writer.entity(kind.as_str(), " in [Role, Group]", record);
    }
    for kind in &vocabulary.kinds {
        let parents = if kind.name == "org" { "" } else { " in [Org]" };
        writer.entity(&kind.entity, parents, &kind.attributes);
    }
    writer.push("\ntype Context = ");
    writer.record(&vocabulary.context, 0);
    writer.push(";\n");
    for group in vocabulary.action_groups() {
        writer.push(&format!("\naction {};\n", quoted(group)));
    }
    for name in vocabulary.actions() {
        writer.action(vocabulary, name);
    }
    writer.text
}

/// The types that [`fixed`] leaves open.
pub(super) fn labels(labels: &Labels, mentioned: &BTreeSet<String>, maker: PrincipalKind) -> String {
    let record = |name: &str, declared: &BTreeMap<String, Label>| {
        let of_label = |label: &Label| match label {
            Label::String => "String",
            Label::Long => "Long",
            Label::Bool => "Bool",
        };
        let mut types: BTreeMap<&str, &str> = mentioned.iter().map(|name| (name.as_str(), "String")).collect();
        types.extend(declared.iter().map(|(name, label)| (name.as_str(), of_label(label))));
        let fields: Vec<String> = types
            .iter()
            .map(|(name, ty)| format!("  {}?: {ty},\n", quoted(name)))
            .collect();
        format!("type {name} = {{\n{}}};\n\n", fields.concat())
    };
    let properties = record(PROPERTIES, &labels.properties);
    let attributes = record(ATTRIBUTES, &labels.attributes);
    format!("{properties}{attributes}type {MAKER} = {};\n", maker.as_str())
}

pub(super) fn fragment(text: &str) -> Result<SchemaFragment, String> {
    SchemaFragment::from_str(text).map_err(|error| error.to_string())
}

struct Writer {
    text: String,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn entity(&mut self, name: &str, parents: &str, record: &Record) {
        self.push(&format!("\nentity {name}{parents} "));
        self.record(record, 0);
        self.push(";\n");
    }

    fn record(&mut self, record: &Record, depth: usize) {
        if let Some(name) = record.label_type() {
            return self.push(name);
        }
        let inner = depth.saturating_add(1);
        self.push("{\n");
        for (name, attribute) in record.fields() {
            let mark = if attribute.required { "" } else { "?" };
            self.push(&format!("{}{}{mark}: ", "  ".repeat(inner), quoted(name)));
            self.ty(&attribute.ty, inner);
            self.push(",\n");
        }
        self.push(&format!("{}}}", "  ".repeat(depth)));
    }

    fn ty(&mut self, ty: &Type, depth: usize) {
        match ty {
            Type::Bool => self.push("Bool"),
            Type::Long => self.push("Long"),
            Type::String => self.push("String"),
            Type::Datetime => self.push("datetime"),
            Type::Address => self.push("ipaddr"),
            Type::Principal => self.push(MAKER),
            Type::Set(element) => {
                self.push("Set<");
                self.ty(element, depth);
                self.push(">");
            }
            Type::Record(record) => self.record(record, depth),
        }
    }

    fn action(&mut self, vocabulary: &Vocabulary, name: &str) {
        let Some(kind) = vocabulary.kind_of_action(name) else {
            return;
        };
        let groups: Vec<String> = vocabulary.groups_of(name).iter().map(|group| quoted(group)).collect();
        let principals = PrincipalKind::ALL.map(PrincipalKind::as_str).join(", ");
        self.push(&format!(
            "\naction {} in [{}] appliesTo {{\n",
            quoted(name),
            groups.join(", ")
        ));
        self.push(&format!(
            "  principal: [{principals}],\n  resource: [{}],\n  context: Context,\n}};\n",
            kind.entity
        ));
    }
}

/// A string literal of Cedar.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push_str("\\0"),
            c if c.is_control() => _ = write!(quoted, "\\u{{{:x}}}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
