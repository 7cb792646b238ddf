//! Runs jobs in parallel.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// How many jobs run at the same time on each processor. Tests mostly wait.
const JOBS_PER_PROCESSOR: usize = 4;

pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Runs jobs in parallel. The results have the order of the jobs.
pub fn in_parallel<Job: Sync, Done: Send>(
    jobs: &[Job],
    work: impl Fn(&Job) -> Done + Sync,
) -> Vec<Done> {
    let waiting = Mutex::new(jobs.iter().enumerate());
    let next = || waiting.lock().expect("taking a job doesn't panic").next();
    let done = Mutex::new(Vec::new());
    let run = || {
        while let Some((index, job)) = next() {
            let result = work(job);
            done.lock().expect("adding a result doesn't panic").push((index, result));
        }
    };
    thread::scope(|scope| {
        for _ in 0..(JOBS_PER_PROCESSOR * processors()).min(jobs.len()) {
            scope.spawn(run);
        }
    });
    let mut done = done.into_inner().expect("adding a result doesn't panic");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_order_of_the_jobs() {
        let jobs: Vec<usize> = (0..100).collect();
        let doubled: Vec<usize> = jobs.iter().map(|job| job * 2).collect();
        assert_eq!(in_parallel(&jobs, |job| job * 2), doubled);
    }
}
