//! What a request is made of: who asks, and what for. Taken out once, here, so that handlers get values.

mod body;
mod caller;
mod idempotency;
mod params;

pub use body::{Body, MergePatch};
pub use caller::{Agent, CallerIn, Known, LeaseHolder, Operator, Origin, SESSION_COOKIE};
pub use idempotency::{Idempotent, KeyParam, NoBody};
pub use params::{IfMatch, Params, PathParams, Unversioned};
