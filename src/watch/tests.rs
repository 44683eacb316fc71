//! Every way in which rule files are changed in practice causes one reload, and noise causes none.

use super::*;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// Long enough on a busy machine, and shorter than the regular look, so that events are what is tested.
/// A test that passes does not wait for it.
const LONG: Duration = Duration::from_secs(9);

/// Waits for a reload. Its cause is not looked at: another test of this process raises the signal.
fn reloads(causes: &Receiver<Cause>) -> bool {
    causes.recv_timeout(LONG).is_ok()
}

/// Tells what causes a reload.
fn telling(told: Sender<Cause>) -> impl FnMut(Cause) -> Option<i64> + Send {
    move |cause| {
        told.send(cause).unwrap_or_default();
        None
    }
}

fn watched(paths: Vec<PathBuf>) -> (Watcher, Receiver<Cause>) {
    let settings = Settings { paths, files: true, quiet: Duration::from_millis(20) };
    let (told, causes) = channel();
    let watcher = baseline(settings).watch(None, telling(told)).unwrap();
    (watcher, causes)
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

/// A directory with a rule, as a package or a person would lay it out.
fn plain() -> TempDir {
    let root = TempDir::new().unwrap();
    fs::create_dir(root.path().join("rules")).unwrap();
    write(&root.path().join("rules/a.yml"), "a");
    root
}

/// A directory as Kubernetes mounts a config map: every name a link through `..data`.
fn mounted() -> TempDir {
    let root = TempDir::new().unwrap();
    fs::create_dir(root.path().join("..1")).unwrap();
    write(&root.path().join("..1/a.yml"), "a");
    symlink("..1", root.path().join("..data")).unwrap();
    symlink("..data/a.yml", root.path().join("a.yml")).unwrap();
    root
}

#[test]
fn changes_cause_a_reload() {
    type Case = (&'static str, fn() -> TempDir, &'static str, fn(&Path));
    let changes: &[Case] = &[
        ("a file is written", plain, "rules", |root| write(&root.join("rules/a.yml"), "longer")),
        ("a file appears", plain, "rules", |root| write(&root.join("rules/b.yml"), "b")),
        ("a file goes", plain, "rules", |root| fs::remove_file(root.join("rules/a.yml")).unwrap()),
        ("an editor replaces a watched file", plain, "rules/a.yml", |root| {
            write(&root.join("rules/.a.tmp"), "other");
            fs::rename(root.join("rules/.a.tmp"), root.join("rules/a.yml")).unwrap();
        }),
        ("a directory appears with a file", plain, "rules", |root| {
            fs::create_dir(root.join("new")).unwrap();
            write(&root.join("new/b.yml"), "b");
            fs::rename(root.join("new"), root.join("rules/new")).unwrap();
        }),
        ("a mounted configuration is swapped", mounted, "", |root| {
            fs::create_dir(root.join("..2")).unwrap();
            write(&root.join("..2/a.yml"), "b");
            symlink("..2", root.join("..data_tmp")).unwrap();
            fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
        }),
        ("a mounted file is swapped", mounted, "a.yml", |root| {
            fs::create_dir(root.join("..2")).unwrap();
            write(&root.join("..2/a.yml"), "b");
            symlink("..2", root.join("..data_tmp")).unwrap();
            fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
        }),
        ("a file is replaced by one of its size and time", plain, "rules", |root| {
            let before = fs::metadata(root.join("rules/a.yml")).unwrap().modified().unwrap();
            write(&root.join("other"), "b");
            fs::File::options().write(true).open(root.join("other")).unwrap().set_modified(before).unwrap();
            fs::rename(root.join("other"), root.join("rules/a.yml")).unwrap();
        }),
        ("the directory itself is a link and is swapped", plain, "current", |root| {
            fs::create_dir(root.join("rules2")).unwrap();
            write(&root.join("rules2/a.yml"), "b");
            symlink("rules2", root.join("next")).unwrap();
            fs::rename(root.join("next"), root.join("current")).unwrap();
        }),
    ];
    for (name, lay, watch, change) in changes {
        let root = lay();
        if *watch == "current" {
            symlink("rules", root.path().join("current")).unwrap();
        }
        let (_watching, causes) = watched(vec![root.path().join(watch)]);
        change(root.path());
        assert!(reloads(&causes), "{name}");
    }
}

#[test]
fn changes_go_on_to_be_seen_after_a_swap() {
    let root = mounted();
    let (_watching, causes) = watched(vec![root.path().to_owned()]);
    for turn in 2..5 {
        let fresh = root.path().join(format!("..{turn}"));
        fs::create_dir(&fresh).unwrap();
        write(&fresh.join("a.yml"), &"x".repeat(turn));
        symlink(&fresh, root.path().join("..data_tmp")).unwrap();
        fs::rename(root.path().join("..data_tmp"), root.path().join("..data")).unwrap();
        fs::remove_dir_all(root.path().join(format!("..{}", turn - 1))).unwrap();
        assert!(reloads(&causes), "swap {turn}");
        while causes.try_recv().is_ok() {}
    }
}

#[test]
fn neighbours_and_readers_cause_none() {
    let root = plain();
    let before = fingerprint(&[root.path().join("rules")]);
    write(&root.path().join("other.txt"), "noise");
    for noise in ["README.md", ".a.yml.swp", "a.yml~", "4913"] {
        write(&root.path().join("rules").join(noise), "noise");
    }
    fs::create_dir(root.path().join("rules/.git")).unwrap();
    write(&root.path().join("rules/.git/b.yml"), "noise");
    drop(fs::read(root.path().join("rules/a.yml")).unwrap());
    assert_eq!(fingerprint(&[root.path().join("rules")]), before);
}

#[test]
fn a_restless_neighbour_does_not_put_a_reload_off() {
    let root = plain();
    let paths = vec![root.path().join("rules")];
    let (_watching, causes) = watched(paths);
    let log = root.path().join("log");
    let written = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !written.load(std::sync::atomic::Ordering::Relaxed) {
                write(&log, "line");
            }
        });
        write(&root.path().join("rules/a.yml"), "changed");
        let seen = reloads(&causes);
        written.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(seen);
    });
}

