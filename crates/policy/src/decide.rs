//! Decisions in process, by Cedar's own authorizer over the same views.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{
    AuthorizationError, Authorizer, Decision as CedarDecision, Entities, Entity, EntityUid, PolicyId, PolicySet,
    Request, Response,
};
use serde::Serialize;
use serde_json::Value;

use crate::candidate::{Candidate, Reads};
use crate::compile::admits;
use crate::effect::Effect;
use crate::policy::Policy;
use crate::statement::Statement;
use crate::view::{self, ViewError};
use crate::vocabulary::Vocabulary;

/// One question: may this principal do this to that row, as things are.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The view of the one who asks.
    pub principal: &'a Value,
    /// Such as `pipelines:view`.
    pub action: &'a str,
    /// The view of the row; its kind is the action's.
    pub row: &'a Value,
    /// The view of the circumstances.
    pub context: &'a Value,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StatementId {
    /// The name that the policy was given.
    pub policy: String,
    /// Index of the statement.
    pub statement: usize,
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Some statement permits, and none forbids.
    pub allowed: bool,
    /// The statements that made it so: those that forbid, else those that permit. None when nothing permits.
    pub deciding: Vec<StatementId>,
    /// Statements that were skipped because evaluating them is an error, and Cedar's word for it.
    pub errors: Vec<(StatementId, String)>,
}

/// Policies, ready to be asked.
#[derive(Debug)]
pub struct Decider {
    vocabulary: Arc<Vocabulary>,
    policies: BTreeMap<String, Policy>,
    by_action: BTreeMap<String, Slice>,
}

/// What a question about an action needs.
#[derive(Debug)]
struct Slice {
    /// The statements that may apply to it, named `<policy>#<index>`.
    statements: PolicySet,
    /// The same, each by itself; those that forbid come first.
    candidates: Vec<Arc<Candidate>>,
    /// The action with its groups; the other actions need not be known to decide about this one.
    action: Entity,
}

impl Decider {
    /// Sorts policies by action, so that a question looks at no others. Names must differ; of two with the same one, the
    /// later policy counts.
    #[must_use]
    pub fn new(vocabulary: impl Into<Arc<Vocabulary>>, policies: impl IntoIterator<Item = (String, Policy)>) -> Self {
        let vocabulary = vocabulary.into();
        let policies: BTreeMap<String, Policy> = policies.into_iter().collect();
        let statements = policies.iter().flat_map(|(name, policy)| {
            let numbered = policy.statements().iter().enumerate();
            numbered.map(move |(index, statement)| (PolicyId::new(format!("{name}#{index}")), statement))
        });
        let mut statements: Vec<_> = statements
            .map(|(id, statement)| (Arc::new(Candidate::new(&id, statement)), id, statement))
            .collect();
        statements.sort_by_key(|(candidate, ..)| candidate.effect == Effect::Permit);
        let mut by_action = BTreeMap::new();
        for action in vocabulary.actions() {
            let admitted = statements
                .iter()
                .filter(|(_, _, statement)| admits(&vocabulary, action, statement));
            let (set, candidates): (Vec<_>, Vec<_>) = admitted
                .map(|(candidate, id, statement)| (statement.cedar.new_id(id.clone()), Arc::clone(candidate)))
                .unzip();
            let set = PolicySet::from_policies(set);
            let Some(entity) = action_entity(&vocabulary, action) else {
                continue;
            };
            let slice = Slice {
                statements: set.unwrap_or_default(),
                candidates,
                action: entity,
            };
            by_action.insert(action.to_owned(), slice);
        }
        Self {
            vocabulary,
            policies,
            by_action,
        }
    }

    /// The same policies but for this one: without the one of the name `out`, and with `add`.
    #[must_use]
    pub fn changed(&self, out: Option<&str>, add: Option<(String, Policy)>) -> Self {
        let kept = self.policies.iter().filter(|(name, _)| Some(name.as_str()) != out);
        let kept = kept.map(|(name, policy)| (name.clone(), policy.clone()));
        Self::new(Arc::clone(&self.vocabulary), kept.chain(add))
    }

    /// The vocabulary that questions are read by.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// A statement by its id.
    #[must_use]
    pub fn statement(&self, id: &StatementId) -> Option<&Statement> {
        self.policies.get(&id.policy)?.statements().get(id.statement)
    }

    /// What a statement was read from.
    pub(crate) fn text_of(&self, id: &StatementId) -> &str {
        let policy = self.policies.get(&id.policy);
        let text = policy.and_then(|policy| {
            let statement = policy.statements().get(id.statement)?;
            policy.text().get(statement.start..statement.end)
        });
        text.unwrap_or_default()
    }

    /// All statements that may apply to an action.
    pub(crate) fn statements_for(&self, action: &str) -> Vec<StatementId> {
        let slice = self.by_action.get(action).into_iter();
        let mut ids: Vec<StatementId> = slice
            .flat_map(|slice| slice.statements.policies().map(|policy| id_of(policy.id())))
            .collect();
        ids.sort();
        ids
    }

