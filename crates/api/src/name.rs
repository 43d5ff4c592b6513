//! Closed sets of names, as the document shows them. Each lists what the floors below take, so that it cannot drift.

use std::borrow::Cow;

use plinth_control::Code;
use plinth_control::bill::{LineKind, Model};
use plinth_control::metric::AGGREGATES;
use plinth_control::resource::SORTS;
use plinth_control::signal::KINDS as SIGNAL_KINDS;
use plinth_model::event::BUILT_IN_KINDS;
use plinth_model::{ActorKind, Operation, Role};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A type that stands for a set of names in `value_type`, and is never made.
macro_rules! names {
    ($($(#[$doc:meta])* $stand_in:ident as $name:literal: $values:expr;)*) => {$(
        $(#[$doc])*
        pub enum $stand_in {}

        impl PartialSchema for $stand_in {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some($values)).into()
            }
        }

        impl ToSchema for $stand_in {
            fn name() -> Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}

names! {
    RoleName as "Role": texts(&Role::ALL);
    ActorKindName as "ActorKind": texts(&ActorKind::ALL);
    /// The kinds that each product has; a product's document adds its resource types.
    EventKind as "EventKind": BUILT_IN_KINDS.map(|kind| json!(kind)).to_vec();
    OperationName as "EventOperation": texts(&Operation::ALL);
    /// How the points of a bucket become one: `rate` is the growth a second of counters that may be reset.
    AggregateName as "Aggregate": AGGREGATES.map(|(name, _)| json!(name)).to_vec();
    SortName as "ResourceSort": SORTS.iter().map(|name| json!(name)).collect::<Vec<_>>();
    IncludeName as "ResourceInclude": vec![json!("actions")];
    CodeName as "ProblemCode": texts(&Code::ALL);
    LineKindName as "BillLineKind": texts(&LineKind::ALL);
    SignalKindName as "SignalKind": SIGNAL_KINDS.map(|kind| json!(kind)).to_vec();
    PriceModelName as "PriceModel": texts(&Model::ALL);
}

fn texts<T: Serialize>(all: &[T]) -> Vec<Value> {
    all.iter().map(|one| json!(one)).collect()
}
