//! The JSON that both sides read: PostgreSQL as `$`, `$principal` and `$context`, Cedar as entities and a context.
//!
//! [`Principal`] and [`Context`] write it, and [`resource`] that of a resource. What comes here to be decided may be any
//! JSON all the same, as rows hold what people wrote: by the vocabulary's table of types, a value of another type counts
//! as missing, exactly where the compiler's guards say so. A number is whole when its text is, as in `1.0` and `1e3`;
//! PostgreSQL reads the same text. (A double cannot hold all numbers that `jsonb` can. One whose text `serde_json`
//! shortens is not the number that the database looks at.)
//!
//! | part | shape |
//! |---|---|
//! | row | `id` and the kind's attributes by name; `org`; `creator` and `owner` as `User::<id>` or `ServiceAccount::<id>` |
//! | principal | `uid` as `User::<id>`; `ancestors`, all it belongs to, as `Role::<name>` and `Group::<name>`; its attributes |
//! | context | the fields of `context`; `time` in milliseconds since 1970; `ip` as an object with the `bits` of the address |

mod context;
mod number;
mod principal;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;
use std::sync::LazyLock;

use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use jiff::Timestamp;
use plinth_model::id::{OrgId, ServiceAccountId, UserId};
use plinth_model::resource::Properties;
use plinth_model::{Actor, ActorKind, Id};
use serde_json::{Map, Value, json};

use crate::compile::address;
use crate::vocabulary::{Kind, PrincipalKind, Record, Type, Vocabulary};

pub use self::context::{Authentication, Context, Local};
pub use self::principal::Principal;

/// A view that does not even say who or what it is of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// The principal's `uid` or `ancestors` are not what they must be.
    #[error("the principal needs a `uid` such as `User::<id>`, and `ancestors`, a list of such texts")]
    Principal,
    /// The row's `id` is not a text.
    #[error("the row needs an `id`")]
    Row,
    /// The action is not one of the vocabulary.
    #[error("`{0}` is not an action")]
    Action(String),
    /// Cedar could not take it, which has no reason that is known.
    #[error("Cedar does not take it: {0}")]
    Cedar(String),
}

/// The view of a resource: what policies may read of it.
#[must_use]
pub fn resource(resource: &plinth_model::Resource) -> Value {
    let draft = Draft {
        id: resource.id,
        type_name: &resource.type_name,
        name: &resource.name,
        org: resource.org,
        properties: &resource.properties,
        spec: &resource.spec,
        created_by: &resource.created_by,
        owner: resource.owner.as_deref(),
    };
    draft.view()
}

/// A resource that does not exist yet.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The id that it would have.
    pub id: Id,
    /// Name of its type.
    pub type_name: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The org that it would be in.
    pub org: OrgId,
    /// Its properties.
    pub properties: &'a Properties,
    /// Its desired state, without secrets.
    pub spec: &'a Value,
    /// Who would make it.
    pub created_by: &'a Actor,
    /// Id of the user or service account that would own it.
    pub owner: Option<&'a str>,
}

impl Draft<'_> {
    /// Its view.
    #[must_use]
    pub fn view(&self) -> Value {
        let creator = match self.created_by.kind {
            ActorKind::User => Some(PrincipalKind::User),
            ActorKind::ServiceAccount => Some(PrincipalKind::ServiceAccount),
            _ => None,
        };
        let mut view = json!({
            "id": self.id.text(self.type_name),
            "type": self.type_name,
            "name": self.name,
            "org": self.org.to_string(),
            "properties": self.properties,
            "spec": self.spec,
        });
        if let Some(fields) = view.as_object_mut() {
            let creator = creator.map(|kind| uid_text(kind, &self.created_by.id));
            fields.extend(creator.map(|uid| ("creator".to_owned(), uid)));
            let owner = self.owner.and_then(|id| Some(uid_text(kind_of(id)?, id)));
            fields.extend(owner.map(|uid| ("owner".to_owned(), uid)));
        }
        view
    }
}

fn uid_text(kind: PrincipalKind, id: &str) -> Value {
    Value::String(format!("{}::{id}", kind.as_str()))
}

/// Whose id this is, by its prefix.
fn kind_of(id: &str) -> Option<PrincipalKind> {
    match id.split_once('_')?.0 {
        UserId::PREFIX => Some(PrincipalKind::User),
        ServiceAccountId::PREFIX => Some(PrincipalKind::ServiceAccount),
        _ => None,
    }
}

/// The principal as an entity. Also gives its kind.
pub(crate) fn principal_entity(vocabulary: &Vocabulary, view: &Value) -> Result<Entity, ViewError> {
    let uid = view.get("uid").and_then(Value::as_str).ok_or(ViewError::Principal)?;
    let kind = uid
        .split_once("::")
        .and_then(|(entity, _)| PrincipalKind::of_entity(entity));
    let record = vocabulary.principal(kind.ok_or(ViewError::Principal)?);
    let ancestors = view
        .get("ancestors")
        .and_then(Value::as_array)
        .ok_or(ViewError::Principal)?;
    let parents = ancestors.iter().map(|ancestor| ancestor.as_str().and_then(uid_of));
    let parents: Option<HashSet<EntityUid>> = parents.collect();
    let uid = uid_of(uid).ok_or(ViewError::Principal)?;
    entity(
        uid,
        (record, |_: &str| true),
        view,
        parents.ok_or(ViewError::Principal)?,
    )
}

