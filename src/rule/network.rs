//! Networks of addresses, as `cidr` names them.
//!
//! An address may be written in several ways, and an IPv4 address as an IPv6 one (`::ffff:10.0.0.1`): what is compared is the
//! address, not its text. Zones (`fe80::1%eth0`) name an interface of the machine that wrote them, and are passed over.

use ipnet::IpNet;
use std::net::IpAddr;

/// The network that a text names: an address and the length of its prefix, or an address alone. None if it is none.
pub(super) fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse().ok().map(|address: IpAddr| address.into())).map(plainest)
}

/// A network of IPv4 addresses that are written as IPv6 ones, as the network of IPv4 addresses that it is.
fn plainest(network: IpNet) -> IpNet {
    let four = match (network.addr(), network.prefix_len().checked_sub(96)) {
        (IpAddr::V6(address), Some(prefix)) => address.to_ipv4_mapped().map(|address| (address, prefix)),
        _ => None,
    };
    four.and_then(|(address, prefix)| IpNet::new(address.into(), prefix).ok()).unwrap_or(network)
}

/// The address that a text is, if it is one.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.split_once('%').map_or(text, |(address, _)| address).parse().ok()
}

/// An address as the networks of either family see it: one that is written as IPv6 and is IPv4 is of both.
pub(crate) fn readings(address: IpAddr) -> impl Iterator<Item = IpAddr> {
    let canonical = address.to_canonical();
    std::iter::once(address).chain((canonical != address).then_some(canonical))
}

/// True if the text is an address of the network.
pub(crate) fn holds(network: &IpNet, text: &str) -> bool {
    address(text).is_some_and(|address| readings(address).any(|address| network.contains(&address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_a_network_however_it_is_written() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", " 10.0.0.1 ", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.0.0.0/8", "10.0.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("fe80::/10", "fe80::1%eth0", true),
            ("2001:db8::/32", "2001:DB8:0:0::1", true),
            ("::ffff:0:0/96", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "::ffff:11.1.2.3", false),
            ("::/0", "::ffff:10.1.2.3", true),
            ("::/0", "10.1.2.3", false),
            ("0.0.0.0/0", "10.1.2.3", true),
            ("0.0.0.0/0", "::1", false),
        ];
        for (network, address, expected) in cases {
            let parsed = parse(network).unwrap();
            assert_eq!(holds(&parsed, address), expected, "{address} of {network}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "ten", "10.0.0.0/-1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
