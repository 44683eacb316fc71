//! What the service costs: CPU time beside a consumer that only reads and counts the same topic, and beside a rival.
//!
//! All are processes of their own, take turns, and read the same generated events, of which 1 % hit one of
//! 1,000 phrase rules. What is compared is the CPU time of the process, librdkafka's or the JVM's threads included; the
//! yardstick uses the same batch call, librdkafka's cheapest. Every run's flags are read back and counted.

use super::input::{Figures, Input, Work};
use super::site::{self, Site, Usage};
use super::streams::Streams;
use super::{PARTITIONS, RULES, spread};
use std::env;
use std::process::Command;
use std::time::Instant;
use wardline::kafka::yardstick;

const ROUNDS: usize = 5;

/// What is compared, each with its median and its range.
const RATIOS: [&str; 4] = [
    "at-least-once ÷ read and count",
    "exactly-once ÷ read and count",
    "Kafka Streams ÷ exactly-once",
    "the same in the second half",
];

/// The argument that makes this program the yardstick.
pub(super) const COUNT: &str = "count";

/// Measures over `events` events and prints the figures.
pub(super) fn measure(brokers: &str, events: u64) {
    Bench::prepare(brokers, events).run();
}

/// The child that only reads and counts; prints its own time, CPU time and peak memory.
pub(super) fn count(brokers: &str, topic: &str, events: u64) {
    let settings = site::settings(brokers, topic, "yardstick");
    let begun = Instant::now();
    let counted = yardstick::count(&settings, PARTITIONS, events).expect("the topic can be read");
    assert_eq!(counted.records, events, "records read");
    let Usage { cpu, peak_mib } = site::usage_of("self");
    println!("{} {cpu} {peak_mib}", begun.elapsed().as_secs_f64());
}

struct Bench {
    site: Site,
    input: Input,
    rival: Option<Streams>,
}

impl Bench {
    fn prepare(brokers: &str, events: u64) -> Self {
        let site = Site::new(brokers);
        let input = Input::prepare(&site, events);
        let rival = Streams::built(&site);
        Self { site, input, rival }
    }

    fn run(&self) {
        println!(
            "{} events in {PARTITIONS} partitions, {} flagged, {RULES} rules; ratio of CPU to reading and counting",
            self.input.events, self.input.flagged
        );
        println!("{:<16}{:>10}{:>12}{:>8}{:>10}", "", "kmsg/s", "CPU-s/M", "ratio", "peak MiB");
        let mut ratios = RATIOS.map(|what| (what, Vec::new()));
        for _ in 0..ROUNDS {
            for ((_, all), ratio) in ratios.iter_mut().zip(self.round()) {
                all.push(ratio);
            }
        }
        for (what, all) in ratios.into_iter().filter(|(_, all)| !all.is_empty()) {
            let [least, median, most] = spread(all);
            println!("{what}: median {median:.2}, {least:.2} to {most:.2}");
        }
    }

    /// Everybody's turn, and their [`RATIOS`].
    fn round(&self) -> Vec<f64> {
        let bare = self.count();
        self.show("read and count", &bare, &bare);
        let [(least, _), (exactly, exactly_later)] = ["at-least-once", "exactly-once"].map(|delivery| {
            let work = self.own(delivery);
            self.show(delivery, &work.0, &bare);
            work
        });
        let mut ratios = vec![least.usage.cpu / bare.usage.cpu, exactly.usage.cpu / bare.usage.cpu];
        if let Some(streams) = &self.rival {
            let (rival, rival_later) = self.rival(streams);
            self.show("Kafka Streams", &rival, &bare);
            ratios.extend([rival.usage.cpu / exactly.usage.cpu, rival_later / exactly_later]);
        }
        ratios
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn show(&self, name: &str, figures: &Figures, bare: &Figures) {
        let (millions, ratio) = (self.input.events as f64 / 1e6, figures.usage.cpu / bare.usage.cpu);
        println!(
            "{name:<16}{:>10.0}{:>12.3}{ratio:>8.2}{:>10}",
            millions * 1e3 / figures.wall,
            figures.usage.cpu / millions,
            figures.usage.peak_mib
        );
    }

    fn count(&self) -> Figures {
        let own = env::current_exe().expect("this program has a path");
        let mut command = Command::new(own);
        command.arg(COUNT).args([&self.site.brokers, &self.input.topic, &self.input.events.to_string()]);
        let output = command.output().expect("the yardstick runs");
        let printed = String::from_utf8(output.stdout).expect("figures");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let figures: Vec<&str> = printed.split_whitespace().collect();
        let figure = |index: usize| figures[index].parse().expect("a figure");
        let peak_mib = figures[2].parse().expect("a figure");
        Figures { wall: figure(0), usage: Usage { cpu: figure(1), peak_mib } }
    }

    /// Runs the service over the whole topic.
    fn own(&self, delivery: &str) -> Work {
        self.input.work(self.input.flagged, || self.site.start(&self.input.topic, delivery))
    }

    /// Runs the rival over the whole topic.
    fn rival(&self, streams: &Streams) -> Work {
        self.input.work(self.input.flagged, || streams.start(&self.site, &self.input.topic))
    }
}
