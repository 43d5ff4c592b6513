//! `policy` and `authorize`: who may do what, and what a change of that would do.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use plinth_client::{
    event::Actor,
    org::OrgScope,
    policy::{
        Answer, Change, Finding, Impact, PastRequest, Policy, PolicyCheck, PolicyInput, PolicyVersion, Question,
        RefusedRequest,
    },
    resource::WriteOptions,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    access::{find_account, find_member},
    failure::Failure,
    human,
    output::{columns, print, remark, show},
    session::{Session, read_stdin},
};

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// The organization's policies
    List,
    /// Show what a policy says, in Cedar
    Get {
        /// Name or id
        policy: String,
    },
    /// Create a policy from a file in Cedar, or give it this wording
    Apply(ApplyArgs),
    /// Look at a draft and keep nothing
    Check {
        /// File in Cedar; `-` is standard input
        #[arg(long, short, value_name = "FILE|-")]
        file: PathBuf,
    },
    /// What a policy said before, newest first
    Versions {
        /// Name or id; the id of one that is deleted
        policy: String,
    },
    /// Give a policy the wording of a version again
    Revert {
        /// Name or id
        policy: String,
        /// Which version, as `plinth policy versions` counts them
        #[arg(value_name = "VERSION")]
        number: i64,
        /// Show what it would do, without doing it
        #[arg(long)]
        dry_run: bool,
    },
    /// What was refused to whom in the last 7 days, newest first
    Refusals {
        /// How many to show
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Delete a policy; its versions are kept
    Delete {
        /// Name or id
        policy: String,
        /// Show what it would do, without doing it
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// File in Cedar; `-` is standard input
    #[arg(long, short, value_name = "FILE|-")]
    file: PathBuf,
    /// Name of the policy [default: the file's name without its ending]
    #[arg(long)]
    name: Option<String>,
    /// What it is for [default: what it has]
    #[arg(long)]
    description: Option<String>,
    /// Show who would gain and who would lose what, without keeping it
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit code 1 when it is not allowed.")]
pub struct AuthorizeArgs {
    /// Such as `pipelines:pause`
    action: String,
    /// Resource of the action's type, by name or id
    resource: Option<String>,
    /// Ask about this member (e-mail address or id) or service account (name or id) in your place
    #[arg(long = "as", value_name = "PRINCIPAL")]
    principal: Option<String>,
    /// Suppose a request from this address
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    ip: Option<String>,
    /// Suppose a request from this country, as `DE` [default: what the server knows of the address]
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// Suppose a request of this risk, from 0 to 100
    #[arg(long, value_name = "N", value_parser = risk, allow_negative_numbers = true)]
    risk: Option<u8>,
    /// Suppose a request at this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<String>,
}

fn address(text: &str) -> Result<String, &'static str> {
    let address = text.parse::<IpAddr>().map(|_| text.to_owned());
    address.map_err(|_| "write an address, such as `203.0.113.7` or `2001:db8::7`")
}

fn risk(text: &str) -> Result<u8, &'static str> {
    let risk = text.parse().ok().filter(|risk| *risk <= 100);
    risk.ok_or("write a whole number from 0 to 100")
}

fn moment(text: &str) -> Result<String, &'static str> {
    let moment = text.parse::<Timestamp>().map(|_| text.to_owned());
    moment.map_err(|_| "write a moment, such as `2026-11-29T12:00:00Z`")
}

pub async fn run(session: &Session, command: PolicyCommand) -> anyhow::Result<()> {
    let org = session.org().await?;
    match command {
        PolicyCommand::List => list(session, &org).await,
        PolicyCommand::Get { policy } => {
            let policy = find(&org, &policy).await?;
            show(session.format, &policy, |policy| policy.text.clone())
        }
        PolicyCommand::Apply(args) => apply(session, &org, args).await,
        PolicyCommand::Check { file } => {
            let checked = org.policies().check(&read(&file)?).await?;
            show(session.format, &checked, told)
        }
        PolicyCommand::Versions { policy } => versions(session, &org, &policy).await,
        PolicyCommand::Revert {
            policy,
            number,
            dry_run,
        } => {
            let found = find(&org, &policy).await?;
            let options = seen(&found, dry_run);
            let reverted = org.policies().revert(&found.id, number, options).await?;
            let effect = if reverted.version == found.version {
                "says that already: nothing has changed"
            } else {
                "reverted"
            };
            show(session.format, &reverted, |policy| written(policy, effect))
        }
        PolicyCommand::Refusals { limit } => refusals(session, &org, limit).await,
        PolicyCommand::Delete { policy, dry_run } => delete(session, &org, &policy, dry_run).await,
    }
}

