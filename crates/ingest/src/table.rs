//! Rows out of delimited text, whatever its writer did to it.
//!
//! RFC 4180 quoting, line breaks within quoted cells, bare carriage returns within cells, LF, CRLF
//! or CR line ends, a closing byte 0x1A, blank lines, and the usual damage: quotes that were not
//! doubled, or never closed. [`TableReader`] finds where each record ends (and so knows its physical
//! line and its raw bytes); `csv-core` splits the record into cells.
//!
//! *A quote that is never closed* would swallow every row up to the next quote, or the rest of the
//! file. So a record of several lines is taken only when its quoting is regular and its cells number
//! as many as those of the first row. Otherwise, when a later line of it is by itself a whole row,
//! the lines before that one are set aside and reading goes on there. A quote still open at the end
//! of the file, or after 16 MB, costs the one line it opens on.
//!
//! How many cells a row has is otherwise the caller's business.

use crate::bytes::{Encoding, Guarded, MAX_LINE_BYTES, decode, decode_for_show};
use crate::{ReadError, SetAside, Warning};
use csv_core::{ReadRecordResult, Reader as Splitter, ReaderBuilder, Terminator};
use std::collections::VecDeque;
use std::io::Read;

/// Most cells taken in one row; a workbook has at most 16,384 columns.
const MAX_CELLS: usize = 65_536;

/// How much is looked at to find the delimiter and the kind of line ends.
const SNIFF_BYTES: usize = 64 * 1024;

/// How to read a table.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TableOptions {
    /// The byte between cells; `None` finds out whether it is a comma, semicolon, tab or bar.
    pub(crate) delimiter: Option<u8>,
    /// How the bytes are read as letters.
    pub(crate) encoding: Encoding,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Physical line on which it begins, counted from 1.
    pub(crate) line: u64,
    /// Its cells, unquoted, not trimmed.
    pub(crate) cells: Vec<String>,
    /// The row as it stands in the file, without its line end.
    pub(crate) raw: Box<str>,
    /// Whether its quotation marks are as RFC 4180 has them.
    pub(crate) quoting: Quoting,
}

/// How the quotation marks of a row stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// Each closing one is followed by a delimiter or the end of the line.
    #[default]
    Regular,
    /// Something else follows one: the cells may have slipped.
    Irregular,
}

impl Row {
    /// A cell, trimmed; empty when the row has no such cell.
    pub(crate) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.trim())
    }

    /// Whether every cell is empty.
    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// Sets the row aside. `column` counts from 0, as `cells` does.
    pub(crate) fn set_aside(&self, column: Option<usize>, reason: impl Into<String>) -> SetAside {
        SetAside {
            line: self.line,
            column: column.map(|index| index as u64 + 1),
            reason: reason.into(),
            raw: self.raw.clone().into_string().into(),
        }
    }
}

/// One thing found in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TableItem {
    /// A row.
    Row(Row),
    /// Lines that are no row.
    SetAside(SetAside),
    /// Something noticed.
    Warning(Warning),
}

/// Reads rows, in bounded memory. After an error it ends.
pub(crate) struct TableReader<R> {
    source: Guarded<R>,
    options: TableOptions,
    splitter: Box<Splitter>,
    delimiter: u8,
    line_end: u8,
    stage: Stage,
    source_ended: bool,
    buffer: Vec<u8>,
    /// Where in `buffer` the next record begins.
    start: usize,
    line: u64,
    width: Option<usize>,
    warned: bool,
    pending: VecDeque<TableItem>,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl<R> std::fmt::Debug for TableReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableReader").field("line", &self.line).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Reading,
    Over,
}

/// Where a record ends, and how it looked on the way there.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    /// End of the record with its line end, from its start.
    length: usize,
    /// Line ends within, its own included.
    lines: u64,
    /// Cells, counted by delimiters outside quotes.
    cells: usize,
    /// A closing quote was followed by something else than a delimiter or line end.
    irregular: bool,
    /// A quote was still open at the end.
    open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Bare,
    Quoted,
    QuoteSeen,
}

impl<R: Read> TableReader<R> {
    pub(crate) fn new(source: R, options: TableOptions) -> Self {
        Self {
            source: Guarded::new(source),
            options,
            splitter: Box::new(Splitter::new()),
            delimiter: b',',
            line_end: b'\n',
            stage: Stage::Fresh,
            source_ended: false,
            buffer: Vec::new(),
            start: 0,
            line: 1,
            width: None,
            warned: false,
            pending: VecDeque::new(),
            cells: vec![0; 1024],
            ends: vec![0; 64],
        }
    }

