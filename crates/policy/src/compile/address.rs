//! Network addresses. They are stored as hexadecimal digits, so that "within a network" is a pattern and needs nothing
//! of the database but a regular expression.

use core::net::IpAddr;
use std::fmt::Write;

use super::path::{self, Path};
use super::predicate::Predicate;
use super::truth::Truth;
use super::value::Value;
use crate::vocabulary::Type;

/// The digits that an address is stored as: 8 for version 4, 32 for version 6.
pub(crate) fn bits(address: IpAddr) -> String {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets.iter().fold(String::new(), |mut text, octet| {
        _ = write!(text, "{octet:02x}");
        text
    })
}

/// The address of these digits, as Cedar reads it: not with dots where it has colons.
pub(crate) fn of_bits(digits: &str) -> Option<String> {
    if digits.chars().any(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
        return None;
    }
    match digits.len() {
        8 => Some(core::net::Ipv4Addr::from(u32::from_str_radix(digits, 16).ok()?).to_string()),
        32 => {
            let address = core::net::Ipv6Addr::from(u128::from_str_radix(digits, 16).ok()?);
            Some(address.segments().map(|segment| format!("{segment:x}")).join(":"))
        }
        _ => None,
    }
}

/// `left.isInRange(right)`; nothing for what are no addresses.
pub(super) fn in_range(left: &Value<'_>, right: &Value<'_>) -> Option<Truth> {
    match (left, right) {
        (Value::Address(_), Value::Address(_)) => Some(Truth::constant(true)),
        (Value::Address(path), Value::Network(network)) => Some(within(path, network)),
        // A network lies within an address only when it is that address.
        (Value::Network(network), Value::Address(path)) => Some(is(path, network)),
        _ => None,
    }
}

/// `address == network`: a network of more than one address equals none.
pub(super) fn is(path: &Path, network: &str) -> Truth {
    match parsed(network) {
        Some((address, prefix)) if usize::from(prefix) == bits(address).len().saturating_mul(4) => {
            within(path, network)
        }
        _ => Truth::constant(false),
    }
}

/// Whether the address is in any of these networks: how `isIpv4`, `isLoopback` and `isMulticast` are defined.
pub(super) fn within_any(value: &Value<'_>, networks: &[&str]) -> Option<Truth> {
    match value {
        Value::Address(path) => Some(Truth::any(networks.iter().map(|network| within(path, network)))),
        _ => None,
    }
}

fn within(path: &Path, network: &str) -> Truth {
    let Some((address, prefix)) = parsed(network) else {
        return Truth::constant(false);
    };
    let test = path::matches(&format!("{}.bits", path.text()), &pattern(&bits(address), prefix));
    Truth {
        no: Predicate::atom(format!("!({test})")),
        yes: path.test(&Type::Address, test),
    }
}

/// An address or network of Cedar's as `address/prefix`, the same text for the same one.
pub(super) fn network(text: &str) -> Option<String> {
    let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    let own = if address.is_ipv4() { 32 } else { 128 };
    let prefix: u8 = if prefix.is_empty() { own } else { prefix.parse().ok()? };
    Some(format!("{address}/{prefix}"))
}

fn parsed(network: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = network.split_once('/')?;
    Some((address.parse().ok()?, prefix.parse().ok()?))
}

/// A pattern of the addresses that begin with these bits.
fn pattern(digits: &str, prefix: u8) -> String {
    let (whole, rest) = (usize::from(prefix / 4), prefix % 4);
    let mut pattern = format!("^{}", digits.get(..whole).unwrap_or(digits));
    let mut free = digits.len().saturating_sub(whole);
    let next = digits.chars().nth(whole).and_then(|digit| digit.to_digit(16));
    if let Some(digit) = next.filter(|_| rest > 0) {
        let shift = u32::from(4_u8.saturating_sub(rest));
        let same = |other: &u32| other.checked_shr(shift) == digit.checked_shr(shift);
        pattern.push('[');
        pattern.extend((0..16).filter(same).filter_map(|other| char::from_digit(other, 16)));
        pattern.push(']');
        free = free.saturating_sub(1);
    }
    if free > 0 {
        _ = write!(pattern, "[0-9a-f]{{{free}}}");
    }
    pattern.push('$');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_the_pattern_of_its_addresses() {
        for (network, expected) in [
            ("10.0.0.0/8", "^0a[0-9a-f]{6}$"),
            ("172.16.0.0/12", "^ac1[0-9a-f]{5}$"),
            ("10.20.64.0/18", "^0a14[4567][0-9a-f]{3}$"),
            ("192.0.2.7/32", "^c0000207$"),
            ("192.0.2.6/31", "^c000020[67]$"),
            ("0.0.0.0/0", "^[0-9a-f]{8}$"),
            ("::/0", "^[0-9a-f]{32}$"),
            ("fc00::/7", "^f[cd][0-9a-f]{30}$"),
        ] {
            let (address, prefix) = parsed(network).unwrap();
            assert_eq!(pattern(&bits(address), prefix), expected, "{network}");
        }
    }
}
