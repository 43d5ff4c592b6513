//! People and programs in orgs, and what gets in their way.

use plinth_control::auth::{self, Identity, Verified};
use plinth_control::idempotency::Key;
use plinth_control::org::{self, NewOrg, Org, OrgPatch, Visitor};
use plinth_control::{Caller, Code, ControlError};
use plinth_model::RequestId;
use plinth_model::id::{SessionId, UserId};
use plinth_store::member::{self, NewMember};
use plinth_testkit::postgres::Database;
use plinth_testkit::store::{TestOrg, Verified as Confirmed};

use crate::harness::{TestControl, here};

pub fn code<T: std::fmt::Debug>(answer: Result<T, ControlError>) -> Code {
    answer.expect_err("a refusal").code
}

pub fn key(text: &str, request: &str) -> Key {
    Key::new(text, request.as_bytes().to_vec()).unwrap()
}

pub fn roles(roles: &[&str]) -> Vec<String> {
    roles.iter().map(|role| (*role).to_owned()).collect()
}

pub fn renamed(name: &str) -> OrgPatch {
    OrgPatch {
        name: Some(name.to_owned()),
        ..OrgPatch::default()
    }
}

pub fn user_of(visitor: &Visitor) -> UserId {
    match visitor.identity {
        Identity::User { id, .. } => id,
        _ => panic!("not a user"),
    }
}

fn visitor(id: UserId, email: &str) -> Visitor {
    let name = email.split('@').next().unwrap().to_owned();
    let identity = Identity::User {
        id,
        email: email.to_owned(),
        name,
        verified: Verified::Yes,
        session: SessionId::generate(),
        since: jiff::Timestamp::now(),
    };
    Visitor {
        identity,
        request_id: RequestId::generate(),
        signals: here(),
    }
}

impl TestControl {
    pub async fn visitor(&self, email: &str) -> Visitor {
        visitor(self.test.user(email, Confirmed::Yes).await, email)
    }

    pub async fn unverified(&self, email: &str) -> Visitor {
        visitor(self.test.user(email, Confirmed::No).await, email)
    }

    pub async fn create_org(&self, visitor: &Visitor, slug: &str) -> Result<Org, ControlError> {
        let new = NewOrg {
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            plan: "free".to_owned(),
        };
        org::create(&self.control, visitor, &new, None).await
    }

    pub async fn enter(&self, visitor: &Visitor, org: &str) -> Result<Caller, ControlError> {
        self.enter_as(&visitor.identity, org).await
    }

    /// A member, as the next request would be let in.
    pub async fn enter_user(&self, user: UserId, email: &str, org: &str) -> Caller {
        self.enter(&visitor(user, email), org).await.unwrap()
    }

    pub async fn enter_as(&self, identity: &Identity, org: &str) -> Result<Caller, ControlError> {
        auth::enter(&self.control, identity, org, RequestId::generate(), here()).await
    }

    /// An org with its owner in it.
    pub async fn org(&self, slug: &str) -> (TestOrg, Caller) {
        let org = self.test.org(slug).await;
        let owner = self.enter(&visitor(org.owner, &org.owner_email), slug).await.unwrap();
        (org, owner)
    }

    /// Gives all that was committed its place in the log.
    pub async fn number_events(&self) {
        let leader = plinth_store::sequencer::lead(&self.test.store, "local").await;
        let mut leader = leader.unwrap().unwrap();
        while leader.step().await.unwrap().events > 0 {}
    }

    /// A member with these roles, and in the org.
    pub async fn member(&self, org: &TestOrg, email: &str, with: &[&str]) -> (UserId, Caller) {
        let visitor = self.visitor(email).await;
        self.join(org, &visitor, with).await;
        (user_of(&visitor), self.enter(&visitor, &org.slug).await.unwrap())
    }

    pub async fn join(&self, org: &TestOrg, visitor: &Visitor, with: &[&str]) {
        let Identity::User { id, email, name, .. } = &visitor.identity else {
            panic!("not a user")
        };
        let mut tx = self.test.store.begin(&org.scope).await.unwrap();
        let new = NewMember {
            user: *id,
            email,
            name,
            roles: &roles(with),
        };
        assert_eq!(member::add(&mut tx, &org.scope, &new).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }
}

/// Makes each write of this kind to a table fail, until it is repaired.
pub struct Fault<'a> {
    database: &'a Database,
    table: &'static str,
}

impl<'a> Fault<'a> {
    pub async fn new(database: &'a Database, table: &'static str, operation: &str) -> Self {
        let statement = format!(
            "create function public.fault() returns trigger language plpgsql as
                 $$ begin raise exception 'injected fault' using errcode = '57P01'; end $$;
             create trigger fault before {operation} on plinth.{table} for each row execute function public.fault()"
        );
        database.admin().await.batch_execute(&statement).await.unwrap();
        Self { database, table }
    }

    pub async fn repair(self) {
        let table = self.table;
        let statement = format!("drop trigger fault on plinth.{table}; drop function public.fault()");
        self.database.admin().await.batch_execute(&statement).await.unwrap();
    }
}
