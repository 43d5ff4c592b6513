//! A wrong setting refuses the start with one line that says what to do, whichever way it was given, and repeats no secret.

use std::path::Path;

use crate::support::{Said, plinth, product, said};

/// Whatever may not be repeated holds this.
const SECRET: &str = "hunter2";

/// A command line that would start, but for one thing that a case changes.
fn serve(key_file: &Path) -> Vec<String> {
    let line = format!(
        "serve --database-url postgres://plinth:{SECRET}@127.0.0.1:1/plinth --key-file {} --outbox {}",
        key_file.display(),
        key_file.with_file_name("outbox").display(),
    );
    line.split(' ').map(str::to_owned).collect()
}

#[track_caller]
fn assert_refused(said: &Said, wanted: &str, what: &str) {
    let code = said.code.unwrap_or(101);
    assert!((1..=2).contains(&code), "{what}: {said:#?}");
    assert!(
        !said.err.contains(SECRET) && !said.out.contains(SECRET),
        "{what} repeats a secret: {said:#?}"
    );
    assert!(!said.err.contains("panicked"), "{what}: {said:#?}");
    let mut lines = said.err.lines().filter(|line| !line.is_empty());
    let line = lines.next().unwrap_or_default();
    assert!(
        line.starts_with("error: ") && line.contains(wanted),
        "{what}: wanted `{wanted}` in {said:#?}"
    );
    // After a wrong flag clap adds where help is.
    let more: Vec<&str> = lines.collect();
    assert!(
        more.iter()
            .all(|line| line.starts_with("For more information") || line.trim_start().starts_with("[possible")),
        "{what}: {said:#?}"
    );
}

