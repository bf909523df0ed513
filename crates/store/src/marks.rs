//! What a sealed cell holds besides one text: the digests of a query and of a record, and what stands
//! in the clear beside it.

use portcullis_decide::{Digest, Fingerprint, QueryMark, RecordMark};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

const DIGEST_BYTES: usize = 32;

/// The bytes of a query's digests: four digests, then three sets, each a count and digests.
pub(crate) fn query_bytes(mark: &QueryMark) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_fingerprint(&mut bytes, &mark.fingerprint);
    for set in [&mark.handles, &mark.postcodes, &mark.addresses] {
        put_count(&mut bytes, set.len());
        for digest in set {
            bytes.extend_from_slice(digest.as_bytes());
        }
    }
    bytes
}

/// The bytes of a record's mark: three texts, each a length and bytes, then four digests.
pub(crate) fn record_bytes(mark: &RecordMark) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in [mark.source.as_str(), mark.list_version.as_str(), mark.record.as_str()] {
        put_count(&mut bytes, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
    put_fingerprint(&mut bytes, &mark.fingerprint);
    bytes
}

/// The query's digests in these bytes, when they hold nothing else.
pub(crate) fn query_mark(bytes: &[u8]) -> Option<QueryMark> {
    let mut rest = bytes;
    let fingerprint = take_fingerprint(&mut rest)?;
    let mark = QueryMark {
        fingerprint,
        handles: take_set(&mut rest)?,
        postcodes: take_set(&mut rest)?,
        addresses: take_set(&mut rest)?,
    };
    rest.is_empty().then_some(mark)
}

/// The record's mark in these bytes, when they hold nothing else.
pub(crate) fn record_mark(bytes: &[u8]) -> Option<RecordMark> {
    let mut rest = bytes;
    let mark = RecordMark {
        source: take_text(&mut rest)?.parse().ok()?,
        list_version: take_text(&mut rest)?.parse().ok()?,
        record: take_text(&mut rest)?.parse().ok()?,
        fingerprint: take_fingerprint(&mut rest)?,
    };
    rest.is_empty().then_some(mark)
}

/// What a cell holds together with what stands in the clear beside it: each text with its length in
/// front, then the rest.
pub(crate) fn bind(clear: &[String], plain: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    for value in clear {
        put_count(&mut bytes, value.len());
        bytes.extend_from_slice(value.as_bytes());
    }
    bytes.extend_from_slice(plain);
    bytes
}

/// What was bound, when what stands in the clear beside it is still what it was sealed with.
pub(crate) fn bound<'b>(clear: &[String], bytes: &'b [u8]) -> Option<&'b [u8]> {
    let mut rest = bytes;
    for value in clear {
        if take_text(&mut rest)? != value.as_str() {
            return None;
        }
    }
    Some(rest)
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_fingerprint(bytes: &mut Vec<u8>, fingerprint: &Fingerprint) {
    let Fingerprint { name, birth_date, identifier, country } = fingerprint;
    for digest in [name, birth_date, identifier, country] {
        bytes.extend_from_slice(digest.as_bytes());
    }
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn take_count(bytes: &mut &[u8]) -> Option<usize> {
    let count: [u8; 4] = take(bytes, 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(count)).ok()
}

fn take_digest(bytes: &mut &[u8]) -> Option<Digest> {
    take(bytes, DIGEST_BYTES)?.try_into().ok().map(Digest::from_bytes)
}

fn take_fingerprint(bytes: &mut &[u8]) -> Option<Fingerprint> {
    Some(Fingerprint {
        name: take_digest(bytes)?,
        birth_date: take_digest(bytes)?,
        identifier: take_digest(bytes)?,
        country: take_digest(bytes)?,
    })
}

fn take_set(bytes: &mut &[u8]) -> Option<BTreeSet<Digest>> {
    let count = take_count(bytes)?;
    (0..count).map(|_| take_digest(bytes)).collect()
}

fn take_text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    let length = take_count(bytes)?;
    std::str::from_utf8(take(bytes, length)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::dossier;
    use portcullis_types::Property;

    #[test]
    fn marks_read_back_and_cut_ones_do_not() {
        let query = QueryMark::of(&dossier(
            "q.csv",
            "2",
            &[(Property::Name, "Orsolya Testwick"), (Property::BirthDate, "1971")],
        ));
        let record = RecordMark::of(&dossier("list", "R1", &[(Property::Name, "O Testwicke")]));
        let (q, r) = (query_bytes(&query), record_bytes(&record));
        assert_eq!(query_mark(&q), Some(query));
        assert_eq!(record_mark(&r), Some(record));
        for end in 0..q.len() {
            assert_eq!(query_mark(&q[..end]), None, "{end}");
        }
        for end in 0..r.len() {
            assert_eq!(record_mark(&r[..end]), None, "{end}");
        }
        assert_eq!(query_mark(&[q.as_slice(), &[0]].concat()), None);
    }
}
