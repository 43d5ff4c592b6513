//! The countries of a file, as the database has them for SQL sessions.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use plinth_control::Countries;
use plinth_control::country::Loader;
use plinth_testkit::mmdb;
use tempfile::TempDir;
use tokio_postgres::Client;

use crate::harness::{TestControl, open, open_with};

struct Setting {
    plane: TestControl,
    admin: Client,
    file: PathBuf,
    _folder: TempDir,
}

async fn setting(networks: &[(&str, &str)]) -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countries.mmdb");
    write(&file, networks, 0);
    let countries = Countries::open(&file).unwrap();
    let plane = open_with(|config| config.countries = Some(countries)).await;
    let admin = plane.test.cell.admin().await;
    Setting {
        plane,
        admin,
        file,
        _folder: folder,
    }
}

/// Times of files are told apart by whole seconds at least.
fn write(file: &Path, networks: &[(&str, &str)], secs: i64) {
    std::fs::write(file, mmdb::countries(networks)).unwrap();
    let at = Timestamp::now() + SignedDuration::from_secs(secs);
    let file = std::fs::File::options().write(true).open(file).unwrap();
    file.set_modified(at.into()).unwrap();
}

impl Setting {
    /// A server that has just started with the file as it is.
    fn server(&self) -> Loader {
        Loader::new(&self.plane.control).unwrap()
    }

    async fn country_of(&self, address: &str) -> Option<String> {
        let select = "select plinth.country_of($1::text::inet)";
        self.admin.query_one(select, &[&address]).await.unwrap().get(0)
    }

