//! Named places where a test can make a process die or fail.
//!
//! Set `PLINTH_ETL_FAIL=name=kill:3` to die like by `kill -9` at the third hit of `name`, `name=error:1` to get an error at
//! the first. Compiled to nothing in release builds.

use crate::error::Result;

/// Passes, unless a test has armed the place.
///
/// # Errors
/// `fail_point`, when armed with `error`.
#[cfg(not(debug_assertions))]
pub const fn hit(_name: &str) -> Result<()> {
    Ok(())
}

/// Passes, unless a test has armed the place.
///
/// # Errors
/// `fail_point`, when armed with `error`.
#[cfg(debug_assertions)]
pub fn hit(name: &str) -> Result<()> {
    armed::hit(name)
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use crate::error::{Error, Result};

    struct Armed {
        name: String,
        kill: bool,
        at: u64,
        hits: AtomicU64,
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let setting = std::env::var("PLINTH_ETL_FAIL").ok()?;
        let (name, action) = setting.split_once('=')?;
        let (action, at) = action.split_once(':')?;
        Some(Armed {
            name: name.to_owned(),
            kill: action == "kill",
            at: at.parse().ok()?,
            hits: AtomicU64::new(0),
        })
    });

    pub(super) fn hit(name: &str) -> Result<()> {
        let Some(armed) = ARMED.as_ref().filter(|armed| armed.name == name) else {
            return Ok(());
        };
        if armed.hits.fetch_add(1, Ordering::SeqCst) + 1 != armed.at {
            return Ok(());
        }
        if armed.kill {
            let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
        }
        Err(Error::transient("fail_point", format!("fail point `{name}`")))
    }
}
