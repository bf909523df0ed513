//! Work on many things at once, with the results in the order of the things.
//!
//! Memory stays bounded however long the source is: at most two batches are held, and a batch ends
//! at [`BATCH_ITEMS`] things or [`BATCH_BYTES`] bytes, whichever comes first.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;

/// Most things in a batch.
const BATCH_ITEMS: usize = 2_048;
/// A batch is closed once its things hold this many bytes.
const BATCH_BYTES: usize = 8_000_000;
/// How many things a thread takes at a time: few, because one thing may cost as much as a thousand
/// others.
const PORTION: usize = 16;

/// How many threads to use when nobody says: one for each core.
pub(crate) fn default_jobs() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Most threads that may be asked for.
const MOST_JOBS: usize = 256;

/// Reads a number of threads.
pub(crate) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(jobs) if jobs.get() <= MOST_JOBS => Ok(jobs),
        _ => Err(format!("give a number from 1 to {MOST_JOBS}")),
    }
}

/// Hands each thing of `source` to `work` on one of `jobs` threads, and the results to `sink` in the
/// order of the source. While a batch is worked on, the next is read. `weigh` says how many bytes a
/// thing holds, roughly.
///
/// # Errors
///
/// The first error of `sink`; nothing is handed to it after that.
pub(crate) fn in_order<T: Send, R: Send, E>(
    jobs: NonZeroUsize,
    mut source: impl Iterator<Item = T>,
    weigh: impl Fn(&T) -> usize,
    work: impl Fn(T) -> R + Sync,
    mut sink: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let mut batch = next_batch(&mut source, &weigh);
    while !batch.is_empty() {
        let (results, next) = if jobs.get() == 1 {
            (batch.into_iter().map(&work).collect(), next_batch(&mut source, &weigh))
        } else {
            work_on(jobs, batch, &work, || next_batch(&mut source, &weigh))
        };
        results.into_iter().try_for_each(&mut sink)?;
        batch = next;
    }
    Ok(())
}

fn next_batch<T>(source: &mut impl Iterator<Item = T>, weigh: impl Fn(&T) -> usize) -> Vec<T> {
    let mut batch = Vec::new();
    let mut bytes = 0_usize;
    while batch.len() < BATCH_ITEMS && bytes < BATCH_BYTES {
        let Some(thing) = source.next() else { break };
        bytes = bytes.saturating_add(weigh(&thing));
        batch.push(thing);
    }
    batch
}

fn work_on<T: Send, R: Send>(
    jobs: NonZeroUsize,
    batch: Vec<T>,
    work: &(impl Fn(T) -> R + Sync),
    read_next: impl FnOnce() -> Vec<T>,
) -> (Vec<R>, Vec<T>) {
    let queue = Mutex::new(batch.into_iter().enumerate());
    let take = || {
        let mut queue = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        queue.by_ref().take(PORTION).collect::<Vec<_>>()
    };
    let worker = || {
        let mut done = Vec::new();
        loop {
            let portion = take();
            if portion.is_empty() {
                return done;
            }
            done.extend(portion.into_iter().map(|(place, thing)| (place, work(thing))));
        }
    };
    let (mut done, next) = thread::scope(|scope| {
        // Where the system gives fewer threads than were asked for, those do the work.
        let workers: Vec<_> = (0..jobs.get())
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, worker).ok())
            .collect();
        let next = read_next();
        let mut done = if workers.is_empty() { worker() } else { Vec::new() };
        for worker in workers {
            match worker.join() {
                Ok(part) => done.extend(part),
                Err(cause) => std::panic::resume_unwind(cause),
            }
        }
        (done, next)
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    (done.into_iter().map(|(_, result)| result).collect(), next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn collect<T: Send, R: Send>(
        jobs: usize,
        source: impl Iterator<Item = T>,
        work: impl Fn(T) -> R + Sync,
    ) -> Vec<R> {
        let mut all = Vec::new();
        let jobs = NonZeroUsize::new(jobs).unwrap();
        let _: Result<(), Infallible> = in_order(
            jobs,
            source,
            |_| 1,
            work,
            |result| {
                all.push(result);
                Ok(())
            },
        );
        all
    }

    #[test]
    fn results_come_in_the_order_of_the_things_on_any_number_of_threads() {
        let expected: Vec<u64> = (0..10_000).map(|n| n * 2).collect();
        for jobs in [1, 2, 7] {
            assert_eq!(collect(jobs, 0..10_000_u64, |n| n * 2), expected);
        }
    }

    #[test]
    fn a_number_of_threads_that_cannot_be_meant_is_refused() {
        assert_eq!(jobs("256").map(NonZeroUsize::get), Ok(256));
        for text in ["0", "257", "100000", "-1", "many", ""] {
            assert!(jobs(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_in_gives_nothing_out() {
        assert_eq!(collect(2, std::iter::empty::<u8>(), |n| n), Vec::<u8>::new());
    }

    #[test]
    fn heavy_things_close_a_batch_early() {
        let mut source = 0..100;
        assert_eq!(next_batch(&mut source, |_| BATCH_BYTES / 2).len(), 2);
        assert_eq!(next_batch(&mut source, |_| 1).len(), 98);
    }

    #[test]
    fn after_a_failure_of_the_sink_nothing_more_is_handed_over() {
        let mut seen = 0;
        let result = in_order(
            NonZeroUsize::MIN,
            0..100,
            |_| 1,
            |n| n,
            |n| {
                seen += 1;
                if n == 3 { Err(()) } else { Ok(()) }
            },
        );
        assert_eq!((result, seen), (Err(()), 4));
    }
}
