//! Lock-out after too many wrong passwords: by the hash of the address that was tried, whether or not somebody has it.

use plinth_store::{DirectoryTx, account as store};

use crate::error::{Code, ControlError, Result};
use crate::{Control, token};

fn key(email: &str) -> Vec<u8> {
    token::hash(email)
}

/// Counts the attempt, and reads who is meant.
pub(super) async fn charge(control: &Control, email: &str) -> Result<Option<store::User>> {
    let mut tx = control.store().directory().await?;
    if !store::charge_attempt(&mut tx, &key(email)).await? {
        return Err(locked_out(&mut tx, email).await?);
    }
    let user = store::find(&mut tx, email).await?;
    tx.commit().await?;
    Ok(user)
}

async fn locked_out(tx: &mut DirectoryTx, email: &str) -> Result<ControlError> {
    let secs = store::locked_secs(tx, &key(email))
        .await?
        .unwrap_or(1)
        .max(1)
        .unsigned_abs();
    let detail = format!(
        "too many wrong passwords for this e-mail address: try again in {} min, or reset your password",
        secs.div_ceil(60)
    );
    Ok(ControlError::new(Code::LockedOut, detail).retry_after(secs))
}

/// The password was shown, or chosen anew: what was tried before does not count.
pub(super) async fn clear(tx: &mut DirectoryTx, email: &str) -> Result<()> {
    store::clear_attempts(tx, &key(email)).await?;
    Ok(())
}
