//! One connection of HTTP/1.1 that is kept open, on a thread that waits.

use anyhow::{Context as _, Result, ensure};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection.
pub(super) struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Asks and reads the whole answer; its status and body.
    pub(super) fn ask(&mut self, head: &str, body: &str) -> Result<(u16, Vec<u8>)> {
        let was_open = self.stream.is_some();
        let asked = self.once(head, body);
        if asked.is_ok() {
            return asked;
        }
        self.stream = None;
        // The node may have ended a connection that was idle, at this moment.
        if was_open { self.once(head, body).inspect_err(|_| self.stream = None) } else { asked }
    }

    fn once(&mut self, head: &str, body: &str) -> Result<(u16, Vec<u8>)> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            self.stream = Some(BufReader::new(stream));
        }
        let stream = self.stream.as_mut().context("a connection was just made")?;
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        ensure!(stream.read_line(&mut line)? > 0, "the connection ended");
        let status = line.split(' ').nth(1).context("no status")?.parse()?;
        let mut length = 0;
        loop {
            line.clear();
            ensure!(stream.read_line(&mut line)? > 0, "the connection ended");
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer)?;
        Ok((status, answer))
    }
}
