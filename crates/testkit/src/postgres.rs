//! A real `PostgreSQL` for tests: one server for each process, a database for each test.
//!
//! The server listens on a socket in a folder of its own, and a watcher stops it and removes the
//! folder when the test process is gone, however it went. Where `PostgreSQL` is not installed, tests
//! say that they are skipped; under `CI=true` they fail.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Who owns everything on the server.
pub const USER: &str = "portcullis";

/// The password of [`USER`], which the way over the network asks for.
pub const PASSWORD: &str = "planted-password";

/// How long a server may take to start; it recovers from a crash in that time too.
const PATIENCE: Duration = Duration::from_mins(1);

/// Stops the server and removes its folder when nobody holds the other end of its input any more.
const WATCH: &str = r#"
cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2> /dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2> /dev/null || break; sleep 0.2; done
  kill -KILL "$pid" 2> /dev/null
fi
rm -rf "$1"
"#;

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Further settings, like `("fsync", "off")`.
    pub settings: Vec<(String, String)>,
    /// Whether it listens on 127.0.0.1 too, where it asks for a password.
    pub over_network: Option<OverNetwork>,
}

/// Over the network, on 127.0.0.1.
#[derive(Debug, Clone)]
pub enum OverNetwork {
    /// In the clear.
    Plain,
    /// With this certificate and key, both PEM.
    Encrypted {
        /// The server's certificate.
        certificate: String,
        /// Its private key.
        key: String,
    },
}

/// A server that runs until the process ends.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    account: Option<Account>,
    arguments: Vec<String>,
    running: Mutex<Option<Child>>,
    databases: AtomicU32,
    _watcher: Child,
}

/// Whom the server runs as where the tests run as root, as whom it refuses to run.
#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl PostgresServer {
    /// The server of this process; none where `PostgreSQL` is not installed.
    ///
    /// # Panics
    ///
    /// When it does not start, or is missing under `CI=true`.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<PostgresServer>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&Options::default())).as_ref()
    }

    /// Another server, which one test has to itself; none where `PostgreSQL` is not installed.
    ///
    /// # Panics
    ///
    /// When it does not start, or is missing under `CI=true`.
    pub fn start(options: &Options) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "PostgreSQL is missing: install the package `postgresql`"
            );
            #[expect(clippy::print_stderr, reason = "whoever runs the tests is to see it")]
            {
                eprintln!("skipped: PostgreSQL is missing; install the package `postgresql`");
            }
            return None;
        };
        let account = account();
        let folder = folder(account);
        let watcher = watcher(&folder);
        let mut server = Self {
            programs,
            folder,
            port: 5432,
            account,
            arguments: Vec::new(),
            running: Mutex::new(None),
            databases: AtomicU32::new(0),
            _watcher: watcher,
        };
        server.initialise();
        server.configure(options);
        server.restart();
        Some(server)
    }

    /// The address of a new, empty database.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", ["-U", USER, name.as_str()]);
        self.address(&name)
    }

    /// The address of a database, by its socket.
    pub fn address(&self, database: &str) -> String {
        let mut socket = String::new();
        for byte in self.folder.as_os_str().as_encoded_bytes() {
            write!(socket, "%{byte:02X}").expect("a string takes everything");
        }
        format!("postgres://{USER}@{socket}:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements as the owner, as if by hand; gives what they find, one line a row.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    pub fn sql(&self, address: &str, statements: &str) -> String {
        self.run("psql", ["-XqtA", "-v", "ON_ERROR_STOP=1", "-d", address, "-c", statements])
    }

    /// Kills the server and everything it runs with SIGKILL, as a power cut would.
    ///
    /// # Panics
    ///
    /// When there is nothing to kill.
    pub fn kill(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut postmaster = running.take().expect("the server runs");
        let workers = children(postmaster.id());
        postmaster.kill().expect("a child can be killed");
        for worker in workers {
            // One that is gone already is as good as killed.
            let _ = command("kill").args(["-KILL", &worker.to_string()]).status();
        }
        postmaster.wait().expect("a child can be waited for");
    }

    /// Starts the server again, after a kill or in an orderly way.
    ///
    /// # Panics
    ///
    /// When it does not start in time.
    pub fn restart(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut postmaster) = running.take() {
            // SIGINT: breaks off what is open, and stops in order.
            let _ = command("kill").args(["-INT", &postmaster.id().to_string()]).status();
            postmaster.wait().expect("a child can be waited for");
        }
        let started = Instant::now();
        let mut postmaster = self.spawn();
        while !self.is_ready() {
            // After a kill, memory may be in use until the last worker has noticed.
            if postmaster.try_wait().expect("a child can be waited for").is_some() {
                postmaster = self.spawn();
            }
            assert!(started.elapsed() < PATIENCE, "PostgreSQL does not start:\n{}", self.log());
            pause();
        }
        *running = Some(postmaster);
    }

    /// Where the server keeps everything: its files, its write-ahead log, and what it says.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the server logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn initialise(&self) {
        let password = self.folder.join("password");
        self.write(&password, PASSWORD);
        let output = self
            .as_account(self.programs.join("initdb"))
            .args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C", "-U", USER])
            .args(["--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile"])
            .arg(password)
            .arg("-D")
            .arg(self.data())
            .output()
            .expect("initdb can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn configure(&mut self, options: &Options) {
        let mut settings = vec![
            ("unix_socket_directories".to_owned(), self.folder.display().to_string()),
            ("shared_buffers".to_owned(), "16MB".to_owned()),
            ("max_connections".to_owned(), "60".to_owned()),
            ("listen_addresses".to_owned(), String::new()),
        ];
        if let Some(over_network) = &options.over_network {
            self.port = free_port();
            settings.push(("listen_addresses".to_owned(), "127.0.0.1".to_owned()));
            if let OverNetwork::Encrypted { certificate, key } = over_network {
                self.write(&self.data().join("server.crt"), certificate);
                self.write(&self.data().join("server.key"), key);
                settings.push(("ssl".to_owned(), "on".to_owned()));
            }
        }
        settings.extend(options.settings.iter().cloned());
        self.arguments = vec!["-p".to_owned(), self.port.to_string()];
        for (name, value) in settings {
            self.arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
    }

    /// Writes a file that the server alone may read.
    fn write(&self, path: &Path, text: &str) {
        fs::write(path, text).expect("the folder takes files");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
        self.hand_over(path);
    }

    fn hand_over(&self, path: &Path) {
        if let Some(account) = self.account {
            chown(path, Some(account.user), Some(account.group)).expect("root may give files away");
        }
    }

    fn spawn(&self) -> Child {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))
            .expect("the folder takes files");
        self.as_account(self.programs.join("postgres"))
            .arg("-D")
            .arg(self.data())
            .args(&self.arguments)
            .stderr(log)
            .spawn()
            .expect("PostgreSQL can be run")
    }

    fn is_ready(&self) -> bool {
        let mut ready = command(self.programs.join("pg_isready"));
        ready.arg("-q").arg("-h").arg(&self.folder).arg("-p").arg(self.port.to_string());
        ready.status().is_ok_and(|status| status.success())
    }

    fn run<'a>(&self, program: &str, arguments: impl IntoIterator<Item = &'a str>) -> String {
        let output = command(self.programs.join(program))
            .env("PGHOST", &self.folder)
            .env("PGPORT", self.port.to_string())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .expect("PostgreSQL's programs can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn as_account(&self, program: PathBuf) -> Command {
        let Some(account) = self.account else { return command(program) };
        let mut command = command("setpriv");
        command
            .arg(format!("--reuid={}", account.user))
            .arg(format!("--regid={}", account.group))
            .arg("--clear-groups")
            .arg(program);
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut postmaster) = running.take() {
            // SIGQUIT: stops at once. The watcher removes the folder.
            let _ = command("kill").args(["-QUIT", &postmaster.id().to_string()]).status();
            let _ = postmaster.wait();
        }
    }
}

