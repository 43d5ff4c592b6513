//! Asked before it is offered: what the caller may do, to this and that, and why.

use plinth_model::permission::Kind;
use plinth_model::resource::{Properties, check_properties};
use plinth_model::{Id, Name};
pub use plinth_policy::view::Authentication;
use plinth_policy::{Demand, Explained, view};
use serde_json::Value;

use crate::access::Reach;
use crate::caller::{UNSEEN, seeing, who_helps};
pub use crate::circumstance::Supposed;
use crate::error::{ControlError, FieldError, Result};
use crate::product::TypeRules;
use crate::resource::NewOwner;
use crate::{Caller, Control, principal, resource};

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
        /// The asker, or the one who is asked about, when nothing is said.
        owner: NewOwner,
        spec: Value,
    },
    /// A resource that exists, as it would become.
    Change { resource: String, change: Change },
}

/// What would differ of a resource; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    /// Takes the place of all properties.
    pub properties: Option<Properties>,
    pub owner: NewOwner,
    /// Takes the place of the whole desired state.
    pub spec: Option<Value>,
}

#[derive(Debug, Clone)]
pub struct Question {
    /// Such as `pipelines:pause`.
    pub action: String,
    pub subject: Subject,
    /// The real circumstances when it is `None`; those of somebody else are not known, and [`Supposed`] says what counts
    /// instead.
    pub context: Option<Supposed>,
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
    /// Of a creation, a draft or a change: which of these demands one has to be met. Empty when there is none.
    pub requires: Vec<Demand>,
}

/// Whom the questions are about.
struct Asked<'a> {
    /// Who wants to know: what they may not see is not told.
    asker: &'a Caller,
    /// The asker too, unless a principal or circumstances are supposed.
    who: &'a Caller,
    supposes: bool,
    /// `your` or `their`.
    whose: &'static str,
}

/// The answers, in the order of the questions; as if the principal asked, when one is given by its id. What the caller may
/// not see is answered like what is not there.
///
/// # Errors
/// `validation_failed` for an action that does not exist, and for more than [`MOST_QUESTIONS`]. For a principal, and for
/// circumstances that are supposed: `forbidden` without the right to see policies, and errors as `principal::find`.
pub async fn authorize(
    control: &Control,
    caller: &Caller,
    principal: Option<&str>,
    questions: &[Question],
) -> Result<Vec<Answer>> {
    if questions.len() > MOST_QUESTIONS {
        let message = format!("has more than {MOST_QUESTIONS} questions");
        return Err(ControlError::invalid_field("/questions", message));
    }
    let mut errors = Vec::new();
    for (at, question) in questions.iter().enumerate() {
        errors.extend(
            unknown(control, question)
                .or_else(|| unwritable(question))
                .map(|(field, message)| FieldError::new(format!("/questions/{at}/{field}"), message)),
        );
    }
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    if principal.is_some() || questions.iter().any(|question| question.context.is_some()) {
        caller.require(Kind::Policies, "view")?;
    }
    let somebody = match principal {
        Some(id) => {
            let found = principal::find(control, caller, id).await?;
            Some(caller.talk_about(&found, caller.access(), Supposed::default().view(&caller.zone)))
        }
        None => None,
    };
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        let who = somebody.as_ref().unwrap_or(caller);
        let supposing = question.context.clone().map(|context| {
            let context = context.located(control).view(&caller.zone);
            who.supposing(context)
        });
        let asked = Asked {
            asker: caller,
            who: supposing.as_ref().unwrap_or(who),
            supposes: somebody.is_some() || supposing.is_some(),
            whose: if somebody.is_some() { "their" } else { "your" },
        };
        answers.push(answer(control, &asked, question).await?);
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

/// What no resource can be, whatever policies say.
fn unwritable(question: &Question) -> Option<(&'static str, String)> {
    let (name, properties) = match &question.subject {
        Subject::Draft { name, properties, .. } => (Some(name), Some(properties)),
        Subject::Change { change, .. } => (change.name.as_ref(), change.properties.as_ref()),
        Subject::Anything | Subject::Resource(_) => return None,
    };
    // A form asks before the name is typed.
    if let Some(Err(error)) = name.filter(|name| !name.is_empty()).map(|name| name.parse::<Name>()) {
        return Some(("draft/name", error.to_string()));
    }
    let error = check_properties(properties?).err()?;
    Some(("draft/properties", error.to_string()))
}

async fn answer(control: &Control, asked: &Asked<'_>, question: &Question) -> Result<Answer> {
    let Question { action, subject, .. } = question;
    let (plural, _) = action.split_once(':').unwrap_or((action, ""));
    let kind = Kind::named(plural);
    match subject {
        Subject::Anything if !matches!(kind, Kind::Resources(_)) => {
            Ok(decided(asked, action, &asked.who.view_of_all(kind)))
        }
        Subject::Anything => Ok(Answer {
            requires: in_advance(control, asked, action, plural)?,
            ..in_general(asked, action)
        }),
        Subject::Draft {
            name,
            properties,
            owner,
            spec,
        } => {
            let draft = Parts {
                name,
                properties,
                owner,
                spec,
            };
            let view = drafted(control, asked, plural, draft)?;
            Ok(Answer {
                requires: asked.who.demands(action, &view, asked.asker),
                ..written(asked, action, &view)
            })
        }
        Subject::Resource(key) => about(control, asked, action, (plural, key), None).await,
        Subject::Change { resource, change } => about(control, asked, action, (plural, resource), Some(change)).await,
    }
}

/// What a draft is made of.
struct Parts<'a> {
    name: &'a str,
    properties: &'a Properties,
    owner: &'a NewOwner,
    spec: &'a Value,
}

