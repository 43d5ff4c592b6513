//! What somebody is in an org: roles, groups and attributes, as they are stored and as they are sent.

use plinth_model::resource::Properties;
use plinth_model::{Actor, Role};
use serde_json::Value;

use crate::error::{ControlError, FieldError, Result};

/// What a membership, or a service account, says of a principal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    pub roles: Vec<Role>,
    pub groups: Vec<String>,
    pub attributes: Properties,
}

/// A member or a service account, as policies see it.
#[derive(Debug, Clone)]
pub(crate) struct Somebody {
    pub actor: Actor,
    /// Of a member.
    pub email: Option<String>,
    pub standing: Standing,
}

/// Stored attributes as such.
pub(crate) fn flat(attributes: Value) -> Properties {
    match attributes {
        Value::Object(map) => map,
        _ => Properties::new(),
    }
}

/// Stored roles as roles. One that this version does not know grants nothing.
pub(crate) fn known_roles(texts: &[String]) -> Vec<Role> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Roles from a body, in their own order, each once.
///
/// # Errors
/// `validation_failed`, pointing into `/roles`.
pub(crate) fn parse_roles(texts: &[String]) -> Result<Vec<Role>> {
    let mut roles = Vec::new();
    let mut errors = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        match text.parse::<Role>() {
            Ok(role) => roles.push(role),
            Err(error) => errors.push(FieldError::new(format!("/roles/{place}"), error.to_string())),
        }
    }
    if texts.is_empty() {
        errors.push(FieldError::new("/roles", "needs at least one role"));
    }
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// To a patch without a field.
pub(crate) fn nothing_changes() -> ControlError {
    ControlError::invalid_field("", "changes nothing: give `roles`, `groups` or `attributes`")
}

/// Most groups of one principal.
const MOST_GROUPS: usize = 50;

/// Groups from a body, in order, each once.
///
/// # Errors
/// `validation_failed`, pointing into `/groups`.
pub(crate) fn parse_groups(texts: &[String]) -> Result<Vec<String>> {
    let wrong = |(place, text): (usize, &String)| {
        let error = text.parse::<plinth_model::Name>().err()?;
        Some(FieldError::new(format!("/groups/{place}"), error.to_string()))
    };
    let mut errors: Vec<FieldError> = texts.iter().enumerate().filter_map(wrong).collect();
    if texts.len() > MOST_GROUPS {
        errors.push(FieldError::new(
            "/groups",
            format!("has more than {MOST_GROUPS} groups"),
        ));
    }
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    let mut groups = texts.to_vec();
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

pub(crate) fn texts(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}