#[expect(clippy::too_many_lines, reason = "most of it is a table")]
#[test]
fn a_wrong_value_of_a_flag_or_of_the_environment_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
    write("key", &"ab".repeat(32));
    write("other.key", &"cd".repeat(32));
    write("short.key", SECRET);
    write("file", "not a folder");
    let at = |name: &str| path(name).to_str().unwrap().to_owned();
    let smtp = |url: &str| ("PLINTH_SMTP_URL", url.replace('_', SECRET));
    let cases: Vec<((&str, String), &str)> = vec![
        (("PLINTH_LISTEN", "nowhere".into()), "give an address and a port"),
        (("PLINTH_LISTEN", "8080".into()), "give an address and a port"),
        (
            ("PLINTH_DATABASE_URL", SECRET.into()),
            "`database_url` must be a URL such as postgres://",
        ),
        (
            ("PLINTH_DATABASE_URL", format!("mysql://u:{SECRET}@h/d")),
            "`database_url` must be a URL such as postgres://",
        ),
        (
            ("PLINTH_DATABASE_URL", format!("postgres://u:{SECRET}@h")),
            "`database_url` must be a URL such as postgres://",
        ),
        (
            ("PLINTH_DATABASE_URL", format!("postgres://u:{SECRET}@h:99999/d")),
            "`database_url` must be",
        ),
        (
            ("PLINTH_DATABASE_URL", format!("postgres://u:{SECRET}@h/d?nonsense=1")),
            "`database_url`: expected `postgres://",
        ),
        (
            (
                "PLINTH_DATABASE_URL",
                format!("postgres://u:{SECRET}@h/d?sslmode=always"),
            ),
            "`database_url`: `sslmode`: expected disable, prefer, require, verify-ca or verify-full",
        ),
        (
            (
                "PLINTH_DATABASE_URL",
                format!(
                    "postgres://u:{SECRET}@h/d?sslmode=verify-full&sslrootcert={}",
                    at("missing")
                ),
            ),
            "`database_url`: cannot read `sslrootcert` `",
        ),
        (
            (
                "PLINTH_DATABASE_URL",
                format!(
                    "postgres://u:{SECRET}@h/d?sslmode=verify-full&sslrootcert={}",
                    at("key")
                ),
            ),
            "is not a certificate: give the PEM file",
        ),
        (("PLINTH_DATABASE_URL", String::new()), "give --database-url"),
        (
            ("PLINTH_SQL_ADDRESS", format!("postgres://u:{SECRET}@h")),
            "`sql_address`: give a host, with a port",
        ),
        (
            ("PLINTH_SQL_ADDRESS", "db.example.com:port".into()),
            "`sql_address`: give a host, with a port",
        ),
        (("PLINTH_KEY_FILE", at("missing")), "cannot read the key file"),
        (("PLINTH_KEY_FILE", at("short.key")), "must hold 64 hex digits"),
        (
            ("PLINTH_KEY_FILE", String::new()),
            "a value is required for '--key-file <FILE>'",
        ),
        (("PLINTH_KEY", SECRET.into()), "`key` must hold 64 hex digits"),
        (("PLINTH_COUNTRY_FILE", at("missing")), "missing` cannot be read: "),
        (
            ("PLINTH_COUNTRY_FILE", at("key")),
            "key` is not in MaxMind's format (MMDB): ",
        ),
        (
            ("PLINTH_PREVIOUS_KEY", SECRET.into()),
            "`previous_key` must hold 64 hex digits",
        ),
        (
            ("PLINTH_PREVIOUS_KEY_FILE", at("key")),
            "`previous_key` is the key itself",
        ),
        (
            ("PLINTH_PUBLIC_URL", "cloud.example.com".into()),
            "`public_url` must be a URL",
        ),
        (
            smtp("http://u:_@mail.example.com"),
            "`smtp_url` and `outbox` exclude each other",
        ),
        (
            ("PLINTH_OUTBOX", String::new()),
            "a value is required for '--outbox <DIR>'",
        ),
        (
            ("PLINTH_OUTBOX", format!("{}/outbox", at("file"))),
            "`outbox`: cannot make the folder",
        ),
        (("PLINTH_MAIL_FROM", "nobody".into()), "`mail_from` must be an address"),
        (
            ("PLINTH_TRUSTED_PROXIES", "10.0.0.0/99".into()),
            "give networks such as 10.0.0.0/8",
        ),
        (("PLINTH_POOL_SIZE", "many".into()), "'--pool-size <N>'"),
        (
            ("PLINTH_POOL_SIZE", "0".into()),
            "`pool_size` must be between 1 and 1000",
        ),
        (
            ("PLINTH_LEASE_SECS", "4".into()),
            "`lease_secs` must be between 5 and 3600",
        ),
        (
            ("PLINTH_LEASE_SECS", "86400".into()),
            "`lease_secs` must be between 5 and 3600",
        ),
        (("PLINTH_LEASE_SECS", "long".into()), "'--lease-secs <N>'"),
        (
            ("PLINTH_OPERATOR_TOKEN", SECRET.into()),
            "`operator_token` must be `plinth_opr_` and",
        ),
        (
            ("PLINTH_OPERATOR_TOKEN", format!("plinth_rec_{}", "x".repeat(40))),
            "`operator_token` must be",
        ),
        (
            ("PLINTH_RECONCILER_TOKEN", format!("plinth_rec_{SECRET}")),
            "`reconciler_token` must be",
        ),
        (("PLINTH_LOG_FORMAT", "xml".into()), "'--log-format <FORMAT>'"),
        (("PLINTH_LOG", "a=b=c".into()), "PLINTH_LOG is no filter"),
        (
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318".into()),
            "`otlp_endpoint` must be a URL",
        ),
        (("PLINTH_CONFIG", at("missing")), "cannot read the settings file"),
    ];
    for ((name, value), wanted) in cases {
        let mut line = serve(&path("key"));
        // What a case sets is given in no other way.
        let flag = format!(
            "--{}",
            name.trim_start_matches("PLINTH_").to_lowercase().replace('_', "-")
        );
        let also = ["PLINTH_KEY"].contains(&name).then_some("--key-file");
        for given in [Some(flag.as_str()), also].into_iter().flatten() {
            if let Some(index) = line.iter().position(|word| word == given) {
                line.drain(index..index + 2);
            }
        }
        assert_refused(
            &said(plinth().args(&line).env(name, &value)),
            wanted,
            &format!("{name}={value}"),
        );
        let has_flag = !["PLINTH_LOG", "OTEL_EXPORTER_OTLP_ENDPOINT"].contains(&name) && !value.is_empty();
        if has_flag && !value.contains(SECRET) {
            let line = line.iter().cloned().chain([flag.clone(), value.clone()]);
            assert_refused(&said(plinth().args(line)), wanted, &format!("{flag} {value}"));
        }
    }
}

