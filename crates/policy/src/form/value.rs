//! The single values of a form: what each may be, and what to write instead.

use core::net::IpAddr;

use jiff::{Timestamp, civil};
use plinth_model::Name;
use plinth_model::id::{ServiceAccountId, UserId};
use plinth_model::resource::check_property_name;

use super::Literal;
use crate::bounds;
use crate::compile::fold;
use crate::hint::{action_hint, closest};
use crate::vocabulary::{PrincipalKind, Record, Type, Vocabulary, quoted};

/// What is wrong with a value, and what to do.
pub(super) struct Wrong {
    pub message: String,
    pub hint: Option<String>,
}

/// The value as Cedar is to have it.
pub(super) type Check = fn(&str, &Vocabulary) -> Result<String, Wrong>;

fn wrong(message: impl Into<String>, hint: impl Into<Option<String>>) -> Wrong {
    Wrong {
        message: message.into(),
        hint: hint.into(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of several checks")]
pub(super) fn any(text: &str, _: &Vocabulary) -> Result<String, Wrong> {
    Ok(text.to_owned())
}

pub(super) fn group(name: &str, _: &Vocabulary) -> Result<String, Wrong> {
    match name.parse::<Name>() {
        Ok(_) => Ok(name.to_owned()),
        Err(error) => Err(wrong("is no name of a group", error.to_string())),
    }
}

/// The name of a property, or of an attribute.
pub(super) fn label(name: &str, _: &Vocabulary) -> Result<String, Wrong> {
    match check_property_name(name) {
        Ok(()) => Ok(name.to_owned()),
        Err(_) => Err(wrong("is no name of a property", crate::never::LABEL_HINT.to_owned())),
    }
}

pub(super) fn user(id: &str, _: &Vocabulary) -> Result<String, Wrong> {
    let found = id.parse::<UserId>().map(|_| id.to_owned());
    found.map_err(|_| wrong("is no id of a user", Some(crate::never::USER_HINT.to_owned())))
}

pub(super) fn service_account(id: &str, _: &Vocabulary) -> Result<String, Wrong> {
    let found = id.parse::<ServiceAccountId>().map(|_| id.to_owned());
    found.map_err(|_| {
        wrong(
            "is no id of a service account",
            Some(crate::never::ACCOUNT_HINT.to_owned()),
        )
    })
}

pub(super) fn role(name: &str, vocabulary: &Vocabulary) -> Result<String, Wrong> {
    let known = || vocabulary.roles().iter().map(String::as_str);
    if known().any(|role| role == name) {
        return Ok(name.to_owned());
    }
    Err(wrong("is no role", suggestion(name, known(), "the roles are")))
}

pub(super) fn action(name: &str, vocabulary: &Vocabulary) -> Result<String, Wrong> {
    let mut known = vocabulary.actions().chain(vocabulary.action_groups());
    if known.any(|action| action == name) {
        return Ok(name.to_owned());
    }
    let hint = action_hint(name, vocabulary, |known| format!("`{known}`"));
    Err(wrong("is no action", hint))
}

pub(super) fn type_name(name: &str, vocabulary: &Vocabulary) -> Result<String, Wrong> {
    let known = || vocabulary.kinds().iter().map(|kind| kind.type_name.as_str());
    if known().any(|kind| kind == name) {
        return Ok(name.to_owned());
    }
    Err(wrong("is no type of thing", suggestion(name, known(), "there are")))
}

fn suggestion<'k>(word: &str, known: impl Iterator<Item = &'k str> + Clone, all: &str) -> String {
    match closest(word, known.clone()) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("{all} {}", bounds::listed(known)),
    }
}

pub(super) fn network(text: &str, _: &Vocabulary) -> Result<String, Wrong> {
    let (address, length) = text.split_once('/').unzip();
    let most = match address.unwrap_or(text).parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => return Err(wrong("is an address of version 4", format!("write `{address}`"))),
            None => 128,
        },
        Err(_) => return Err(not_a_network()),
    };
    let fits = |length: &str| {
        length
            .parse::<u8>()
            .is_ok_and(|bits| bits <= most && bits.to_string() == length)
    };
    if length.is_none_or(fits) && fold::has_value(&format!("ip({})", quoted(text))) {
        Ok(text.to_owned())
    } else {
        Err(not_a_network())
    }
}

