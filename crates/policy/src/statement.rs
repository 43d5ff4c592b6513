//! A statement of a policy, and where it stands in its text.

use cedar_policy::pst;

use crate::Effect;

/// One `permit` or `forbid`.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) cedar: cedar_policy::Policy,
    pub(crate) tree: pst::Template,
    /// Where it begins in the policy's text, and where it ends, in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The line that it begins in, from 1.
    pub line: u32,
}

impl Statement {
    /// Whether it permits or forbids.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.tree.effect.into()
    }
}
