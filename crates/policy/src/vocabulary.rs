//! What policies may talk about: kinds of things, their actions and attributes, principals, context.
//!
//! Made from the product document and from the labels that are declared. It is the one table of types: the Cedar schema,
//! the compiler's guards and the view all read it, so that they cannot disagree. It must not know any policy.

mod kind;
mod schema;
mod spec;
mod ty;

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cedar_policy::{Schema, SchemaFragment, Validator};
use plinth_model::product::Product;

pub use self::kind::Kind;
pub(crate) use self::schema::quoted;
pub use self::ty::{Attribute, Record, Type};

/// Names of labels that have a type other than text: properties of resources, and attributes of memberships.
///
/// A name that is not declared may be used all the same; its values are text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// `resource.properties`.
    pub properties: BTreeMap<String, Label>,
    /// `principal.attributes`.
    pub attributes: BTreeMap<String, Label>,
}

/// The type of a label's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Text.
    String,
    /// Whole numbers of 64 bits.
    Long,
    /// `true` and `false`.
    Bool,
}

/// Who can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A program.
    ServiceAccount,
}

impl PrincipalKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::User, Self::ServiceAccount];

    /// The entity type in Cedar.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::ServiceAccount => "ServiceAccount",
        }
    }

    /// The kind with this entity type.
    #[must_use]
    pub fn of_entity(entity: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == entity)
    }
}

/// An action that can be asked for, such as `pipelines:view`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Index of its kind in [`Vocabulary::kinds`].
    kind: usize,
    /// The groups that it is in: `view`, `pipelines:*`, and for resources `resources:view`, `resources:*`.
    groups: Vec<String>,
}

/// Everything that a policy may name.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    kinds: Vec<Kind>,
    actions: BTreeMap<String, Action>,
    principals: BTreeMap<PrincipalKind, Record>,
    context: Record,
    roles: BTreeSet<String>,
    labels: Labels,
    /// The part of the schema that is the same for all policies, which takes Cedar the longest to read.
    fragment: OnceLock<Result<SchemaFragment, String>>,
    /// Those that were made lately: many policies mention the same labels.
    validators: Arc<Mutex<Validators>>,
}

/// By the kind of maker and the labels that are mentioned.
type Validators = HashMap<(PrincipalKind, BTreeSet<String>), Arc<Validator>>;

/// So many are kept.
const MOST_VALIDATORS: usize = 64;

impl Vocabulary {
    /// The vocabulary of a product, with these labels.
    #[must_use]
    pub fn new(product: &Product, labels: &Labels) -> Self {
        let kinds = kind::all(product, &labels.properties);
        let mut actions = BTreeMap::new();
        for (index, kind) in kinds.iter().enumerate() {
            for action in &kind.actions {
                let groups = groups(kind, action);
                actions.insert(format!("{}:{action}", kind.name), Action { kind: index, groups });
            }
        }
        Self {
            kinds,
            actions,
            principals: PrincipalKind::ALL
                .map(|kind| (kind, principal(kind, &labels.attributes)))
                .into(),
            context: context(),
            roles: roles(product),
            labels: labels.clone(),
            fragment: OnceLock::new(),
            validators: Arc::default(),
        }
    }

