//! The tables, in SQL that every engine understands.

pub(crate) mod alerts;
pub(crate) mod by_label;
pub(crate) mod decisions;
pub(crate) mod erasures;
pub(crate) mod events;
pub(crate) mod exchange;
pub(crate) mod given_up_jobs;
pub(crate) mod jobs;
pub(crate) mod labels;
pub(crate) mod lists;
pub(crate) mod log;
pub(crate) mod members;
pub(crate) mod people;
pub(crate) mod records;
pub(crate) mod scheduled;
pub(crate) mod seen;
pub(crate) mod witnessed;

/// A table with cells that are sealed under the key of a record.
pub(crate) struct SealedTable {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The column with the id of a row: bytes, to which its sealed cells are bound.
    pub(crate) id: &'static str,
    /// The column with the number of the record.
    pub(crate) record: &'static str,
    /// The sealed columns. NULL in a row whose record was erased.
    pub(crate) columns: &'static [&'static str],
    /// Takes away what a record has in this table.
    pub(crate) wipe: Wipe,
}

/// How the cells of a record are taken away. `$1` is its number.
pub(crate) enum Wipe {
    /// Alone; the rest of the row says that something was there. `$2` is the transaction's name.
    Cells(&'static str),
    /// With their row.
    Rows(&'static str),
}

/// A table of people: what a row says is one cell.
macro_rules! of_people {
    ($table:literal, keeps its rows) => {
        of_people!(
            $table,
            Wipe::Cells(concat!(
                "UPDATE ",
                $table,
                " SET details = NULL, written_by = $2 WHERE record_number = $1"
            ))
        )
    };
    ($table:literal) => {
        of_people!($table, Wipe::Rows(concat!("DELETE FROM ", $table, " WHERE record_number = $1")))
    };
    ($table:literal, $wipe:expr) => {
        SealedTable {
            name: $table,
            id: "id",
            record: "record_number",
            columns: &["details"],
            wipe: $wipe,
        }
    };
}

/// A table of the exchange: one cell, and the row goes with it.
macro_rules! of_exchange {
    ($table:literal, $column:literal) => {
        SealedTable {
            name: $table,
            id: "id",
            record: "record_number",
            columns: &[$column],
            wipe: Wipe::Rows(concat!("DELETE FROM ", $table, " WHERE record_number = $1")),
        }
    };
}

/// Every table with sealed cells. What erases records and what seals them anew goes through these.
pub(crate) const SEALED: &[SealedTable] = &[
    SealedTable {
        name: "event",
        id: "id",
        record: "record",
        columns: &["sealed"],
        wipe: Wipe::Cells(
            "UPDATE event SET sealed = NULL, written_by = $2
               WHERE record = $1 AND sealed IS NOT NULL",
        ),
    },
    SealedTable {
        name: "decision",
        id: "id",
        record: "record_number",
        columns: &[
            "reason",
            "query_name",
            "record_name",
            "query_mark",
            "record_mark",
            "undone_reason",
        ],
        wipe: Wipe::Cells(
            "UPDATE decision SET reason = NULL, query_name = NULL, record_name = NULL,
                   query_mark = NULL, record_mark = NULL, undone_reason = NULL, written_by = $2
               WHERE record_number = $1",
        ),
    },
    SealedTable {
        name: "raised",
        id: "pair",
        record: "record_number",
        columns: &["query_name", "record_name", "query_mark", "record_mark"],
        // The row goes as a whole: whoever has the keyring could try a name against its blind marks.
        wipe: Wipe::Rows("DELETE FROM raised WHERE record_number = $1"),
    },
    SealedTable {
        name: "job",
        id: "id",
        record: "record_number",
        columns: &["payload", "failure_account"],
        // The row goes as a whole: without what it was given, nobody can do it.
        wipe: Wipe::Rows("DELETE FROM job WHERE record_number = $1"),
    },
    SealedTable {
        name: "given_up_job",
        id: "id",
        record: "record_number",
        columns: &["failure_account", "dealt_reason"],
        wipe: Wipe::Cells(
            "UPDATE given_up_job SET failure_account = NULL, dealt_reason = NULL, written_by = $2
               WHERE record_number = $1",
        ),
    },
    SealedTable {
        name: "label",
        id: "blind",
        record: "record_number",
        columns: &["sealed"],
        // The row stays: erased records name it.
        wipe: Wipe::Cells(
            "UPDATE label SET sealed = NULL, written_by = $2
               WHERE record_number = $1 AND sealed IS NOT NULL",
        ),
    },
    of_people!("person", keeps its rows),
    of_people!("person_proposal", keeps its rows),
    of_people!("person_outside"),
    of_people!("recovery_code"),
    of_people!("credential"),
    of_people!("personal_key"),
    of_people!("session"),
    of_people!("api_token"),
    of_people!("submit_link"),
    of_people!("submission"),
    of_exchange!("exchange_outgoing", "heading"),
    of_exchange!("exchange_open", "heading"),
    of_exchange!("exchange_part", "content"),
    of_exchange!("exchange_content", "content"),
    of_exchange!("exchange_inbox", "heading"),
];
