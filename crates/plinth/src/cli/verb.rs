//! `do`: a change that the type declares under a name of its own, such as `pause`.
//! Must not know a single verb.

use std::time::Duration;

use clap::Args;
use plinth_client::{product::ResourceType, resource::WriteOptions};

use super::{
    failure::Failure,
    output::show,
    session::Session,
    wait::{self, Goal, parse_duration},
};

#[derive(Debug, Args)]
#[command(after_help = "The word `do` may be left out: `plinth pause pipelines orders`.")]
pub struct DoArgs {
    /// Verb of the type, such as `pause`
    verb: String,
    /// Type of resource, such as `pipelines`
    plural: String,
    /// Name or id
    name: String,
    /// Check whether it could be done, without doing it
    #[arg(long)]
    dry_run: bool,
    /// Wait until the resource has settled, or until it has this state
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true)]
    wait: Option<Option<String>>,
    /// How long to wait at most
    #[arg(long, default_value = "10m", value_parser = parse_duration)]
    timeout: Duration,
}

pub async fn run(session: &Session, args: DoArgs) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let verb = verb_of(&kind, &args.verb)?;
    let wait = args.wait.as_ref().filter(|_| !args.dry_run);
    let goal = wait.map(|word| Goal::of_wait(&kind, word.as_deref())).transpose()?;
    let org = session.org().await?;
    let options = WriteOptions {
        dry_run: args.dry_run,
        if_version: None,
    };
    let resource = org.resources(&kind.plural).carry_out(&args.name, verb, options).await?;
    show(session.format, &resource, |resource| {
        let note = if args.dry_run { " (dry run)" } else { "" };
        format!("{}/{}: {verb} done{note}", kind.name, resource.name)
    })?;
    match goal {
        Some(goal) => wait::until(session, &org, &kind, &resource.id, &goal, args.timeout).await,
        None => Ok(()),
    }
}

fn verb_of<'a>(kind: &ResourceType, word: &'a str) -> Result<&'a str, Failure> {
    let names: Vec<_> = kind.verbs.iter().map(|verb| verb.name.as_str()).collect();
    if names.contains(&word) {
        return Ok(word);
    }
    let plural = &kind.plural;
    let hint = match names.as_slice() {
        [] => format!("{plural} have no verbs; `plinth --help` lists the commands"),
        names => format!(
            "verbs of {plural}: {}; `plinth --help` lists the commands",
            names.join(", ")
        ),
    };
    Err(Failure::usage(format!("`{word}` is not a verb of {plural}")).hint(hint))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::{failure::explain, output::Paint};

    fn refused(verbs: serde_json::Value) -> String {
        let kind = json!({"name": "pipeline", "plural": "pipelines", "verbs": verbs});
        let kind = serde_json::from_value(kind).expect("a type");
        let failure = verb_of(&kind, "stop").expect_err("no such verb");
        explain(&failure.into(), Paint::PLAIN)
    }

    #[test]
    fn an_unknown_verb_is_told_with_those_that_there_are() {
        insta::assert_snapshot!(refused(json!([{"name": "pause", "title": "Pause"}, {"name": "resume", "title": "Resume"}])), @r"
        error: `stop` is not a verb of pipelines
        hint: verbs of pipelines: pause, resume; `plinth --help` lists the commands
        ");
        insta::assert_snapshot!(refused(json!([])), @r"
        error: `stop` is not a verb of pipelines
        hint: pipelines have no verbs; `plinth --help` lists the commands
        ");
    }
}
