//! The networks of a file as ranges of addresses: adjoining networks of one country are one.

use std::net::IpAddr;

use maxminddb::{Reader, WithinOptions};
use plinth_store::country::Range;

use super::code;

/// # Errors
/// What is wrong with the file.
pub fn of(reader: &Reader<Vec<u8>>) -> Result<Vec<Range>, String> {
    let wrong = |error: maxminddb::MaxMindDbError| error.to_string();
    let mut ranges = Vec::new();
    for found in reader.networks(WithinOptions::default()).map_err(wrong)? {
        let found = found.map_err(wrong)?;
        let Some(country) = code(&found) else { continue };
        let network = found.network().map_err(wrong)?;
        let range = Range {
            start: network.network(),
            end: network.broadcast(),
            country,
        };
        add(&mut ranges, range);
    }
    Ok(ranges)
}

/// Behind the others, or as the end of the last one. Files have their networks in order.
fn add(ranges: &mut Vec<Range>, next: Range) {
    match ranges.last_mut() {
        Some(last) if last.country == next.country && follows(last.end, next.start) => last.end = next.end,
        _ => ranges.push(next),
    }
}

/// Whether an address comes right after another one of its version.
fn follows(before: IpAddr, after: IpAddr) -> bool {
    match (before, after) {
        (IpAddr::V4(before), IpAddr::V4(after)) => before.to_bits().checked_add(1) == Some(after.to_bits()),
        (IpAddr::V6(before), IpAddr::V6(after)) => before.to_bits().checked_add(1) == Some(after.to_bits()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use plinth_testkit::mmdb;

    use super::*;

    fn ranges(networks: &[(&str, &str)]) -> Vec<String> {
        let reader = Reader::from_source(mmdb::countries(networks)).unwrap();
        let ranges = of(&reader).unwrap();
        ranges
            .iter()
            .map(|range| format!("{}-{} {}", range.start, range.end, range.country))
            .collect()
    }

    #[test]
    fn networks_of_one_country_that_adjoin_are_one_range() {
        let networks = [
            ("10.0.0.0/24", "DE"),
            ("10.0.1.0/24", "DE"),
            ("10.0.2.0/23", "DE"),
            // Another country, then a gap, then a country that nobody can read.
            ("10.0.4.0/24", "FR"),
            ("10.0.5.0/24", "DE"),
            ("10.0.7.0/24", "DE"),
            ("10.0.8.0/24", "nowhere"),
            ("10.0.9.0/24", "DE"),
        ];
        let expected = [
            "10.0.0.0-10.0.3.255 DE",
            "10.0.4.0-10.0.4.255 FR",
            "10.0.5.0-10.0.5.255 DE",
            "10.0.7.0-10.0.7.255 DE",
            "10.0.9.0-10.0.9.255 DE",
        ];
        assert_eq!(ranges(&networks), expected);
    }

    #[test]
    fn each_version_has_ranges_of_its_own_up_to_its_last_address() {
        let networks = [
            ("255.255.255.0/24", "DE"),
            ("2001:db8::/33", "DE"),
            ("2001:db8:8000::/33", "DE"),
            ("ffff::/16", "FR"),
        ];
        let expected = [
            "255.255.255.0-255.255.255.255 DE",
            "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff DE",
            "ffff::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff FR",
        ];
        assert_eq!(ranges(&networks), expected);
        // No neighbours, though the one follows the other in the file.
        assert!(!follows([255, 255, 255, 255].into(), [0, 0, 0, 0].into()));
        assert!(!follows([255, 255, 255, 255].into(), "::1:0:0".parse().unwrap()));
    }
}
