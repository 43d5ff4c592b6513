//! Certificates of an authority that nobody knows, and a server that shows them.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

use super::PrivateServer;

/// An authority of a test's own.
#[expect(missing_debug_implementations, reason = "it holds a key")]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

/// A certificate, and the key to it.
#[expect(missing_debug_implementations, reason = "it holds a key")]
pub struct Identity {
    certificate: String,
    key: String,
}

impl Authority {
    /// # Errors
    /// When no key can be made.
    pub fn new() -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);
        Ok(Self { issuer, pem })
    }

    /// For `localhost`, good to the end of that year.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn issue(&self, last_year: i32) -> Result<Identity> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
        params.not_after = date_time_ymd(last_year, 12, 31);
        Ok(Identity {
            certificate: params.signed_by(&key, &self.issuer)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

impl PrivateServer {
    /// Shows this certificate to whoever connects from now on. `number` tells it from earlier ones.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn show(&self, number: u32, identity: &Identity) -> Result<()> {
        let (admin, driver) = tokio_postgres::connect(&self.cluster.url("postgres"), tokio_postgres::NoTls).await?;
        tokio::spawn(driver);
        let data: String = admin.query_one("show data_directory", &[]).await?.get(0);
        let write = |name: &str, text: &str| write_private(self.home(), name, text, Path::new(&data));
        let certificate = write(&format!("{number}.crt"), &identity.certificate)?;
        let key = write(&format!("{number}.key"), &identity.key)?;
        for setting in [
            format!("ssl_cert_file = '{}'", certificate.display()),
            format!("ssl_key_file = '{}'", key.display()),
            "ssl = on".to_owned(),
        ] {
            admin.batch_execute(&format!("alter system set {setting}")).await?;
        }
        admin.batch_execute("select pg_reload_conf()").await?;
        let certificate = certificate.display().to_string();
        let is_shown = "select current_setting('ssl') = 'on' and current_setting('ssl_cert_file') = $1";
        for _ in 0..1000 {
            if admin.query_one(is_shown, &[&certificate]).await?.get(0) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the server never showed `{certificate}`");
    }
}

/// A file that PostgreSQL takes for a private one.
fn write_private(folder: &Path, name: &str, text: &str, owner: &Path) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let owner = std::fs::metadata(owner)?;
    chown(&path, Some(owner.uid()), Some(owner.gid()))?;
    Ok(path)
}
