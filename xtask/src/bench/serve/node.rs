//! A node that serves, in a process of its own.

use super::client::Client;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A node that serves.
pub(super) struct Node {
    process: Child,
    /// Where.
    pub(super) address: SocketAddr,
    /// How long it took to answer.
    pub(super) started_ms: u128,
}

/// How often it is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(2);

/// How long a node may take to begin.
const BEGIN: Duration = Duration::from_mins(1);

/// Jiffies in a second, as Linux tells processor time to programs.
const JIFFIES: u64 = 100;

fn command(program: &Path, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--data").arg(data).arg("--key-file").arg(data.with_extension("key"));
    command
}

/// Keeps a list.
pub(super) fn add_list(program: &Path, data: &Path, list: &PathBuf) -> Result<()> {
    let added = command(program, data)
        .args(["lists", "add", "bench", "--officer", "b.bench", "--file"])
        .arg(list)
        .stderr(Stdio::null())
        .output()?;
    ensure!(added.status.success(), "the list can't be added");
    Ok(())
}

impl Node {
    /// Starts one and waits until it answers.
    pub(super) fn start(program: &Path, data: &Path) -> Result<Self> {
        let began = Instant::now();
        let mut process = command(program, data)
            .args(["serve", "--listen", "127.0.0.1:0", "--rate", "0", "--log-format", "json"])
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(process.stderr.take().context("stderr was asked for")?);
        let mut line = String::new();
        let address = loop {
            line.clear();
            ensure!(log.read_line(&mut line)? > 0, "the node ended at its start");
            let told: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = told.get("address").and_then(serde_json::Value::as_str) {
                break address.parse()?;
            }
        };
        // What it tells from then on is read and forgotten, so that it never waits for a reader.
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let mut node = Self { process, address, started_ms: 0 };
        ensure!(node.get("/health")? == 200, "the node does not answer");
        node.started_ms = began.elapsed().as_millis();
        Ok(node)
    }

    fn get(&self, path: &str) -> Result<u16> {
        let mut client = Client::new(self.address);
        client.ask(&format!("GET {path}"), "").map(|(status, _)| status)
    }

    /// Waits until lists can be matched against.
    #[expect(clippy::disallowed_methods, reason = "waits for another process")]
    pub(super) fn wait_for_lists(&self) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < BEGIN {
            if self.get("/readyz")? == 200 {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
        bail!("the lists did not get ready")
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.process.id());
        fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{path}`; this runs on Linux"))
    }

    /// Memory that it holds, in megabytes.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(super) fn memory_mb(&self) -> Result<f64> {
        let status = self.proc("status")?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes as f64 * 1_024.0 / 1e6)
    }

    /// Processor time that it has used.
    pub(super) fn processor_time(&self) -> Result<Duration> {
        let stat = self.proc("stat")?;
        // After the name, which may hold anything: utime and stime are the 12th and 13th (proc(5)).
        let rest = stat.rsplit(')').next().unwrap_or_default();
        let fields = rest.split_whitespace().skip(11).take(2);
        let jiffies = fields.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(jiffies * 1_000 / JIFFIES))
    }

    /// Ends it, as a service manager would.
    pub(super) fn stop(mut self) -> Result<()> {
        let id = self.process.id().to_string();
        ensure!(Command::new("kill").args(["-TERM", &id]).status()?.success(), "it can't be told");
        let ended = self.process.wait()?;
        ensure!(ended.success(), "the node ended with {ended}");
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Whatever failed before, no node is left behind; one that has ended needs nothing.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