#[test]
fn a_wrong_smtp_url_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "ab".repeat(32)).unwrap();
    for (url, wanted) in [
        ("smtp://mail.example.com:587", "`smtp_url` would send in the clear"),
        (
            "http://u:hunter2@mail.example.com",
            "`smtp_url` must be a URL such as smtps://",
        ),
        ("hunter2", "`smtp_url` must be a URL such as smtps://"),
        (
            "smtps://u:hunter2@mail.example.com:port",
            "`smtp_url` must be a URL such as smtps://",
        ),
    ] {
        let mut line = serve(&key);
        line.truncate(line.len() - 2);
        assert_refused(&said(plinth().args(&line).env("PLINTH_SMTP_URL", url)), wanted, url);
    }
}

#[test]
fn a_wrong_line_of_the_file_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "ab".repeat(32)).unwrap();
    let good = format!(
        "database_url = \"postgres://u:{SECRET}@127.0.0.1:1/plinth\"\nkey_file = \"{}\"\noutbox = \"{}\"\n",
        key.display(),
        folder.path().join("outbox").display(),
    );
    let cell = |name: &str, url: &str| {
        format!("[[cells]]\nname = \"{name}\"\nregion = \"eu\"\ndatabase_url = \"postgres://u:{SECRET}@{url}\"\n")
    };
    for (more, wanted) in [
        (
            "lisen = \"127.0.0.1:80\"\n".to_owned(),
            "line 4, `lisen`: unknown field `lisen`",
        ),
        (
            "listen = \"nowhere\"\n".to_owned(),
            "line 4, `listen`: give an address and a port",
        ),
        ("listen = 127.0.0.1\n".to_owned(), "line 4, `listen`: this is not TOML"),
        (
            format!("smtp_url = \"smtps://u:{SECRET}@h\n"),
            "line 4, `smtp_url`: this is not TOML",
        ),
        (format!("key = {SECRET}\n"), "line 4, `key`: this is not TOML"),
        (format!("key = \"{SECRET}\"\n"), "`key` must hold 64 hex digits"),
        (
            "pool_size = 5000\n".to_owned(),
            "`pool_size` must be between 1 and 1000",
        ),
        ("public_url = \"ftp://x\"\n".to_owned(), "`public_url` must be a URL"),
        (
            cell("a", "h/x") + &cell("a", "h/y"),
            "each cell needs a region, and a name of its own",
        ),
        (
            cell("a", "h/x") + &cell("b", "h/x"),
            "cell `b` needs a database of its own",
        ),
        (cell("a", "h"), "`database_url of cell a` must be a URL"),
        (
            cell("a", "h/x") + "sql_address = \"h/x\"\n",
            "`sql_address of cell a`: give a host, with a port",
        ),
        (
            "sql_address = \"h\"\n".to_owned() + &cell("a", "h/x"),
            "`sql_address` is for a single cell: give each of `cells` one of its own",
        ),
        ("[[cells]]\nname = \"a\"\n".to_owned(), "missing field `region`"),
        (
            "[worker]\ncapacity = \"x\"\n".to_owned(),
            "line 5, `capacity`: give a whole number",
        ),
    ] {
        let file = folder.path().join("plinth.toml");
        std::fs::write(&file, good.clone() + &more).unwrap();
        assert_refused(&said(plinth().arg("serve").arg("--config").arg(&file)), wanted, &more);
    }
}

#[test]
fn what_only_the_first_use_shows_is_said_as_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "ab".repeat(32)).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut busy = serve(&key);
    busy.extend(["--listen".to_owned(), address.clone()]);
    assert_refused(&said(plinth().args(&busy)), "is another server running there?", "busy");
    let home = folder.path().join("home");
    let product = product().to_str().unwrap().to_owned();
    let mut dev = plinth();
    dev.args(["dev", "--listen", &address, "--product", &product, "--home"])
        .arg(&home);
    assert_refused(&said(&mut dev), "choose another address, such as `--listen", "dev");
    assert!(
        !home.join("postgres").exists(),
        "nothing is built for a server that cannot listen"
    );
    let mut line = serve(&key);
    line.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
    assert_refused(
        &said(plinth().args(&line)),
        "cannot migrate the databases",
        "no database",
    );
    line[0] = "migrate".to_owned();
    assert_refused(&said(plinth().args(&line)), "cannot migrate the databases", "migrate");
}

