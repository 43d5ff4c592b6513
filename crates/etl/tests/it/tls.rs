//! TLS to a PostgreSQL with certificates of a private authority, in each mode of libpq.

use plinth_etl::session::Session;
use plinth_etl::spec::{PostgresSpec, Tls};
use plinth_testkit::postgres::{Authority, private_server};

use crate::support::spec_of;

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
    let (ours, others) = (Authority::new().unwrap(), Authority::new().unwrap());
    server.show(1, &ours.issue(2999).unwrap()).await.unwrap();
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
    server.show(2, &ours.issue(2001).unwrap()).await.unwrap();
    let expired = tried(&spec, name, Tls::VerifyCa, own).await.unwrap_err();
    assert!(
        expired.starts_with("tls_failed: the server's certificate has expired"),
        "{expired}"
    );
    assert_eq!(tried(&spec, name, Tls::Require, None).await, Ok(true));
}
