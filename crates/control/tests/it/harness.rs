//! A control plane of one test: real databases, mail into a folder, and the people in it.

use std::path::PathBuf;

use plinth_control::account::{self, Credentials, Login, SessionKind, SignUp};
use plinth_control::{Control, ControlConfig, ControlError, MailTransport};
use plinth_model::Signals;
use plinth_testkit::store::{self, TestStore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse battery";

/// Ends its background tasks when it goes.
pub struct TestControl {
    pub control: Control,
    pub test: TestStore,
    pub outbox: PathBuf,
}

impl Drop for TestControl {
    fn drop(&mut self) {
        self.control.shutdown().cancel();
        let _ = std::fs::remove_dir_all(&self.outbox);
    }
}

pub async fn open() -> TestControl {
    open_with(|_| ()).await
}

/// As in production, but for what `change` says.
pub async fn open_with(change: impl FnOnce(&mut ControlConfig)) -> TestControl {
    let test = store::open().await;
    let outbox = std::env::temp_dir().join(format!("plinth-outbox-{}", Uuid::now_v7()));
    let mut config = ControlConfig {
        public_url: "https://console.example.com".to_owned(),
        mail: MailTransport::Outbox(outbox.clone()),
        mail_from: "Plinth <no-reply@example.com>".to_owned(),
        key_encryption_key: [7; 32],
        previous_key: None,
        development: false,
        samples: Vec::new(),
        countries: None,
        lease_secs: 30.0,
        undelete_secs: 3600.0,
    };
    change(&mut config);
    let control = Control::open(test.store.clone(), config, CancellationToken::new())
        .await
        .unwrap();
    TestControl { control, test, outbox }
}

pub fn from_address(address: &str) -> Signals {
    Signals {
        address: address.to_owned(),
        user_agent: "test".to_owned(),
    }
}

pub fn here() -> Signals {
    from_address("192.0.2.1")
}

impl TestControl {
    pub async fn sign_up(&self, email: &str) -> Login {
        self.try_sign_up(email).await.unwrap()
    }

    pub async fn try_sign_up(&self, email: &str) -> Result<Login, ControlError> {
        let new = SignUp {
            email: email.to_owned(),
            name: "Ada".to_owned(),
            password: PASSWORD.to_owned().into(),
            session: SessionKind::Bearer,
        };
        account::sign_up(&self.control, &here(), new).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Result<Login, ControlError> {
        let credentials = Credentials {
            email: email.to_owned(),
            password: password.to_owned().into(),
            session: SessionKind::Bearer,
        };
        account::log_in(&self.control, &here(), credentials).await
    }

    /// The token in the newest link to the page of the console.
    pub async fn mailed_token(&self, recipient: &str, page: &str) -> String {
        let admin = self.test.directory.admin().await;
        let select = "select body from plinth.emails where recipient = $1 and body like '%/' || $2 || '?token=%'
            order by id desc limit 1";
        let body: String = admin.query_one(select, &[&recipient, &page]).await.unwrap().get(0);
        let (_, rest) = body.split_once("?token=").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    pub async fn mail_count(&self, recipient: &str) -> i64 {
        let admin = self.test.directory.admin().await;
        let select = "select count(*) from plinth.emails where recipient = $1";
        admin.query_one(select, &[&recipient]).await.unwrap().get(0)
    }

    /// Changes the directory behind the control plane's back: time passes.
    pub async fn directory(&self, sql: &str) {
        let changed = self.test.directory.admin().await.execute(sql, &[]).await.unwrap();
        assert!(changed > 0, "`{sql}` changed nothing");
    }
}
