//! `delete` and `undelete`.

use std::time::Duration;

use clap::Args;
use plinth_client::resource::{ListQuery, WriteOptions};

use super::{
    failure::Failure,
    output::show,
    session::Session,
    wait::{self, Goal, parse_duration},
};

#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Type of resource, such as `pipelines`
    plural: String,
    /// Name or id
    name: String,
    /// Check whether it could be deleted, without doing it
    #[arg(long)]
    dry_run: bool,
    /// Wait until nothing of it is left
    #[arg(long)]
    wait: bool,
    /// How long to wait at most
    #[arg(long, default_value = "10m", value_parser = parse_duration)]
    timeout: Duration,
}

#[derive(Debug, Args)]
pub struct UndeleteArgs {
    /// Type of resource, such as `pipelines`
    plural: String,
    /// Name or id
    name: String,
}

pub async fn delete(session: &Session, args: DeleteArgs) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let org = session.org().await?;
    let options = WriteOptions {
        dry_run: args.dry_run,
        if_version: None,
    };
    // Before the delete: its end may come before the wait begins.
    let head = match args.wait {
        true => org.events().head().await?,
        false => 0,
    };
    let resource = org.resources(&kind.plural).delete(&args.name, options).await?;
    show(session.format, &resource, |resource| {
        let note = if args.dry_run { " (dry run)" } else { "" };
        format!("{}/{} deleted{note}", kind.name, resource.name)
    })?;
    if args.wait && !args.dry_run && kind.reconciled {
        let since = wait::Since { head, resource };
        wait::from(session, &org, &kind, since, &Goal::Gone, args.timeout).await?;
    }
    Ok(())
}

pub async fn undelete(session: &Session, args: UndeleteArgs) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let resources = session.org().await?.resources(&kind.plural);
    let id = match args.name.starts_with(&format!("{}_", kind.name)) {
        true => args.name,
        false => newest_deleted(&resources, &args.name).await?,
    };
    let resource = resources.undelete(&id).await?;
    show(session.format, &resource, |resource| {
        format!("{}/{} is back", kind.name, resource.name)
    })
}

/// A name can be deleted several times; the last one is meant.
async fn newest_deleted(resources: &plinth_client::resource::Resources, name: &str) -> anyhow::Result<String> {
    let query = ListQuery {
        deleted: true,
        search: Some(name.to_owned()),
        limit: Some(500),
        ..ListQuery::default()
    };
    let found = resources.list(&query).await?.items;
    found
        .into_iter()
        .filter(|resource| resource.name == name && resource.deleted_at.is_some())
        .max_by_key(|resource| resource.deleted_at)
        .map(|resource| resource.id)
        .ok_or_else(|| {
            Failure::failed(format!("there is no deleted `{name}`"))
                .hint("`plinth get <type> --deleted` shows what can come back")
                .into()
        })
}
