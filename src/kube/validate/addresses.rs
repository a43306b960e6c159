//! IP addresses and CIDRs as the API server reads them.
//!
//! Fields that are as old as Kubernetes take what Go's parser took then: an IPv4 address with zeros in front of its
//! numbers, one that is mapped into IPv6, and a CIDR with bits behind its prefix (`netutils.ParseIPSloppy`,
//! `ParseCIDRSloppy`). Kubernetes 1.36 refuses these too (`StrictIPCIDRValidation`), and newer kinds ask for the one
//! canonical way of writing an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The family of an address: IPv4, which those mapped into IPv6 are too, or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    /// `IPv4` or `IPv6`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        }
    }
}

/// The family of an address.
pub(super) fn family(address: IpAddr) -> Family {
    if matches!(address.to_canonical(), IpAddr::V4(_)) { Family::V4 } else { Family::V6 }
}

/// `netutils.ParseIPSloppy`: zeros in front of the numbers of IPv4 are passed over.
pub(super) fn parse_ip(text: &str) -> Option<IpAddr> {
    if !text.contains(':') {
        return parse_ipv4(text).map(IpAddr::V4);
    }
    // The end of an IPv6 address may be written as one of IPv4.
    let without_zeros = text.rsplit_once(':').and_then(|(before, last)| {
        let embedded = last.contains('.').then(|| parse_ipv4(last))??;
        Some(format!("{before}:{embedded}"))
    });
    without_zeros.as_deref().unwrap_or(text).parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut numbers = [0_u8; 4];
    let mut parts = text.split('.');
    for number in &mut numbers {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = part.trim_start_matches('0');
        *number = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    }
    parts.next().is_none().then(|| Ipv4Addr::from(numbers))
}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cidr {
    /// The address as it was written, with bits behind the prefix or without.
    address: IpAddr,
    /// How many bits of the address are the prefix.
    prefix: u8,
}

impl Cidr {
    /// The family of its addresses.
    pub(super) fn family(self) -> Family {
        family(self.address)
    }

    /// The first of its addresses.
    fn network(self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
            }
        }
    }

    /// Whether another block is a part of this one, and not all of it.
    pub(super) fn strictly_contains(self, other: Cidr) -> bool {
        let begins_alike = match (self.address, other.address) {
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => {
                Cidr { address: other.network(), prefix: self.prefix }.network() == self.network()
            }
            _ => false,
        };
        begins_alike && other.prefix > self.prefix
    }
}

/// `netutils.ParseCIDRSloppy`.
pub(super) fn parse_cidr(text: &str) -> Option<Cidr> {
    let (address, prefix) = text.split_once('/')?;
    let address = parse_ip(address)?;
    if prefix.is_empty() || prefix.len() > 8 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let prefix: u32 = prefix.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    Some(Cidr { address, prefix: u8::try_from(prefix).ok().filter(|prefix| *prefix <= longest)? })
}

/// What is wrong with an address by the strict rules, if it is one by the others (`parseIP` with `strictValidation`).
pub(super) fn strict_ip_violation(text: &str) -> Option<&'static str> {
    let address = parse_ip(text)?;
    if is_mapped(address) {
        return Some("an address that is not mapped into IPv6");
    }
    text.parse::<IpAddr>().is_err().then_some("an address without zeros in front of its numbers")
}

/// What is wrong with a CIDR by the strict rules, if it is one by the others (`parseCIDR`).
pub(super) fn strict_cidr_violation(text: &str) -> Option<&'static str> {
    let cidr = parse_cidr(text)?;
    let (address, prefix) = text.split_once('/')?;
    if let Some(must_be) = strict_ip_violation(address) {
        return Some(must_be);
    }
    if prefix.len() > 1 && prefix.starts_with('0') {
        return Some("a CIDR without a zero in front of its prefix length");
    }
    (cidr.network() != cidr.address).then_some("a CIDR without bits set after its prefix")
}

/// `validation.IsValidIP`: an address in the one way in which Go writes it.
pub(super) fn is_canonical_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| !is_mapped(address) && address.to_string() == text)
}

/// `validation.IsValidCIDR`: a CIDR in the one way in which Go writes it.
pub(super) fn is_canonical_cidr(text: &str) -> bool {
    parse_cidr(text)
        .is_some_and(|cidr| !is_mapped(cidr.address) && format!("{}/{}", cidr.network(), cidr.prefix) == text)
}

fn is_mapped(address: IpAddr) -> bool {
    address.is_ipv6() && family(address) == Family::V4
}

/// What an address must be to be that of an endpoint, or one from outside (`ValidateNonSpecialIP`). What is no address
/// passes.
pub(super) fn special_violation(text: &str) -> Option<&'static str> {
    let address = parse_ip(text)?.to_canonical();
    let (link_local, link_local_multicast) = match address {
        IpAddr::V4(address) => (address.is_link_local(), matches!(address.octets(), [224, 0, 0, _])),
        IpAddr::V6(address) => {
            let [first, ..] = address.segments();
            (first & 0xffc0 == 0xfe80, first & 0xff0f == 0xff02)
        }
    };
    if address.is_unspecified() {
        Some("a specified address")
    } else if address.is_loopback() {
        Some("an address outside the loopback range")
    } else if link_local || link_local_multicast {
        Some("an address outside the link-local ranges")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_server_reads_them() {
        for (text, sloppy, strict, canonical) in [
            ("10.0.0.1", true, true, true),
            ("010.0.0.1", true, false, false),
            ("10.0.0", false, false, false),
            ("256.0.0.1", false, false, false),
            ("::ffff:1.2.3.4", true, false, false),
            ("2001:db8::1", true, true, true),
            ("2001:DB8::1", true, true, false),
            ("", false, false, false),
            (" 10.0.0.1", false, false, false),
        ] {
            assert_eq!(parse_ip(text).is_some(), sloppy, "{text}");
            assert_eq!(sloppy && strict_ip_violation(text).is_none(), strict, "{text}");
            assert_eq!(is_canonical_ip(text), canonical, "{text}");
        }
    }

    #[test]
    fn cidrs_are_read_as_the_server_reads_them() {
        for (text, sloppy, strict, canonical) in [
            ("10.0.0.0/8", true, true, true),
            ("10.0.0.1/8", true, false, false),
            ("10.0.0.0/08", true, false, false),
            ("10.0.0.0/33", false, false, false),
            ("10.0.0.0/-1", false, false, false),
            ("10.0.0.0", false, false, false),
            ("::/0", true, true, true),
            ("2001:DB8::/32", true, true, false),
        ] {
            assert_eq!(parse_cidr(text).is_some(), sloppy, "{text}");
            assert_eq!(sloppy && strict_cidr_violation(text).is_none(), strict, "{text}");
            assert_eq!(is_canonical_cidr(text), canonical, "{text}");
        }
    }

    #[test]
    fn a_block_is_in_another_one() {
        for (outer, inner, contains) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.0.0.0/8", "10.0.0.0/8", false),
            ("10.0.0.0/8", "11.0.0.0/16", false),
            ("0.0.0.0/0", "10.0.0.0/8", true),
            ("10.0.0.0/8", "2001:db8::/64", false),
            ("::/0", "2001:db8::/64", true),
        ] {
            let both = parse_cidr(outer).zip(parse_cidr(inner));
            assert!(
                both.is_some_and(|(outer, inner)| outer.strictly_contains(inner) == contains),
                "{outer} {inner}"
            );
        }
    }
}