fn not_a_network() -> Wrong {
    let hint = "such as `203.0.113.0/24`, `2001:db8::/32` or `203.0.113.7`";
    wrong("is no network and no address", hint.to_owned())
}

pub(super) fn country(text: &str, _: &Vocabulary) -> Result<String, Wrong> {
    if bounds::is_country(text) {
        return Ok(text.to_owned());
    }
    Err(wrong("is no country", bounds::country_hint(text)))
}

pub(super) fn weekday(text: &str, _: &Vocabulary) -> Result<String, Wrong> {
    if bounds::WEEKDAYS.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(wrong("is no day of the week", bounds::weekday_hint(text)))
}

/// A day or a moment of RFC 3339. What Cedar does not read as it is, such as a small `z`, becomes a moment in UTC.
pub(super) fn moment(text: &str, _: &Vocabulary) -> Result<String, Wrong> {
    let is_day = text.len() == "2026-11-27".len() && text.parse::<civil::Date>().is_ok();
    if is_day && is_of_cedar(text) {
        return Ok(text.to_owned());
    }
    let Ok(moment) = text.parse::<Timestamp>() else {
        return Err(not_a_moment());
    };
    if moment.subsec_nanosecond() % 1_000_000 != 0 {
        return Err(wrong(
            "is finer than a thousandth of a second",
            "write three digits at most".to_owned(),
        ));
    }
    let utc = match moment.subsec_millisecond() {
        0 => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        _ => moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
    };
    if is_of_cedar(&without_colon(text)) {
        Ok(with_colon(text))
    } else if has_an_offset_of_a_day(text) && is_of_cedar(&utc) {
        Ok(utc)
    } else {
        Err(not_a_moment())
    }
}

fn not_a_moment() -> Wrong {
    let hint = "such as `2026-11-27T18:00:00Z`, `2026-11-27T20:00:00+02:00` or `2026-11-27`";
    wrong("is no moment", hint.to_owned())
}

fn is_of_cedar(moment: &str) -> bool {
    fold::has_value(&format!("datetime({})", quoted(moment)))
}

/// Offsets of RFC 3339 end at 23:59.
fn has_an_offset_of_a_day(moment: &str) -> bool {
    let offset = moment.rsplit_once(['+', '-']).filter(|(time, _)| time.contains([':']));
    let hours = offset.and_then(|(_, offset)| offset.split(':').next()?.get(..2)?.parse::<u8>().ok());
    hours.is_none_or(|hours| hours < 24)
}

/// An offset of RFC 3339 as Cedar has it: `+02:00` as `+0200`.
pub(super) fn without_colon(moment: &str) -> String {
    match moment.len().checked_sub(6).and_then(|at| moment.split_at_checked(at)) {
        Some((time, offset)) if time.contains('T') && offset.starts_with(['+', '-']) => {
            format!("{time}{}", offset.replace(':', ""))
        }
        _ => moment.to_owned(),
    }
}

/// The other way round.
pub(super) fn with_colon(moment: &str) -> String {
    match moment.len().checked_sub(5).and_then(|at| moment.split_at_checked(at)) {
        Some((time, offset)) if time.contains('T') && offset.starts_with(['+', '-']) => {
            let (hours, minutes) = offset.split_at_checked(3).unwrap_or((offset, ""));
            format!("{time}{hours}:{minutes}")
        }
        _ => moment.to_owned(),
    }
}

/// The type of a label's values; text unless it is declared otherwise.
pub(super) fn type_of_label(record: &str, name: &str, vocabulary: &Vocabulary) -> Type {
    let of_things = vocabulary.kinds().first().map(|kind| &kind.attributes);
    let owner: Option<&Record> = match record {
        "properties" => of_things,
        _ => Some(vocabulary.principal(PrincipalKind::User)),
    };
    let label = owner.and_then(|owner| match &owner.get(record)?.ty {
        Type::Record(labels) => labels.get(name),
        _ => None,
    });
    label.map_or(Type::String, |label| label.ty.clone())
}

pub(super) fn example(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "`true` or `false`",
        Type::Long => "a whole number",
        _ => "a text in quotes",
    }
}

impl Literal {
    pub(super) fn is(&self, ty: &Type) -> bool {
        match self {
            Self::Bool(_) => *ty == Type::Bool,
            Self::Long(_) => *ty == Type::Long,
            Self::String(_) => *ty == Type::String,
        }
    }
}
