//! XML, one subject at a time.
//!
//! [`Subjects`] walks a file of any size and hands out the elements of the names it is asked for as
//! small trees, in bounded memory. It refuses what real lists never hold: an element of over 16 MB,
//! 64 levels or 200,000 nodes. A document type is passed over and no entity but the five of XML and
//! character numbers is expanded, so that an "entity bomb" stays a few letters of text.

use crate::ReadError;
use crate::bytes::{Guarded, MAX_LINE_BYTES};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 200_000;

/// An element with its text, attributes and children. Names are local names, without prefix.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// Line on which it begins, counted from 1.
    pub(crate) line: u64,
    attributes: Vec<(String, String)>,
    text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Its own text, trimmed.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// An attribute, trimmed; empty when it is not there.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The children of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of that name; empty when there is none.
    pub(crate) fn child(&self, name: &str) -> &str {
        self.children.iter().find(|child| child.name == name).map_or("", Self::text)
    }

    /// The elements of that name at any depth, in the order of the file.
    pub(crate) fn descendants<'a>(&'a self, name: &'a str) -> Vec<&'a Self> {
        let mut found = Vec::new();
        let mut open: Vec<&Self> = self.children.iter().rev().collect();
        while let Some(element) = open.pop() {
            if element.name == name {
                found.push(element);
            }
            open.extend(element.children.iter().rev());
        }
        found
    }
}

/// Hands out elements of certain names, and the root's start as an element without children.
pub(crate) struct Subjects<R: Read> {
    reader: Reader<Counted<R>>,
    names: &'static [&'static str],
    progress: Rc<Progress>,
    depth: usize,
    over: bool,
}

impl<R: Read> std::fmt::Debug for Subjects<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subjects").field("names", &self.names).finish_non_exhaustive()
    }
}

/// What was consumed so far, seen by both the reader and its source.
#[derive(Debug, Default)]
struct Progress {
    line_ends: Cell<u64>,
    since_reset: Cell<usize>,
    total: Cell<u64>,
}

/// Counts what is consumed, and stops when too much is consumed for one event or subject.
struct Counted<R> {
    inner: BufReader<Guarded<R>>,
    progress: Rc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let count = available.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.progress.since_reset.get() > MAX_LINE_BYTES {
            return Err(io::Error::other(ReadError::LineTooLong {
                line: self.progress.line_ends.get() + 1,
                limit_bytes: MAX_LINE_BYTES,
            }));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        let bytes = self.inner.buffer().get(..count).unwrap_or_default();
        let line_ends = bytes.split(|b| *b == b'\n').count() as u64 - 1;
        self.progress.line_ends.set(self.progress.line_ends.get() + line_ends);
        self.progress.since_reset.set(self.progress.since_reset.get() + count);
        self.progress.total.set(self.progress.total.get() + count as u64);
        self.inner.consume(count);
    }
}

impl<R: Read> Subjects<R> {
    pub(crate) fn new(source: R, names: &'static [&'static str]) -> Self {
        let progress = Rc::new(Progress::default());
        let inner = BufReader::with_capacity(64 * 1024, Guarded::new(source));
        let reader = Reader::from_reader(Counted { inner, progress: Rc::clone(&progress) });
        Self { reader, names, progress, depth: 0, over: false }
    }

    /// The next subject; the root comes first, whatever its name.
    pub(crate) fn next_subject(&mut self) -> Result<Option<Element>, ReadError> {
        let mut buffer = Vec::new();
        while !self.over {
            self.progress.since_reset.set(0);
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer);
            let line = self.progress.line_ends.get() + 1;
            match event {
                Err(error) => return Err(self.problem(error)),
                Ok(Event::Start(start)) => {
                    let element = begin(&start, line);
                    let is_root = self.depth == 0;
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(self.malformed("the elements lie too deep"));
                    }
                    if is_root {
                        return Ok(Some(element));
                    }
                    if self.names.contains(&element.name.as_str()) {
                        self.depth -= 1;
                        return self.tree(element).map(Some);
                    }
                }
                Ok(Event::Empty(start)) => {
                    let element = begin(&start, line);
                    let is_root = self.depth == 0;
                    if is_root || self.names.contains(&element.name.as_str()) {
                        return Ok(Some(element));
                    }
                }
                Ok(Event::End(_)) => self.depth = self.depth.saturating_sub(1),
                Ok(Event::Eof) => {
                    self.over = true;
                    if self.depth > 0 {
                        return Err(self.malformed("the file ends in the middle of an element"));
                    }
                }
                Ok(_) => {}
            }
        }
        Ok(None)
    }

    /// Reads the rest of an element that was just begun.
    fn tree(&mut self, root: Element) -> Result<Element, ReadError> {
        let mut open = vec![root];
        let mut nodes = 0_usize;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer);
            let line = self.progress.line_ends.get() + 1;
            nodes += 1;
            if nodes > MAX_NODES {
                return Err(self.malformed("an element has more parts than any real record"));
            }
            match event {
                Err(error) => return Err(self.problem(error)),
                Ok(Event::Start(start)) => {
                    open.push(begin(&start, line));
                    if open.len() + self.depth > MAX_DEPTH {
                        return Err(self.malformed("the elements lie too deep"));
                    }
                }
                Ok(Event::Empty(start)) => {
                    let element = begin(&start, line);
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(element);
                    }
                }
                Ok(Event::End(_)) => {
                    let Some(done) = open.pop() else { return Ok(Element::default()) };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Ok(Event::Text(text)) => append(&mut open, &text),
                Ok(Event::CData(text)) => append(&mut open, &text),
                Ok(Event::GeneralRef(reference)) => {
                    if let Some(element) = open.last_mut() {
                        resolve(&reference, &mut element.text);
                    }
                }
                Ok(Event::Eof) => {
                    self.over = true;
                    return Err(self.malformed("the file ends in the middle of an element"));
                }
                Ok(_) => {}
            }
        }
    }

    fn malformed(&mut self, problem: &'static str) -> ReadError {
        self.over = true;
        ReadError::Malformed { position: self.progress.total.get(), problem }
    }

    fn problem(&mut self, error: quick_xml::Error) -> ReadError {
        self.over = true;
        match error {
            quick_xml::Error::Io(error) => match std::sync::Arc::try_unwrap(error) {
                Ok(error) => ReadError::from_io(error),
                Err(shared) => ReadError::Io { source: io::Error::other(shared) },
            },
            quick_xml::Error::Encoding(_) => self.malformed("the text is not valid UTF-8"),
            _ => self.malformed("this is not well-formed XML"),
        }
    }
}

