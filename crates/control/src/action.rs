//! Questions to the data plane: `check` a connection, `discover` its tables. Asked by a request, answered by an agent.

use std::time::Duration;

use plinth_model::Scope;
use plinth_model::id::{Id, OrgId};
use plinth_model::permission::Kind;
use plinth_model::resource::Properties;
use plinth_policy::view;
use plinth_store::Tx;
use plinth_store::resource as stored;
use plinth_store::work::{self, Question};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::{Code, ControlError, Result};
use crate::event::Called;
use crate::idempotency::{self, Key};
use crate::product::TypeRules;
use crate::resource::{parse_key, spec};
use crate::secret::Owner;
use crate::token::{self, TokenKind};
use crate::work::Claim;
use crate::{Control, pointer};

/// How long a caller waits for an agent.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the question is about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A resource that exists, by name or id.
    Resource(String),
    /// A spec that is not stored yet.
    Draft(Value),
}

/// What is kept for a repeated request: the question, and its answer once there is one.
#[derive(Serialize, Deserialize)]
struct Kept {
    question: Uuid,
    answer: Option<Value>,
}

/// How far the question of a request is.
enum Asking {
    New(Uuid),
    /// An earlier request with the same key waits for its answer.
    Again(Uuid),
    Answered(Value),
}

/// Asks and waits for the answer. A repeated request waits for the answer to the first one's question.
///
/// # Errors
/// `forbidden`, `not_found`, `validation_failed`, `idempotency_key_reused`, `unavailable` when no agent answers in time.
pub async fn ask(
    control: &Control,
    caller: &Caller,
    plural: &str,
    action: &str,
    subject: Subject,
    key: Option<&Key>,
) -> Result<Value> {
    let catalog = control.catalog();
    let rules = catalog.by_plural(plural)?;
    if !rules.declaration.actions.iter().any(|known| known == action) {
        return Err(ControlError::not_found("action"));
    }
    let kind = Kind::Resources(plural);
    match &subject {
        // Which one it is, row-level security says when it is read.
        Subject::Resource(_) => caller.require_some(kind, "view")?,
        Subject::Draft(spec) => caller.require_on(kind, "create", || {
            let draft = view::Draft {
                id: Id::generate(),
                type_name: &rules.declaration.name,
                name: "",
                org: caller.scope.org,
                properties: &Properties::new(),
                spec,
                created_by: &caller.scope.actor,
                owner: caller.scope.actor.as_owner(),
            };
            draft.view()
        })?,
    }
    let mut answers = control.hub().actions();
    let id = match put(control, caller, rules, (action, subject), key).await? {
        Asking::Answered(answer) => return Ok(answer),
        Asking::New(question) => question,
        Asking::Again(question) => {
            // Its answer may have been announced before this request began to listen.
            if let Some(answer) = take(control, caller, question, key).await? {
                return Ok(answer);
            }
            question
        }
    };
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answered = tokio::time::timeout_at(deadline, async {
            loop {
                match answers.recv().await {
                    Ok(Called::Asked) => {}
                    Ok(Called::Answered(other)) if other != id => {}
                    // This one's, or some were missed, this one's perhaps.
                    Ok(Called::Answered(_) | Called::Unheard) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                }
            }
        })
        .await;
        if let Some(answer) = take(control, caller, id, key).await? {
            return Ok(answer);
        }
        if answered.is_err() {
            give_up(control, caller, id, key).await?;
            let detail = "no worker answered in time: see that one is running, then try again";
            return Err(ControlError::new(Code::Unavailable, detail).retry_after(5));
        }
    }
}

/// The answer, if it is there: taken by one of those who wait for it, kept for the others.
async fn take(control: &Control, caller: &Caller, question: Uuid, key: Option<&Key>) -> Result<Option<Value>> {
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    let mut answer = work::take_answer(&mut tx, scope, question).await?;
    if answer.is_some() {
        idempotency::keep(
            key,
            &mut tx,
            scope,
            &Kept {
                question,
                answer: answer.clone(),
            },
        )
        .await?;
    } else if let Some(kept) = idempotency::replay::<Kept>(key, &mut tx, scope).await? {
        answer = kept.answer;
    }
    match answer {
        Some(_) => tx.commit().await?,
        None => tx.rollback().await?,
    }
    Ok(answer)
}

/// A question that nobody answered may be asked again with the same key.
async fn give_up(control: &Control, caller: &Caller, question: Uuid, key: Option<&Key>) -> Result<()> {
    if key.is_none() {
        return Ok(());
    }
    let mut tx = control.store().begin(&caller.scope).await?;
    let unanswered = Kept { question, answer: None };
    idempotency::give_back(key, &mut tx, &caller.scope, &unanswered).await?;
    Ok(tx.commit().await?)
}

