//! `render --each` over many Datafly customers, all checks on: time in proportion, and peak memory. `cargo bench --bench each`.
//!
//! It writes into memory (`/dev/shm`) where there is such a place: thousands of small files measure the disk otherwise.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

#[path = "customers/mod.rs"]
mod customers;

fn main() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let folder = folder.expect("a temporary folder");
    let mut first = None;
    for count in [100, 300, 1_000] {
        let customers = folder.path().join(format!("customers-{count}"));
        customers::write(&customers, count);
        for jobs in ["1", "2"] {
            let best = (0..3)
                .map(|run| measure(&customers, jobs, &folder.path().join(format!("{count}-{jobs}-{run}"))));
            let best = best.min_by(|a, b| a.seconds.total_cmp(&b.seconds)).expect("a run");
            let each = best.seconds / f64::from(count) * 1e3;
            let growth = each / *first.get_or_insert(each);
            println!(
                "{count} customers, {} objects, {jobs} threads: {:.2} s, {:.2} s of CPU in the program and {:.2} s in the system, \
                 {:.1} MiB at its peak; {each:.2} ms a customer, {growth:.2} of the first line's",
                best.objects, best.seconds, best.user, best.system, best.peak,
            );
        }
    }
}

/// One run of the program.
struct Run {
    seconds: f64,
    user: f64,
    system: f64,
    /// MiB of resident memory.
    peak: f64,
    objects: usize,
}

fn measure(customers: &Path, jobs: &str, out: &Path) -> Run {
    let mut command = Command::new("/usr/bin/time");
    // `cargo bench` builds the program with what tests need; what users have can be named.
    let program = std::env::var("PLIMSOLL").unwrap_or_else(|_| env!("CARGO_BIN_EXE_plimsoll").to_owned());
    command.args(["-f", "%U %S %M", &program, "render", "datafly", "--jobs", jobs]);
    let start = Instant::now();
    let output = command.arg("--each").arg(customers).arg("--output-dir").arg(out).output().expect("a run");
    let seconds = start.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let numbers: Vec<f64> =
        text.split_whitespace().rev().take(3).filter_map(|word| word.parse().ok()).collect();
    let [peak, system, user] = numbers[..] else { panic!("{text}") };
    Run { seconds, user, system, peak: peak / 1024.0, objects: objects(out) }
}

/// How many files lie in the folders of a folder.
fn objects(out: &Path) -> usize {
    let below =
        |path: &Path| fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    let visible = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "yaml");
    let count = below(out).map(|customer| below(&customer).filter(visible).count()).sum();
    fs::remove_dir_all(out).expect("a folder that can go");
    count
}
