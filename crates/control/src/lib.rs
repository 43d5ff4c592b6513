//! Floor 2: what the product means. One module per noun; each takes the caller first and the subject next.
//!
//! Rules live here: who may do what, what a valid resource is, what one transaction has to contain. This floor speaks
//! neither HTTP nor SQL.

mod access;
pub mod account;
pub mod action;
pub mod auth;
pub mod authorize;
pub mod background;
pub mod bill;
pub mod caller;
mod circumstance;
pub mod config;
pub mod country;
mod error;
pub mod event;
mod grant;
pub mod housekeeping;
pub mod idempotency;
mod identity;
pub mod invitation;
pub mod key;
pub mod mail;
pub mod member;
pub mod metric;
pub mod org;
pub mod page;
mod pointer;
pub mod policy;
mod principal;
pub mod product;
mod recent;
pub mod refusal;
pub mod report;
pub mod resource;
mod sample;
pub mod schema;
mod secret;
pub mod sequencer;
pub mod service_account;
pub mod signal;
mod standing;
mod subject;
mod token;
pub mod usage;
pub mod work;
mod zone;

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use plinth_store::Store;
use tokio_util::sync::CancellationToken;

pub use access::{Accesses, Reach};
pub use caller::Caller;
pub use config::{ControlConfig, MailTransport};
pub use country::Countries;
pub use error::{Code, ControlError, FieldError, Offender, Result};
pub use principal::conceal_names;
pub use product::Catalog;
pub use standing::Standing;

/// Everything that a request or a background task works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Control {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    config: ControlConfig,
    catalog: ArcSwap<Catalog>,
    hub: event::Hub,
    identities: auth::Identities,
    accesses: access::Accesses,
    refusals: refusal::Refusals,
    watch: signal::Watch,
    keys: secret::KeyRing,
    accounts: account::Accounts,
    postbox: mail::Postbox,
    /// Ends background work and open streams.
    shutdown: CancellationToken,
}

impl Control {
    /// Opens the control plane on migrated databases and loads the product that was applied last.
    ///
    /// # Errors
    /// [`ControlError`] when the directory cannot be reached.
    pub async fn open(store: Store, config: ControlConfig, shutdown: CancellationToken) -> Result<Self> {
        let catalog = product::load(&store).await?;
        let keys = secret::KeyRing::new(&config.key_encryption_key, config.previous_key.as_ref());
        let inner = Inner {
            store,
            catalog: ArcSwap::from_pointee(catalog),
            hub: event::Hub::default(),
            identities: auth::Identities::default(),
            accesses: access::Accesses::default(),
            refusals: refusal::Refusals::default(),
            watch: signal::Watch::default(),
            keys,
            accounts: account::Accounts::new(&config),
            postbox: mail::Postbox::default(),
            config,
            shutdown,
        };
        let control = Self { inner: Arc::new(inner) };
        product::begin(&control).await;
        Ok(control)
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub fn config(&self) -> &ControlConfig {
        &self.inner.config
    }

    /// The product as it is now; a request keeps the one that it began with.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.inner.catalog.load_full()
    }

    pub fn hub(&self) -> &event::Hub {
        &self.inner.hub
    }

    pub(crate) fn identities(&self) -> &auth::Identities {
        &self.inner.identities
    }

    pub(crate) fn accesses(&self) -> &access::Accesses {
        &self.inner.accesses
    }

    /// What policies have refused lately.
    pub fn refusals(&self) -> &refusal::Refusals {
        &self.inner.refusals
    }

    pub(crate) fn watch(&self) -> &signal::Watch {
        &self.inner.watch
    }

    /// The country of an address; `None` when it, or the file of countries, is not known.
    pub(crate) fn country_of(&self, address: Option<IpAddr>) -> Option<String> {
        self.inner.config.countries.as_ref()?.of(address?)
    }

    pub(crate) fn accounts(&self) -> &account::Accounts {
        &self.inner.accounts
    }

    pub(crate) fn postbox(&self) -> &mail::Postbox {
        &self.inner.postbox
    }

    pub(crate) fn keys(&self) -> &secret::KeyRing {
        &self.inner.keys
    }

    pub fn shutdown(&self) -> &CancellationToken {
        &self.inner.shutdown
    }
}