/// The row as an entity of its kind, within its org, with the attributes that are wanted.
pub(crate) fn row_entity(kind: &Kind, view: &Value, is_wanted: impl Fn(&str) -> bool) -> Result<Entity, ViewError> {
    let id = view.get("id").and_then(Value::as_str).ok_or(ViewError::Row)?;
    let entity_type = kind.entity_type.clone().ok_or(ViewError::Row)?;
    let uid = EntityUid::from_type_name_and_id(entity_type, EntityId::new(id));
    let org = view.get("org").and_then(Value::as_str);
    let parents = org
        .filter(|_| kind.entity != "Org")
        .and_then(|org| entity_uid("Org", org));
    entity(uid, (&kind.attributes, is_wanted), view, parents.into_iter().collect())
}

fn entity(
    uid: EntityUid,
    (record, is_wanted): (&Record, impl Fn(&str) -> bool),
    view: &Value,
    parents: HashSet<EntityUid>,
) -> Result<Entity, ViewError> {
    let fields = view
        .as_object()
        .map(|fields| present_of(record, fields, is_wanted))
        .unwrap_or_default();
    let attributes: HashMap<_, _> = fields.into_iter().collect();
    Entity::new(uid, attributes, parents).map_err(|error| ViewError::Cedar(error.to_string()))
}

/// The context as Cedar's.
pub(crate) fn cedar_context(vocabulary: &Vocabulary, view: &Value) -> Result<cedar_policy::Context, ViewError> {
    let fields = view
        .as_object()
        .map(|fields| present(vocabulary.context(), fields))
        .unwrap_or_default();
    cedar_policy::Context::from_pairs(fields).map_err(|error| ViewError::Cedar(error.to_string()))
}

/// `User::<id>` as an entity; only the first `::` counts, since no entity type has one.
fn uid_of(text: &str) -> Option<EntityUid> {
    let (entity, id) = text.split_once("::")?;
    entity_uid(entity, id)
}

/// The entity types that are in each question: reading a name takes Cedar's parser, and most of the time of a decision.
static COMMON: LazyLock<BTreeMap<&str, EntityTypeName>> = LazyLock::new(|| {
    let names = ["Action", "Group", "Org", "Role", "ServiceAccount", "User"];
    let read = names
        .into_iter()
        .map(|name| Some((name, EntityTypeName::from_str(name).ok()?)));
    read.flatten().collect()
});

pub(crate) fn entity_uid(entity: &str, id: &str) -> Option<EntityUid> {
    let known = COMMON.get(entity).cloned();
    let entity = known.or_else(|| EntityTypeName::from_str(entity).ok())?;
    Some(EntityUid::from_type_name_and_id(entity, EntityId::new(id)))
}

/// The fields that are there and of their types.
fn present(record: &Record, fields: &Map<String, Value>) -> Vec<(String, RestrictedExpression)> {
    present_of(record, fields, |_| true)
}

fn present_of(
    record: &Record,
    fields: &Map<String, Value>,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<(String, RestrictedExpression)> {
    let field = |(name, value): (&String, &Value)| {
        let attribute = record.get(name).filter(|_| is_wanted(name))?;
        Some((name.clone(), expression(&attribute.ty, value)?))
    };
    fields.iter().filter_map(field).collect()
}

/// A value as Cedar's, or nothing when it is of another type.
fn expression(ty: &Type, value: &Value) -> Option<RestrictedExpression> {
    match ty {
        Type::Bool => value.as_bool().map(RestrictedExpression::new_bool),
        Type::Long => number::whole(value).map(RestrictedExpression::new_long),
        Type::String => text(value).map(|text| RestrictedExpression::new_string(text.to_owned())),
        Type::Datetime => number::whole(value).and_then(datetime),
        Type::Address => text(value.get("bits")?)
            .and_then(address::of_bits)
            .map(RestrictedExpression::new_ip),
        Type::Principal => {
            let uid = text(value)?;
            PrincipalKind::of_entity(uid.split_once("::")?.0)?;
            uid_of(uid).map(RestrictedExpression::new_entity_uid)
        }
        Type::Set(element) => {
            let elements = value.as_array()?.iter().map(|value| expression(element, value));
            Some(RestrictedExpression::new_set(elements.collect::<Option<Vec<_>>>()?))
        }
        Type::Record(record) => RestrictedExpression::new_record(present(record, value.as_object()?)).ok(),
    }
}

/// `jsonb` holds no NUL, so that a text with one is not there for it.
fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.contains('\0'))
}

fn datetime(millis: i64) -> Option<RestrictedExpression> {
    // Years of four digits have a text of their own, for which Cedar's parser of expressions is not needed.
    let moment = Timestamp::from_millisecond(millis).ok().filter(|_| millis >= 0);
    if let Some(moment) = moment {
        return Some(RestrictedExpression::new_datetime(format!("{moment:.3}")));
    }
    RestrictedExpression::from_str(&format!("datetime(\"1970-01-01\").offset(duration(\"{millis}ms\"))")).ok()
}
