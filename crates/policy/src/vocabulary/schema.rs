//! The vocabulary as a schema in Cedar's own syntax.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{PrincipalKind, Record, Type, Vocabulary};

pub(super) fn text(vocabulary: &Vocabulary, mentioned: &BTreeSet<String>, maker: PrincipalKind) -> String {
    let mut writer = Writer {
        text: "entity Role;\n\nentity Group;\n".to_owned(),
        mentioned,
        maker,
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

struct Writer<'a> {
    text: String,
    mentioned: &'a BTreeSet<String>,
    maker: PrincipalKind,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn entity(&mut self, name: &str, parents: &str, record: &Record) {
        self.push(&format!("\nentity {name}{parents} "));
        self.record(record, 0);
        self.push(";\n");
    }

    fn record(&mut self, record: &Record, depth: usize) {
        let inner = depth.saturating_add(1);
        self.push("{\n");
        for (name, attribute) in record.fields() {
            let mark = if attribute.required { "" } else { "?" };
            self.push(&format!("{}{}{mark}: ", "  ".repeat(inner), quoted(name)));
            self.ty(&attribute.ty, inner);
            self.push(",\n");
        }
        let mentioned = self.mentioned;
        let others = mentioned
            .iter()
            .filter(|name| record.fields().all(|(known, _)| known != *name));
        for name in others.filter(|_| record.is_open()) {
            self.push(&format!("{}{}?: String,\n", "  ".repeat(inner), quoted(name)));
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
            Type::Principal => self.push(self.maker.as_str()),
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
