//! In which country a network address is, as a file in MaxMind's format (MMDB) has it. There is no such file in Plinth:
//! operators bring one.

mod load;
mod ranges;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use maxminddb::{Reader, WithinOptions, path};
use plinth_store::country::Range;
use sha2::{Digest, Sha256};

pub use load::{Loader, run};

/// How many networks are looked at to see whether a file knows countries at all.
const PROBED: usize = 1000;

/// Networks and their countries. Cheap to clone.
#[derive(Clone)]
pub struct Countries {
    path: PathBuf,
    read: Arc<ArcSwap<Contents>>,
}

/// What a file says.
struct Contents {
    reader: Reader<Vec<u8>>,
    /// SHA-256 of the file, in hexadecimal digits.
    digest: String,
    modified_at: Option<Timestamp>,
}

impl std::fmt::Debug for Countries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Countries")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Countries {
    /// # Errors
    /// One line that names the file: it cannot be read, is no MMDB, or has no countries.
    pub fn open(path: &Path) -> Result<Self, String> {
        Ok(Self {
            path: path.to_owned(),
            read: Arc::new(ArcSwap::from_pointee(read(path)?)),
        })
    }

    /// The country of the address, as a code of two capital letters (ISO 3166); `None` when it is not known.
    pub fn of(&self, address: IpAddr) -> Option<String> {
        let address = address.to_canonical();
        if leads_to_version_4(address) {
            return None;
        }
        country(&self.read.load().reader, address)
    }

    fn contents(&self) -> Arc<Contents> {
        self.read.load_full()
    }

    /// Reads the file again if it has changed; whether it has. Blocks.
    ///
    /// # Errors
    /// As [`Countries::open`]; what was read before stays in use then.
    pub(crate) fn refresh(&self) -> Result<bool, String> {
        if modified_at(&self.path) == self.read.load().modified_at {
            return Ok(false);
        }
        self.read.store(Arc::new(read(&self.path)?));
        Ok(true)
    }
}

impl Contents {
    /// All that it knows, in order; networks of one country that adjoin are one range.
    fn ranges(&self) -> Result<Vec<Range>, String> {
        ranges::of(&self.reader)
    }
}

/// Addresses of version 6 under which files may have the tree of version 4 once more. They are nobody's own, so that they are
/// in no country; as `plinth.country_of` (V16__countries.sql in crates/store) has it.
fn leads_to_version_4(address: IpAddr) -> bool {
    let IpAddr::V6(address) = address else { return false };
    let compatible = address.to_bits() >> 32 == 0;
    compatible || matches!(address.segments(), [0x2001, 0, ..] | [0x2002, ..])
}

fn modified_at(path: &Path) -> Option<Timestamp> {
    std::fs::metadata(path).ok()?.modified().ok()?.try_into().ok()
}

fn read(path: &Path) -> Result<Contents, String> {
    let wrong = |what: String| format!("`{}` {what}", path.display());
    // Before the file itself: what is written in between is read again later.
    let modified_at = modified_at(path);
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let digest = hex::encode(Sha256::digest(&bytes));
    let reader = Reader::from_source(bytes)
        .map_err(|error| wrong(format!("is not in MaxMind's format (MMDB): {error}; download it again")))?;
    if !has_countries(&reader) {
        return Err(wrong(format!(
            "is of type `{}`, which has no countries: give one such as GeoLite2-Country or DB-IP Country Lite",
            reader.metadata().database_type
        )));
    }
    Ok(Contents {
        reader,
        digest,
        modified_at,
    })
}

fn has_countries(reader: &Reader<Vec<u8>>) -> bool {
    let Ok(networks) = reader.networks(WithinOptions::default()) else {
        return false;
    };
    let mut probed = networks.take(PROBED).filter_map(Result::ok);
    probed.any(|found| code(&found).is_some())
}

fn country(reader: &Reader<Vec<u8>>, address: IpAddr) -> Option<String> {
    let found = reader.lookup(address).ok()?;
    // A network of version 6 that is so large that the tree of version 4 lies in it says nothing of version 4.
    let network = found.network().ok()?;
    (network.is_ipv4() == address.is_ipv4()).then(|| code(&found))?
}

/// Where MaxMind and DB-IP have the code, or where IPinfo has it.
fn code(found: &maxminddb::LookupResult<'_, Vec<u8>>) -> Option<String> {
    let nested = found
        .decode_path::<String>(&path!["country", "iso_code"])
        .ok()
        .flatten();
    let code = nested.or_else(|| found.decode_path(&path!["country_code"]).ok().flatten())?;
    is_code(&code).then_some(code)
}

/// Whether a text has the form of a country's code.
pub fn is_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use plinth_testkit::mmdb;

    use super::*;

    fn written(folder: &Path, networks: &[(&str, &str)]) -> PathBuf {
        let path = folder.join("countries.mmdb");
        std::fs::write(&path, mmdb::countries(networks)).unwrap();
        path
    }

    #[test]
    fn an_address_is_in_the_country_of_its_network_and_elsewhere_nobody_knows() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), &[("203.0.113.0/24", "DE"), ("2001:db8::/32", "FR")]);
        let countries = Countries::open(&file).unwrap();
        for (address, country) in [
            ("203.0.113.7", Some("DE")),
            ("::ffff:203.0.113.7", Some("DE")),
            ("203.0.114.7", None),
            ("2001:db8:1::1", Some("FR")),
            ("::1", None),
        ] {
            assert_eq!(countries.of(address.parse().unwrap()).as_deref(), country, "{address}");
        }
    }

    #[test]
    fn what_is_said_of_version_6_is_not_said_of_version_4() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(
            folder.path(),
            &[("::/8", "DE"), ("2001::/16", "FR"), ("2002::/16", "FR")],
        );
        let countries = Countries::open(&file).unwrap();
        for (address, country) in [
            ("203.0.113.7", None),
            ("::ffff:203.0.113.7", None),
            ("::203.0.113.7", None),
            ("2001::1", None),
            ("2002:cb00:7107::1", None),
            ("2001:1::1", Some("FR")),
            ("64::1", Some("DE")),
        ] {
            assert_eq!(countries.of(address.parse().unwrap()).as_deref(), country, "{address}");
        }
    }

    #[test]
    fn a_file_without_countries_is_refused_and_a_bad_one_does_not_replace_a_good_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), &[("203.0.113.0/24", "DE")]);
        let countries = Countries::open(&file).unwrap();
        assert_eq!(countries.refresh(), Ok(false));
        std::fs::write(&file, "no such format").unwrap();
        let touch = |secs: i64| {
            let at = Timestamp::now() + jiff::SignedDuration::from_secs(secs);
            let file = std::fs::File::options().write(true).open(&file).unwrap();
            file.set_modified(at.into()).unwrap();
        };
        touch(60);
        assert!(countries.refresh().unwrap_err().contains("is not in MaxMind's format"));
        assert_eq!(countries.of("203.0.113.7".parse().unwrap()).as_deref(), Some("DE"));
        written(folder.path(), &[("203.0.113.0/24", "NL")]);
        touch(120);
        assert_eq!(countries.refresh(), Ok(true));
        assert_eq!(countries.of("203.0.113.7".parse().unwrap()).as_deref(), Some("NL"));
        let none = written(folder.path(), &[("203.0.113.0/24", "not a code")]);
        assert!(Countries::open(&none).unwrap_err().contains("has no countries"));
        assert!(
            Countries::open(&folder.path().join("none"))
                .unwrap_err()
                .contains("cannot be read")
        );
    }
}
