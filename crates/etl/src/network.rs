//! Which addresses connections may lead to. A customer names the host; the worker stands in the operator's network.
//!
//! An address is judged after the name is resolved, and the very address that was judged is connected to: a name that
//! resolves to something else a moment later changes nothing. It must not know what is spoken over the connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What nobody's database is behind: this machine, the link (and with it the metadata services of clouds), multicast.
const NEVER: &[&str] = &[
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    // Metadata services outside of the link: of Alibaba, Oracle, and of AWS by IPv6.
    "100.100.100.200/32",
    "192.0.0.192/32",
    "fd00:ec2::254/128",
];

/// The networks that an operator closed to connections, and the exceptions to that.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Networks {
    /// `None` lets every address pass: for programs whose own operator names the hosts.
    rules: Option<Box<Rules>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rules {
    denied: Vec<IpNet>,
    allowed: Vec<IpNet>,
}

impl Networks {
    /// Denies loopback, link-local, multicast and unspecified addresses and `denied`, but for what is in `allowed`.
    #[must_use]
    pub fn new(denied: Vec<IpNet>, allowed: Vec<IpNet>) -> Self {
        let never = NEVER.iter().filter_map(|network| network.parse().ok());
        Self {
            rules: Some(Box::new(Rules {
                denied: never.chain(denied).collect(),
                allowed,
            })),
        }
    }

    /// Whether a connection may lead to this address.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        let Some(rules) = &self.rules else { return true };
        let address = plain(address);
        let within = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&address));
        within(&rules.allowed) || !within(&rules.denied)
    }

    /// Those of a host's addresses that may be connected to.
    ///
    /// # Errors
    /// `host_not_allowed` when there is none.
    pub fn permitted(&self, host: &str, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>> {
        let permitted: Vec<IpAddr> = addresses.into_iter().filter(|one| self.permits(*one)).collect();
        if permitted.is_empty() {
            return Err(not_allowed(host));
        }
        Ok(permitted)
    }

    /// A Unix socket is on this machine.
    ///
    /// # Errors
    /// `host_not_allowed` wherever loopback is denied.
    pub fn permit_socket(&self, folder: &str) -> Result<()> {
        match self.permits(IpAddr::V4(Ipv4Addr::LOCALHOST)) {
            true => Ok(()),
            false => Err(not_allowed(folder)),
        }
    }
}

/// Without the address: what names mean inside the operator's network is not for everybody.
fn not_allowed(host: &str) -> Error {
    Error::new(
        "host_not_allowed",
        format!("the host `{host}` is in a network that connections may not lead into"),
    )
    .hint("name a host that is reachable from outside, or ask the operator to allow its network")
}

/// The IPv4 address inside of an IPv6 one, where the system would send packets to the former.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry one as well.
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if v6 != Ipv6Addr::UNSPECIFIED && v6 != Ipv6Addr::LOCALHOST => {
            embedded(high, low)
        }
        _ => v6.to_canonical(),
    }
}

fn embedded(high: u16, low: u16) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn all_built_in_networks_can_be_read() {
        assert_eq!(networks(NEVER).len(), NEVER.len());
    }

    #[test]
    fn what_is_near_the_worker_is_denied_in_every_spelling() {
        let default = Networks::new(Vec::new(), Vec::new());
        for denied in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "::7f00:1",
            "fd00:ec2::254",
            "100.100.100.200",
        ] {
            assert!(!default.permits(denied.parse().unwrap()), "{denied}");
        }
        for permitted in [
            "10.0.0.1",
            "192.168.1.1",
            "198.51.100.7",
            "2001:db8::5",
            "fd12::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(default.permits(permitted.parse().unwrap()), "{permitted}");
        }
        assert!(default.permit_socket("/run/postgresql").is_err());
    }

    #[test]
    fn an_allowed_network_is_an_exception_to_the_denied_ones() {
        let closed = Networks::new(
            networks(&["0.0.0.0/0", "::/0"]),
            networks(&["10.1.0.0/16", "127.0.0.1/32"]),
        );
        for (address, permitted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("2001:db8::5", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
        ] {
            assert_eq!(closed.permits(address.parse().unwrap()), permitted, "{address}");
        }
        let found = closed.permitted("db", vec!["10.2.0.1".parse().unwrap(), "10.1.0.1".parse().unwrap()]);
        assert_eq!(found.unwrap(), ["10.1.0.1".parse::<IpAddr>().unwrap()]);
        let error = closed
            .permitted("db.internal", vec!["10.2.0.1".parse().unwrap()])
            .unwrap_err();
        assert_eq!(error.code, "host_not_allowed");
        assert!(!error.message.contains("10.2.0.1"), "{error}");
    }
}
