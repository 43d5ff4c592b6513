//! Floor 0: the nouns of Plinth and the rules that hold for them everywhere.
//!
//! Nothing in here does I/O, knows HTTP or SQL, or can panic on input.

pub mod event;
pub mod id;
pub mod member;
pub mod name;
pub mod object;
pub mod permission;
pub mod product;
pub mod resource;
pub mod scope;
pub mod tls;
pub mod usage;

pub use event::{Event, Operation};
pub use id::{Id, IdError};
pub use member::Role;
pub use name::{Name, NameError};
pub use permission::Permission;
pub use product::{Product, ResourceType};
pub use resource::Resource;
pub use scope::{Actor, ActorKind, Authority, RequestId, Scope, Signals};