    /// All kinds, built-in ones first.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind with this plural, such as `pipelines` or `members`.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// The kind with this entity type, such as `Pipeline`.
    #[must_use]
    pub fn kind_of_entity(&self, entity: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.entity == entity)
    }

    /// The kind that an action is done to.
    #[must_use]
    pub fn kind_of_action(&self, action: &str) -> Option<&Kind> {
        self.kinds.get(self.actions.get(action)?.kind)
    }

    /// All actions, in order of their names.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }

    /// The groups that an action is in.
    #[must_use]
    pub fn groups_of(&self, action: &str) -> &[String] {
        self.actions.get(action).map_or(&[], |action| action.groups.as_slice())
    }

    /// All groups of actions; those of resources also when there is no type yet.
    #[must_use]
    pub fn action_groups(&self) -> BTreeSet<&str> {
        let groups = self.actions.values().flat_map(|action| &action.groups);
        groups.map(String::as_str).chain(kind::GROUPS_OF_RESOURCES).collect()
    }

    /// Whether an action is this one or in this group.
    #[must_use]
    pub fn action_in(&self, action: &str, other: &str) -> bool {
        action == other || self.groups_of(action).iter().any(|group| group == other)
    }

    /// The attributes of a principal.
    #[must_use]
    pub fn principal(&self, kind: PrincipalKind) -> &Record {
        self.principals.get(&kind).unwrap_or(&ty::EMPTY)
    }

    /// The fields of `context`.
    #[must_use]
    pub fn context(&self) -> &Record {
        &self.context
    }

    /// Names of the roles: those of the product, and the standard ones.
    #[must_use]
    pub fn roles(&self) -> &BTreeSet<String> {
        &self.roles
    }

    /// What all rows that are compiled by it depend on but for the policies: itself, the sources of this crate, and Cedar.
    /// Two that are the same compile a policy to the same rows; what differs may do so, too.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        let Self {
            kinds,
            actions,
            principals,
            context,
            labels,
            ..
        } = self;
        format!("{kinds:?}{actions:?}{principals:?}{context:?}{labels:?}").hash(&mut hasher);
        let (sources, cedar) = (env!("PLINTH_POLICY_SOURCES"), cedar_policy::get_sdk_version());
        format!("{:016x} {sources} {cedar}", hasher.finish())
    }

    /// The schema in Cedar's own syntax, always the same text for the same vocabulary.
    #[must_use]
    pub fn schema(&self) -> String {
        let own = schema::labels(&self.labels, &BTreeSet::new(), PrincipalKind::User);
        format!("{}\n{own}", schema::fixed(self))
    }

    /// What one policy is validated by: names of labels that it mentions are declared as text, so that
    /// it is told to ask for them with `has`, and never that they are unknown. Cedar has no type for "a user or a
    /// service account", so `maker` says which of them `creator` and `owner` are; a policy has to be valid with either.
    pub(crate) fn validator(
        &self,
        mentioned: &BTreeSet<String>,
        maker: PrincipalKind,
    ) -> Result<Arc<Validator>, String> {
        let key = (maker, mentioned.clone());
        if let Some(validator) = self.validators().get(&key) {
            return Ok(Arc::clone(validator));
        }
        let validator = Arc::new(Validator::new(self.schema_for(mentioned, maker)?));
        let mut known = self.validators();
        if known.len() >= MOST_VALIDATORS {
            known.clear();
        }
        known.insert(key, Arc::clone(&validator));
        Ok(validator)
    }

    fn validators(&self) -> MutexGuard<'_, Validators> {
        self.validators.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn schema_for(&self, mentioned: &BTreeSet<String>, maker: PrincipalKind) -> Result<Schema, String> {
        let fixed = self.fragment.get_or_init(|| schema::fragment(&schema::fixed(self)));
        let own = schema::fragment(&schema::labels(&self.labels, mentioned, maker))?;
        Schema::from_schema_fragments([fixed.clone()?, own]).map_err(|error| error.to_string())
    }
}

fn groups(kind: &Kind, action: &str) -> Vec<String> {
    let mut groups = vec![action.to_owned(), format!("{}:*", kind.name)];
    if kind.is_resource {
        groups.extend([format!("resources:{action}"), "resources:*".to_owned()]);
    }
    groups
}

fn roles(product: &Product) -> BTreeSet<String> {
    let standard = crate::role::STANDARD.iter().map(|(name, _)| (*name).to_owned());
    standard
        .chain(product.roles.iter().map(|role| role.name.clone()))
        .collect()
}

fn principal(kind: PrincipalKind, attributes: &BTreeMap<String, Label>) -> Record {
    let mut record = Record::of([
        ("id", Attribute::required(Type::String)),
        ("name", Attribute::required(Type::String)),
        (
            "attributes",
            Attribute::required(Type::Record(ty::labels(schema::ATTRIBUTES, attributes))),
        ),
    ]);
    if kind == PrincipalKind::User {
        record.insert("email", Attribute::optional(Type::String));
    }
    record
}

fn context() -> Record {
    let authentication = Record::of([
        ("age_secs", Attribute::required(Type::Long)),
        ("strength", Attribute::required(Type::Long)),
    ]);
    let local = Record::of([
        ("hour", Attribute::required(Type::Long)),
        ("minute", Attribute::required(Type::Long)),
        ("weekday", Attribute::required(Type::String)),
    ]);
    Record::of([
        ("time", Attribute::required(Type::Datetime)),
        ("local", Attribute::required(Type::Record(local))),
        ("ip", Attribute::optional(Type::Address)),
        ("country", Attribute::optional(Type::String)),
        ("authentication", Attribute::required(Type::Record(authentication))),
        ("risk", Attribute::required(Type::Long)),
    ])
}