async fn list(session: &Session, org: &OrgScope) -> anyhow::Result<()> {
    let policies = org.policies().list().await?;
    show(session.format, &policies, |policies| {
        let rows = policies.iter().map(|policy| {
            let by = policy.updated_by.as_ref().map_or(String::new(), Actor::to_string);
            let at = policy.updated_at.map(human::time).unwrap_or_default();
            let Policy { name, version, .. } = policy;
            vec![name.clone(), version.to_string(), at, by, policy.description.clone()]
        });
        columns(["NAME", "VERSION", "CHANGED", "BY", "DESCRIPTION"], rows)
    })
}

async fn apply(session: &Session, org: &OrgScope, args: ApplyArgs) -> anyhow::Result<()> {
    let name = match (args.name, args.file.file_stem().and_then(|stem| stem.to_str())) {
        (Some(name), _) => name,
        (None, Some(stem)) if stem != "-" => stem.to_owned(),
        _ => {
            return Err(Failure::usage("the policy has no name")
                .hint("give `--name` with standard input")
                .into());
        }
    };
    let text = read(&args.file)?;
    let policies = org.policies();
    // What is wrong is said when it is sent, also to who may write policies and see none.
    if let Ok(checked) = policies.check(&text).await {
        let warn = |warning| remark(&format!("warning: {}", place(warning)));
        checked.warnings.iter().for_each(warn);
    }
    let known = policies.list().await?.into_iter().find(|policy| policy.name == name);
    let description = args.description.or_else(|| Some(known.as_ref()?.description.clone()));
    let input = PolicyInput {
        name,
        description: description.unwrap_or_default(),
        text,
    };
    let (policy, effect) = match known {
        Some(known) => {
            let policy = policies.replace(&known.id, &input, seen(&known, args.dry_run)).await?;
            let same = known.text == input.text && known.description == input.description;
            (policy, if same { "unchanged" } else { "configured" })
        }
        None => {
            let options = WriteOptions {
                dry_run: args.dry_run,
                if_version: None,
            };
            (policies.create(&input, options).await?, "created")
        }
    };
    show(session.format, &policy, |policy| written(policy, effect))
}

async fn versions(session: &Session, org: &OrgScope, policy: &str) -> anyhow::Result<()> {
    let id = match is_id(policy) {
        true => policy.to_owned(),
        false => find(org, policy).await?.id,
    };
    let versions = org.policies().versions(&id).await?.items;
    show(session.format, &versions, |versions| {
        let rows = versions.iter().map(|one| {
            let by = one.changed_by.as_ref().map_or(String::new(), Actor::to_string);
            let at = one.changed_at.map(human::time).unwrap_or_default();
            vec![one.version.to_string(), at, by, first_line(one)]
        });
        columns(["VERSION", "CHANGED", "BY", "SAYS"], rows)
    })
}

fn first_line(version: &PolicyVersion) -> String {
    let Some(text) = &version.text else {
        return "deleted".to_owned();
    };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line: String = lines.next().unwrap_or_default().chars().take(60).collect();
    if lines.next().is_some() { line + " .." } else { line }
}

async fn refusals(session: &Session, org: &OrgScope, limit: usize) -> anyhow::Result<()> {
    let refused: Vec<RefusedRequest> = org.refusals().take(limit).try_collect().await?;
    show(session.format, &refused, |refused| {
        let rows = refused.iter().map(|one| {
            let subject = one.subject.as_ref().map_or("-".to_owned(), |subject| {
                format!("{}/{}", subject.type_name, subject.name)
            });
            let (at, count) = (human::time(one.last_at), one.count.to_string());
            vec![at, one.actor.to_string(), one.action.clone(), subject, count]
        });
        columns(["LAST", "WHO", "ACTION", "WHAT", "TIMES"], rows)
    })
}

