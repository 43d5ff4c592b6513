//! `members`, `invite`, `service-account`, `token`, `sql-access`: who gets into the org.

use std::time::Duration;

use clap::{Args, Subcommand};
use plinth_client::{
    member::{Member, MemberChange},
    org::OrgScope,
    service_account::{NewServiceAccount, NewToken, ServiceAccount, ServiceAccountChange, SqlLogin, Token},
};
use serde_json::{Map, Value};

use super::{
    failure::Failure,
    human,
    output::{Format, columns, print, remark, show},
    session::Session,
    wait::parse_duration,
};

#[derive(Debug, Args)]
pub struct MembersArgs {
    #[command(subcommand)]
    command: Option<MemberCommand>,
}

#[derive(Debug, Subcommand)]
enum MemberCommand {
    /// Members and open invitations (the default)
    List,
    /// Give a member these roles in place of the old ones
    SetRoles {
        /// E-mail address or id
        member: String,
        /// owner, admin, developer, viewer or billing
        #[arg(required = true)]
        roles: Vec<String>,
    },
    /// Give a member other roles, groups or attributes: what is given takes the place of all of them
    Update {
        /// E-mail address or id
        member: String,
        #[command(flatten)]
        standing: Standing,
    },
    /// Take a member out of the organization
    Remove {
        /// E-mail address or id
        member: String,
    },
}

#[derive(Debug, Args)]
pub struct InviteArgs {
    email: String,
    /// owner, admin, developer, viewer or billing; can be given several times
    #[arg(long = "role", default_value = "developer")]
    roles: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum ServiceAccountCommand {
    List,
    Create {
        /// Name, such as `ci`
        name: String,
        /// Role; can be given several times
        #[arg(long = "role", value_name = "ROLE", default_value = "developer")]
        roles: Vec<String>,
        /// Group, as policies name it; can be given several times
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
        /// Attribute that policies compare, such as `team=data`; can be given several times
        #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
        attributes: Vec<(String, String)>,
    },
    /// Give an account other roles, groups or attributes: what is given takes the place of all of them
    Update(UpdateArgs),
    Delete {
        /// Name or id
        account: String,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Standing {
    /// Role; can be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Group, as policies name it; can be given several times
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// In no group any more
    #[arg(long, conflicts_with = "groups")]
    no_groups: bool,
    /// Attribute that policies compare, such as `team=data`; can be given several times
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
    /// Without attributes
    #[arg(long, conflicts_with = "attributes")]
    no_attributes: bool,
}

#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// Name or id
    account: String,
    #[command(flatten)]
    standing: Standing,
}

impl TryFrom<Standing> for MemberChange {
    type Error = Failure;

    fn try_from(standing: Standing) -> Result<Self, Failure> {
        let Standing { groups, attributes, .. } = standing;
        let attributes = (standing.no_attributes || !attributes.is_empty()).then(|| record(attributes));
        Ok(Self {
            roles: Some(standing.roles).filter(|roles| !roles.is_empty()),
            groups: (standing.no_groups || !groups.is_empty()).then_some(groups),
            attributes: attributes.transpose()?,
        })
    }
}

impl TryFrom<Standing> for ServiceAccountChange {
    type Error = Failure;

    fn try_from(standing: Standing) -> Result<Self, Failure> {
        let MemberChange {
            roles,
            groups,
            attributes,
        } = standing.try_into()?;
        Ok(Self {
            roles,
            groups,
            attributes,
        })
    }
}

/// `team=data`.
fn attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as `NAME=VALUE`, such as `team=data`".to_owned()),
    }
}

