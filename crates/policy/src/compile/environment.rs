//! Who asks for what: a statement is compiled once for each kind of principal and of thing that it may apply to, as
//! Cedar's validator looks at it. So `is` is decided beforehand, and each attribute has one type.

use cedar_policy::pst::{
    ActionConstraint, EntityOrSlot, EntityType, PrincipalConstraint, ResourceConstraint, Template,
};

use super::value::{Uid, Value};
use crate::vocabulary::{Kind, PrincipalKind, Vocabulary};

/// One combination of principal, action and kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Environment<'v> {
    pub vocabulary: &'v Vocabulary,
    pub principal: PrincipalKind,
    pub action: &'v str,
    pub kind: &'v Kind,
}

impl<'v> Environment<'v> {
    /// All that there are.
    pub(super) fn all(vocabulary: &'v Vocabulary) -> impl Iterator<Item = Self> {
        PrincipalKind::ALL.into_iter().flat_map(move |principal| {
            vocabulary.actions().filter_map(move |action| {
                let kind = vocabulary.kind_of_action(action)?;
                Some(Self {
                    vocabulary,
                    principal,
                    action,
                    kind,
                })
            })
        })
    }

    /// Whether a statement can apply here, as far as its scope tells before anybody is known by name.
    pub(super) fn admits(&self, statement: &Template) -> bool {
        self.admits_principal(&statement.principal)
            && self.admits_action(&statement.action)
            && self.admits_resource(&statement.resource)
    }

    fn admits_principal(&self, constraint: &PrincipalConstraint) -> bool {
        let is = |ty: &EntityType| ty.to_string() == self.principal.as_str();
        let may_be = |uid: &Uid| PrincipalKind::of_entity(&uid.entity).is_none_or(|kind| kind == self.principal);
        match constraint {
            PrincipalConstraint::Any => true,
            PrincipalConstraint::Is(ty) => is(ty),
            PrincipalConstraint::Eq(entity) | PrincipalConstraint::In(entity) => {
                uid_of(entity).as_ref().is_some_and(may_be)
            }
            PrincipalConstraint::IsIn(ty, entity) => is(ty) && uid_of(entity).as_ref().is_some_and(may_be),
        }
    }

    fn admits_action(&self, constraint: &ActionConstraint) -> bool {
        match constraint {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(uid) => uid.eid == self.action,
            ActionConstraint::In(uids) => uids.iter().any(|uid| self.vocabulary.action_in(self.action, &uid.eid)),
        }
    }

    fn admits_resource(&self, constraint: &ResourceConstraint) -> bool {
        match constraint {
            ResourceConstraint::Is(ty) | ResourceConstraint::IsIn(ty, _) => ty.to_string() == self.kind.entity,
            _ => true,
        }
    }
}

/// The entity that a scope names; there are no slots in a policy.
pub(super) fn uid_of(entity: &EntityOrSlot) -> Option<Uid> {
    match entity {
        EntityOrSlot::Entity(uid) => Some(Uid {
            entity: uid.ty.to_string(),
            id: uid.eid.to_string(),
        }),
        EntityOrSlot::Slot(_) => None,
    }
}

/// What a statement's scope asks of the row itself: the right side of `==` or `in`.
pub(super) enum RowScope {
    Any,
    Is(Value<'static>),
    In(Value<'static>),
}

impl RowScope {
    pub(super) fn of(constraint: &ResourceConstraint) -> Self {
        let value = |entity| uid_of(entity).map(Value::Uid);
        match constraint {
            ResourceConstraint::Any | ResourceConstraint::Is(_) => Self::Any,
            ResourceConstraint::Eq(entity) => value(entity).map_or(Self::Any, Self::Is),
            ResourceConstraint::In(entity) | ResourceConstraint::IsIn(_, entity) => {
                value(entity).map_or(Self::Any, Self::In)
            }
        }
    }
}
