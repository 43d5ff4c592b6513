//! `login`, `logout`, `signup`, `whoami`.

use std::io::IsTerminal;

use clap::Args;
use dialoguer::{Input, Password};
use plinth_client::account::{Me, Session as Login};
use serde::Serialize;

use super::{
    failure::Failure,
    output::{columns, print, show},
    session::{Session, read_stdin},
};

#[derive(Debug, Args)]
pub struct LoginArgs {
    /// E-mail address; asked for when it is left out
    #[arg(long)]
    email: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub struct SignupArgs {
    /// E-mail address; asked for when it is left out
    #[arg(long)]
    email: Option<String>,
    /// Your name; asked for when it is left out
    #[arg(long)]
    name: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The link, or the token in it
    #[arg(required_unless_present = "resend")]
    link: Option<String>,
    /// Send the mail once more
    #[arg(long, conflicts_with = "link")]
    resend: bool,
}

pub async fn verify(session: &Session, args: VerifyArgs) -> anyhow::Result<()> {
    let Some(link) = args.link else {
        session.client()?.account().resend_confirmation().await?;
        return print("A mail with a new link is on its way.");
    };
    let token = link.rsplit("token=").next().unwrap_or_default();
    session.anonymous()?.account().confirm_email(token).await?;
    print("Your e-mail address is confirmed.")
}

pub async fn log_in(session: &Session, args: LoginArgs) -> anyhow::Result<()> {
    let by_token = args.email.is_none() && !args.password_stdin;
    let token = match session.given_token.clone().filter(|_| by_token) {
        Some(token) => token,
        None => {
            let email = ask("E-mail", args.email)?;
            let password = ask_password(args.password_stdin, false)?;
            let client = session.anonymous()?;
            token_of(client.account().log_in(&email, &password).await?)?
        }
    };
    remember(session, token).await
}

pub async fn sign_up(session: &Session, args: SignupArgs) -> anyhow::Result<()> {
    let email = ask("E-mail", args.email)?;
    let name = ask("Name", args.name)?;
    let password = ask_password(args.password_stdin, true)?;
    let client = session.anonymous()?;
    let login = client.account().sign_up(&email, &name, &password).await?;
    remember(session, token_of(login)?).await?;
    print("A mail with a link to confirm your address is on its way; `plinth verify <link>` takes it too.")
}

pub async fn log_out(session: &Session) -> anyhow::Result<()> {
    let stored = session.profile().and_then(|profile| profile.token.clone());
    let Some(token) = stored else {
        return print("You were not logged in.");
    };
    // Only a session ends here: a service account's token may serve others.
    if token.starts_with("plinth_ses_") {
        let profile_url = session.profile().map(|profile| profile.url.clone());
        let url = profile_url.unwrap_or_else(|| session.url.clone());
        let client = plinth_client::Client::builder(url).token(&token).build()?;
        match client.account().log_out().await {
            Err(error) if error.code() != Some("unauthenticated") => return Err(error.into()),
            _ => {}
        }
    }
    session.store(|profile| profile.token = None)?;
    print("Logged out.")
}

/// Stores a token that works, and the org when there is only one.
async fn remember(session: &Session, token: String) -> anyhow::Result<()> {
    let client = plinth_client::Client::builder(&session.url).token(&token).build()?;
    let me = client.account().me().await?;
    session.store(|profile| {
        let same_server = profile.url == session.url;
        let old = profile
            .org
            .take()
            .filter(|org| same_server && me.orgs.iter().any(|mine| &mine.slug == org || &mine.id == org));
        let only = match me.orgs.as_slice() {
            [only] => Some(only.slug.clone()),
            _ => None,
        };
        profile.org = old.or(only);
        profile.url.clone_from(&session.url);
        profile.token = Some(token);
    })?;
    print(&format!("Logged in to {} as {}.", session.url, name_of(&me)))
}

fn token_of(login: Login) -> anyhow::Result<String> {
    let token = login.token;
    token.ok_or_else(|| Failure::failed("the server gave no token").into())
}

fn name_of(me: &Me) -> String {
    let user = me.user.as_ref().map(|user| user.email.clone());
    let account = me.service_account.as_ref();
    user.or_else(|| account.map(|account| format!("service account `{}`", account.name)))
        .unwrap_or_else(|| "nobody".to_owned())
}

pub async fn who_am_i(session: &Session) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Who {
        url: String,
        #[serde(flatten)]
        me: Me,
    }
    let who = Who {
        url: session.url.clone(),
        me: session.client()?.account().me().await?,
    };
    let current = session.profile().and_then(|profile| profile.org.clone());
    show(session.format, &who, |who| {
        let rows = who.me.orgs.iter().map(|org| {
            let mark = if current.as_ref() == Some(&org.slug) { "*" } else { "" };
            let cells = [mark, &org.slug, &org.name, &org.roles.join(", ")];
            cells.map(str::to_owned).to_vec()
        });
        let orgs = match who.me.orgs.is_empty() {
            true => "You belong to no organization yet: `plinth org create <slug>`.".to_owned(),
            false => columns(["", "ORG", "NAME", "ROLES"], rows),
        };
        format!("{} at {}\n\n{orgs}", name_of(&who.me), who.url)
    })
}

fn ask(what: &str, given: Option<String>) -> anyhow::Result<String> {
    match given {
        Some(given) => Ok(given),
        None if std::io::stdin().is_terminal() => Ok(Input::new().with_prompt(what).interact_text()?),
        None => {
            let flag = what.to_lowercase().replace("e-mail", "email");
            let hint = format!("give `--{flag}`, or `--token` with a token for CI");
            Err(
                Failure::usage(format!("{what} is missing, and there is no terminal to ask on"))
                    .hint(hint)
                    .into(),
            )
        }
    }
}

fn ask_password(from_stdin: bool, twice: bool) -> anyhow::Result<String> {
    if from_stdin {
        return read_stdin();
    }
    if !std::io::stdin().is_terminal() {
        return Err(
            Failure::usage("the password is missing, and there is no terminal to ask on")
                .hint("pipe it in with `--password-stdin`")
                .into(),
        );
    }
    let mut prompt = Password::new().with_prompt("Password");
    if twice {
        prompt = prompt.with_confirmation("Once more", "these were not the same");
    }
    Ok(prompt.interact()?)
}
