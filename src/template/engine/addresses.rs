//! Where addresses lead, as the peers of a NetworkPolicy: of URLs and lists of hosts, and of what is written as CIDRs.
//!
//! ```text
//! redis://:p@10.0.0.5:6380/0         hosts [10.0.0.5]   ports [6380]   peers [{ipBlock: {cidr: 10.0.0.5/32}}]
//! http://ollama.ai.svc:11434         hosts [ollama…]    ports [11434]  peers [{namespaceSelector: … ai}]
//! kafka-0.example.com:9092,kafka-1…  hosts [kafka-0…]   ports [9092]   peers []   unknown [kafka-0.example.com, …]
//! ```
//!
//! A policy knows addresses and labels, and no names. So of most names nothing can be said, and `unknown` has them.

use std::net::IpAddr;

use crate::source::Span;
use crate::yaml::{Entry, Map, Node, Value};

/// The label of a namespace that has its name.
const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";

/// The ports of schemes whose URLs mostly leave them out.
const DEFAULT_PORTS: &[(&str, u16)] = &[
    ("http", 80),
    ("https", 443),
    ("ws", 80),
    ("wss", 443),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("asyncpg", 5432),
    ("psycopg", 5432),
    ("redis", 6379),
    ("rediss", 6379),
    ("mongodb", 27017),
    ("amqp", 5672),
    ("amqps", 5671),
];

/// One host of an address.
struct Host<'t> {
    name: &'t str,
    port: Option<u16>,
}

/// Where a URL, or a list of hosts with commas between, leads: `{hosts, ports, peers, unknown}`, each a list without
/// duplicates. `port` counts for hosts without one; otherwise the scheme's does.
pub(super) fn endpoints(address: &str, port: Option<u16>) -> Node {
    let (mut names, mut ports, mut peers, mut unknown) = (vec![], vec![], vec![], vec![]);
    for host in hosts(address, port) {
        let name = || Node::string(host.name, Span::NOWHERE);
        add(&mut names, name());
        if let Some(port) = host.port {
            add(&mut ports, Node::plain(port.to_string(), Span::NOWHERE));
        }
        match place(host.name) {
            Place::Peer(peer) => add(&mut peers, peer),
            Place::Pod => {}
            Place::Unknown => add(&mut unknown, name()),
        }
    }
    let lists = [("hosts", names), ("ports", ports), ("peers", peers), ("unknown", unknown)];
    map(lists.map(|(key, items)| (key, Node::new(Value::List(items), Span::NOWHERE))))
}

/// Adds what is not there yet.
fn add(list: &mut Vec<Node>, item: Node) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The hosts of an address; none of a path alone (`sqlite:///file`, `unix:///socket`).
fn hosts(address: &str, port: Option<u16>) -> Vec<Host<'_>> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let places = authority.rsplit_once('@').map_or(authority, |(_, places)| places);
    // `postgresql+psycopg` and its like name a driver behind the scheme.
    let scheme = scheme.split('+').next().unwrap_or_default();
    let by_scheme = DEFAULT_PORTS.iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
    let default = port.or(by_scheme.map(|(_, port)| *port));
    let host = |text| {
        let (name, own) = split_port(text);
        Host { name, port: own.and_then(|port| port.parse().ok()).or(default) }
    };
    places.split(',').map(str::trim).filter(|text| !text.is_empty()).map(host).collect()
}

/// A host and its port. An IPv6 address may stand in brackets, and must where a port follows.
fn split_port(text: &str) -> (&str, Option<&str>) {
    if let Some((name, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return (name, rest.strip_prefix(':'));
    }
    match text.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, Some(port)),
        _ => (text, None),
    }
}

/// Where a host is.
enum Place {
    /// At addresses, or in pods, that can be told by the name alone.
    Peer(Node),
    /// In the pod that asks.
    Pod,
    /// Anywhere.
    Unknown,
}

