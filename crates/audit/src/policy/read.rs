//! Reads a policy file line by line.

use super::{Log, Node, NodeKind, Policy, PolicyError, PolicyProblem};
use crate::encoding::decimal;
use crate::key::{KeyKind, VerifierKey};

/// Bytes of a policy, at most.
const LONGEST: usize = 1_000_000;
/// Logs, witnesses and groups, at most. The specification recommends to take 32 of each.
const MOST: usize = 1024;

/// The words of a line with the columns where they begin.
struct Words<'a> {
    words: std::vec::IntoIter<(usize, &'a [u8])>,
    /// Where the last line ends.
    end: usize,
    /// Where the word taken last began.
    at: usize,
}

impl<'a> Words<'a> {
    fn of(line: &'a [u8]) -> Self {
        let mut words = Vec::new();
        let mut column = 1;
        for word in line.split(|byte| matches!(byte, b' ' | b'\t')) {
            if !word.is_empty() {
                words.push((column, word));
            }
            column += word.len() + 1;
        }
        Self { words: words.into_iter(), end: line.len() + 1, at: 1 }
    }

    fn optional(&mut self) -> Option<&'a [u8]> {
        let word = self.words.next();
        self.at = word.map_or(self.end, |(column, _)| column);
        word.map(|(_, word)| word)
    }

    fn next(&mut self) -> Result<&'a [u8], PolicyProblem> {
        self.optional().ok_or(PolicyProblem::Missing {})
    }

    fn end(&mut self) -> Result<(), PolicyProblem> {
        self.optional().map_or(Ok(()), |_| Err(PolicyProblem::Surplus {}))
    }
}

/// What has been read so far.
struct Reading {
    policy: Policy,
    /// Names as the octets of the file.
    names: Vec<Vec<u8>>,
    /// Which names are members of a group.
    taken: Vec<usize>,
    quorum: Option<()>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Policy, PolicyError> {
    let whole = |problem| PolicyError { line: 1, column: 1, problem };
    if bytes.len() > LONGEST {
        return Err(whole(PolicyProblem::TooLarge {}));
    }
    let policy = Policy { logs: Vec::new(), nodes: Vec::new(), quorum: None };
    let mut reading = Reading { policy, names: Vec::new(), taken: Vec::new(), quorum: None };
    let mut line = 0;
    for text in bytes.split_inclusive(|byte| *byte == b'\n') {
        line += 1;
        let at = |column, problem| PolicyError { line, column, problem };
        let wrong = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
        let Some((b'\n', text)) = text.split_last() else {
            return Err(at(text.len() + 1, PolicyProblem::Character {}));
        };
        if let Some(column) = text.iter().position(wrong) {
            return Err(at(column + 1, PolicyProblem::Character {}));
        }
        let mut words = Words::of(text);
        reading.line(&mut words).map_err(|problem| at(words.at, problem))?;
    }
    if reading.quorum.is_none() {
        let problem = PolicyProblem::NoQuorum {};
        return Err(PolicyError { line: line + 1, column: 1, problem });
    }
    Ok(reading.policy)
}

impl Reading {
    fn line(&mut self, words: &mut Words<'_>) -> Result<(), PolicyProblem> {
        let Some(keyword) = words.optional() else { return Ok(()) };
        match keyword {
            comment if comment.starts_with(b"#") => Ok(()),
            b"log" => self.log(words),
            b"witness" => self.witness(words),
            b"group" => self.group(words),
            b"quorum" => self.quorum(words),
            _ => Err(PolicyProblem::Keyword {}),
        }
    }

    fn log(&mut self, words: &mut Words<'_>) -> Result<(), PolicyProblem> {
        let key = key(words, KeyKind::Log)?;
        if self.policy.logs.iter().any(|log| log.key.public() == key.public()) {
            return Err(PolicyProblem::DuplicateKey {});
        }
        if self.policy.logs.len() >= MOST {
            return Err(PolicyProblem::TooLarge {});
        }
        let url = words.optional().map(lossy);
        self.policy.logs.push(Log { key, url });
        words.end()
    }

    fn witness(&mut self, words: &mut Words<'_>) -> Result<(), PolicyProblem> {
        let name = self.new_name(words)?;
        let key = key(words, KeyKind::Cosigner)?;
        if self.policy.witnesses().any(|(other, _)| other.public() == key.public()) {
            return Err(PolicyProblem::DuplicateKey {});
        }
        let url = words.optional().map(lossy);
        self.define(name, NodeKind::Witness { key: Box::new(key), url });
        words.end()
    }

    fn group(&mut self, words: &mut Words<'_>) -> Result<(), PolicyProblem> {
        let name = self.new_name(words)?;
        let threshold = words.next()?;
        let threshold_at = words.at;
        let mut members = vec![self.member(words.next()?)?];
        while let Some(word) = words.optional() {
            members.push(self.member(word)?);
        }
        let threshold = match threshold {
            b"any" => Some(1),
            b"all" => Some(members.len()),
            number => std::str::from_utf8(number)
                .ok()
                .and_then(decimal)
                .map(|number| usize::try_from(number).unwrap_or(usize::MAX)),
        };
        let allowed = |threshold: &usize| (1..=members.len()).contains(threshold);
        let Some(threshold) = threshold.filter(allowed) else {
            words.at = threshold_at;
            return Err(PolicyProblem::Threshold {});
        };
        self.define(name, NodeKind::Group { threshold, members });
        Ok(())
    }

    fn quorum(&mut self, words: &mut Words<'_>) -> Result<(), PolicyProblem> {
        if self.quorum.is_some() {
            return Err(PolicyProblem::SecondQuorum {});
        }
        let name = words.next()?;
        if name != b"none" {
            self.policy.quorum = Some(self.find(name)?);
        }
        self.quorum = Some(());
        words.end()
    }

    /// A name that is to be defined on this line.
    fn new_name<'a>(&self, words: &mut Words<'a>) -> Result<&'a [u8], PolicyProblem> {
        let name = words.next()?;
        if name == b"none" || self.find(name).is_ok() {
            return Err(PolicyProblem::DuplicateName {});
        }
        if self.names.len() >= MOST {
            return Err(PolicyProblem::TooLarge {});
        }
        Ok(name)
    }

    fn define(&mut self, name: &[u8], kind: NodeKind) {
        self.names.push(name.to_vec());
        self.policy.nodes.push(Node { name: lossy(name), kind });
    }

    fn find(&self, name: &[u8]) -> Result<usize, PolicyProblem> {
        let place = self.names.iter().position(|other| other == name);
        place.ok_or(PolicyProblem::UnknownName {})
    }

    fn member(&mut self, name: &[u8]) -> Result<usize, PolicyProblem> {
        let place = self.find(name)?;
        if self.taken.contains(&place) {
            return Err(PolicyProblem::MemberTwice {});
        }
        self.taken.push(place);
        Ok(place)
    }
}

fn key(words: &mut Words<'_>, wanted: KeyKind) -> Result<VerifierKey, PolicyProblem> {
    let text = std::str::from_utf8(words.next()?).unwrap_or_default();
    let key: VerifierKey = text.parse().map_err(PolicyProblem::Key)?;
    if key.kind() == wanted { Ok(key) } else { Err(PolicyProblem::WrongUse {}) }
}

/// For showing only; names are compared as octets.
fn lossy(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
