//! Tokens of the business itself: operators apply the product, reconcilers claim work.

use plinth_store::operator as store;

use crate::Control;
use crate::error::{ControlError, Result};
use crate::identity::Identity;
use crate::token::{self, TokenKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorKind {
    Operator,
    Reconciler,
}

impl OperatorKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Reconciler => "reconciler",
        }
    }

    fn token_kind(self) -> TokenKind {
        match self {
            Self::Operator => TokenKind::Operator,
            Self::Reconciler => TokenKind::Reconciler,
        }
    }
}

/// A fresh secret, good for something once it is registered.
pub fn new_operator_token(kind: OperatorKind) -> String {
    token::generate(kind.token_kind(), None)
}

/// Makes this the one token of the name; the one before it ends. Safe to repeat at each start.
///
/// # Errors
/// `validation_failed` when the text is no token of this kind.
pub async fn register_operator(control: &Control, name: &str, kind: OperatorKind, token: &str) -> Result<()> {
    if token::parse(token).is_none_or(|(found, _)| found != kind.token_kind()) {
        return Err(ControlError::invalid_field(
            "/token",
            format!("is no token of kind `{}`", kind.as_str()),
        ));
    }
    let token_hash = token::hash(token);
    let mut tx = control.store().directory().await?;
    store::register(&mut tx, name, kind.as_str(), &token_hash).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn find(control: &Control, kind: TokenKind, token_hash: &[u8]) -> Result<Option<Identity>> {
    let mut tx = control.store().directory().await?;
    let found = store::find(&mut tx, token_hash).await?;
    Ok(found.and_then(|found| match (kind, found.kind.as_str()) {
        (TokenKind::Operator, "operator") => Some(Identity::Operator { name: found.name }),
        (TokenKind::Reconciler, "reconciler") => Some(Identity::Reconciler { name: found.name }),
        _ => None,
    }))
}
