//! The benchmarks' loads on the seed engine: the same payloads, threads,
//! topics and bytes as bench/suite, one call per record (or per batch), and
//! the same lines of JSON as bench/peers.
use crate::payloads::{is_payload, make_payloads, PAYLOAD_COUNT};
use std::io::Result;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use walrus_rust::{FsyncSchedule, ReadConsistency, Walrus};

const READ_BUDGET_BYTES: usize = 1 << 20;

/// What a run does; bytes are of payload, over all threads.
pub struct Settings {
    pub reads: bool,
    pub reads_in_batches: bool,
    pub threads: usize,
    /// 0: one call per record.
    pub batch_entries: usize,
    pub write_seconds: f64,
    pub read_seconds: f64,
    pub max_bytes: u64,
    /// 1 is StrictlyAtOnce.
    pub persist_every: u32,
    pub fsync: FsyncSchedule,
}

#[derive(Default)]
struct Tally {
    operations: AtomicU64,
    entries: AtomicU64,
    bytes: AtomicU64,
    /// Entries read that are not what was written there. Counted, not refused:
    /// the seed is measured as it is.
    altered: AtomicU64,
}

impl Tally {
    fn count(&self, entries: u64, bytes: u64) {
        self.operations.fetch_add(1, Ordering::Relaxed);
        self.entries.fetch_add(entries, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// One thread's view of a phase.
struct Post<'a> {
    walrus: &'a Walrus,
    topic: String,
    tally: &'a Tally,
    over: &'a AtomicBool,
}

impl Post<'_> {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn write(&self, share_bytes: u64, batch_entries: usize) -> Result<()> {
        let payloads = make_payloads();
        let mut index = 0;
        while !self.is_over() && self.tally.bytes.load(Ordering::Relaxed) < share_bytes {
            if batch_entries == 0 {
                let payload = &payloads[index % PAYLOAD_COUNT];
                self.walrus.append_for_topic(&self.topic, payload)?;
                self.tally.count(1, payload.len() as u64);
                index += 1;
                continue;
            }
            let batch: Vec<&[u8]> = (index..index + batch_entries)
                .map(|place| payloads[place % PAYLOAD_COUNT].as_slice())
                .collect();
            self.walrus.batch_append_for_topic(&self.topic, &batch)?;
            let bytes: usize = batch.iter().map(|entry| entry.len()).sum();
            self.tally.count(batch_entries as u64, bytes as u64);
            index += batch_entries;
        }
        Ok(())
    }

    fn count_verified(&self, data: &[u8], index: usize) {
        if !is_payload(data, index) {
            self.tally.altered.fetch_add(1, Ordering::Relaxed);
        }
        self.tally.count(1, data.len() as u64);
    }

    fn read(&self, in_batches: bool) -> Result<()> {
        let mut index = 0;
        while !self.is_over() {
            if in_batches {
                let entries =
                    self.walrus
                        .batch_read_for_topic(&self.topic, READ_BUDGET_BYTES, true)?;
                if entries.is_empty() {
                    return Ok(());
                }
                for entry in entries {
                    self.count_verified(&entry.data, index);
                    index += 1;
                }
                continue;
            }
            match self.walrus.read_next(&self.topic, true)? {
                None => return Ok(()),
                Some(entry) => self.count_verified(&entry.data, index),
            }
            index += 1;
        }
        Ok(())
    }
}

/// Ends a phase when its time is over, or earlier when told to.
fn end_after(seconds: f64, over: &AtomicBool, done: &(Mutex<bool>, Condvar)) {
    let deadline = Duration::from_secs_f64(seconds);
    let guard = done.0.lock().expect("nobody panics with this lock");
    let waited = done.1.wait_timeout_while(guard, deadline, |ended| !*ended);
    drop(waited);
    over.store(true, Ordering::Relaxed);
}

fn run_phase(
    walrus: &Arc<Walrus>,
    settings: &Settings,
    seconds: f64,
    work: impl Fn(&Post<'_>) -> Result<()> + Sync,
) -> Result<()> {
    let tallies: Vec<Tally> = (0..settings.threads).map(|_| Tally::default()).collect();
    let over = AtomicBool::new(false);
    let done = (Mutex::new(false), Condvar::new());
    let barrier = Barrier::new(settings.threads + 1);
    let prefix = if settings.batch_entries > 0 {
        "batch_topic"
    } else {
        "topic"
    };
    let elapsed = thread::scope(|scope| -> Result<f64> {
        let threads: Vec<_> = tallies
            .iter()
            .enumerate()
            .map(|(thread, tally)| {
                let (over, barrier, work) = (&over, &barrier, &work);
                let topic = format!("{prefix}_{thread}");
                scope.spawn(move || {
                    let post = Post {
                        walrus,
                        topic,
                        tally,
                        over,
                    };
                    barrier.wait();
                    work(&post)
                })
            })
            .collect();
        barrier.wait();
        let started = Instant::now();
        scope.spawn(|| end_after(seconds, &over, &done));
        let results: Vec<Result<()>> = threads
            .into_iter()
            .map(|thread| thread.join().expect("a load does not panic"))
            .collect();
        let elapsed = started.elapsed().as_secs_f64();
        *done.0.lock().expect("nobody panics with this lock") = true;
        done.1.notify_all();
        results
            .into_iter()
            .collect::<Result<()>>()
            .map(|()| elapsed)
    })?;
    let sum = |count: fn(&Tally) -> &AtomicU64| -> u64 {
        tallies
            .iter()
            .map(|tally| count(tally).load(Ordering::Relaxed))
            .sum()
    };
    println!(
        "{{\"kind\":\"end\",\"seconds\":{elapsed:.9},\"operations\":{},\"entries\":{},\"bytes\":{},\"altered\":{}}}",
        sum(|tally| &tally.operations),
        sum(|tally| &tally.entries),
        sum(|tally| &tally.bytes),
        sum(|tally| &tally.altered),
    );
    Ok(())
}

/// Writes, then reads when the settings say so; a line of JSON per phase.
pub fn run(settings: &Settings) -> Result<()> {
    let consistency = match settings.persist_every {
        1 => ReadConsistency::StrictlyAtOnce,
        persist_every => ReadConsistency::AtLeastOnce { persist_every },
    };
    let walrus = Arc::new(Walrus::with_consistency_and_schedule(
        consistency,
        settings.fsync,
    )?);
    let share_bytes = settings.max_bytes / settings.threads as u64;
    run_phase(&walrus, settings, settings.write_seconds, |post| {
        post.write(share_bytes, settings.batch_entries)
    })?;
    if !settings.reads {
        return Ok(());
    }
    run_phase(&walrus, settings, settings.read_seconds, |post| {
        post.read(settings.reads_in_batches)
    })
}