#[test]
fn a_usage_does_not_ask_for_what_the_environment_gives() {
    for (line, name, value, wanted) in [
        (
            vec!["get"],
            "PLINTH_URL",
            "http://127.0.0.1:1",
            "Usage: plinth get <PLURAL> [NAME]",
        ),
        (
            vec!["get", "--colour", "x"],
            "PLINTH_ORG",
            "acme",
            "Usage: plinth get [OPTIONS] <PLURAL> [NAME]",
        ),
        (
            vec!["serve", "x"],
            "PLINTH_LISTEN",
            "127.0.0.1:1",
            "Usage: plinth serve [OPTIONS]",
        ),
    ] {
        let bare = said(plinth().args(&line));
        let told = said(plinth().args(&line).env(name, value));
        assert!(told.err.contains(wanted), "{line:?}: {told:#?}");
        assert_eq!((told.code, told.err), (bare.code, bare.err), "{line:?}");
    }
    // What is wrong with the variable itself is told all the same.
    let told = said(plinth().arg("dev").env("PLINTH_LISTEN", "here"));
    assert_refused(&told, "give an address and a port", "a variable");
    let help = said(plinth().args(["get", "--help"]).env("PLINTH_URL", "http://127.0.0.1:1")).done();
    assert!(help.contains("[env: PLINTH_URL=http://127.0.0.1:1]"), "{help}");
}

#[test]
fn a_worker_says_what_is_wrong_with_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("file"), SECRET).unwrap();
    let token = format!("plinth_rec_{}", "x".repeat(43));
    let good = |name: &str| {
        [name, "--token", token.as_str(), "--files", &path("files")]
            .map(str::to_owned)
            .to_vec()
    };
    for (change, wanted) in [
        (vec!["worker"], "give --token-file"),
        (
            vec!["worker", "--token-file", &path("missing")],
            "cannot read the token file",
        ),
        (
            vec!["worker", "--token-file", &path("file")],
            "`token` must be `plinth_rec_` and",
        ),
        (vec!["worker", "--token", SECRET], "`token` must be `plinth_rec_` and"),
        (vec!["--server", "nowhere"], "give a URL such as"),
        (vec!["--capacity", "0"], "`capacity` must be between 1 and 1000"),
        (vec!["--capacity", "few"], "'--capacity <N>'"),
        (vec!["--org-capacity", "33"], "`org_capacity` must be between 1 and 32"),
        (vec!["--denied-networks", "inside"], "give networks such as 10.0.0.0/8"),
        (
            vec!["--allowed-networks", "10.0.0.0/8,300.0.0.1"],
            "give networks such as 10.0.0.0/8",
        ),
        (vec!["--config", &path("missing")], "cannot read the settings file"),
        (vec!["--files", &path("file/below")], "cannot make the folder"),
    ] {
        let line = match change[0] {
            "worker" => change.iter().map(|word| (*word).to_owned()).collect(),
            flag if good("worker").contains(&flag.to_owned()) => {
                let mut line = good("worker");
                line.truncate(3);
                line.into_iter()
                    .chain(change.iter().map(|word| (*word).to_owned()))
                    .collect()
            }
            _ => good("worker")
                .into_iter()
                .chain(change.iter().map(|word| (*word).to_owned()))
                .collect::<Vec<_>>(),
        };
        assert_refused(&said(plinth().args(&line)), wanted, &format!("{change:?}"));
    }
}

#[test]
fn dev_and_openapi_say_what_is_wrong_with_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("file"), "").unwrap();
    std::fs::create_dir_all(path("bad/types")).unwrap();
    std::fs::write(path("bad/product.yaml"), "name: [\n").unwrap();
    let product = product().to_str().unwrap().to_owned();
    for (line, wanted) in [
        (
            vec!["dev", "--product", &product, "--home", &path("file/home")],
            "cannot create the home folder",
        ),
        (
            vec!["dev", "--home", &path("home"), "--listen", "here"],
            "give an address and a port",
        ),
        (
            vec!["dev", "--home", &path("home"), "--product", &path("none")],
            "holds no product.yaml",
        ),
        (
            vec![
                "dev",
                "--home",
                &path("home"),
                "--product",
                &product,
                "--sample-rows",
                "x",
            ],
            "'--sample-rows <N>'",
        ),
        (vec!["openapi", &path("none")], "holds no product.yaml"),
        (vec!["openapi", &path("bad")], "is neither YAML nor JSON"),
    ] {
        assert_refused(&said(plinth().args(&line)), wanted, &format!("{line:?}"));
    }
    assert!(
        !Path::new(&path("home/postgres")).exists(),
        "it started something before it looked at its settings"
    );
}
