//! What a statement does when it applies.

use std::fmt;

use cedar_policy::pst;
use serde::{Deserialize, Serialize};

/// `permit` or `forbid`. A forbid wins over every permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Allows, unless something forbids.
    Permit,
    /// Denies, whatever permits.
    Forbid,
}

impl From<pst::Effect> for Effect {
    fn from(effect: pst::Effect) -> Self {
        match effect {
            pst::Effect::Permit => Self::Permit,
            pst::Effect::Forbid => Self::Forbid,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permit => "permit",
            Self::Forbid => "forbid",
        })
    }
}
