//! Forms from JSON. Nothing is taken for granted: what is null, empty or unknown is refused, since dropping it would make a
//! statement about more than its author said.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use plinth_model::id::Id;
use serde_json::{Map, Value};

use super::value::{self, Wrong};
use super::{Form, FormError, Literal, Signal, Subject, Target, Variable, Wanted};
use crate::bounds;
use crate::effect::Effect;
use crate::hint::closest;
use crate::source;
use crate::vocabulary::Vocabulary;

const FIELDS: [&str; 5] = ["effect", "subject", "actions", "resource", "when"];
const SUBJECTS: [&str; 5] = ["user", "service_account", "role", "group", "attributes"];
const TARGETS: [&str; 3] = ["type", "id", "properties"];
const SIGNALS: [&str; 15] = [
    "within_networks",
    "outside_networks",
    "within_countries",
    "outside_countries",
    "before",
    "since",
    "weekdays",
    "from_hour",
    "until_hour",
    "authenticated_within_secs",
    "authenticated_over_secs",
    "strength_at_least",
    "strength_below",
    "risk_at_least",
    "risk_below",
];

/// Most networks in a list: the database compares the address with each of them.
const MOST_NETWORKS: usize = 50;

/// All errors, so that an author mends them at once.
pub(super) fn form(value: &Value, vocabulary: &Vocabulary) -> Result<Form, Vec<FormError>> {
    let mut reader = Reader {
        vocabulary,
        errors: Vec::new(),
    };
    let place = Place {
        pointer: String::new(),
        value,
    };
    match reader.form(&place) {
        Some(form) if reader.errors.is_empty() => Ok(form),
        _ => Err(reader.errors),
    }
}

/// A value and where it stands.
struct Place<'j> {
    pointer: String,
    value: &'j Value,
}

impl<'j> Place<'j> {
    fn below(&self, name: &str, value: &'j Value) -> Self {
        let name = name.replace('~', "~0").replace('/', "~1");
        Place {
            pointer: format!("{}/{name}", self.pointer),
            value,
        }
    }

    fn elements(&self, values: &'j [Value]) -> impl Iterator<Item = Self> {
        let place = |(at, value): (usize, &'j Value)| self.below(&at.to_string(), value);
        values.iter().enumerate().map(place)
    }
}

struct Reader<'v> {
    vocabulary: &'v Vocabulary,
    errors: Vec<FormError>,
}

