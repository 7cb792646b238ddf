//! Benchmarks: our servers, client and look-ups against every comparable program on this machine,
//! in turns.
//!
//! ```text
//! cargo bench -p tests                  everything, takes minutes
//! cargo bench -p tests -- UDP           the benchmarks with this in their name
//! cargo bench -p tests -- --quick       one short round
//! ```
//!
//! The result is the Markdown table of BENCHMARKS.md, which explains it. All traffic stays on
//! 127.0.0.1.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "for a person who measures")]

#[cfg(target_os = "linux")]
mod client_benchmarks;
#[cfg(target_os = "linux")]
mod compared_servers;
#[cfg(target_os = "linux")]
mod comparison;
#[cfg(target_os = "linux")]
mod installed_programs;
#[cfg(target_os = "linux")]
mod load_generator;
#[cfg(target_os = "linux")]
mod results_table;
#[cfg(target_os = "linux")]
mod server_benchmarks;

/// Memory and processes of the programs are read from /proc.
#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the benchmarks run on Linux only");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    match measure() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(target_os = "linux")]
fn measure() -> Result<(), String> {
    use std::time::Instant;

    let mut comparison = comparison::Comparison::from_command_line()?;
    let limit = tests::raise_file_limit(20_000);
    let start = Instant::now();
    let machine = machine();
    server_benchmarks::measure(&mut comparison);
    client_benchmarks::measure_clients(&mut comparison)?;
    client_benchmarks::measure_look_ups(&mut comparison);

    if comparison.rows.is_empty() {
        return Err("no benchmark has this in its name: without a name, all run".to_owned());
    }
    println!("{machine}; {} s", start.elapsed().as_secs());
    println!("load average at the end: {}", load_average());
    println!("\n{}", results_table::markdown(&comparison.rows));
    let missing = comparison.programs.missing();
    // Each missing program is named once.
    let is_missing = |reason: &String| missing.iter().any(|name| reason.ends_with(name.as_str()));
    comparison.failed.retain(|reason| !is_missing(reason));
    for reason in missing.iter().chain(&limit.err()).chain(&comparison.failed) {
        println!("- skipped: {reason}");
    }
    Ok(())
}

/// Describes the machine.
#[cfg(target_os = "linux")]
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches(|c: char| c == ':' || c.is_whitespace());
    let system = read("/proc/sys/kernel/osrelease");
    let load = load_average();
    format!("{cores} cores ({model}), Linux {}, load average {load}", system.trim())
}

#[cfg(target_os = "linux")]
fn load_average() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}
