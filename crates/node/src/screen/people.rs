//! The people to screen, one after the other, read on a thread of their own.

use super::finding::Subject;
use portcullis_decide::decide_by;
use portcullis_ingest::people::{PeopleOptions, PeopleReading, PersonItem, PersonRow, read_people};
use portcullis_ingest::{ReadError, SetAside};
use portcullis_types::{Dossier, Property, Protected};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

/// How many people wait to be screened, at most.
const WAITING: usize = 32;

/// What reading a file of people gives.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Somebody to screen.
    Person(Box<Subject>),
    /// A row that could not be read.
    SetAside(SetAside),
    /// Something noticed.
    Warning(String),
    /// At the end: how many rows name nobody.
    NamingNobody(u64),
}

/// The people of a file, in its order. When it cannot be read on, the last item is the error.
#[derive(Debug)]
pub(crate) struct People {
    receiver: Receiver<Incoming>,
    reader: Option<JoinHandle<Result<PeopleReading, ReadError>>>,
    stop: Arc<AtomicBool>,
    bytes: Arc<AtomicU64>,
}

impl People {
    /// Begins to read.
    pub(crate) fn read(
        name: String,
        input: Box<dyn Read + Send>,
        options: PeopleOptions,
        stated: bool,
    ) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let stop = Arc::new(AtomicBool::new(false));
        let bytes = Arc::new(AtomicU64::new(0));
        let counted = Counted { inner: input, stop: Arc::clone(&stop), bytes: Arc::clone(&bytes) };
        let reader = thread::Builder::new().spawn(move || {
            read_people(&name, counted, &options, &mut |item| {
                // Nobody listens any more when screening failed; the next read then ends this.
                let _ = sender.send(incoming(item, stated));
            })
        })?;
        Ok(Self { receiver, reader: Some(reader), stop, bytes })
    }

    /// Counts the bytes read so far.
    pub(crate) fn bytes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes)
    }
}

impl Iterator for People {
    type Item = Result<Incoming, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(incoming) = self.receiver.recv() {
            return Some(Ok(incoming));
        }
        match self.reader.take()?.join() {
            Ok(Ok(reading)) => Some(Ok(Incoming::NamingNobody(reading.tally.rows_without_subject))),
            Ok(Err(error)) => Some(Err(error)),
            Err(cause) => std::panic::resume_unwind(cause),
        }
    }
}

impl Drop for People {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Incoming {
    /// How many bytes it holds, roughly.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Person(subject) => {
                subject.dossier.statements.iter().map(|s| 80 + s.value.reveal().len()).sum()
            }
            Self::SetAside(row) => row.raw.reveal().len(),
            Self::Warning(warning) => warning.len(),
            Self::NamingNobody(_) => 0,
        }
    }
}

fn incoming(item: PersonItem, stated: bool) -> Incoming {
    match item {
        PersonItem::Person(row) => Incoming::Person(Box::new(subject(*row, stated))),
        PersonItem::SetAside(row) => Incoming::SetAside(row),
        PersonItem::Warning(warning) => Incoming::Warning(match warning.line {
            Some(line) => format!("line {line}: {}", warning.message),
            None => warning.message,
        }),
    }
}

/// A row as somebody to screen; `stated` says whether anybody said of which class.
pub(crate) fn subject(row: PersonRow, stated: bool) -> Subject {
    Subject {
        row: row.row,
        name: given_name(&row.dossier),
        class: stated.then_some(row.class),
        received: row.received,
        decide_by: row.received.and_then(decide_by),
        value: row.value,
        recipient: row.recipient,
        dossier: row.dossier,
    }
}

/// The name as it stands in the file.
fn given_name(dossier: &Dossier) -> Protected {
    let main = dossier.statements.iter().find(|s| s.property == Property::Name);
    let name = main.or_else(|| dossier.statements.iter().find(|s| s.property.is_name()));
    name.map_or_else(
        || Protected::new(""),
        |statement| statement.original.clone().unwrap_or_else(|| statement.value.clone()),
    )
}

/// Counts what is read, and ends when nobody wants more.
struct Counted {
    inner: Box<dyn Read + Send>,
    stop: Arc<AtomicBool>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Other.into());
        }
        let count = self.inner.read(into)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