    /// Says how many cells a whole row has, when the first row is not the measure of it.
    pub(crate) fn expect_width(&mut self, width: usize) {
        self.width = Some(width);
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        if self.start > CHUNK_KEPT_BYTES {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        if self.source.fill(&mut self.buffer)? == 0 {
            self.source_ended = true;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), ReadError> {
        self.stage = Stage::Reading;
        while self.buffer.len() < SNIFF_BYTES && !self.source_ended {
            self.fill()?;
        }
        let head = self.buffer.get(..self.buffer.len().min(SNIFF_BYTES)).unwrap_or_default();
        if !head.contains(&b'\n') && head.contains(&b'\r') {
            self.line_end = b'\r';
        }
        self.delimiter =
            self.options.delimiter.unwrap_or_else(|| sniff_delimiter(head, self.line_end));
        *self.splitter = ReaderBuilder::new()
            .delimiter(self.delimiter)
            .terminator(Terminator::Any(self.line_end))
            .build();
        Ok(())
    }

    /// Finds the end of the record that begins at `start`; `None` at the end of the file.
    fn frame(&mut self) -> Result<Option<Frame>, ReadError> {
        let mut frame = Frame { cells: 1, ..Frame::default() };
        let mut state = State::CellStart;
        loop {
            let bytes = self.buffer.get(self.start + frame.length..).unwrap_or_default();
            for &byte in bytes {
                frame.length += 1;
                state = step(state, byte, self.delimiter, self.line_end, &mut frame);
                if byte == self.line_end {
                    frame.lines += 1;
                    if state == State::CellStart {
                        return Ok(Some(frame));
                    }
                }
            }
            if frame.length > MAX_LINE_BYTES {
                frame.open = state == State::Quoted && frame.lines > 0;
                if frame.open {
                    return Ok(Some(frame));
                }
                return Err(ReadError::LineTooLong {
                    line: self.line,
                    limit_bytes: MAX_LINE_BYTES,
                });
            }
            if self.source_ended {
                frame.open = state == State::Quoted;
                return Ok((frame.length > 0).then_some(frame));
            }
            self.fill()?;
        }
    }

    /// The bytes from `start`, `length` long.
    fn record(&self, length: usize) -> &[u8] {
        self.buffer.get(self.start..self.start + length).unwrap_or_default()
    }

    /// When the record is better taken as lines that are no row: how many bytes and lines of it.
    fn broken_lines(&self, frame: &Frame) -> Option<(usize, u64)> {
        let bytes = self.record(frame.length);
        let first = bytes.iter().position(|b| *b == self.line_end).map_or(bytes.len(), |p| p + 1);
        if frame.open {
            return Some((first, 1));
        }
        let ragged = self.width.is_some_and(|width| width > 1 && width != frame.cells);
        if frame.lines < 2 || first == frame.length || !(ragged || frame.irregular) {
            return None;
        }
        let width = self.width.unwrap_or(frame.cells);
        let (mut at, mut lines) = (first, 1);
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let length =
                rest.iter().position(|b| *b == self.line_end).map_or(rest.len(), |p| p + 1);
            if is_whole_row(
                rest.get(..length).unwrap_or_default(),
                self.delimiter,
                self.line_end,
                width,
            ) {
                return Some((at, lines));
            }
            at += length;
            lines += 1;
        }
        None
    }

    fn next_item(&mut self) -> Result<Option<TableItem>, ReadError> {
        if self.stage == Stage::Fresh {
            self.begin()?;
        }
        loop {
            if let Some(item) = self.pending.pop_front() {
                return Ok(Some(item));
            }
            let Some(frame) = self.frame()? else { return Ok(None) };
            let line = self.line;
            if let Some((length, lines)) = self.broken_lines(&frame) {
                let raw = show(self.record(length));
                self.start += length;
                self.line += lines;
                return Ok(Some(TableItem::SetAside(SetAside {
                    line,
                    column: None,
                    reason:
                        "a quotation mark opens a cell here and is not closed as it should be; \
                             close it, or double it if it belongs to the text"
                            .to_owned(),
                    raw,
                })));
            }
            let row = self.split(&frame);
            self.start += frame.length;
            self.line += frame.lines;
            if let Some(item) = row {
                self.pending.push_back(item);
            }
        }
    }

    /// Splits the record into cells; `None` for a blank line. May push a warning before it.
    fn split(&mut self, frame: &Frame) -> Option<TableItem> {
        let line = self.line;
        let at_end = self.source_ended && self.start + frame.length == self.buffer.len();
        let mut bytes = self.buffer.get(self.start..self.start + frame.length)?;
        bytes = bytes.strip_suffix(&[self.line_end]).unwrap_or(bytes);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if at_end {
            // DOS programs end a text file with this byte; it belongs to no row.
            bytes = bytes.strip_suffix(b"\x1A").unwrap_or(bytes);
        }
        if bytes.is_empty() {
            return None;
        }
        let aside = |reason: &str| {
            Some(TableItem::SetAside(SetAside {
                line,
                column: None,
                reason: reason.to_owned(),
                raw: show(bytes),
            }))
        };
        if frame.cells > MAX_CELLS {
            return aside("the row has more cells than any table; check the line ends of the file");
        }
        let Some(decoded) = decode(bytes, self.options.encoding) else {
            return aside(
                "the row is not valid UTF-8; choose the encoding windows-1252, or save the file again as UTF-8",
            );
        };
        if decoded.fell_back && !self.warned {
            self.warned = true;
            self.pending.push_back(TableItem::Warning(Warning {
                line: Some(line),
                message:
                    "this row, and perhaps later ones, is not UTF-8 and was read as windows-1252"
                        .to_owned(),
            }));
        }
        let cells = split_cells(
            &mut self.splitter,
            decoded.text.as_bytes(),
            &mut self.cells,
            &mut self.ends,
        );
        if cells.len() == 1 && cells.first().is_some_and(|c| c.trim().is_empty()) {
            return None;
        }
        self.width.get_or_insert(cells.len());
        let quoting = if frame.irregular { Quoting::Irregular } else { Quoting::Regular };
        let raw = Box::from(decoded.text.as_ref());
        Some(TableItem::Row(Row { line, cells, raw, quoting }))
    }
}

impl<R: Read> Iterator for TableReader<R> {
    type Item = Result<TableItem, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.stage == Stage::Over {
            return None;
        }
        let item = self.next_item().transpose();
        if !matches!(item, Some(Ok(_))) {
            self.stage = Stage::Over;
        }
        item
    }
}