fn begin(start: &BytesStart<'_>, line: u64) -> Element {
    let mut attributes = Vec::new();
    // A broken attribute ends the loop rather than the file; lists hold none.
    for attribute in start.attributes().with_checks(false).flatten().take(1000) {
        let value = unescape(&attribute.value);
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Element { name: start.local_name().as_ref().to_owned(), line, attributes, ..Element::default() }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolve(reference: &BytesRef<'_>, text: &mut String) {
    let name: &str = reference;
    if let Some(letter) = entity(name) {
        text.push(letter);
    } else {
        text.push('&');
        text.push_str(name);
        text.push(';');
    }
}

/// The letter that one of the five entities of XML, or a number, stands for.
fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')
        }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // A name longer than this is no entity; looking further would cost time without end.
        let end = after.bytes().take(12).position(|byte| byte == b';');
        let known = end.and_then(|end| Some((entity(after.get(..end)?)?, after.get(end + 1..)?)));
        let (letter, tail) = known.unwrap_or(('&', after));
        out.push(letter);
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(xml: &[u8]) -> Result<Vec<Element>, ReadError> {
        let mut subjects = Subjects::new(xml, &["S"]);
        let mut found = Vec::new();
        while let Some(element) = subjects.next_subject()? {
            found.push(element);
        }
        Ok(found)
    }

    #[test]
    fn subjects_come_one_by_one_with_their_lines() {
        let found =
            read(b"<r d=\"2026\">\n<x/>\n<S><n>A &amp; B&#233;</n><n/></S>\n<g><S a='1'/></g></r>")
                .unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].attribute("d"), "2026");
        assert_eq!(found[1].line, 3);
        assert_eq!(found[1].child("n"), "A & Bé");
        assert_eq!(found[1].all("n").count(), 2);
        assert_eq!(found[2].attribute("a"), "1");
    }

    #[test]
    // THREATS T-05
    fn an_entity_bomb_stays_a_few_letters() {
        let xml = b"<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r><S>&b;</S></r>";
        assert_eq!(read(xml).unwrap()[1].text(), "&b;");
    }

    #[test]
    fn a_file_that_ends_too_early_is_an_error() {
        for xml in [&b"<r><S>"[..], b"<r><S></S>", b"<r><S></x></r>", b"<r><S a=\"></S></r>"] {
            assert!(read(xml).is_err(), "{}", String::from_utf8_lossy(xml));
        }
    }

    #[test]
    fn too_deep_or_too_large_is_an_error() {
        let deep = format!("<r><S>{}", "<a>".repeat(100_000));
        assert!(matches!(read(deep.as_bytes()), Err(ReadError::Malformed { .. })));
        let mut large = b"<r><S>".to_vec();
        large.resize(17_000_000, b'x');
        assert!(matches!(read(&large), Err(ReadError::LineTooLong { .. })));
        let mut large = b"<r><!--".to_vec();
        large.resize(17_000_000, b'x');
        assert!(matches!(read(&large), Err(ReadError::LineTooLong { .. })));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn nearly_xml_makes_no_panic(text in "(<|>|/|S|r|a=|\"|'|&|;|#x|<S>|</S>|<r>|</r>|<!\\[CDATA\\[|\\]\\]>| ){0,40}") {
            let _ = read(text.as_bytes());
        }
    }
}
