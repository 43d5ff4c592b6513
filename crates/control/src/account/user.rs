//! Somebody who can log in.

use jiff::Timestamp;
use plinth_model::id::UserId;
use plinth_store::account as store;

use crate::Control;
use crate::error::{ControlError, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub email_verified_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl From<store::User> for User {
    fn from(user: store::User) -> Self {
        Self {
            id: UserId(user.id),
            email: user.email,
            name: user.name,
            email_verified_at: user.email_verified_at,
            created_at: user.created_at,
        }
    }
}

/// # Errors
/// `not_found` when the user is gone.
pub async fn user(control: &Control, id: UserId) -> Result<User> {
    let mut tx = control.store().directory().await?;
    let user = store::get(&mut tx, id).await?;
    user.map(User::from).ok_or_else(|| ControlError::not_found("user"))
}
