//! TLS to a PostgreSQL with certificates of a private authority, in each mode of libpq.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use plinth_etl::session::Session;
use plinth_etl::spec::{PostgresSpec, Tls};
use plinth_testkit::postgres::{PrivateServer, private_server};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

use crate::support::{eventually, spec_of};

/// An authority that nobody knows.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Certificate and key of `localhost`.
    fn issue(&self, last_year: i32) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = date_time_ymd(last_year, 12, 31);
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A file that PostgreSQL takes for a private one.
fn write_private(folder: &Path, name: &str, text: &str, owner: &Path) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let owner = std::fs::metadata(owner).unwrap();
    chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    path
}

/// Gives the running server a certificate, and waits until it shows that one.
async fn switch_on(server: &PrivateServer, number: u32, (certificate, key): (String, String)) {
    let (admin, driver) = tokio_postgres::connect(&server.cluster.url("postgres"), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(driver);
    let data: String = admin.query_one("show data_directory", &[]).await.unwrap().get(0);
    let certificate = write_private(server.home(), &format!("{number}.crt"), &certificate, Path::new(&data));
    let key = write_private(server.home(), &format!("{number}.key"), &key, Path::new(&data));
    for setting in [
        format!("ssl_cert_file = '{}'", certificate.display()),
        format!("ssl_key_file = '{}'", key.display()),
        "ssl = on".to_owned(),
    ] {
        admin
            .batch_execute(&format!("alter system set {setting}"))
            .await
            .unwrap();
    }
    admin.batch_execute("select pg_reload_conf()").await.unwrap();
    eventually(async || {
        let shown = "select current_setting('ssl') = 'on' and current_setting('ssl_cert_file') = $1";
        let shown = admin.query_one(shown, &[&certificate.to_str().unwrap()]).await.unwrap();
        shown.get::<_, bool>(0).then_some(())
    })
    .await
    .unwrap();
}

/// `ok` with whether the connection is encrypted, or the error's code and message.
async fn tried(spec: &PostgresSpec, host: &str, tls: Tls, ca: Option<&str>) -> Result<bool, String> {
    let spec = PostgresSpec {
        host: host.to_owned(),
        tls,
        ca_certificate: ca.map(str::to_owned),
        ..spec.clone()
    };
    let session = Session::connect(&spec, "tls test").await.map_err(|error| {
        assert!(error.hint.is_some(), "{error:?}");
        format!("{}: {error}", error.code)
    })?;
    let encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    Ok(session.query_one(encrypted, &[]).await.unwrap().get(0))
}

#[tokio::test]
async fn each_mode_verifies_what_it_says_and_no_less() {
    let server = private_server(&[]).await.unwrap();
    let (ours, others) = (Authority::new(), Authority::new());
    switch_on(&server, 1, ours.issue(2999)).await;
    let spec = spec_of(&server.cluster.url("postgres"));
    let both = format!("# Two of them\n{}\n{}", others.pem, ours.pem);
    let (joined, spaced) = (ours.pem.replace('\n', ""), ours.pem.replace('\n', " "));
    let (own, other, both) = (Some(ours.pem.as_str()), Some(others.pem.as_str()), Some(both.as_str()));
    let (name, address) = ("localhost", "127.0.0.1");
    let untrusted = "tls_failed: the server's certificate is not from a trusted authority";
    let misnamed = "tls_failed: the server's certificate is for another name";
    let useless = "invalid_connection: `ca_certificate` is of no use";
    for (host, tls, ca, expected) in [
        (name, Tls::VerifyFull, own, Ok(true)),
        (name, Tls::VerifyFull, both, Ok(true)),
        (name, Tls::VerifyFull, Some(&joined), Ok(true)),
        (name, Tls::VerifyFull, Some(&spaced), Ok(true)),
        (name, Tls::VerifyFull, other, Err(untrusted)),
        (name, Tls::VerifyFull, None, Err(untrusted)),
        (address, Tls::VerifyFull, own, Err(misnamed)),
        (address, Tls::VerifyCa, own, Ok(true)),
        (address, Tls::VerifyCa, other, Err(untrusted)),
        (address, Tls::VerifyCa, None, Err(untrusted)),
        (address, Tls::Require, None, Ok(true)),
        (address, Tls::Require, own, Ok(true)),
        (name, Tls::Require, other, Err(untrusted)),
        (name, Tls::Prefer, None, Ok(true)),
        (name, Tls::Disable, None, Ok(false)),
        (name, Tls::Prefer, own, Err(useless)),
        (name, Tls::Disable, own, Err(useless)),
        (
            name,
            Tls::VerifyFull,
            Some("no certificate"),
            Err("invalid_connection: `ca_certificate` is not"),
        ),
        (
            name,
            Tls::VerifyFull,
            Some(&ours.pem[..200]),
            Err("invalid_connection: `ca_certificate` is not"),
        ),
    ] {
        let got = tried(&spec, host, tls, ca).await;
        match (&got, expected) {
            (Ok(encrypted), Ok(wanted)) => assert_eq!(*encrypted, wanted, "{host} {tls:?} {ca:?}"),
            (Err(told), Err(wanted)) => assert!(told.starts_with(wanted), "{host} {tls:?} {ca:?}: {told}"),
            _ => panic!("{host} {tls:?} {ca:?}: {got:?}, wanted {expected:?}"),
        }
    }
    switch_on(&server, 2, ours.issue(2001)).await;
    let expired = tried(&spec, name, Tls::VerifyCa, own).await.unwrap_err();
    assert!(
        expired.starts_with("tls_failed: the server's certificate has expired"),
        "{expired}"
    );
    assert_eq!(tried(&spec, name, Tls::Require, None).await, Ok(true));
}