/// A command that holds on to nothing of ours, so that nobody waits for it.
fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    for variable in ["PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGOPTIONS"] {
        command.env_remove(variable);
    }
    command.env("LC_ALL", "C");
    command
}

/// The folder of `PostgreSQL`'s programs: of the path, else the newest that Debian installed.
fn programs() -> Option<PathBuf> {
    const NEEDED: [&str; 5] = ["initdb", "postgres", "pg_isready", "createdb", "psql"];
    let has_it = |folder: &PathBuf| NEEDED.iter().all(|name| folder.join(name).is_file());
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(has_it) {
        return Some(folder);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .filter(|(_, folder)| has_it(folder))
        .collect();
    found.sort();
    found.pop().map(|(_, folder)| folder)
}

fn account() -> Option<Account> {
    let is_root =
        fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !is_root {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"].iter().find_map(|wanted| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let is_wanted = fields.next() == Some(wanted);
            let user = fields.nth(1)?.parse().ok()?;
            let group = fields.next()?.parse().ok()?;
            is_wanted.then_some(Account { user, group })
        })
    })
}

/// A folder with a short name, for the name of a socket has room for a hundred bytes.
fn folder(account: Option<Account>) -> PathBuf {
    let folder = tempfile::Builder::new()
        .prefix("pcpg-")
        .tempdir_in("/tmp")
        .expect("/tmp takes folders")
        .keep();
    if let Some(account) = account {
        chown(&folder, Some(account.user), Some(account.group)).expect("root may give files away");
    }
    folder
}

/// In a group of its own, so that what ends the tests doesn't end it too.
fn watcher(folder: &Path) -> Child {
    command("sh")
        .args(["-c", WATCH, "watch"])
        .arg(folder)
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("sh can be run")
}

/// The processes that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process: &u32| {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            // The name of the program is in brackets and may hold anything.
            let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
            after.split_whitespace().nth(1) == Some(&parent.to_string())
        })
        .collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the machine has a loopback");
    listener.local_addr().expect("it is bound").port()
}

#[expect(clippy::disallowed_methods, reason = "waits for another program")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_keeps_what_was_committed_when_it_is_killed() {
        let Some(server) = PostgresServer::start(&Options::default()) else { return };
        let address = server.database();
        server.sql(&address, "CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)");
        server.kill();
        server.restart();
        assert_eq!(server.sql(&address, "SELECT number FROM kept"), "7");
    }

    #[test]
    fn each_database_is_empty_and_its_own() {
        let Some(server) = PostgresServer::shared() else { return };
        let (one, other) = (server.database(), server.database());
        server.sql(&one, "CREATE TABLE mine (number int)");
        let count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(server.sql(&one, count), "1");
        assert_eq!(server.sql(&other, count), "0");
    }

    #[test]
    fn a_server_is_gone_with_its_folder_once_nobody_holds_it() {
        let Some(server) = PostgresServer::start(&Options::default()) else { return };
        let folder = server.folder.clone();
        assert!(folder.exists());
        drop(server);
        let started = Instant::now();
        while folder.exists() {
            assert!(started.elapsed() < PATIENCE, "{} is still there", folder.display());
            pause();
        }
    }
}
