//! Accounts
#[derive(Debug)]
pub(crate) struct Accounts {}
impl Accounts {
    pub(crate) fn new(_config: &crate::ControlConfig) -> Self {
        Self {}
    }
}