async fn delete(session: &Session, org: &OrgScope, policy: &str, dry_run: bool) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Foretold {
        impact: Impact,
    }
    let found = find(org, policy).await?;
    if dry_run {
        let impact = org.policies().deletion(&found.id).await?;
        let line = format!("policy/{} deleted (dry run)", found.name);
        return show(session.format, &Foretold { impact }, |foretold| {
            format!("{line}\n{}", lines(&foretold.impact))
        });
    }
    org.policies().delete(&found.id).await?;
    print(&format!("policy/{} deleted", found.name))
}

pub async fn authorize(session: &Session, args: AuthorizeArgs) -> anyhow::Result<()> {
    let org = session.org().await?;
    let principal = match &args.principal {
        Some(wanted) => Some(find_principal(&org, wanted).await?),
        None => None,
    };
    let text = |value: Option<String>| value.map(Value::from);
    let supposed = [
        ("ip", text(args.ip)),
        ("country", text(args.country)),
        ("risk", args.risk.map(Value::from)),
        ("time", text(args.at)),
    ];
    let context: Map<String, Value> = supposed
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let question = Question {
        action: args.action,
        resource: args.resource,
        context,
    };
    let mut answers = org.authorize(principal.as_deref(), &[question]).await?;
    let answer = answers
        .pop()
        .ok_or_else(|| Failure::failed("the server gave no answer"))?;
    show(session.format, &answer, verdict)?;
    match answer.allowed {
        true => Ok(()),
        false => Err(Failure::answered().into()),
    }
}

fn verdict(answer: &Answer) -> String {
    let verdict = if answer.allowed { "allowed" } else { "refused" };
    let mut lines = vec![format!("{verdict}: {}", answer.reason)];
    lines.extend(answer.requires.iter().map(|properties| {
        let each = properties
            .iter()
            .map(|(name, values)| format!("{name}={}", values.join("|")));
        format!("    takes {}", each.collect::<Vec<_>>().join(" "))
    }));
    lines.join("\n")
}

pub(super) async fn find_principal(org: &OrgScope, wanted: &str) -> anyhow::Result<String> {
    if is_id(wanted) {
        return Ok(wanted.to_owned());
    }
    if wanted.contains('@') {
        return Ok(find_member(org, wanted).await?.user_id);
    }
    Ok(find_account(org, wanted).await?.id)
}

/// An id has an underscore, a name has none; neither has an `@`.
fn is_id(text: &str) -> bool {
    text.contains('_') && !text.contains('@')
}

async fn find(org: &OrgScope, wanted: &str) -> anyhow::Result<Policy> {
    if is_id(wanted) {
        return Ok(org.policies().get(wanted).await?);
    }
    let found = org
        .policies()
        .list()
        .await?
        .into_iter()
        .find(|policy| policy.name == wanted);
    found.ok_or_else(|| {
        Failure::failed(format!("there is no policy `{wanted}`"))
            .hint("`plinth policy list` shows them")
            .into()
    })
}

/// Only if nobody was faster.
fn seen(policy: &Policy, dry_run: bool) -> WriteOptions {
    WriteOptions {
        dry_run,
        if_version: u64::try_from(policy.version).ok(),
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        return read_stdin();
    }
    std::fs::read_to_string(file)
        .map_err(|error| Failure::failed(format!("cannot read `{}`: {error}", file.display())).into())
}

fn told(checked: &PolicyCheck) -> String {
    if checked.warnings.is_empty() {
        return "It is valid.".to_owned();
    }
    let lines: Vec<String> = checked.warnings.iter().map(place).collect();
    format!("It is valid. Look at this again:\n{}", lines.join("\n"))
}

fn place(warning: &Finding) -> String {
    let Finding {
        line,
        column,
        message,
        hint,
    } = warning;
    let hint = hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("line {line}, column {column}: {message}{hint}")
}

fn written(policy: &Policy, effect: &str) -> String {
    match &policy.impact {
        None => format!("policy/{} {effect}", policy.name),
        Some(impact) => format!("policy/{} {effect} (dry run)\n{}", policy.name, lines(impact)),
    }
}

