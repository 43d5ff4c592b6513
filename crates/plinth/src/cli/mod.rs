//! The client commands of `plinth`: what a customer and its CI do, over HTTP only.
//! Must not know the server's crates; what it shows, any other client can get.

mod access;
mod account;
mod apply;
mod bill;
mod check;
mod config;
mod delete;
mod describe;
mod diff;
mod events;
pub mod failure;
mod get;
mod human;
mod logs;
mod manifest;
mod metrics;
mod org;
pub mod output;
mod policy;
mod product;
mod progress;
mod session;
pub mod shorthand;
mod signals;
pub mod usage;
mod verb;
mod wait;
mod watch;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use self::{output::Format, session::Session};

// No doc comment: clap would take it for the text of the whole command line.
// What each client command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Address of the control plane [default: the profile's, else http://127.0.0.1:8080]
    #[arg(long, global = true, env = "PLINTH_URL", value_name = "URL")]
    pub url: Option<String>,
    /// Organization, by slug or id [default: the profile's]
    #[arg(long, global = true, env = "PLINTH_ORG", value_name = "ORG")]
    pub org: Option<String>,
    /// Which of the stored logins to use
    #[arg(long, global = true, env = "PLINTH_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// Token to use instead of a stored login; `-` reads it from standard input
    #[arg(
        long,
        global = true,
        env = "PLINTH_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub token: Option<String>,
    /// Plain output without colors
    #[arg(long, global = true)]
    pub no_color: bool,
    /// How to print
    #[arg(long, short, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: Format,
}

#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Log in with e-mail and password, or with a token for CI
    Login(account::LoginArgs),
    /// End the session and forget it
    Logout,
    /// Make an account and log in
    Signup(account::SignupArgs),
    /// Confirm your e-mail address with the link that was mailed to you
    Verify(account::VerifyArgs),
    /// Show who you are and what you may do
    Whoami,
    /// Organizations: list, create, change, choose
    #[command(subcommand)]
    Org(org::OrgCommand),
    /// List resources, or show one
    Get(get::GetArgs),
    /// Show all about one resource: spec, status, recent events, cost so far
    Describe(describe::DescribeArgs),
    /// Create or update resources from files, or load a product folder
    Apply(apply::ApplyArgs),
    /// Show what `apply` of a product folder would change
    Plan(product::PlanArgs),
    /// Delete a resource
    Delete(delete::DeleteArgs),
    /// Bring a deleted resource back
    Undelete(delete::UndeleteArgs),
    /// Do what the type declares under a name of its own, such as `pause`; `do` may be left out
    Do(verb::DoArgs),
    /// Follow resources live
    Watch(watch::WatchArgs),
    /// Show what changed in the organization, who did it and when
    Events(events::EventsArgs),
    /// Show what happened to one resource
    Logs(logs::LogsArgs),
    /// Show what a month costs, by meter and resource
    Bill(bill::BillArgs),
    /// Query a metric
    Metrics(metrics::MetricsArgs),
    /// Members: list, change roles, groups and attributes, remove
    #[command(visible_alias = "member")]
    Members(access::MembersArgs),
    /// Invite a person by e-mail
    Invite(access::InviteArgs),
    /// Service accounts for programs and CI
    #[command(subcommand, visible_alias = "sa")]
    ServiceAccount(access::ServiceAccountCommand),
    /// Tokens of service accounts
    #[command(subcommand)]
    Token(access::TokenCommand),
    /// Logins of service accounts to the database, for `psql` and reports
    #[command(subcommand)]
    SqlAccess(access::SqlAccessCommand),
    /// Policies in Cedar: list, apply, check, versions, revert
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Ask whether you, or somebody else, may do something, and why
    Authorize(policy::AuthorizeArgs),
    /// What was unusual about members and service accounts, and the risk that it comes to
    Signals(signals::SignalsArgs),
    /// Test that a resource works, such as a connection
    Check(check::ActionArgs),
    /// Show what can be found behind a resource, such as the tables of a connection
    Discover(check::ActionArgs),
    /// Print the completion script of a shell
    Completion { shell: Shell },
}

/// Runs a client command and prints its own errors. `binary` is the whole
/// command line, for the completion script.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 124 a wait ran out of time.
pub async fn run(command: ClientCommand, global: GlobalArgs, binary: clap::Command) -> anyhow::Result<ExitCode> {
    let paint = output::Paint::for_stderr(global.no_color);
    let done = match command {
        ClientCommand::Completion { shell } => complete(shell, binary),
        command => dispatch(command, &global).await,
    };
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if output::is_closed_pipe(&error) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            if !failure::is_answered(&error) {
                output::remark(failure::explain(&error, paint).trim_end());
            }
            Ok(ExitCode::from(failure::exit_code(&error)))
        }
    }
}

async fn dispatch(command: ClientCommand, global: &GlobalArgs) -> anyhow::Result<()> {
    let session = Session::open(global)?;
    match command {
        ClientCommand::Login(args) => account::log_in(&session, args).await,
        ClientCommand::Logout => account::log_out(&session).await,
        ClientCommand::Signup(args) => account::sign_up(&session, args).await,
        ClientCommand::Verify(args) => account::verify(&session, args).await,
        ClientCommand::Whoami => account::who_am_i(&session).await,
        ClientCommand::Org(command) => org::run(&session, command).await,
        ClientCommand::Get(args) => get::run(&session, args).await,
        ClientCommand::Describe(args) => describe::run(&session, args).await,
        ClientCommand::Apply(args) => Box::pin(apply::run(&session, args)).await,
        ClientCommand::Plan(args) => product::plan(&session, args).await,
        ClientCommand::Delete(args) => Box::pin(delete::delete(&session, args)).await,
        ClientCommand::Undelete(args) => delete::undelete(&session, args).await,
        ClientCommand::Do(args) => Box::pin(verb::run(&session, args)).await,
        ClientCommand::Watch(args) => Box::pin(watch::run(&session, args)).await,
        ClientCommand::Events(args) => events::run(&session, args).await,
        ClientCommand::Logs(args) => logs::run(&session, args).await,
        ClientCommand::Bill(args) => bill::run(&session, args).await,
        ClientCommand::Metrics(args) => metrics::run(&session, args).await,
        ClientCommand::Members(args) => access::members(&session, args).await,
        ClientCommand::Invite(args) => access::invite(&session, args).await,
        ClientCommand::ServiceAccount(command) => access::service_account(&session, command).await,
        ClientCommand::Token(command) => access::token(&session, command).await,
        ClientCommand::SqlAccess(command) => access::sql_access(&session, command).await,
        ClientCommand::Policy(command) => Box::pin(policy::run(&session, command)).await,
        ClientCommand::Authorize(args) => policy::authorize(&session, args).await,
        ClientCommand::Signals(args) => signals::run(&session, args).await,
        ClientCommand::Check(args) => check::run(&session, args, "check").await,
        ClientCommand::Discover(args) => check::run(&session, args, "discover").await,
        ClientCommand::Completion { .. } => Ok(()),
    }
}

fn complete(shell: Shell, mut binary: clap::Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut binary, "plinth", &mut script);
    output::print(String::from_utf8_lossy(&script).trim_end())
}

/// A product folder as the document that the server takes.
pub fn product_document(folder: &std::path::Path) -> anyhow::Result<serde_json::Value> {
    product::assemble(folder)
}
