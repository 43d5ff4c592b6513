//! The control plane's own databases behind certificates of a private authority, as managed PostgreSQL has them.

use std::path::PathBuf;

use plinth_testkit::postgres::{Authority, private_server};

use crate::installation::Installation;
use crate::support::{folder, said};

#[tokio::test]
async fn the_databases_of_a_server_are_trusted_as_their_url_says() {
    let folder = folder();
    let (ours, others) = (Authority::new().unwrap(), Authority::new().unwrap());
    let write = |name: &str, pem: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path
    };
    let (own, other) = (write("own ca.pem", &ours.pem), write("other.pem", &others.pem));
    let postgres = private_server(&[]).await.unwrap();
    postgres.show(1, &ours.issue(2999).unwrap()).await.unwrap();
    let mut installation = Installation::on(postgres);
    let at = |host: &str, asked: &str| {
        let url = installation.database_url().replacen("127.0.0.1", host, 1);
        format!("{url}?{asked}").replace(' ', "%20")
    };
    let migrate = |url: &str| said(installation.on_databases("migrate").env("PLINTH_DATABASE_URL", url));
    let by = |mode: &str, file: &PathBuf| format!("sslmode={mode}&sslrootcert={}", file.display());
    for (host, asked) in [
        ("localhost", by("verify-full", &own)),
        ("127.0.0.1", by("verify-ca", &own)),
        ("127.0.0.1", by("require", &own)),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", "sslmode=prefer".to_owned()),
        ("127.0.0.1", "sslmode=disable".to_owned()),
    ] {
        migrate(&at(host, &asked)).done();
    }
    let untrusted = "the server's certificate is not from a trusted authority: name the file of its authority";
    for (host, asked, wanted) in [
        ("localhost", by("verify-full", &other), untrusted),
        ("localhost", "sslmode=verify-full".to_owned(), untrusted),
        ("127.0.0.1", "sslmode=verify-ca".to_owned(), untrusted),
        ("127.0.0.1", by("require", &other), untrusted),
        (
            "127.0.0.1",
            by("verify-full", &own),
            "the server's certificate is for another name",
        ),
    ] {
        let told = migrate(&at(host, &asked));
        assert_eq!(told.code, Some(1), "{host} {asked}: {told:#?}");
        assert!(
            told.err.starts_with("error: ") && told.err.contains(wanted),
            "{told:#?}"
        );
        assert_eq!(told.err.lines().count(), 1, "{told:#?}");
    }

    // The pools of a server, and the cell beside the directory, go by the same.
    let url = at("localhost", &by("verify-full", &own));
    installation.serve(&[("PLINTH_DATABASE_URL", &url)]);
    installation.populate();
    let url = installation.postgres.cluster.url("postgres");
    let (admin, driver) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    let sql = "select count(*) filter (where ssl), count(*) filter (where not ssl) from pg_stat_ssl
        join pg_stat_activity using (pid) where usename in ('plinth_api', 'plinth_system')";
    let row = admin.query_one(sql, &[]).await.unwrap();
    let (encrypted, plain): (i64, i64) = (row.get(0), row.get(1));
    assert!(encrypted > 0, "the server is connected");
    assert_eq!(plain, 0, "{encrypted} are encrypted");
}