/// Each reads one thing, or says what is wrong with it. What it gives counts only when nothing was wrong.
impl Reader<'_> {
    fn wrong<T>(
        &mut self,
        place: &Place<'_>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) -> Option<T> {
        self.tell(place, message, hint);
        None
    }

    fn tell(&mut self, place: &Place<'_>, message: impl Into<String>, hint: impl Into<Option<String>>) {
        self.errors.push(FormError {
            pointer: place.pointer.clone(),
            message: message.into(),
            hint: hint.into(),
        });
    }

    fn form(&mut self, place: &Place<'_>) -> Option<Form> {
        let fields = self.object(place, &FIELDS)?;
        let effect = self.effect(place, fields);
        let subject = match fields.get("subject") {
            Some(subject) => self.subject(&place.below("subject", subject)),
            None => self.wrong(
                &place.below("subject", &Value::Null),
                "is missing",
                "say for whom the statement is: `\"everybody\"`, or such as `{\"group\": \"contractors\"}`".to_owned(),
            ),
        };
        let actions = match fields.get("actions") {
            Some(actions) => self.texts(&place.below("actions", actions), "for all actions", value::action),
            None => Some(Vec::new()),
        };
        let resource = match fields.get("resource") {
            Some(resource) => self.target(&place.below("resource", resource)),
            None => Some(Target::default()),
        };
        let when = match fields.get("when") {
            Some(when) => self.signals(&place.below("when", when)),
            None => Some(Vec::new()),
        };
        Some(Form {
            effect: effect?,
            subject: subject?,
            actions: actions?,
            resource: resource?,
            when: when?,
        })
    }

    fn effect(&mut self, form: &Place<'_>, fields: &Map<String, Value>) -> Option<Effect> {
        let place = form.below("effect", fields.get("effect").unwrap_or(&Value::Null));
        match place.value.as_str() {
            Some("permit") => Some(Effect::Permit),
            Some("forbid") => Some(Effect::Forbid),
            _ => self.wrong(&place, "has to be `permit` or `forbid`", None),
        }
    }

    fn subject(&mut self, place: &Place<'_>) -> Option<Subject> {
        if place.value.as_str() == Some("everybody") {
            return Some(Subject::Everybody);
        }
        if !place.value.is_object() {
            let message = format!(
                "has to be `\"everybody\"`, or an object with one of {}",
                bounds::listed(SUBJECTS)
            );
            return self.wrong(place, message, None);
        }
        let (name, value) = self.only(place, &SUBJECTS)?;
        match name {
            "user" => self.text(&value, value::user).map(Subject::User),
            "service_account" => self.text(&value, value::service_account).map(Subject::ServiceAccount),
            "role" => self.text(&value, value::role).map(Subject::Role),
            "group" => self.text(&value, value::group).map(Subject::Group),
            _ => self.attributes(&value).map(Subject::Attributes),
        }
    }

    fn attributes(&mut self, place: &Place<'_>) -> Option<BTreeMap<String, Literal>> {
        let hint = "name at least one, such as `{\"team\": \"data\"}`, or say `\"subject\": \"everybody\"`";
        let mut attributes = BTreeMap::new();
        for (name, value) in self.labels(place, hint)? {
            let Some(literal) = self.literal(&value) else { continue };
            self.check_type(&value, "attributes", name, &literal);
            attributes.insert(name.to_owned(), literal);
        }
        Some(attributes)
    }

    fn target(&mut self, place: &Place<'_>) -> Option<Target> {
        let fields = self.object(place, &TARGETS)?;
        if fields.is_empty() {
            return self.wrong(place, "is empty", "leave it out for everything".to_owned());
        }
        let type_name = match fields.get("type") {
            Some(value) => Some(self.text(&place.below("type", value), value::type_name)?),
            None => None,
        };
        let id = match fields.get("id") {
            Some(value) => Some(self.text(&place.below("id", value), value::any)?),
            None => None,
        };
        let properties = match fields.get("properties") {
            Some(value) => self.properties(&place.below("properties", value))?,
            None => BTreeMap::new(),
        };
        let type_name = match &id {
            Some(id) => Some(self.type_of(&place.below("id", place.value), id, type_name)?),
            None => type_name,
        };
        Some(Target {
            type_name,
            id,
            properties,
        })
    }

    /// The type of the resource with an id. An id of a resource begins with its type; of other things it has to be said.
    fn type_of(&mut self, place: &Place<'_>, id: &str, said: Option<String>) -> Option<String> {
        let resource_types = self.vocabulary.kinds().iter().filter(|kind| kind.is_resource);
        let mut types = resource_types.map(|kind| kind.type_name.as_str());
        let found = Id::split(id).ok().map(|(prefix, _)| prefix);
        match (said, found) {
            (None, Some(prefix)) if types.any(|name| name == prefix) => Some(prefix.to_owned()),
            (None, _) => {
                let hint =
                    "put `type` beside it, such as `\"type\": \"members\"`; the id of a resource begins with its type";
                self.wrong(place, "does not tell of what type it is", hint.to_owned())
            }
            (Some(said), found) if types.any(|name| name == said) && found != Some(said.as_str()) => {
                let hint = format!("such an id begins with `{said}_`");
                self.wrong(place, format!("is no id of the type `{said}`"), hint)
            }
            (Some(said), _) => Some(said),
        }
    }

    fn properties(&mut self, place: &Place<'_>) -> Option<BTreeMap<String, Wanted>> {
        let mut properties = BTreeMap::new();
        for (name, value) in self.labels(place, "leave it out for all, whatever their properties")? {
            let Some(wanted) = self.wanted(name, &value) else {
                continue;
            };
            properties.insert(name.to_owned(), wanted);
        }
        Some(properties)
    }

    fn wanted(&mut self, name: &str, place: &Place<'_>) -> Option<Wanted> {
        if place.value.is_object() {
            let (_, principal) = self.only(place, &["principal"])?;
            let principal = self.text(&principal, value::label)?;
            return Some(Wanted::Variable(Variable { principal }));
        }
        let literal = self.literal(place)?;
        self.check_type(place, "properties", name, &literal);
        Some(Wanted::Literal(literal))
    }

    fn signals(&mut self, place: &Place<'_>) -> Option<Vec<Signal>> {
        let mut signals: Vec<Signal> = Vec::new();
        for place in self.list(place, "for all circumstances")? {
            let Some(signal) = self.signal(&place) else { continue };
            let hour = |known: &&Signal| matches!(known, Signal::FromHour(_) | Signal::UntilHour(_));
            let before = signals.iter().filter(hour).find_map(|known| match (known, &signal) {
                (Signal::FromHour(from), Signal::UntilHour(until))
                | (Signal::UntilHour(until), Signal::FromHour(from)) => {
                    (from == until).then_some("from and until the same hour is no time at all, or all of it")
                }
                (Signal::FromHour(_), Signal::FromHour(_)) | (Signal::UntilHour(_), Signal::UntilHour(_)) => {
                    Some("stands here twice")
                }
                _ => None,
            });
            match before {
                Some(message) => self.tell(
                    &place,
                    message,
                    "make two statements of it, or leave one out".to_owned(),
                ),
                None => signals.push(signal),
            }
        }
        Some(signals)
    }

    fn signal(&mut self, place: &Place<'_>) -> Option<Signal> {
        let (name, value) = self.only(place, &SIGNALS)?;
        let from_anywhere = "for any place";
        Some(match name {
            "within_networks" => Signal::WithinNetworks(self.networks(&value, from_anywhere)?),
            "outside_networks" => Signal::OutsideNetworks(self.networks(&value, from_anywhere)?),
            "within_countries" => Signal::WithinCountries(self.texts(&value, from_anywhere, value::country)?),
            "outside_countries" => Signal::OutsideCountries(self.texts(&value, from_anywhere, value::country)?),
            "before" => Signal::Before(self.text(&value, value::moment)?),
            "since" => Signal::Since(self.text(&value, value::moment)?),
            "weekdays" => Signal::Weekdays(self.texts(&value, "for all days", value::weekday)?),
            "from_hour" => Signal::FromHour(self.number(&value, bounds::HOUR)?),
            "until_hour" => Signal::UntilHour(self.number(&value, 1..=24)?),
            "authenticated_within_secs" => Signal::AuthenticatedWithinSecs(self.number(&value, 1..=i64::MAX)?),
            "authenticated_over_secs" => Signal::AuthenticatedOverSecs(self.number(&value, 0..=i64::MAX)?),
            "strength_at_least" => Signal::StrengthAtLeast(self.number(&value, bounds::STRENGTH)?),
            "strength_below" => Signal::StrengthBelow(self.number(&value, 2..=*bounds::STRENGTH.end())?),
            "risk_at_least" => Signal::RiskAtLeast(self.number(&value, bounds::RISK)?),
            _ => Signal::RiskBelow(self.number(&value, 1..=*bounds::RISK.end())?),
        })
    }

    fn networks(&mut self, place: &Place<'_>, left_out: &str) -> Option<Vec<String>> {
        let networks = self.texts(place, left_out, value::network)?;
        if networks.len() > MOST_NETWORKS {
            let message = format!("has {} networks, {MOST_NETWORKS} is the most", networks.len());
            return self.wrong(place, message, "make several statements of it".to_owned());
        }
        Some(networks)
    }

    fn number(&mut self, place: &Place<'_>, range: RangeInclusive<i64>) -> Option<i64> {
        match place.value.as_i64() {
            Some(number) if range.contains(&number) => Some(number),
            _ if *range.end() == i64::MAX => {
                let message = format!("has to be a whole number of {} or more", range.start());
                self.wrong(place, message, None)
            }
            _ => {
                let message = format!("has to be a whole number from {} to {}", range.start(), range.end());
                self.wrong(place, message, None)
            }
        }
    }

    fn text(&mut self, place: &Place<'_>, check: value::Check) -> Option<String> {
        match place.value.as_str() {
            None => self.wrong(place, "has to be a text in quotes", None),
            Some("") => self.wrong(place, "is empty", None),
            Some(text) if text.contains('\0') => self.holds_nul(place),
            Some(text) => match check(text, self.vocabulary) {
                Ok(text) => Some(text),
                Err(Wrong { message, hint }) => self.wrong(place, message, hint),
            },
        }
    }

    fn holds_nul<T>(&mut self, place: &Place<'_>) -> Option<T> {
        self.wrong(place, source::NUL, source::NUL_HINT.to_owned())
    }

    fn texts(&mut self, place: &Place<'_>, left_out: &str, check: value::Check) -> Option<Vec<String>> {
        let elements = self.list(place, left_out)?;
        let texts: Vec<Option<String>> = elements.iter().map(|element| self.text(element, check)).collect();
        texts.into_iter().collect()
    }

    /// The elements of a list that has some. What leaving the list out means is in the hint.
    fn list<'j>(&mut self, place: &Place<'j>, left_out: &str) -> Option<Vec<Place<'j>>> {
        let hint = format!("leave it out {left_out}");
        match place.value {
            Value::Array(values) if values.is_empty() => self.wrong(place, "is empty", hint),
            Value::Array(values) => Some(place.elements(values).collect()),
            _ => self.wrong(place, "has to be a list", hint),
        }
    }

    fn labels<'j>(&mut self, place: &Place<'j>, hint: &str) -> Option<Vec<(&'j str, Place<'j>)>> {
        match place.value {
            Value::Object(fields) if fields.is_empty() => self.wrong(place, "is empty", hint.to_owned()),
            Value::Object(fields) if fields.contains_key("") => self.wrong(place, "has an empty name in it", None),
            Value::Object(fields) => {
                let mut labels = Vec::new();
                for (name, value) in fields {
                    let label = place.below(name, value);
                    match value::label(name, self.vocabulary) {
                        Ok(_) => labels.push((name.as_str(), label)),
                        Err(Wrong { message, hint }) => self.tell(&label, message, hint),
                    }
                }
                Some(labels)
            }
            _ => self.wrong(place, "has to be an object with names and values", hint.to_owned()),
        }
    }

    fn literal(&mut self, place: &Place<'_>) -> Option<Literal> {
        match place.value {
            Value::Bool(value) => Some(Literal::Bool(*value)),
            Value::String(text) if text.contains('\0') => self.holds_nul(place),
            Value::String(text) => Some(Literal::String(text.clone())),
            Value::Number(number) if number.is_i64() => number.as_i64().map(Literal::Long),
            _ => self.wrong(
                place,
                "has to be a text in quotes, a whole number, `true` or `false`",
                None,
            ),
        }
    }

    fn check_type(&mut self, place: &Place<'_>, record: &str, name: &str, literal: &Literal) {
        let expected = value::type_of_label(record, name, self.vocabulary);
        if !literal.is(&expected) {
            let hint = format!("write it as {}", value::example(&expected));
            self.tell(
                place,
                format!("is compared with `{name}`, which is of another type"),
                hint,
            );
        }
    }

    fn object<'j>(&mut self, place: &Place<'j>, known: &[&str]) -> Option<&'j Map<String, Value>> {
        let Value::Object(fields) = place.value else {
            let message = format!("has to be an object with {}", bounds::listed(known.iter().copied()));
            return self.wrong(place, message, None);
        };
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            let hint = match closest(name, known.iter().copied()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("there are {}", bounds::listed(known.iter().copied())),
            };
            self.tell(&place.below(name, &Value::Null), "is not known here", hint);
        }
        Some(fields)
    }

    /// The one field of an object that has one of several.
    fn only<'j>(&mut self, place: &Place<'j>, known: &[&str]) -> Option<(&'j str, Place<'j>)> {
        let before = self.errors.len();
        let fields = self.object(place, known)?;
        if self.errors.len() > before {
            return None;
        }
        let mut fields = fields.iter();
        match (fields.next(), fields.next()) {
            (Some((name, value)), None) => Some((name, place.below(name, value))),
            _ => {
                let message = format!("has to have exactly one of {}", bounds::listed(known.iter().copied()));
                self.wrong(place, message, None)
            }
        }
    }
}