fn drafted(control: &Control, asked: &Asked<'_>, plural: &str, parts: Parts<'_>) -> Result<Value> {
    let catalog = control.catalog();
    let draft = view::Draft {
        id: Id::generate(),
        type_name: &catalog.by_plural(plural)?.declaration.name,
        name: parts.name,
        org: asked.who.scope.org,
        properties: parts.properties,
        spec: parts.spec,
        created_by: &asked.who.scope.actor,
        owner: parts.owner.or(asked.who.scope.actor.as_owner()),
    };
    Ok(draft.view())
}

/// What is demanded before anything is known of what is to be created.
fn in_advance(control: &Control, asked: &Asked<'_>, action: &str, plural: &str) -> Result<Vec<Demand>> {
    if !action.ends_with(":create") {
        return Ok(Vec::new());
    }
    let nothing = Parts {
        name: "",
        properties: &Properties::new(),
        owner: &NewOwner::Unsaid,
        spec: &Value::Null,
    };
    let view = drafted(control, asked, plural, nothing)?;
    Ok(asked.who.demands(action, &view, asked.asker))
}

/// A change is judged as the resource is and as it becomes.
async fn about(
    control: &Control,
    asked: &Asked<'_>,
    action: &str,
    (plural, key): (&str, &str),
    change: Option<&Change>,
) -> Result<Answer> {
    let found = match resource::get(control, asked.asker, plural, key).await {
        Ok(found) => found,
        Err(error) if matches!(error.code, crate::Code::NotFound | crate::Code::Forbidden) => {
            return Ok(refused(error.detail));
        }
        Err(error) => return Err(error),
    };
    let view = view::resource(&found);
    let is_hidden = || !asked.who.permits(Kind::named(plural), "view", || view.clone());
    if asked.supposes && is_hidden() {
        // What somebody may not see is not there for them.
        return Ok(decided(asked, &format!("{plural}:view"), &view));
    }
    let as_it_is = decided(asked, action, &view);
    let Some(change) = change else {
        return Ok(as_it_is);
    };
    // Whatever it becomes, it may not be changed as it is.
    if !as_it_is.allowed {
        return Ok(as_it_is);
    }
    Ok(Answer {
        requires: asked.who.demands(action, &view, asked.asker),
        ..written(asked, action, &view::resource(&changed(found, change)))
    })
}

fn changed(found: plinth_model::Resource, change: &Change) -> plinth_model::Resource {
    plinth_model::Resource {
        name: change.name.clone().unwrap_or(found.name),
        properties: change.properties.clone().unwrap_or(found.properties),
        owner: change.owner.or(found.owner.as_deref()).map(str::to_owned),
        spec: change.spec.clone().unwrap_or(found.spec),
        ..found
    }
}

fn refused(reason: String) -> Answer {
    Answer {
        allowed: false,
        everything: false,
        reason,
        statements: Vec::new(),
        requires: Vec::new(),
    }
}

fn in_general(asked: &Asked<'_>, action: &str) -> Answer {
    let seeing = seeing(action);
    // What nobody sees is not written, either.
    let (action, reach) = match (asked.who.reach_of(action), asked.who.reach_of(&seeing)) {
        (Reach::Depends | Reach::Everything, Reach::Nothing) => (seeing.as_str(), Reach::Nothing),
        (Reach::Everything, Reach::Depends) if action.ends_with(":create") => (action, Reach::Depends),
        (reach, _) => (action, reach),
    };
    let reason = match reach {
        Reach::Nothing => match asked.who.forbidding(action, asked.asker) {
            Some(by) => format!("{by} forbids `{action}`; {} can change that", who_helps(action)),
            None => format!("no role or policy of {}s grants `{action}`", asked.whose),
        },
        Reach::Depends => format!("`{action}` depends on what it is done to, or on the circumstances"),
        Reach::Everything if asked.whose == "your" => format!("you may do `{action}` to everything"),
        Reach::Everything => format!("they may do `{action}` to everything"),
    };
    Answer {
        allowed: reach != Reach::Nothing,
        everything: reach == Reach::Everything,
        ..refused(reason)
    }
}

/// What is written has to be seen by who writes it, as it becomes: as [`Caller::require_to_write`].
fn written(asked: &Asked<'_>, action: &str, view: &Value) -> Answer {
    let writes = decided(asked, action, view);
    if !writes.allowed {
        return writes;
    }
    let sees = decided(asked, &seeing(action), view);
    if sees.allowed {
        let everything = writes.everything && sees.everything;
        return Answer { everything, ..writes };
    }
    let reason = match asked.whose {
        "your" => format!("{UNSEEN}: {}", sees.reason),
        _ => format!("they would not see what it becomes: {}", sees.reason),
    };
    Answer { reason, ..sees }
}

fn decided(asked: &Asked<'_>, action: &str, view: &Value) -> Answer {
    let reach = asked.who.reach_of(action);
    let allowed = match reach {
        Reach::Nothing => false,
        Reach::Everything => true,
        Reach::Depends => asked.who.decide(action, view),
    };
    let reasons = asked.who.explain(action, view, asked.asker);
    let verb = if allowed { "let" } else { "do not let" };
    let (reason, statements) = match reasons {
        // As `reach_of` has it, whatever statements say.
        Some(_) if allowed && asked.who.is_exempt(action) => {
            let whose = if asked.whose == "your" { "you are" } else { "they are" };
            let reason = format!("{whose} an owner, out of whose hands no policy takes `{action}`");
            (reason, Vec::new())
        }
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
        requires: Vec::new(),
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
