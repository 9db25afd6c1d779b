//! The seed engine as a peer. WALRUS_DATA_DIR says where.
//!
//! `append|batch PAYLOAD_BYTES`: appends 1 KiB entries to one topic without
//! syncing and prints the seconds of the loop (bench/seed-engine.ts).
//! `load --name value…`: the benchmarks' loads (load.rs).
mod load;
mod payloads;

use std::collections::HashMap;
use std::time::Instant;
use walrus_rust::{FsyncSchedule, ReadConsistency, Walrus};

const RECORD_BYTES: usize = 1024;
const RECORD_COUNT: usize = 64;

fn append(mode: &str, payload_bytes: usize) -> std::io::Result<()> {
    let mut state: u64 = 88172645463325252;
    let payload: Vec<u8> = (0..RECORD_BYTES * RECORD_COUNT)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect();
    let records: Vec<&[u8]> = payload.chunks(RECORD_BYTES).collect();

    // The consistency of the seed's own write benchmark; nothing is read here.
    let walrus = Walrus::with_consistency_and_schedule(
        ReadConsistency::AtLeastOnce { persist_every: 50 },
        FsyncSchedule::NoFsync,
    )?;
    walrus.append_for_topic("bench", records[0])?;
    let started = Instant::now();
    if mode == "batch" {
        for _ in 0..payload_bytes / payload.len() {
            walrus.batch_append_for_topic("bench", &records)?;
        }
    } else {
        for index in 0..payload_bytes / RECORD_BYTES {
            walrus.append_for_topic("bench", records[index % RECORD_COUNT])?;
        }
    }
    println!("{:.9}", started.elapsed().as_secs_f64());
    Ok(())
}

/// The value of a setting; ends the program when it is missing or no number.
fn number<T: std::str::FromStr>(settings: &HashMap<String, String>, name: &str) -> T {
    settings
        .get(name)
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{name} takes a number"))
}

fn schedule(text: &str) -> FsyncSchedule {
    match text {
        "sync-each" => FsyncSchedule::SyncEach,
        "no-fsync" => FsyncSchedule::NoFsync,
        _ => FsyncSchedule::Milliseconds(
            text.trim_end_matches("ms")
                .parse()
                .expect("--fsync takes sync-each, no-fsync or milliseconds"),
        ),
    }
}

fn load(args: &[String]) -> std::io::Result<()> {
    let given: HashMap<String, String> = args
        .chunks_exact(2)
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect();
    let reads = given.get("--reads").map_or("none", String::as_str);
    load::run(&load::Settings {
        reads: reads != "none",
        reads_in_batches: reads == "batch",
        threads: number(&given, "--threads"),
        batch_entries: number(&given, "--batch"),
        write_seconds: number(&given, "--seconds"),
        read_seconds: number(&given, "--read-seconds"),
        max_bytes: number(&given, "--max-bytes"),
        persist_every: number(&given, "--persist-every"),
        fsync: schedule(&given["--fsync"]),
    })
}

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("load") => load(&args[1..]),
        Some(mode @ ("append" | "batch")) => append(
            mode,
            args.get(1)
                .and_then(|text| text.parse().ok())
                .expect("PAYLOAD_BYTES"),
        ),
        _ => panic!("usage: walrus-seed-bench append|batch PAYLOAD_BYTES, or load --name value…"),
    }
}