fn record(attributes: Vec<(String, String)>) -> Result<Map<String, Value>, Failure> {
    let mut record = Map::new();
    for (name, value) in attributes {
        if record.insert(name.clone(), Value::String(value)).is_some() {
            let failure = Failure::usage(format!("the attribute `{name}` is given twice"));
            return Err(failure.hint("an attribute has one value: give it once"));
        }
    }
    Ok(record)
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is shown once
    Create {
        /// Service account, by name or id
        account: String,
        /// What the token is for
        #[arg(long, default_value = "cli")]
        name: String,
        /// When it ends [default: 90 days]
        #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
        expires_in: Option<Duration>,
    },
    List {
        /// Service account, by name or id
        account: String,
    },
    /// End a token at once
    Revoke {
        /// Service account, by name or id
        account: String,
        /// Id of the token
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum SqlAccessCommand {
    /// Make a login to the database; its address is shown once
    Create {
        /// Service account, by name or id
        account: String,
        /// What the login is for
        #[arg(long, default_value = "psql")]
        name: String,
        /// When it ends [default: 90 days]
        #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
        expires_in: Option<Duration>,
    },
    List {
        /// Service account, by name or id
        account: String,
    },
    /// End a login and its sessions at once
    Revoke {
        /// Service account, by name or id
        account: String,
        /// Id of the login
        id: String,
    },
}

pub async fn members(session: &Session, args: MembersArgs) -> anyhow::Result<()> {
    let org = session.org().await?;
    match args.command.unwrap_or(MemberCommand::List) {
        MemberCommand::List => list_members(session, &org).await,
        MemberCommand::SetRoles { member, roles } => {
            let member = find_member(&org, &member).await?;
            let change = MemberChange {
                roles: Some(roles),
                ..MemberChange::default()
            };
            let member = org.members().change(&member.user_id, &change).await?;
            show(session.format, &member, |member| {
                format!("{} is {} now.", member.email, member.roles.join(", "))
            })
        }
        MemberCommand::Update { member, standing } => {
            let member = find_member(&org, &member).await?;
            let member = org.members().change(&member.user_id, &standing.try_into()?).await?;
            show(session.format, &member, |member| {
                let standing = standing_of(&member.roles, &member.groups, &member.attributes);
                format!("{} is changed: {standing}.", member.email)
            })
        }
        MemberCommand::Remove { member } => {
            let member = find_member(&org, &member).await?;
            org.members().remove(&member.user_id).await?;
            print(&format!("{} is no member any more.", member.email))
        }
    }
}

async fn list_members(session: &Session, org: &OrgScope) -> anyhow::Result<()> {
    let members = org.members().list().await?.items;
    show(session.format, &members, |members| {
        let rows = members.iter().map(|member| {
            let joined = member.created_at.map(human::time).unwrap_or_default();
            vec![
                member.email.clone(),
                member.name.clone(),
                member.roles.join(", "),
                member.groups.join(", "),
                joined,
                member.user_id.clone(),
            ]
        });
        columns(["E-MAIL", "NAME", "ROLES", "GROUPS", "SINCE", "ID"], rows)
    })?;
    if session.format != Format::Table {
        return Ok(());
    }
    // Not everybody who sees members may see invitations.
    let Ok(invitations) = org.invitations().list().await else {
        return Ok(());
    };
    let open = invitations.items.into_iter().filter(|one| one.accepted_at.is_none());
    let rows: Vec<_> = open
        .map(|one| {
            let expires = one.expires_at.map(human::time).unwrap_or_default();
            vec![one.email, one.roles.join(", "), expires]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    print(&format!("\n{}", columns(["INVITED", "ROLES", "EXPIRES"], rows)))
}

pub(super) async fn find_member(org: &OrgScope, wanted: &str) -> anyhow::Result<Member> {
    let members = org.members().list().await?.items;
    let found = members
        .into_iter()
        .find(|one| one.user_id == wanted || one.email.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| {
        Failure::failed(format!("`{wanted}` is not a member"))
            .hint("`plinth members` shows who is")
            .into()
    })
}

pub async fn invite(session: &Session, args: InviteArgs) -> anyhow::Result<()> {
    let org = session.org().await?;
    let invitation = org.invitations().create(&args.email, &args.roles).await?;
    show(session.format, &invitation, |invitation| {
        let roles = invitation.roles.join(", ");
        format!(
            "A mail with a link to join as {roles} is on its way to {}.",
            invitation.email
        )
    })
}

pub async fn service_account(session: &Session, command: ServiceAccountCommand) -> anyhow::Result<()> {
    let org = session.org().await?;
    let accounts = org.service_accounts();
    match command {
        ServiceAccountCommand::List => {
            let accounts = accounts.list().await?.items;
            show(session.format, &accounts, |accounts| account_table(accounts))
        }
        ServiceAccountCommand::Create {
            name,
            roles,
            groups,
            attributes,
        } => {
            let account = NewServiceAccount {
                name,
                roles,
                groups,
                attributes: record(attributes)?,
            };
            let account = accounts.create(&account).await?;
            show(session.format, &account, |account| {
                let name = &account.name;
                format!("Created service account `{name}`; `plinth token create {name}` makes its token.")
            })
        }
        ServiceAccountCommand::Update(UpdateArgs { account, standing }) => {
            let account = find_account(&org, &account).await?;
            let account = accounts.change(&account.id, &standing.try_into()?).await?;
            show(session.format, &account, |account| {
                let standing = standing_of(&account.roles, &account.groups, &account.attributes);
                format!("Service account `{}` is changed: {standing}.", account.name)
            })
        }
        ServiceAccountCommand::Delete { account } => {
            let account = find_account(&org, &account).await?;
            accounts.delete(&account.id).await?;
            print(&format!("Deleted service account `{}` and its tokens.", account.name))
        }
    }
}

fn account_table(accounts: &[ServiceAccount]) -> String {
    let rows = accounts.iter().map(|one| {
        let created = one.created_at.map(human::time).unwrap_or_default();
        let (roles, groups) = (one.roles.join(", "), one.groups.join(", "));
        vec![one.name.clone(), roles, groups, created, one.id.clone()]
    });
    columns(["NAME", "ROLES", "GROUPS", "CREATED", "ID"], rows)
}

/// `developer, in contractors, with team=data`.
fn standing_of(roles: &[String], groups: &[String], attributes: &Map<String, Value>) -> String {
    let mut parts = vec![roles.join(", ")];
    if !groups.is_empty() {
        parts.push(format!("in {}", groups.join(", ")));
    }
    let attributes = attributes.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    let attributes: Vec<String> = attributes.collect();
    if !attributes.is_empty() {
        parts.push(format!("with {}", attributes.join(", ")));
    }
    parts.join(", ")
}

pub async fn token(session: &Session, command: TokenCommand) -> anyhow::Result<()> {
    let org = session.org().await?;
    let accounts = org.service_accounts();
    match command {
        TokenCommand::Create {
            account,
            name,
            expires_in,
        } => {
            let account = find_account(&org, &account).await?;
            let token = NewToken {
                name,
                expires_in_secs: expires_in.map(|wait| wait.as_secs()),
            };
            let token = accounts.token_create(&account.id, &token).await?;
            show_token(session, &token)
        }
        TokenCommand::List { account } => {
            let account = find_account(&org, &account).await?;
            let tokens = accounts.token_list(&account.id).await?.items;
            show(session.format, &tokens, |tokens| token_table(tokens))
        }
        TokenCommand::Revoke { account, id } => {
            let account = find_account(&org, &account).await?;
            accounts.token_revoke(&account.id, &id).await?;
            print("The token does not work any more.")
        }
    }
}

pub async fn sql_access(session: &Session, command: SqlAccessCommand) -> anyhow::Result<()> {
    let org = session.org().await?;
    let accounts = org.service_accounts();
    match command {
        SqlAccessCommand::Create {
            account,
            name,
            expires_in,
        } => {
            let account = find_account(&org, &account).await?;
            let login = NewToken {
                name,
                expires_in_secs: expires_in.map(|wait| wait.as_secs()),
            };
            let login = accounts.sql_login_create(&account.id, &login).await?;
            if session.format == Format::Table {
                let until = login.expires_at.map(human::time).unwrap_or_default();
                remark(&format!("Keep this address, it is shown only now. It ends {until}."));
            }
            // As with a token: `psql "$(plinth sql-access create ..)"`.
            show(session.format, &login, |login| login.url().unwrap_or_default())
        }
        SqlAccessCommand::List { account } => {
            let account = find_account(&org, &account).await?;
            let logins = accounts.sql_login_list(&account.id).await?.items;
            show(session.format, &logins, |logins| login_table(logins))
        }
        SqlAccessCommand::Revoke { account, id } => {
            let account = find_account(&org, &account).await?;
            accounts.sql_login_revoke(&account.id, &id).await?;
            print("The login does not work any more.")
        }
    }
}

/// Only the token goes to standard output, so that `$(plinth token create ..)` is the token.
fn show_token(session: &Session, token: &Token) -> anyhow::Result<()> {
    if session.format == Format::Table {
        let until = token.expires_at.map(human::time).unwrap_or_default();
        remark(&format!("Keep this token, it is shown only now. It ends {until}."));
    }
    show(session.format, token, |token| token.token.clone().unwrap_or_default())
}

fn token_table(tokens: &[Token]) -> String {
    let rows = tokens.iter().map(|one| {
        let times = [one.created_at, one.expires_at, one.revoked_at];
        credential(&one.name, times, &one.id)
    });
    columns(["NAME", "CREATED", "EXPIRES", "REVOKED", "ID"], rows)
}

fn login_table(logins: &[SqlLogin]) -> String {
    let rows = logins.iter().map(|one| {
        let times = [one.created_at, one.expires_at, one.revoked_at];
        credential(&one.name, times, &one.id)
    });
    columns(["NAME", "CREATED", "EXPIRES", "REVOKED", "ID"], rows)
}

fn credential(name: &str, times: [Option<jiff::Timestamp>; 3], id: &str) -> Vec<String> {
    let mut row = vec![name.to_owned()];
    row.extend(times.map(|at| at.map_or("-".to_owned(), human::time)));
    row.push(id.to_owned());
    row
}

pub(super) async fn find_account(org: &OrgScope, wanted: &str) -> anyhow::Result<ServiceAccount> {
    let accounts = org.service_accounts().list().await?.items;
    let found = accounts.into_iter().find(|one| one.id == wanted || one.name == wanted);
    found.ok_or_else(|| {
        Failure::failed(format!("there is no service account `{wanted}`"))
            .hint("`plinth service-account list` shows them")
            .into()
    })
}