async fn put(
    control: &Control,
    caller: &Caller,
    rules: &TypeRules,
    (action, subject): (&str, Subject),
    key: Option<&Key>,
) -> Result<Asking> {
    let scope = &caller.scope;
    let id = Uuid::now_v7();
    let mut tx = control.store().begin(scope).await?;
    if let Some(kept) = idempotency::replay::<Kept>(key, &mut tx, scope).await? {
        if let Some(answer) = kept.answer {
            return Ok(Asking::Answered(answer));
        }
        if work::is_open(&mut tx, scope, kept.question).await? {
            return Ok(Asking::Again(kept.question));
        }
        // Who has taken the answer meanwhile has kept it in the same transaction.
        let kept = idempotency::replay::<Kept>(key, &mut tx, scope).await?;
        if let Some(answer) = kept.and_then(|kept| kept.answer) {
            return Ok(Asking::Answered(answer));
        }
    }
    let mut full = full_spec(control, &mut tx, scope, rules, subject).await?;
    let errors = spec::errors(rules, &full);
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    let secrets = spec::take_secrets(rules, &mut full);
    let sealed = control
        .keys()
        .seal(
            &mut tx,
            scope,
            Owner {
                org: scope.org,
                id: Id(id),
            },
            &secrets,
        )
        .await?;
    let question = Question {
        id,
        type_name: &rules.declaration.name,
        action,
        spec: &full,
        sealed: &sealed,
        expires_in_secs: PATIENCE.as_secs_f64(),
    };
    work::ask(&mut tx, scope, &question).await?;
    let kept = Kept {
        question: id,
        answer: None,
    };
    idempotency::keep(key, &mut tx, scope, &kept).await?;
    tx.commit().await?;
    Ok(Asking::New(id))
}

/// What the question is about, with its secrets in place.
async fn full_spec(
    control: &Control,
    tx: &mut Tx,
    scope: &Scope,
    rules: &TypeRules,
    subject: Subject,
) -> Result<Value> {
    let key = match subject {
        Subject::Draft(spec) => return Ok(spec),
        Subject::Resource(key) => parse_key(rules, &key)?,
    };
    let row = stored::get(tx, scope, &rules.declaration.name, &key).await?;
    let row = row.ok_or_else(|| ControlError::not_found(&rules.declaration.title.to_lowercase()))?;
    let owner = Owner {
        org: scope.org,
        id: row.resource.id,
    };
    let mut full = row.resource.spec;
    for (pointer, value) in control.keys().open(tx, scope, owner, &row.sealed).await? {
        pointer::put(&mut full, &pointer, value);
    }
    Ok(full)
}

/// A question as an agent gets it: with secrets in `spec`.
#[derive(Debug)]
pub struct Asked {
    pub id: Uuid,
    pub org: OrgId,
    pub token: String,
    pub type_name: String,
    pub action: String,
    pub spec: Value,
}

/// Hands open questions to an agent; waits for one up to the claim's time.
///
/// # Errors
/// The database is gone.
pub async fn claim(control: &Control, claim: &Claim) -> Result<Vec<Asked>> {
    let deadline = tokio::time::Instant::now() + claim.wait;
    let mut asked = control.hub().actions();
    loop {
        let items = claim_once(control, claim).await?;
        if !items.is_empty() || tokio::time::Instant::now() >= deadline {
            return Ok(items);
        }
        tokio::select! {
            _ = asked.recv() => {}
            () = tokio::time::sleep_until(deadline) => {}
            () = control.shutdown().cancelled() => return Ok(items),
        }
    }
}

async fn claim_once(control: &Control, claim: &Claim) -> Result<Vec<Asked>> {
    let mut items = Vec::new();
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "claim questions").await?;
        let room = claim.capacity.saturating_sub(items.len());
        let tokens: Vec<String> = (0..room).map(|_| token::generate(TokenKind::Action, None)).collect();
        let hashes: Vec<Vec<u8>> = tokens.iter().map(|token| token::hash(token)).collect();
        let questions = work::claim_questions(&mut tx, &claim.types, &claim.agent, &hashes).await?;
        tx.commit().await?;
        for question in questions {
            let Some(token) = tokens.get(question.place) else {
                continue;
            };
            items.push(open(control, question, token.clone()).await?);
        }
    }
    Ok(items)
}

async fn open(control: &Control, question: work::ActionRequest, token: String) -> Result<Asked> {
    let scope = Scope::new(
        plinth_model::Actor::system("open a question"),
        question.org,
        plinth_model::RequestId::generate(),
        plinth_model::Signals::default(),
    );
    let mut tx = control.store().begin(&scope).await?;
    let owner = Owner {
        org: question.org,
        id: Id(question.id),
    };
    let mut full = question.spec;
    for (pointer, value) in control.keys().open(&mut tx, &scope, owner, &question.sealed).await? {
        pointer::put(&mut full, &pointer, value);
    }
    tx.commit().await?;
    let (id, org) = (question.id, question.org);
    Ok(Asked {
        id,
        org,
        token,
        type_name: question.type_name,
        action: question.action,
        spec: full,
    })
}

/// # Errors
/// `lease_lost` when nobody waits for this answer any more.
pub async fn answer(control: &Control, id: Uuid, token: &str, result: &Value) -> Result<()> {
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "answer a question").await?;
        let answered = work::answer(&mut tx, id, &token::hash(token), result).await?;
        tx.commit().await?;
        if answered > 0 {
            return Ok(());
        }
    }
    Err(ControlError::new(
        Code::LeaseLost,
        "nobody waits for this answer any more",
    ))
}
