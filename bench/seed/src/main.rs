//! One run of the seed engine: appends 1 KiB entries to one topic without
//! syncing and prints the seconds of the loop. WALRUS_DATA_DIR says where.
use std::time::Instant;
use walrus_rust::{FsyncSchedule, ReadConsistency, Walrus};

const RECORD_BYTES: usize = 1024;
const RECORD_COUNT: usize = 64;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mode = args.next().unwrap_or_default();
    let payload_bytes: usize = args
        .next()
        .and_then(|text| text.parse().ok())
        .expect("usage: walrus-seed-bench append|batch PAYLOAD_BYTES");

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