    /// Whether it is allowed, and no more: as [`Decider::decide`], in a fraction of the time.
    ///
    /// # Errors
    /// As [`Decider::decide`].
    pub fn permits(&self, question: Question<'_>) -> Result<bool, ViewError> {
        let unknown = || ViewError::Action(question.action.to_owned());
        let slice = self.by_action.get(question.action).ok_or_else(unknown)?;
        let all = slice.candidates.iter();
        let asked: Vec<_> = all
            .filter(|candidate| candidate.may_apply(question.principal, question.row))
            .collect();
        if asked.iter().all(|candidate| candidate.effect == Effect::Forbid) {
            return Ok(false);
        }
        let reads = asked
            .iter()
            .fold(Reads::default(), |reads, candidate| reads.and(candidate.reads));
        let (request, entities) = self.prepared(question, reads)?;
        let applies = |candidate: &&&Arc<Candidate>| {
            let response = Authorizer::new().is_authorized(&request, &candidate.alone, &entities);
            response.diagnostics().reason().next().is_some()
        };
        let first = asked.iter().find(applies);
        Ok(first.is_some_and(|candidate| candidate.effect == Effect::Permit))
    }

    /// Decides, and says which statements made it so.
    ///
    /// # Errors
    /// [`ViewError`] when the action is unknown or a view does not say who or what it is of. That is no permission.
    pub fn decide(&self, question: Question<'_>) -> Result<Decision, ViewError> {
        let unknown = || ViewError::Action(question.action.to_owned());
        let slice = self.by_action.get(question.action).ok_or_else(unknown)?;
        let response = self.response(question, &slice.statements)?;
        let mut errors: Vec<(StatementId, String)> = response
            .diagnostics()
            .errors()
            .map(|AuthorizationError::PolicyEvaluationError(error)| {
                (id_of(error.policy_id()), error.inner().to_string())
            })
            .collect();
        errors.sort();
        Ok(Decision {
            allowed: response.decision() == CedarDecision::Allow,
            deciding: reasons(&response),
            errors,
        })
    }

    /// Which statements of a set of permits apply.
    ///
    /// # Errors
    /// As [`Decider::decide`].
    pub(crate) fn satisfied(&self, question: Question<'_>, set: &PolicySet) -> Result<Vec<StatementId>, ViewError> {
        self.response(question, set).map(|response| reasons(&response))
    }

    fn response(&self, question: Question<'_>, set: &PolicySet) -> Result<Response, ViewError> {
        let everything = Reads {
            spec: true,
            context: true,
            action: true,
        };
        let (request, entities) = self.prepared(question, everything)?;
        Ok(Authorizer::new().is_authorized(&request, set, &entities))
    }

    /// The question as Cedar wants it, with what is read.
    fn prepared(&self, question: Question<'_>, reads: Reads) -> Result<(Request, Entities), ViewError> {
        let unknown = || ViewError::Action(question.action.to_owned());
        let kind = self.vocabulary.kind_of_action(question.action).ok_or_else(unknown)?;
        let slice = self.by_action.get(question.action).ok_or_else(unknown)?;
        let principal = view::principal_entity(&self.vocabulary, question.principal)?;
        let row = view::row_entity(kind, question.row, |field| reads.spec || field != "spec")?;
        let context = if reads.context {
            view::cedar_context(&self.vocabulary, question.context)?
        } else {
            cedar_policy::Context::empty()
        };
        let cedar = |error: &dyn std::fmt::Display| ViewError::Cedar(error.to_string());
        let action = slice.action.uid();
        let request = Request::new(principal.uid(), action, row.uid(), context, None).map_err(|error| cedar(&error))?;
        let action = reads.action.then(|| slice.action.clone());
        let entities = Entities::from_entities([principal, row].into_iter().chain(action), None);
        Ok((request, entities.map_err(|error| cedar(&error))?))
    }
}

fn action_entity(vocabulary: &Vocabulary, name: &str) -> Option<Entity> {
    let groups = vocabulary.groups_of(name).iter();
    let groups = groups.map(|group| view::entity_uid("Action", group));
    let uid: EntityUid = view::entity_uid("Action", name)?;
    Some(Entity::new_no_attrs(uid, groups.collect::<Option<_>>()?))
}

/// Sorted.
fn reasons(response: &Response) -> Vec<StatementId> {
    let mut reasons: Vec<StatementId> = response.diagnostics().reason().map(id_of).collect();
    reasons.sort();
    reasons
}

/// Only the last `#` counts; a policy's name may have some.
fn id_of(id: &PolicyId) -> StatementId {
    let text: &str = id.as_ref();
    let (policy, statement) = text.rsplit_once('#').unwrap_or((text, "0"));
    StatementId {
        policy: policy.to_owned(),
        statement: usize::from_str(statement).unwrap_or_default(),
    }
}
