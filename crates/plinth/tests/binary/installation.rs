//! An installation of its own: PostgreSQL, `plinth serve`, `plinth worker`, and a person in an org.

use std::path::{Path, PathBuf};
use std::process::Command;

use plinth_testkit::postgres::{PrivateServer, private_server};
use tempfile::TempDir;

use crate::support::{Daemon, Hear, Said, eventually, folder, plinth, product, said, said_to};

pub const OLD_KEY: &str = "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
pub const NEW_KEY: &str = "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2";
const OPERATOR: &str = "plinth_opr_0123456789012345678901234567890123456789012";
const RECONCILER: &str = "plinth_rec_0123456789012345678901234567890123456789012";

pub struct Installation {
    pub postgres: PrivateServer,
    pub folder: TempDir,
    pub server: Option<Daemon>,
    url: String,
}

impl Installation {
    /// A server with this key and settings, on databases that it makes.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let mut installation = Self::on(private_server(&[]).await.unwrap());
        installation.serve(settings);
        installation
    }

    /// Nothing but its PostgreSQL yet.
    pub fn on(postgres: PrivateServer) -> Self {
        Self {
            postgres,
            folder: folder(),
            server: None,
            url: String::new(),
        }
    }

    /// Ends the server, if there is one, and starts another with these settings.
    pub fn serve(&mut self, settings: &[(&str, &str)]) {
        self.server = None;
        let mut command = self.on_databases("serve");
        // Where it was before: a login is good for one address.
        let address = self.url.strip_prefix("http://").unwrap_or("127.0.0.1:0");
        command.env("PLINTH_LISTEN", address);
        command.env("PLINTH_OUTBOX", self.path("outbox"));
        command.env("PLINTH_OPERATOR_TOKEN", OPERATOR);
        command.env("PLINTH_RECONCILER_TOKEN", RECONCILER);
        let mut server = Daemon::start(command.envs(settings.iter().copied()), Hear::Errors);
        self.url = server.until("listening on ");
        self.server = Some(server);
    }

    /// A worker that may connect to this machine, where the databases of a test are.
    pub fn worker(&self) -> Daemon {
        self.worker_with(&[("PLINTH_ALLOWED_NETWORKS", "127.0.0.0/8")])
    }

    pub fn worker_with(&self, settings: &[(&str, &str)]) -> Daemon {
        let mut command = plinth();
        command.args(["worker", "--server", &self.url, "--token", RECONCILER, "--files"]);
        command.arg(self.path("files")).envs(settings.iter().copied());
        Daemon::start(&mut command, Hear::Errors)
    }

    /// A connection to this installation's own PostgreSQL.
    pub fn connection(&self, name: &str, host: &str) -> String {
        let url = self.postgres.cluster.url("postgres");
        let (_, login) = url.split_once("://postgres:").unwrap();
        let (password, _) = login.split_once('@').unwrap();
        let port = self.postgres.cluster.port();
        format!(
            "{{type: connection, name: {name}, spec: {{kind: postgres, host: '{host}', port: {port}, \
             database: postgres, user: postgres, password: '{password}', tls: disable}}}}\n"
        )
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn database_url(&self) -> String {
        self.postgres.cluster.url("plinth")
    }

    /// A command of the operator, with the old key unless it is given another.
    pub fn on_databases(&self, command_line: &str) -> Command {
        let mut command = plinth();
        command.args(command_line.split(' '));
        command.env("PLINTH_DATABASE_URL", self.database_url());
        command.env("PLINTH_KEY", OLD_KEY);
        command
    }

    /// A command of a person of this folder.
    pub fn client(&self, command_line: &str) -> Command {
        client(plinth(), &self.url, self.folder.path(), command_line)
    }

    pub fn said(&self, command_line: &str) -> Said {
        said(&mut self.client(command_line))
    }

    /// A product, and a person with an org.
    pub fn populate(&self) {
        let mut apply = self.client("apply");
        apply.arg(product()).env("PLINTH_OPERATOR_TOKEN", OPERATOR);
        said(&mut apply).done();
        sign_up(&|line| self.client(line), &self.path("outbox"));
        self.said("org create acme").done();
    }
}

pub fn client(mut command: Command, url: &str, folder: &Path, command_line: &str) -> Command {
    command.env("PLINTH_CONFIG_DIR", folder.join("config"));
    command.args(["--url", url]);
    command.args(command_line.split(' '));
    command
}

/// Signs up and follows the link in the mail.
pub fn sign_up(client: &dyn Fn(&str) -> Command, outbox: &Path) {
    let mut command = client("signup --email ada@example.com --name Ada --password-stdin");
    said_to(&mut command, "correct horse battery").done();
    let token = eventually("the mail", || mailed_token(outbox));
    said(&mut client(&format!("verify {token}"))).done();
}

fn mailed_token(outbox: &Path) -> Option<String> {
    let mails = std::fs::read_dir(outbox).ok()?.filter_map(Result::ok);
    let mut mails = mails.filter(|mail| mail.path().extension().is_some_and(|kind| kind == "eml"));
    let text = std::fs::read_to_string(mails.next()?.path()).unwrap();
    // Long lines of a mail are folded, and `=` is written in hex.
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = text.split_once("token=")?;
    Some(rest.split_whitespace().next()?.to_owned())
}