/// Where the host of a name is. Of the cluster's own names the namespace is known, and not the pods: the Service has
/// their labels.
fn place(name: &str) -> Place {
    if let Ok(address) = name.parse::<IpAddr>() {
        return if address.is_loopback() {
            Place::Pod
        } else {
            Place::Peer(block(&cidr_of(name, address), vec![]))
        };
    }
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" {
        return Place::Pod;
    }
    let labels: Vec<&str> = name.split('.').collect();
    // A name without dots is one of the namespace's own Services.
    if labels.len() == 1 {
        return Place::Peer(map([("podSelector", Node::empty_map(Span::NOWHERE))]));
    }
    match labels.iter().position(|label| *label == "svc") {
        Some(at) if at >= 2 => Place::Peer(namespace(labels[at - 1])),
        _ => Place::Unknown,
    }
}

/// The pods of a namespace.
fn namespace(name: &str) -> Node {
    let labels = map([(NAMESPACE_LABEL, Node::string(name, Span::NOWHERE))]);
    map([("namespaceSelector", map([("matchLabels", labels)]))])
}

/// A peer as Kubernetes has it: an address or a CIDR becomes a block of addresses, without those of `except` that are
/// inside it; a map is one already. None for any other text.
pub(super) fn peer(written: Node, except: &[Node]) -> Option<Node> {
    let Some(text) = written.as_str() else { return Some(written) };
    let (cidr, range) = match text.parse::<IpAddr>() {
        Ok(address) => {
            let cidr = cidr_of(text, address);
            (Node { value: Node::string(cidr.as_str(), written.span).value, ..written.clone() }, None)
        }
        Err(_) => {
            let range = Range::parse(text)?;
            (written.clone(), Some(range))
        }
    };
    // The API server takes no exception that excludes nothing, or everything.
    let inside = except.iter().filter(|inner| {
        let inner = inner.as_str().and_then(Range::parse);
        range.zip(inner).is_some_and(|(outer, inner)| outer.strictly_contains(inner))
    });
    Some(block_of(cidr, inside.cloned().collect()))
}

/// An address as a block of one.
fn cidr_of(text: &str, address: IpAddr) -> String {
    format!("{text}/{}", if address.is_ipv4() { 32 } else { 128 })
}

fn block(cidr: &str, except: Vec<Node>) -> Node {
    block_of(Node::string(cidr, Span::NOWHERE), except)
}

fn block_of(cidr: Node, except: Vec<Node>) -> Node {
    let mut parts = vec![("cidr", cidr)];
    if !except.is_empty() {
        parts.push(("except", Node::new(Value::List(except), Span::NOWHERE)));
    }
    map([("ipBlock", map(parts))])
}

/// A range of addresses: its first one, and how many bits all of them share.
#[derive(Clone, Copy)]
struct Range {
    address: IpAddr,
    prefix: u8,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (address, prefix) = (address.parse::<IpAddr>().ok()?, prefix.parse().ok()?);
        (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some(Self { address, prefix })
    }

    /// Whether all addresses of the other are in it, and others besides.
    fn strictly_contains(self, inner: Self) -> bool {
        let same_kind = self.address.is_ipv4() == inner.address.is_ipv4();
        same_kind
            && self.prefix < inner.prefix
            && self.shared_bits() == Self { prefix: self.prefix, ..inner }.shared_bits()
    }

