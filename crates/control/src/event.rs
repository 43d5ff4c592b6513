//! event
#[derive(Debug, Default)]
pub struct Hub {}