    /// Each range with the transaction that wrote it.
    async fn ranges(&self) -> Vec<String> {
        let select =
            r#"select start || '-' || "end" || ' ' || country || ' ' || xmin from plinth.countries order by start"#;
        let rows = self.admin.query(select, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

const NETWORKS: [(&str, &str); 12] = [
    ("0.0.0.0/8", "US"),
    ("10.0.0.0/24", "DE"),
    ("10.0.1.0/24", "DE"),
    ("10.0.2.0/31", "FR"),
    ("10.0.4.0/22", "DE"),
    ("203.0.113.7/32", "NL"),
    ("255.255.255.0/24", "GB"),
    // What leads to addresses of version 4 lies within these two.
    ("2001::/24", "ES"),
    ("2002::/15", "PT"),
    ("2a00:1::/32", "DE"),
    ("2a00:2::/31", "DE"),
    ("ffff:ffff::/32", "IT"),
];

/// The first and the last address of each network, and their neighbours.
fn borders() -> BTreeSet<IpAddr> {
    let mut borders = BTreeSet::new();
    for (network, _) in NETWORKS {
        let (start, length) = network.split_once('/').unwrap();
        let length: u32 = length.parse().unwrap();
        match start.parse().unwrap() {
            IpAddr::V4(start) => {
                let first = start.to_bits();
                let last = first | (u64::from(u32::MAX) >> length) as u32;
                for bits in [first.wrapping_sub(1), first, last, last.wrapping_add(1)] {
                    borders.insert(IpAddr::V4(bits.into()));
                    borders.insert(std::net::Ipv4Addr::from(bits).to_ipv6_mapped().into());
                }
            }
            IpAddr::V6(start) => {
                let first = start.to_bits();
                let last = first | u128::MAX >> length;
                for bits in [first.wrapping_sub(1), first, last, last.wrapping_add(1)] {
                    borders.insert(IpAddr::V6(bits.into()));
                }
            }
        }
    }
    borders
}

#[tokio::test]
async fn the_database_has_each_address_in_the_country_in_which_the_server_has_it() {
    let setting = setting(&NETWORKS).await;
    assert_eq!(setting.country_of("10.0.0.1").await, None, "nothing is loaded yet");
    assert_eq!(setting.server().step().await, 1);
    let loaded = setting.ranges().await;
    assert_eq!(loaded.len(), 10, "two pairs adjoin: {loaded:?}");
    assert!(loaded[1].starts_with("10.0.0.0/32-10.0.1.255/32 DE"), "{loaded:?}");

    let countries = Countries::open(&setting.file).unwrap();
    let mut known = BTreeSet::new();
    for address in borders() {
        let country = countries.of(address);
        assert_eq!(setting.country_of(&address.to_string()).await, country, "{address}");
        known.extend(country);
    }
    let all: BTreeSet<String> = NETWORKS.iter().map(|(_, country)| (*country).to_owned()).collect();
    assert_eq!(known, all, "each country is somewhere");
    for (address, country) in [
        ("::ffff:10.0.1.255", Some("DE")),
        ("10.0.1.255/24", Some("DE")),
        ("::ffff:203.0.113.7", Some("NL")),
        ("2001:1::1", Some("ES")),
        ("2003::1", Some("PT")),
        // They carry addresses of version 4.
        ("::7", None),
        ("2001::1", None),
        ("2002:a00:1::1", None),
    ] {
        assert_eq!(setting.country_of(address).await.as_deref(), country, "{address}");
        let server = address.parse().ok().and_then(|address| countries.of(address));
        assert!(
            address.contains('/') || server.as_deref() == country,
            "{address}: {server:?}"
        );
    }
}

#[tokio::test]
async fn a_file_is_loaded_once_and_another_one_takes_its_place() {
    let setting = setting(&[("10.0.0.0/24", "DE"), ("10.0.2.0/24", "DE")]).await;
    let (mut one, mut other) = (setting.server(), setting.server());
    assert_eq!(one.step().await, 1);
    let loaded = setting.ranges().await;
    assert_eq!(loaded.len(), 2);
    assert_eq!((one.step().await, other.step().await), (0, 0), "it is there");
    assert_eq!(setting.ranges().await, loaded);

    write(&setting.file, &[("10.0.0.0/24", "FR")], 60);
    assert_eq!((one.step().await, other.step().await), (1, 0));
    assert_eq!(setting.country_of("10.0.0.1").await.as_deref(), Some("FR"));
    assert_eq!(
        setting.country_of("10.0.2.1").await,
        None,
        "no range is left of the first"
    );

    // A file that nobody can read changes nothing.
    let loaded = setting.ranges().await;
    std::fs::write(&setting.file, "no such format").unwrap();
    let broken = std::fs::File::options().write(true).open(&setting.file).unwrap();
    let later = Timestamp::now() + SignedDuration::from_secs(120);
    broken.set_modified(later.into()).unwrap();
    assert_eq!(one.step().await, 0);
    assert_eq!(setting.ranges().await, loaded);
}

#[tokio::test]
async fn servers_whose_files_differ_do_not_put_each_others_ranges_back() {
    let setting = setting(&[("10.0.0.0/24", "DE")]).await;
    let mut old = setting.server();
    assert_eq!(old.step().await, 1);
    let newer = setting.file.with_file_name("newer.mmdb");
    write(&newer, &[("10.0.0.0/24", "FR")], 0);
    let countries = Countries::open(&newer).unwrap();
    let plane = &setting.plane;
    let config = plinth_control::ControlConfig {
        countries: Some(countries),
        ..plane.control.config().clone()
    };
    let started = plinth_control::Control::open(plane.test.store.clone(), config, plane.control.shutdown().clone());
    let mut new = Loader::new(&started.await.unwrap()).unwrap();
    assert_eq!(new.step().await, 1, "it has just started");
    assert_eq!((old.step().await, new.step().await), (0, 0));
    assert_eq!(setting.country_of("10.0.0.1").await.as_deref(), Some("FR"));
}

#[tokio::test]
async fn one_server_loads_while_others_go_on() {
    let setting = setting(&[("10.0.0.0/24", "DE")]).await;
    let held = "select pg_advisory_lock(hashtext('plinth.countries'))";
    setting.admin.batch_execute(held).await.unwrap();
    let mut server = setting.server();
    assert_eq!(server.step().await, 0, "another one is at it");
    assert!(setting.ranges().await.is_empty());
    let left = "select pg_advisory_unlock(hashtext('plinth.countries'))";
    setting.admin.batch_execute(left).await.unwrap();
    assert_eq!(server.step().await, 1, "the other one has not finished");

    write(&setting.file, &[("10.0.0.0/24", "FR")], 60);
    let (mut one, mut other) = (setting.server(), setting.server());
    let (by_one, by_other) = tokio::join!(one.step(), other.step());
    assert_eq!(by_one + by_other, 1);
    assert_eq!(setting.country_of("10.0.0.1").await.as_deref(), Some("FR"));
}

#[tokio::test]
async fn a_server_without_a_file_loads_nothing() {
    let plane = open().await;
    assert!(Loader::new(&plane.control).is_none());
}
