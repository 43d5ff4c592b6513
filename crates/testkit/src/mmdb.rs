//! A file of countries in MaxMind's format (MMDB 2.0), for tests: real ones have licences, and change.

use std::net::IpAddr;

const RECORD_BITS: u8 = 24;
/// Between the tree and the data.
const GAP: usize = 16;

/// Where a branch of the tree leads.
#[derive(Clone, Copy)]
enum Leads {
    Nowhere,
    Node(usize),
    /// Offset in the data.
    Data(usize),
}

/// The file for these networks and the codes of their countries. No network may lie within another one.
///
/// # Panics
/// When a network cannot be read.
pub fn countries(networks: &[(&str, &str)]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[Leads::Nowhere; 2]], Vec::new());
    for (network, country) in networks {
        let record = Leads::Data(data.len());
        data.extend(map(&[("country", map(&[("iso_code", text(country))]))]));
        insert(&mut nodes, &bits(network), record);
    }
    let mut file: Vec<u8> = nodes
        .iter()
        .flatten()
        .flat_map(|leads| branch(*leads, nodes.len()))
        .collect();
    file.extend([0; GAP]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    file.extend(metadata(nodes.len()));
    file
}

fn insert(nodes: &mut Vec<[Leads; 2]>, bits: &[usize], record: Leads) {
    let (last, way) = bits.split_last().expect("a network of at least one bit");
    let mut at = 0;
    for bit in way {
        at = match nodes[at][*bit] {
            Leads::Node(next) => next,
            _ => {
                nodes.push([Leads::Nowhere; 2]);
                let next = nodes.len() - 1;
                nodes[at][*bit] = Leads::Node(next);
                next
            }
        };
    }
    nodes[at][*last] = record;
}

/// The bits of the network from the top; one of version 4 lies in `::/96`.
fn bits(network: &str) -> Vec<usize> {
    let (address, length) = network.split_once('/').expect("a network with its length");
    let length: usize = length.parse().expect("a length");
    let (address, length) = match address.parse().expect("an address") {
        IpAddr::V4(address) => (u128::from(u32::from(address)), length + 96),
        IpAddr::V6(address) => (u128::from(address), length),
    };
    (0..length)
        .map(|place| usize::from(address >> (127 - place) & 1 == 1))
        .collect()
}

fn branch(leads: Leads, node_count: usize) -> [u8; 3] {
    let value = match leads {
        Leads::Nowhere => node_count,
        Leads::Node(at) => at,
        Leads::Data(offset) => node_count + GAP + offset,
    };
    let [.., a, b, c] = value.to_be_bytes();
    [a, b, c]
}

fn metadata(node_count: usize) -> Vec<u8> {
    map(&[
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", number(9, 1_800_000_000)),
        ("database_type", text("Test-Country")),
        ("description", map(&[("en", text("Countries of tests"))])),
        ("ip_version", number(5, 6)),
        ("languages", vec![1, 4, 0b0100_0010, b'e', b'n']),
        ("node_count", number(6, node_count as u64)),
        ("record_size", number(5, RECORD_BITS.into())),
    ])
}

fn text(text: &str) -> Vec<u8> {
    let size = u8::try_from(text.len())
        .ok()
        .filter(|size| *size < 29)
        .expect("a short text");
    [&[0b0100_0000 | size], text.as_bytes()].concat()
}

fn map(fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0b1110_0000 | u8::try_from(fields.len()).expect("a small map")];
    for (name, value) in fields {
        bytes.extend(text(name));
        bytes.extend(value);
    }
    bytes
}

/// Types above 7 stand in a byte of their own.
fn number(kind: u8, value: u64) -> Vec<u8> {
    let digits: Vec<u8> = value.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let size = digits.len() as u8;
    let head = if kind < 8 {
        vec![kind << 5 | size]
    } else {
        vec![size, kind - 7]
    };
    [head, digits].concat()
}
