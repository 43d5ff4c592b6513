//! The clocks of an org: what policies call `context.local` is in its time zone.

use jiff::tz::TimeZone;
use plinth_model::Scope;
use plinth_store::{Tx, org as store};

use crate::Control;
use crate::error::{ControlError, FieldError, Result};

/// Of an org that has chosen none.
pub(crate) const DEFAULT: &str = "UTC";

/// The time zone of the scope's org.
///
/// # Errors
/// `unavailable` when the database cannot be reached; `internal` when this server does not know the zone any more.
pub(crate) async fn of_org(control: &Control, scope: &Scope) -> Result<TimeZone> {
    let lookup = async {
        let name = store::time_zone(control.store(), scope).await?;
        let zone = name.map(|name| TimeZone::get(&name).map_err(ControlError::internal));
        zone.transpose()
    };
    let found = control.identities().zones.get(scope.org, lookup).await?;
    Ok(found.unwrap_or(TimeZone::UTC))
}

/// What a machine's files have beside the names of IANA: its own zone, and each zone with other ways to count seconds.
fn is_of_the_machine(name: &str) -> bool {
    ["localtime", "posixrules", "Factory"].contains(&name) || name.starts_with("posix/") || name.starts_with("right/")
}

/// The name as it is usually written, if servers and the org's database know a zone of that name.
pub(crate) async fn check(tx: &mut Tx, name: &str) -> Result<std::result::Result<String, FieldError>> {
    let known = TimeZone::get(name.trim()).ok();
    let known = known.as_ref().and_then(TimeZone::iana_name);
    let known = known.filter(|known| !is_of_the_machine(known)).map(str::to_owned);
    if let Some(known) = known
        && store::knows_zone(tx, &known).await?
    {
        return Ok(Ok(known));
    }
    let message = "is not a time zone: give an IANA name such as `Europe/Berlin`, `America/New_York` or `UTC`";
    Ok(Err(FieldError::new("/time_zone", message)))
}
