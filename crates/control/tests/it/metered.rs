//! A product that meters water, and orgs that pump it: nothing of ETL is in it.

use std::time::Duration;

use plinth_control::auth::{self, Identity};
use plinth_control::product::Mode;
use plinth_control::resource::{self, Draft, NewOwner};
use plinth_control::usage::RecordDraft;
use plinth_control::work::{self, Claim, Holder};
use plinth_control::{Caller, Code, ControlError, Standing, product};
use plinth_model::{Product, RequestId, Role, Scope, Signals};
use serde_json::json;

use crate::harness::{self, TestControl};

pub type Waterworks = TestControl;

pub async fn open() -> Waterworks {
    let works = harness::open().await;
    product::apply(&works.control, "operator", waterworks(), Mode::Apply)
        .await
        .expect("the product fits");
    works
}

fn waterworks() -> Product {
    let document = json!({
        "product": {"name": "water", "title": "Water"},
        "types": [{
            "name": "pump", "plural": "pumps", "title": "Pump", "title_plural": "Pumps",
            "reconciled": true, "spec_schema": {"type": "object", "properties": {
                "mode": {"type": "string"}, "motor": {"type": "object", "properties": {"watts": {"type": "integer"}}}
            }}
        }],
        "meters": [
            {"name": "litres", "title": "Water", "unit": "litre"},
            {"name": "hours", "title": "Running time", "unit": "hour"},
            {"name": "visits", "title": "Visits of a plumber", "unit": "visit"},
            {"name": "pump_created", "title": "Pumps", "unit": "pump",
             "source": {"event": {"type": "pump", "operation": "create"}}}
        ],
        "plans": [{
            "name": "free", "title": "Tap", "currency": "EUR",
            "prices": [
                {"meter": "litres", "model": "graduated", "price_unit": "m3", "unit_scale": "1000", "included": "1",
                 "tiers": [{"up_to": "10", "unit_price": "2.00"}, {"unit_price": "1.25"}]},
                {"meter": "hours", "model": "per_unit", "unit_price": "0.03"},
                {"name": "fee", "title": "Basic fee", "model": "flat", "amount": "9.90"},
                {"meter": "pump_created", "model": "per_unit", "unit_price": "5"}
            ]
        }]
    });
    serde_json::from_value(document).expect("a product")
}

impl Waterworks {
    /// The holder of a lease on whatever is due.
    pub async fn lease(&self) -> Holder {
        let (agent, types) = ("agent".to_owned(), vec!["pump".to_owned()]);
        let claim = Claim {
            agent,
            types,
            capacity: 1,
            org_capacity: None,
            among: work::Among::All,
            wait: Duration::ZERO,
        };
        let claimed = work::claim(&self.control, &claim).await.expect("a claim");
        let identity = auth::identify(&self.control, &claimed.items[0].token)
            .await
            .expect("a token");
        let Identity::Lease { org, token_hash } = identity else {
            panic!("not a lease: {identity:?}")
        };
        Holder {
            org,
            token_hash,
            request_id: RequestId::generate(),
            signals: Signals::default(),
        }
    }

    /// A new org's owner.
    pub async fn owner(&self, slug: &str) -> Caller {
        let scope = self.test.org(slug).await.scope;
        self.caller(scope, vec![Role::Owner]).await
    }

    /// The same actor, as if with other roles.
    pub async fn with_roles(&self, caller: &Caller, roles: Vec<Role>) -> Caller {
        self.caller(caller.scope.clone(), roles).await
    }

    async fn caller(&self, scope: Scope, roles: Vec<Role>) -> Caller {
        let standing = Standing {
            roles,
            ..Standing::default()
        };
        Caller::new(&self.control, scope, standing, None)
            .await
            .expect("a caller")
    }

    /// A new pump's id.
    pub async fn pump(&self, caller: &Caller, name: &str) -> String {
        let draft = Draft {
            name: name.to_owned(),
            properties: serde_json::Map::new(),
            owner: NewOwner::Unsaid,
            spec: json!({}),
        };
        let created = resource::create(&self.control, caller, "pumps", draft, resource::Mode::Commit, None).await;
        let resource = created.expect("a new pump").resource;
        resource.id.text(&resource.type_name)
    }
}

pub fn record(id: &str, meter: &str, resource: Option<&str>, quantity: &str, at: &str) -> RecordDraft {
    RecordDraft {
        source: "gauge".to_owned(),
        id: id.to_owned(),
        meter: meter.to_owned(),
        resource: resource.map(str::to_owned),
        quantity: quantity.to_owned(),
        at: at.to_owned(),
        ..RecordDraft::default()
    }
}

/// The pointers of what was not valid.
pub fn pointers<T: std::fmt::Debug>(result: Result<T, ControlError>) -> Vec<String> {
    let error = result.expect_err("something is not valid");
    assert_eq!(error.code, Code::ValidationFailed, "{error:?}");
    error.errors.into_iter().map(|error| error.pointer).collect()
}

/// Numbers that look random and are the same in each run: xorshift64*.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Below `bound`.
    pub fn roll(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}
