//! `org list`, `org create`, `org update`, `org use`.

use clap::{Args, Subcommand};
use plinth_client::org::{Org, OrgChange};

use super::{
    failure::Failure,
    human,
    output::{columns, print, show},
    session::Session,
};

#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    /// The organizations you belong to
    List,
    /// Make an organization; you become its owner
    Create {
        /// Short name for addresses, such as `acme`
        slug: String,
        /// Name for people [default: the slug]
        #[arg(long)]
        name: Option<String>,
    },
    /// Give the organization another name or time zone
    Update(UpdateArgs),
    /// Choose the organization that commands work in
    Use { slug: String },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct UpdateArgs {
    /// Name for people
    #[arg(long)]
    name: Option<String>,
    /// Where its clocks are, for policies: an IANA name such as `Europe/Berlin`
    #[arg(long)]
    time_zone: Option<String>,
}

pub async fn run(session: &Session, command: OrgCommand) -> anyhow::Result<()> {
    let client = session.client()?;
    match command {
        OrgCommand::List => {
            let current = session.profile().and_then(|profile| profile.org.clone());
            let orgs = client.orgs().list().await?;
            show(session.format, &orgs.items, |orgs| table(orgs, current.as_deref()))
        }
        OrgCommand::Create { slug, name } => {
            let name = name.unwrap_or_else(|| slug.clone());
            let org = client.orgs().create(&slug, &name).await?;
            if session.given_token.is_none() {
                session.store(|profile| profile.org = Some(org.slug.clone()))?;
            }
            show(session.format, &org, |org| {
                format!("Created organization `{}`; commands work in it now.", org.slug)
            })
        }
        OrgCommand::Update(UpdateArgs { name, time_zone }) => {
            let org = session.org().await?.update(&OrgChange { name, time_zone }).await?;
            show(session.format, &org, |org| {
                let zone = org.time_zone.as_deref().unwrap_or("UTC");
                format!("`{}` is called {}; its clocks are in {zone}.", org.slug, org.name)
            })
        }
        OrgCommand::Use { slug } => {
            let org = client.org(&slug).get().await?;
            if session.profile().is_none() {
                return Err(Failure::usage("there is no stored login to choose for")
                    .hint("run `plinth login` first, or set PLINTH_ORG")
                    .into());
            }
            session.store(|profile| profile.org = Some(org.slug.clone()))?;
            print(&format!("Commands work in `{}` now.", org.slug))
        }
    }
}

fn table(orgs: &[Org], current: Option<&str>) -> String {
    let rows = orgs.iter().map(|org| {
        let mark = if current == Some(&org.slug) { "*" } else { "" };
        let created = org.created_at.map(human::time).unwrap_or_default();
        let plan = org.plan.clone().unwrap_or_default();
        vec![mark.to_owned(), org.slug.clone(), org.name.clone(), plan, created]
    });
    columns(["", "ORG", "NAME", "PLAN", "CREATED"], rows)
}
