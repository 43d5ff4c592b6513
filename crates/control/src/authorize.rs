//! Asked before it is offered: what the caller may do, to this and that, and why.

use plinth_model::Id;
use plinth_model::permission::Kind;
use plinth_model::resource::Properties;
use plinth_policy::{Explained, view};
use serde_json::Value;

use crate::access::Reach;
use crate::error::{ControlError, FieldError, Result};
use crate::product::TypeRules;
use crate::{Caller, Control, resource};

/// Most questions of one batch.
pub const MOST_QUESTIONS: usize = 100;

/// What an action would be done to.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Nothing in particular: whether there could be anything at all.
    Anything,
    /// A resource of the action's type, by name or id.
    Resource(String),
    /// A resource that does not exist yet.
    Draft {
        name: String,
        properties: Properties,
        spec: Value,
    },
}

#[derive(Debug, Clone)]
pub struct Question {
    /// Such as `pipelines:pause`.
    pub action: String,
    pub subject: Subject,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub allowed: bool,
    /// Whether that holds for everything that the action can be done to.
    pub everything: bool,
    /// In words.
    pub reason: String,
    /// The statements that decided, or might have; empty for those who may not see policies.
    pub statements: Vec<Explained>,
}

/// The answers, in the order of the questions. What the caller may not see is answered like what is not there.
///
/// # Errors
/// `validation_failed` for an action that does not exist, and for more than [`MOST_QUESTIONS`].
pub async fn authorize(control: &Control, caller: &Caller, questions: &[Question]) -> Result<Vec<Answer>> {
    if questions.len() > MOST_QUESTIONS {
        let message = format!("has more than {MOST_QUESTIONS} questions");
        return Err(ControlError::invalid_field("/questions", message));
    }
    let mut errors = Vec::new();
    for (at, question) in questions.iter().enumerate() {
        errors.extend(
            unknown(control, question)
                .map(|(field, message)| FieldError::new(format!("/questions/{at}/{field}"), message)),
        );
    }
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        answers.push(answer(control, caller, question).await?);
    }
    Ok(answers)
}

fn unknown(control: &Control, question: &Question) -> Option<(&'static str, String)> {
    let catalog = control.catalog();
    let Some(kind) = catalog.vocabulary.kind_of_action(&question.action) else {
        return Some(("action", format!("`{}` is not an action", question.action)));
    };
    if kind.is_resource || matches!(question.subject, Subject::Anything) {
        return None;
    }
    let message = "has no resource: leave `resource` and `draft` out";
    Some(("action", message.to_owned()))
}

async fn answer(control: &Control, caller: &Caller, Question { action, subject }: &Question) -> Result<Answer> {
    let reach = caller.reach_of(action);
    let (plural, _) = action.split_once(':').unwrap_or((action, ""));
    let kind = Kind::named(plural);
    let view = match subject {
        Subject::Anything if !matches!(kind, Kind::Resources(_)) => caller.view_of_all(kind),
        Subject::Anything => {
            let reason = match reach {
                Reach::Nothing => format!("no role or policy of yours grants `{action}`"),
                Reach::Depends => format!("`{action}` depends on what it is done to, or on the circumstances"),
                Reach::Everything => format!("you may do `{action}` to everything"),
            };
            return Ok(Answer {
                allowed: reach != Reach::Nothing,
                everything: reach == Reach::Everything,
                reason,
                statements: Vec::new(),
            });
        }
        Subject::Resource(key) => match resource::get(control, caller, plural, key).await {
            Ok(found) => view::resource(&found),
            Err(error) if matches!(error.code, crate::Code::NotFound | crate::Code::Forbidden) => {
                return Ok(Answer {
                    allowed: false,
                    everything: false,
                    reason: error.detail,
                    statements: Vec::new(),
                });
            }
            Err(error) => return Err(error),
        },
        Subject::Draft { name, properties, spec } => {
            let catalog = control.catalog();
            let rules = catalog.by_plural(plural)?;
            let draft = view::Draft {
                id: Id::generate(),
                type_name: &rules.declaration.name,
                name,
                org: caller.scope.org,
                properties,
                spec,
                created_by: &caller.scope.actor,
            };
            draft.view()
        }
    };
    Ok(decided(caller, action, reach, &view))
}

fn decided(caller: &Caller, action: &str, reach: Reach, view: &Value) -> Answer {
    let allowed = match reach {
        Reach::Nothing => false,
        Reach::Everything => true,
        Reach::Depends => caller.decide(action, view),
    };
    let reasons = caller
        .may(Kind::Policies, "view")
        .then(|| caller.explain(action, view))
        .flatten();
    let verb = if allowed { "let" } else { "do not let" };
    let (reason, statements) = match reasons {
        Some(reasons) => (reasons.summary, reasons.statements),
        None => (
            format!("your roles and the policies of the org {verb} you do `{action}`"),
            Vec::new(),
        ),
    };
    Answer {
        allowed,
        everything: reach == Reach::Everything,
        reason,
        statements,
    }
}

/// What the caller may do to a resource, of all that can be done to one that exists.
pub fn actions_on(caller: &Caller, rules: &TypeRules, found: &plinth_model::Resource) -> Vec<String> {
    let kind = Kind::Resources(&rules.declaration.plural);
    let verbs = rules.declaration.verbs.iter().map(|verb| verb.name.as_str());
    let all = kind
        .actions()
        .iter()
        .copied()
        .filter(|action| *action != "create")
        .chain(verbs);
    let mut made = None;
    let permitted = all.filter(|action| {
        caller.permits(kind, action, || {
            made.get_or_insert_with(|| view::resource(found)).clone()
        })
    });
    permitted.map(str::to_owned).collect()
}
