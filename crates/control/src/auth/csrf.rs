//! The second secret of a browser: a page of another site can make it send the cookie, but cannot know this.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use plinth_model::id::SessionId;
use sha2::Sha256;

use crate::Control;
use crate::error::{Code, ControlError, Result};
use crate::identity::Identity;

/// HMAC-SHA-256 of the session under the key-encryption key: nothing has to be stored.
pub fn csrf_token(control: &Control, session: SessionId) -> String {
    let key = &control.config().key_encryption_key;
    URL_SAFE_NO_PAD.encode(mac(key, session).finalize().into_bytes())
}

/// For what a cookie authenticates and is not a mere read. Compares in constant time.
///
/// # Errors
/// `csrf_failed` when the token is missing, or of another session.
pub fn check_csrf(control: &Control, identity: &Identity, presented: Option<&str>) -> Result<()> {
    let presented = presented.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    match (identity, presented) {
        (Identity::User { session, .. }, Some(presented)) => {
            let config = control.config();
            // Pages that were opened before the key was changed go on working.
            let mut keys = std::iter::once(&config.key_encryption_key).chain(&config.previous_key);
            match keys.any(|key| mac(key, *session).verify_slice(&presented).is_ok()) {
                true => Ok(()),
                false => Err(failed()),
            }
        }
        _ => Err(failed()),
    }
}

fn mac(key: &[u8; 32], session: SessionId) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("any length"));
    mac.update(b"plinth csrf ");
    mac.update(session.0.as_bytes());
    mac
}

fn failed() -> ControlError {
    ControlError::new(
        Code::CsrfFailed,
        "send the `csrf_token` of your session as the header `X-CSRF-Token`",
    )
}
