//! Networks of addresses (`cidr`), found by binary search: a list of ten thousand networks costs one look-up an
//! address, however many rules ask.
//!
//! Of two networks either one holds the other or they share no address. So the networks of a field cut the addresses
//! into ranges, each with the narrowest network that holds it, from which the wider ones are reached by steps to the
//! next wider: at most one for each length of a prefix.

use super::{Groups, PatternId};
use crate::event::FieldId;
use crate::rule::network;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Patterns by (field, network).
#[derive(Debug)]
pub(crate) struct NetworkIndex {
    /// By field; empty where the field has none.
    tables: Vec<Table>,
    patterns: Groups<PatternId>,
}

impl NetworkIndex {
    /// Builds the index from `(field, network, pattern)`.
    pub(super) fn new(fields: usize, entries: Vec<(FieldId, IpNet, PatternId)>) -> NetworkIndex {
        let mut keys = BTreeMap::new();
        let mut pairs = Vec::with_capacity(entries.len());
        for (field, network, pattern) in entries {
            let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            let key = *keys.entry((field.0, network.trunc())).or_insert(next);
            pairs.push((key, pattern));
        }
        let patterns = Groups::new(keys.len(), pairs);
        let mut each = vec![Vec::new(); fields];
        for ((field, network), key) in keys {
            each[usize::from(field)].push((network, key));
        }
        NetworkIndex { tables: each.iter().map(|networks| Table::new(networks)).collect(), patterns }
    }

    /// The patterns whose network holds the address that this value of this field is; none if it is none.
    pub(crate) fn find(&self, field: FieldId, value: &str) -> impl Iterator<Item = PatternId> {
        let table = &self.tables[usize::from(field.0)];
        let address = network::address(value);
        let readings = address.into_iter().flat_map(network::readings);
        let keys = readings.flat_map(|address| table.find(address));
        keys.flat_map(|key| self.patterns.of(key)).copied()
    }

    /// True if no rule asks for a network.
    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

/// The networks of a field.
#[derive(Debug, Default)]
struct Table {
    four: Ranges,
    six: Ranges,
}

impl Table {
    fn new(networks: &[(IpNet, u32)]) -> Table {
        let of = |four: bool| {
            let own = networks.iter().filter(|(network, _)| network.addr().is_ipv4() == four);
            Ranges::new(own.map(|(network, key)| Network::new(network, *key)).collect())
        };
        Table { four: of(true), six: of(false) }
    }

    fn find(&self, address: IpAddr) -> impl Iterator<Item = u32> {
        match address {
            IpAddr::V4(address) => self.four.find(address.to_bits().into()),
            IpAddr::V6(address) => self.six.find(address.to_bits()),
        }
    }
}

/// A network as the range of its addresses.
#[derive(Debug)]
struct Network {
    first: u128,
    last: u128,
    key: u32,
    /// The narrowest of the networks that hold this one.
    wider: Option<u32>,
}

impl Network {
    fn new(network: &IpNet, key: u32) -> Network {
        let bits = |address| match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        Network { first: bits(network.network()), last: bits(network.broadcast()), key, wider: None }
    }
}

/// The addresses of one family, cut into ranges.
#[derive(Debug, Default)]
struct Ranges {
    /// First addresses of the ranges, ascending, each with the narrowest network that holds the range.
    starts: Vec<(u128, Option<u32>)>,
    networks: Vec<Network>,
}

impl Ranges {
    fn new(mut networks: Vec<Network>) -> Ranges {
        networks.sort_unstable_by_key(|network| (network.first, std::cmp::Reverse(network.last)));
        let mut ranges = Ranges::default();
        let mut open: Option<u32> = None;
        for (network, index) in networks.into_iter().zip(0..) {
            open = ranges.close(open, Some(network.first));
            ranges.start(network.first, Some(index));
            ranges.networks.push(Network { wider: open, ..network });
            open = Some(index);
        }
        ranges.close(open, None);
        ranges
    }

    /// Ends the networks that do not reach as far as `until`, from the narrowest on; returns the first that does.
    fn close(&mut self, mut open: Option<u32>, until: Option<u128>) -> Option<u32> {
        while let Some(index) = open {
            let Network { last, wider, .. } = self.networks[index as usize];
            if until.is_some_and(|until| until <= last) {
                break;
            }
            if let Some(next) = last.checked_add(1) {
                self.start(next, wider);
            }
            open = wider;
        }
        open
    }

    /// Begins a range; one that would begin at the same address is empty.
    fn start(&mut self, first: u128, network: Option<u32>) {
        self.starts.pop_if(|(start, _)| *start == first);
        self.starts.push((first, network));
    }

    /// The networks that hold an address, the narrowest first.
    fn find(&self, address: u128) -> impl Iterator<Item = u32> {
        let after = self.starts.partition_point(|(start, _)| *start <= address);
        let narrowest = after.checked_sub(1).and_then(|index| self.starts[index].1);
        let network = |index: u32| &self.networks[index as usize];
        let all = std::iter::successors(narrowest, move |index| network(*index).wider);
        all.map(move |index| network(index).key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    /// Few addresses, so that networks hold each other, at the ends of what there is too.
    fn address() -> impl Strategy<Value = IpAddr> {
        let four = prop::sample::select(vec![0, 1, 2, 0x0a00_0000, 0x0a00_00ff, 0x0a00_0100, u32::MAX]);
        let six =
            prop::sample::select(vec![0, 1, 0xffff_0a00_0000, 0xffff_0a00_00ff, 0x2001 << 112, u128::MAX]);
        prop_oneof![
            four.prop_map(|bits| Ipv4Addr::from_bits(bits).into()),
            six.prop_map(|bits| Ipv6Addr::from_bits(bits).into()),
        ]
    }

    fn network() -> impl Strategy<Value = IpNet> {
        (address(), 0u8..=128).prop_map(|(address, prefix)| {
            let prefix = if address.is_ipv4() { prefix / 4 } else { prefix };
            IpNet::new(address, prefix).unwrap()
        })
    }

    fn index(networks: &[IpNet]) -> NetworkIndex {
        let entries = networks.iter().zip(0..).map(|(network, id)| (FieldId(1), *network, PatternId(id)));
        NetworkIndex::new(2, entries.collect())
    }

    proptest! {
        #[test]
        fn the_networks_found_are_those_that_hold_the_address(
            networks in prop::collection::vec(network(), 0..40),
            address in address(),
        ) {
            let text = address.to_string();
            let mut found: Vec<_> = index(&networks).find(FieldId(1), &text).collect();
            found.sort_unstable();
            let naive = networks.iter().zip(0..).filter(|(one, _)| network::holds(one, &text));
            prop_assert_eq!(found, naive.map(|(_, id)| PatternId(id)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_field_has_networks_of_its_own_and_what_is_no_address_has_none() {
        let index = index(&["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(index.find(FieldId(1), "10.1.2.3").count(), 1);
        assert_eq!(index.find(FieldId(0), "10.1.2.3").count(), 0);
        assert_eq!(index.find(FieldId(1), "10.1.2").count(), 0);
        assert!(!index.is_empty() && NetworkIndex::new(1, Vec::new()).is_empty());
    }
}
