//! Errors for people: what is wrong, where, and what to do about it; and the exit code.
//! Must not know which command failed.

use std::fmt::{self, Write as _};

use plinth_client::{Error, Problem};
use serde_json::Value;

use super::output::Paint;

/// A failure of the command line itself: what, what to do, and the exit code.
#[derive(Debug)]
pub struct Failure {
    message: String,
    hint: Option<String>,
    code: u8,
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Failure {
    /// What was asked for was not reached.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            code: 1,
        }
    }

    /// The answer has been shown, and is no.
    pub fn answered() -> Self {
        Self::failed("")
    }

    /// The command was called in a way that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            ..Self::failed(message)
        }
    }

    /// A wait ended before what it waited for.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self {
            code: 124,
            ..Self::failed(message)
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Whether all that there is to say has been said.
pub fn is_answered(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Failure>()
        .is_some_and(|failure| failure.message.is_empty())
}

pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<Failure>().map_or(1, |failure| failure.code)
}

/// The whole text of an error, ready to print.
pub fn explain(error: &anyhow::Error, paint: Paint) -> String {
    let problem = error.downcast_ref::<Error>().and_then(Error::problem);
    let mut text = format!("{} {error}", paint.red("error:"));
    if let Some(problem) = problem {
        let _ = write!(text, " ({})", problem.code);
        explain_problem(&mut text, problem);
    } else if let Some(cause) = error.chain().skip(1).last() {
        // What lies between is how the libraries call each other.
        let _ = write!(text, "\n  because: {cause}");
    }
    if let Some(hint) = hint(error) {
        let _ = write!(text, "\n{} {hint}", paint.dim("hint:"));
    }
    text.push('\n');
    text
}

fn explain_problem(text: &mut String, problem: &Problem) {
    let errors = match problem.errors.as_slice() {
        // The sentence has said it.
        [only] if problem.detail.contains(&only.message) => &[],
        errors => errors,
    };
    for error in errors {
        let pointer = match error.pointer.as_str() {
            "" => "/",
            pointer => pointer,
        };
        let _ = match (error.line, error.column) {
            (Some(line), Some(column)) => write!(text, "\n  {pointer} at {line}:{column}: {}", error.message),
            _ => write!(text, "\n  {pointer}: {}", error.message),
        };
        let _ = error.hint.iter().try_for_each(|hint| write!(text, "; {hint}"));
    }
    if let Some(Value::Array(offenders)) = problem.members.get("offenders") {
        for offender in offenders {
            let _ = write!(text, "\n  in the way: {}", offender_line(offender));
        }
    }
    if problem.status >= 500
        && let Some(id) = &problem.request_id
    {
        let _ = write!(text, "\n  request: {id}");
    }
}

/// `pipeline/orders in org acme (org_...): what is wrong`.
pub fn offender_line(offender: &Value) -> String {
    let part = |name: &str| offender.get(name).and_then(Value::as_str);
    let mut line = match (part("type"), part("name").or(part("id"))) {
        (Some(kind), Some(name)) => format!("{kind}/{name}"),
        (None, Some(name)) => name.to_owned(),
        _ => return offender.to_string(),
    };
    let _ = match (part("org_slug"), part("org")) {
        (Some(slug), Some(id)) => write!(line, " in org {slug} ({id})"),
        (Some(org), None) | (None, Some(org)) => write!(line, " in org {org}"),
        (None, None) => Ok(()),
    };
    let errors = offender.get("errors").and_then(Value::as_array);
    for error in errors.into_iter().flatten() {
        let told = match error.get("message").and_then(Value::as_str) {
            Some(message) => {
                let pointer = error.get("pointer").and_then(Value::as_str);
                format!("{} {message}", pointer.unwrap_or_default())
            }
            None => error.as_str().map_or_else(|| error.to_string(), str::to_owned),
        };
        let _ = write!(line, "; {}", told.trim());
    }
    line
}

fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.hint.clone();
    }
    match error.downcast_ref::<Error>()? {
        Error::Problem(problem) => hint_for(problem),
        Error::Connect { .. } if root_cause(error).contains("InvalidContentType") => {
            Some("the server speaks plain HTTP there: begin the address with `http://`".to_owned())
        }
        Error::Connect { .. } => {
            Some("is the server running? `plinth dev` starts one here; `--url` or PLINTH_URL names another".to_owned())
        }
        Error::Timeout { .. } => Some("the server is slow or stuck: try again in a moment".to_owned()),
        Error::Decode { .. } => Some("does the address belong to a Plinth server of about this version?".to_owned()),
        _ => None,
    }
}

fn root_cause(error: &anyhow::Error) -> String {
    error.root_cause().to_string()
}

