//! One instance of a resource type.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{Id, OrgId};
use crate::scope::Actor;

/// Flat labels that policies, filters and bills can use.
pub type Properties = Map<String, Value>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    pub id: Id,
    pub org: OrgId,
    pub type_name: String,
    pub name: String,
    pub properties: Properties,
    /// Id of the user or service account that answers for it, and may have left the org since.
    pub owner: Option<String>,
    /// Desired state, without its secrets.
    pub spec: Value,
    /// Actual state, as the reconciler reported it last.
    pub status: Value,
    /// JSON pointers into `spec` of the secrets that are set.
    pub secrets_set: Vec<String>,
    /// Counts changes of the desired state.
    pub generation: i64,
    /// The generation that `status` speaks of; 0 before the first report.
    pub observed_generation: i64,
    /// Counts changes by the resource's users; the ETag. Status reports do not change it.
    pub version: i64,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    /// When the reconciler had torn down what a deleted resource stood for; from then on there is no way back.
    pub finalized_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PropertiesError {
    #[error("has {0} properties: at most 64 are allowed")]
    TooMany(usize),
    #[error("`{0}` is not a property name: use 1 to 63 letters, digits, `_`, `-` or `.`, a letter first")]
    Key(String),
    #[error("`{0}` is not a flat value: use a string of up to 256 characters, a number or a boolean")]
    Value(String),
}

/// # Errors
/// [`PropertiesError::Key`].
pub fn check_property_name(name: &str) -> Result<(), PropertiesError> {
    let tail = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.len() > 63 || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(tail) {
        return Err(PropertiesError::Key(name.chars().take(80).collect()));
    }
    Ok(())
}

/// # Errors
/// [`PropertiesError`] names the first property that is not flat, too long or oddly named.
pub fn check_properties(properties: &Properties) -> Result<(), PropertiesError> {
    if properties.len() > 64 {
        return Err(PropertiesError::TooMany(properties.len()));
    }
    for (key, value) in properties {
        check_property_name(key)?;
        match value {
            Value::String(text) if text.chars().count() <= 256 && !text.contains('\0') => {}
            Value::Number(_) | Value::Bool(_) => {}
            _ => return Err(PropertiesError::Value(key.clone())),
        }
    }
    Ok(())
}