    /// The bits that all addresses of the range share.
    fn shared_bits(self) -> u128 {
        let (bits, length) = match self.address {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        // A shift by all bits is none in Rust.
        bits.checked_shr(length - u32::from(self.prefix)).unwrap_or(0)
    }
}

fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>) -> Node {
    let entry = |(key, node): (&str, Node)| (key.into(), Entry { key_span: Span::NOWHERE, node });
    Node::new(Value::Map(entries.into_iter().map(entry).collect::<Map>()), Span::NOWHERE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::print_json;

    /// A node on one line.
    fn json(node: &Node) -> String {
        let value: serde_json::Value = serde_json::from_str(&print_json(node)).unwrap();
        value.to_string()
    }

    /// An address, its ports, its peers, and the hosts of which nothing is known.
    type Row = (&'static str, &'static str, &'static str, &'static str);

    const ANY_POD: &str = r#"{"podSelector":{}}"#;
    const AI: &str = r#"{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ai"}}}"#;

    #[test]
    fn an_address_leads_to_ports_and_peers() {
        let rows: &[Row] = &[
            ("", "", "", ""),
            ("https://api.example.com/v1", "443", "", "api.example.com"),
            ("http://api.example.com", "80", "", "api.example.com"),
            ("HTTP://api.example.com", "80", "", "api.example.com"),
            ("http://ollama.ai.svc:11434", "11434", AI, ""),
            ("http://ollama.ai.svc.cluster.local:11434/x?y#z", "11434", AI, ""),
            ("pod-0.pods.ai.svc:1", "1", AI, ""),
            ("svc.example.com:1", "1", "", "svc.example.com"),
            ("a.svc:1", "1", "", "a.svc"),
            ("redis://:p@10.0.0.5:6380/0", "6380", r#"{"ipBlock":{"cidr":"10.0.0.5/32"}}"#, ""),
            ("rediss://u:p%40x@cache:6380", "6380", ANY_POD, ""),
            ("postgres://u:p@x@db.example.com/a", "5432", "", "db.example.com"),
            ("postgresql+psycopg://u@[fd00::1]:6432/a", "6432", r#"{"ipBlock":{"cidr":"fd00::1/128"}}"#, ""),
            ("fd00::1", "", r#"{"ipBlock":{"cidr":"fd00::1/128"}}"#, ""),
            ("[fd00::1]", "", r#"{"ipBlock":{"cidr":"fd00::1/128"}}"#, ""),
            ("localhost:11434", "11434", "", ""),
            ("127.0.0.1:11434", "11434", "", ""),
            (
                "mongodb://u:p@a.example.com,b.example.com:27018/x",
                "27017 27018",
                "",
                "a.example.com b.example.com",
            ),
            ("a.ai.svc:9092, b.ai.svc:9092", "9092", AI, ""),
            ("sqlite:///file.db", "", "", ""),
            ("unix:///run/redis.sock", "", "", ""),
        ];
        for (address, ports, peers, unknown) in rows {
            let found = endpoints(address, None);
            let list = |key: &str| found.get(key).unwrap().as_list().unwrap();
            let texts = |key: &str| list(key).iter().map(|it| it.as_scalar().unwrap().text.to_string());
            assert_eq!(texts("ports").collect::<Vec<_>>().join(" "), *ports, "{address}");
            assert_eq!(texts("unknown").collect::<Vec<_>>().join(" "), *unknown, "{address}");
            assert_eq!(list("peers").iter().map(json).collect::<Vec<_>>().join(" "), *peers, "{address}");
        }
    }

    #[test]
    fn a_port_of_ones_own_counts_for_hosts_without_one() {
        let found = endpoints("https://a.example.com,b.example.com:1", Some(8443));
        assert_eq!(json(found.get("ports").unwrap()), "[8443,1]");
    }

    #[test]
    fn an_address_is_a_block_and_exceptions_are_inside() {
        let except = ["169.254.0.0/16", "10.1.0.0/16", "10.0.0.0/8", "fd00::/8"];
        let except = except.map(|text| Node::string(text, Span::NOWHERE));
        for (written, block) in [
            ("10.0.0.1", r#"{"cidr":"10.0.0.1/32"}"#),
            ("::1", r#"{"cidr":"::1/128"}"#),
            ("10.0.0.0/8", r#"{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}"#),
            ("0.0.0.0/0", r#"{"cidr":"0.0.0.0/0","except":["169.254.0.0/16","10.1.0.0/16","10.0.0.0/8"]}"#),
            ("::/0", r#"{"cidr":"::/0","except":["fd00::/8"]}"#),
        ] {
            let made = peer(Node::string(written, Span::NOWHERE), &except).unwrap();
            assert_eq!(json(made.get("ipBlock").unwrap()), block, "{written}");
        }
        for wrong in ["", "a", "10.0.0.0/33", "10.0.0.0/x", "10.0.0"] {
            assert!(peer(Node::string(wrong, Span::NOWHERE), &[]).is_none(), "{wrong}");
        }
    }
}