/// How much consumed text may stay in the buffer before it is moved out.
const CHUNK_KEPT_BYTES: usize = 1 << 20;

fn show(bytes: &[u8]) -> portcullis_types::Protected {
    decode_for_show(bytes).trim_end_matches(['\r', '\n']).into()
}

/// One step over a record, as `csv-core` does it: a quote opens only at the start of a cell.
fn step(state: State, byte: u8, delimiter: u8, line_end: u8, frame: &mut Frame) -> State {
    match (state, byte) {
        (State::Quoted, b'"') => State::QuoteSeen,
        (State::Quoted, _) | (State::QuoteSeen | State::CellStart, b'"') => State::Quoted,
        (_, b) if b == line_end => State::CellStart,
        (_, b) if b == delimiter => {
            frame.cells += 1;
            State::CellStart
        }
        (State::QuoteSeen, b'\r') => State::QuoteSeen,
        (State::QuoteSeen, _) => {
            frame.irregular = true;
            State::Bare
        }
        _ => State::Bare,
    }
}

/// Whether one physical line is by itself a regular row of that many cells.
fn is_whole_row(line: &[u8], delimiter: u8, line_end: u8, width: usize) -> bool {
    let mut frame = Frame { cells: 1, ..Frame::default() };
    let mut state = State::CellStart;
    for &byte in line {
        state = step(state, byte, delimiter, line_end, &mut frame);
    }
    state != State::Quoted && !frame.irregular && frame.cells == width
}

fn split_cells(
    splitter: &mut Splitter,
    mut input: &[u8],
    cells: &mut Vec<u8>,
    ends: &mut Vec<usize>,
) -> Vec<String> {
    splitter.reset();
    let (mut written, mut ended) = (0, 0);
    loop {
        let (result, read, wrote, more) = splitter.read_record(
            input,
            cells.get_mut(written..).unwrap_or_default(),
            ends.get_mut(ended..).unwrap_or_default(),
        );
        input = input.get(read..).unwrap_or_default();
        written += wrote;
        ended += more;
        match result {
            // The next call, with no input left, tells the splitter that the record is over.
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => cells.resize(cells.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            ReadRecordResult::Record | ReadRecordResult::End => break,
        }
    }
    let mut from = 0;
    ends.iter()
        .take(ended)
        .map(|&to| {
            let cell = cells.get(from..to).unwrap_or_default();
            from = to;
            String::from_utf8_lossy(cell).into_owned()
        })
        .collect()
}

/// Finds the byte that most evenly parts the first lines.
fn sniff_delimiter(head: &[u8], line_end: u8) -> u8 {
    let mut best = (0, 0, b',');
    for delimiter in [b',', b';', b'\t', b'|'] {
        let mut counts = Vec::new();
        let mut frame = Frame { cells: 1, ..Frame::default() };
        let mut state = State::CellStart;
        for &byte in head {
            state = step(state, byte, delimiter, line_end, &mut frame);
            if byte == line_end && state == State::CellStart {
                counts.push(frame.cells);
                frame.cells = 1;
                if counts.len() == 20 {
                    break;
                }
            }
        }
        if counts.is_empty() {
            counts.push(frame.cells);
        }
        let evenness = |cells: usize| counts.iter().filter(|c| **c == cells).count();
        let found = counts.iter().filter(|c| **c > 1).map(|&cells| (evenness(cells), cells)).max();
        if let Some((even, cells)) = found
            && (even, cells) > (best.0, best.1)
        {
            best = (even, cells, delimiter);
        }
    }
    best.2
}

#[cfg(test)]
mod tests;