#[test]
fn a_change_between_the_baseline_and_the_watch_is_seen() {
    let root = plain();
    let settings =
        Settings { paths: vec![root.path().join("rules")], files: true, quiet: Duration::from_millis(5) };
    let before = baseline(settings);
    write(&root.path().join("rules/a.yml"), "changed while loading");
    let (told, causes) = channel();
    let _watching = before.watch(None, telling(told)).unwrap();
    assert!(reloads(&causes));
}

#[test]
fn a_signal_reloads_unchanged_files_even_if_nothing_is_watched() {
    let root = plain();
    let settings = Settings { paths: vec![root.path().join("rules")], files: false, quiet: LONG };
    let (told, causes) = channel();
    let _watching = baseline(settings).watch(None, telling(told)).unwrap();
    signal_hook::low_level::raise(SIGHUP).unwrap();
    assert_eq!(causes.recv_timeout(LONG), Ok(Cause::Signal));
}

#[test]
fn what_is_due_is_loaded_though_no_file_changed() {
    let root = plain();
    let settings = Settings { paths: vec![root.path().join("rules")], files: false, quiet: LONG };
    let (told, causes) = channel();
    let mut times = [now_ms() + 40].into_iter();
    let reload = move |cause| {
        told.send(cause).unwrap_or_default();
        times.next()
    };
    let _watching = baseline(settings).watch(Some(now_ms() + 20), reload).unwrap();
    let expired =
        || std::iter::from_fn(|| causes.recv_timeout(LONG).ok()).find(|cause| *cause == Cause::Expiry);
    assert_eq!((expired(), expired()), (Some(Cause::Expiry), Some(Cause::Expiry)));
}

/// A looker that hears no events, as on a file system that sends none.
fn deaf(root: &TempDir, quiet: Duration) -> (Looker<impl FnMut(Cause) -> Option<i64> + use<>>, Sender<Wake>) {
    let settings = Settings { paths: vec![root.path().join("rules")], files: false, quiet };
    let (events, wakes) = channel();
    let baseline = baseline(settings);
    (Looker { baseline, due: None, events: events.clone(), wakes, reload: |_| None }, events)
}

#[test]
fn half_a_change_is_not_loaded_where_no_events_come() {
    let root = plain();
    let (looker, _events) = deaf(&root, Duration::from_millis(500));
    let rules = [root.path().join("rules")];
    write(&root.path().join("rules/b.yml"), "half");
    let half = fingerprint(&rules);
    let loaded = thread::scope(|scope| {
        scope.spawn(|| write(&root.path().join("rules/b.yml"), "the whole"));
        looker.rest(half.clone())
    });
    assert_ne!(half, fingerprint(&rules));
    assert_eq!(loaded, Some((Cause::Files, fingerprint(&rules))));
}

#[test]
fn a_look_that_finds_nothing_new_loads_nothing() {
    let root = plain();
    let (looker, _events) = deaf(&root, Duration::from_millis(1));
    assert_eq!((looker.look(Look::Due), looker.look(Look::Quiet)), (None, None));
    assert!(looker.look(Look::Asked).is_some());
    write(&root.path().join("rules/a.yml"), "changed");
    assert!(looker.look(Look::Due).is_some() && looker.look(Look::Quiet).is_some());
}

#[test]
fn a_quiet_time_above_the_regular_look_counts_in_full() {
    assert_eq!(longest(Duration::from_secs(1)), LOOK_EVERY);
    assert_eq!(longest(Duration::from_mins(2)), Duration::from_mins(2));
}

#[test]
fn links_that_lead_back_are_followed_once() {
    let root = plain();
    let rules = root.path().join("rules");
    for link in ["x", "y", "z"] {
        symlink(".", rules.join(link)).unwrap();
    }
    let deep = (0..20).fold(rules.clone(), |path, level| path.join(format!("d{level}")));
    fs::create_dir_all(&deep).unwrap();
    write(&deep.join("deep.yml"), "a");
    let found: Vec<_> =
        fingerprint(std::slice::from_ref(&rules)).into_iter().map(|seen| seen.found).collect();
    assert_eq!(found, [rules.join("a.yml"), deep.join("deep.yml")]);
    assert_eq!(directories(&[rules]).len(), 1 + 1 + 20);
}

#[test]
fn an_end_while_a_change_rests_is_an_end() {
    let root = plain();
    let (looker, events) = deaf(&root, LONG);
    write(&root.path().join("rules/a.yml"), "changed");
    events.send(Wake::End).unwrap();
    assert_eq!((looker.look(Look::Due), looker.next()), (None, None));
}