fn hint_for(problem: &Problem) -> Option<String> {
    let hint = match problem.code.as_str() {
        "unauthenticated" => "log in with `plinth login`, or set PLINTH_TOKEN to a valid token",
        "forbidden" => {
            let permission = problem.members.get("permission").and_then(Value::as_str);
            return Some(match permission {
                Some(permission) => format!(
                    "your roles do not allow `{permission}`; `plinth whoami` shows them, an owner or admin can change them"
                ),
                None => "`plinth whoami` shows your roles, an owner or admin can change them".to_owned(),
            });
        }
        "email_not_verified" => {
            "open the link in the mail, or give it to `plinth verify`; `plinth verify --resend` sends another"
        }
        "not_found" => hint_for_missing(&problem.detail),
        "version_mismatch" => "somebody changed it meanwhile: look again, then repeat",
        "conflict" if problem.members.contains_key("offenders") => "change or delete these first, then repeat",
        "quota_exceeded" => "delete what is not needed, or ask for a larger plan",
        "rate_limited" | "locked_out" => {
            let wait = problem.retry_after?.as_secs();
            return Some(format!("wait {wait} s, then repeat"));
        }
        "internal" => "this is a defect of the server: report it with the request id",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Where to look for what is there instead. The detail ends in what was asked for.
fn hint_for_missing(detail: &str) -> &'static str {
    match detail.rsplit(' ').next().unwrap_or_default() {
        "version" => "`plinth policy versions <policy>` shows which there are",
        "policy" => "`plinth policy list` shows which there are",
        "principal" => "`plinth members` and `plinth service-account list` show whom you may name",
        "member" => "`plinth members` shows who is",
        "account" => "`plinth service-account list` shows which there are",
        "token" => "`plinth token list <account>` shows which there are",
        _ => "`plinth org list` shows your organizations, `plinth get <type>` what is in one",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(value: Value) -> anyhow::Error {
        let problem: Problem = serde_json::from_value(value).expect("a problem");
        Error::from(Box::new(problem)).into()
    }

    #[test]
    fn a_wrong_field_is_shown_with_its_place() {
        let error = problem(serde_json::json!({
            "code": "validation_failed", "status": 422, "detail": "`pipeline` is not valid",
            "errors": [{"pointer": "/spec/mode", "message": "is not one of `snapshot`, `incremental`"}],
        }));
        insta::assert_snapshot!(explain(&error, Paint::PLAIN), @r"
        error: `pipeline` is not valid (validation_failed)
          /spec/mode: is not one of `snapshot`, `incremental`
        ");
        assert_eq!(exit_code(&error), 1);
    }

    #[test]
    fn what_the_sentence_says_is_not_said_again() {
        let error = problem(serde_json::json!({
            "code": "conflict", "status": 409, "detail": "the slug `acme` is taken: choose another one",
            "errors": [{"pointer": "/slug", "message": "is taken"}],
        }));
        insta::assert_snapshot!(explain(&error, Paint::PLAIN), @"error: the slug `acme` is taken: choose another one (conflict)");
    }

    #[test]
    fn what_is_in_the_way_is_listed() {
        let error = problem(serde_json::json!({
            "code": "conflict", "status": 409, "detail": "`connection/shop` is in use",
            "offenders": [{"type": "pipeline", "name": "orders", "org": "org_1", "org_slug": "acme",
                "errors": [{"pointer": "/source", "message": "refers to it"}]}],
        }));
        insta::assert_snapshot!(explain(&error, Paint::PLAIN), @r"
        error: `connection/shop` is in use (conflict)
          in the way: pipeline/orders in org acme (org_1); /source refers to it
        hint: change or delete these first, then repeat
        ");
    }

    #[test]
    fn a_missing_permission_is_named() {
        let error = problem(serde_json::json!({
            "code": "forbidden", "status": 403, "detail": "you may not do that",
            "permission": "pipelines:delete",
        }));
        let text = explain(&error, Paint::PLAIN);
        assert!(text.contains("do not allow `pipelines:delete`"), "{text}");
    }

    #[test]
    fn a_finding_is_shown_with_its_place_and_what_to_do() {
        let finding = |line: u32| {
            serde_json::json!({
                "pointer": "/text", "line": line, "column": 8, "message": "is not an action", "hint": "did you mean `view`?",
            })
        };
        let error = problem(serde_json::json!({
            "code": "validation_failed", "status": 422, "detail": "2 fields are not valid",
            "errors": [finding(1), finding(3)],
        }));
        insta::assert_snapshot!(explain(&error, Paint::PLAIN), @r"
        error: 2 fields are not valid (validation_failed)
          /text at 1:8: is not an action; did you mean `view`?
          /text at 3:8: is not an action; did you mean `view`?
        ");
    }

    #[test]
    fn what_is_missing_is_looked_for_where_it_would_be() {
        for (detail, command) in [
            ("there is no such version", "plinth policy versions"),
            ("there is no such policy", "plinth policy list"),
            ("there is no such org", "plinth org list"),
        ] {
            let error = problem(serde_json::json!({"code": "not_found", "status": 404, "detail": detail}));
            let text = explain(&error, Paint::PLAIN);
            assert!(text.contains(command), "{text}");
        }
    }

    #[test]
    fn wrong_usage_has_its_own_exit_code() {
        let error = Failure::usage("no file is given").hint("name one with `-f`");
        let error = anyhow::Error::from(error);
        assert_eq!(exit_code(&error), 2);
        insta::assert_snapshot!(explain(&error, Paint::PLAIN), @r"
        error: no file is given
        hint: name one with `-f`
        ");
    }
}
