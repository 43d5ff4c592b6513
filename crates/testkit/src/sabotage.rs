//! What somebody with the rights of a superuser may do to the databases, so that tests see it found out.

use anyhow::{Context, Result, ensure};
use plinth_model::id::OrgId;
use tokio_postgres::NoTls;

/// Rewrites one event of an org's log.
///
/// # Errors
/// When there is no such event.
pub async fn change_event(cell_url: &str, org: &str, seq: i64) -> Result<()> {
    let org: OrgId = org.parse().ok().context("the id of an org")?;
    let (client, connection) = tokio_postgres::connect(cell_url, NoTls).await?;
    tokio::spawn(connection);
    let change = "update plinth.events set subject_name = subject_name || '?' where org_id = $1 and seq = $2";
    let changed = client.execute(change, &[&org.0, &seq]).await?;
    ensure!(changed == 1, "{changed} events were changed");
    Ok(())
}