/// What a change would do, losses first.
fn lines(impact: &Impact) -> String {
    let mut lines: Vec<String> = impact.changes.iter().map(change).collect();
    let more = impact.changes_count.saturating_sub(impact.changes.len() as u64);
    if more > 0 {
        lines.push(format!("    and {more} more"));
    }
    if lines.is_empty() {
        lines.push("    nobody gains or loses anything".to_owned());
    }
    let requests = &impact.requests;
    lines.push(format!(
        "    of {} requests since {}, {} would be refused, {} would be allowed",
        requests.considered,
        human::time(requests.since),
        requests.would_be_refused,
        requests.would_be_allowed
    ));
    lines.extend(requests.examples.iter().map(past));
    if !impact.complete {
        lines.push("    there is more than was looked at: this is a part".to_owned());
    }
    lines.join("\n")
}

fn change(change: &Change) -> String {
    let sign = if change.change == "loses" { '-' } else { '+' };
    let mut names: Vec<&str> = change.examples.iter().map(|example| example.name.as_str()).collect();
    if !names.is_empty() && change.count > names.len() as u64 {
        names.push("..");
    }
    let of = match (names.is_empty(), change.count) {
        (true, 0) => ": of nothing that there is now".to_owned(),
        (true, _) => String::new(),
        (false, count) => format!(": {count} ({})", names.join(", ")),
    };
    format!(
        "    {sign} {} {} {}{of}",
        change.principal, change.change, change.action
    )
}

fn past(request: &PastRequest) -> String {
    let subject = request
        .subject
        .as_ref()
        .map(|subject| format!(" {}", subject.name))
        .unwrap_or_default();
    format!(
        "      {} {} {}{subject}: {} then, {} now",
        human::time(request.time),
        request.actor,
        request.action,
        request.then,
        request.now
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn impact(complete: bool) -> Impact {
        let dora = json!({"type": "user", "id": "user_1", "name": "Dora"});
        let orders = json!({"type": "pipeline", "id": "pipeline_1", "name": "orders"});
        let change = |change, action, count, examples| json!({"principal": dora, "change": change, "action": action, "count": count, "examples": examples});
        serde_json::from_value(json!({
            "principals": {"gain": 1, "lose": 1},
            "changes": [
                change("loses", "pipelines:delete", 12, json!([orders])),
                change("gains", "bill:view", 1, json!([])),
                change("gains", "pipelines:pause", 0, json!([])),
            ],
            "changes_count": 5,
            "requests": {"since": "2026-11-21T00:00:00Z", "considered": 40, "would_be_refused": 1, "would_be_allowed": 0,
                "examples": [{"time": "2026-11-22T00:00:00Z", "actor": dora, "action": "pipelines:delete", "subject": orders,
                    "then": "allowed", "now": "refused"}]},
            "complete": complete,
        }))
        .unwrap()
    }

    #[test]
    fn what_a_change_would_do_is_told_line_by_line() {
        insta::assert_snapshot!(lines(&impact(false)));
    }

    #[test]
    fn a_change_that_does_nothing_says_so() {
        let mut none = impact(true);
        (none.changes, none.changes_count) = (Vec::new(), 0);
        none.requests.examples = Vec::new();
        let told = lines(&none);
        assert!(
            told.starts_with("    nobody gains or loses anything\n    of 40 requests"),
            "{told}"
        );
        assert!(!told.contains("a part"), "{told}");
    }

    #[test]
    fn a_verdict_tells_what_a_draft_needs() {
        let answer = json!({"allowed": true, "reason": "it depends", "requires": [
            {"environment": ["development", "staging"]}, {"environment": ["production"], "team": ["data"]},
        ]});
        let told = verdict(&serde_json::from_value(answer).unwrap());
        assert_eq!(
            told,
            "allowed: it depends\n    takes environment=development|staging\n    takes environment=production team=data"
        );
    }

    #[test]
    fn a_version_is_told_by_its_first_line() {
        let version = |text: Option<&str>| {
            let version = json!({"version": 1, "name": "n", "text": text});
            first_line(&serde_json::from_value(version).unwrap())
        };
        assert_eq!(version(None), "deleted");
        assert_eq!(
            version(Some("\npermit (principal, action, resource);\n")),
            "permit (principal, action, resource);"
        );
        assert_eq!(
            version(Some("permit (\n  principal, action, resource);")),
            "permit ( .."
        );
    }
}
