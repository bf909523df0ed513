//! Every table that a backup holds, in an order in which each row comes after those it refers to.
//!
//! A test holds it to the schema, so that no table or column is left out of backups.

use std::sync::LazyLock;

/// Rows read at a time. Each has a hundred kilobytes at most, nearly all have less than one.
pub(crate) const PAGE: i64 = 512;

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns of its primary key, which is the order of its rows.
    pub(crate) key: &'static [&'static str],
    pub(crate) columns: &'static [&'static str],
    /// The column that counts up by itself.
    pub(crate) counter: Option<&'static str>,
}

/// The table that knows which records are erased.
pub(crate) const RECORD: &str = "record";

/// The column of [`RECORD`] that says so.
pub(crate) const ERASED: &str = "erased_at_us";

/// The table that names the keyring.
pub(crate) const SETTING: &str = "setting";

/// The table of what was seen of others' logs.
pub(crate) const WITNESSED: &str = "witnessed";

/// The column of [`WITNESSED`] that says whether it is known to be the newest that was seen.
pub(crate) const CONFIRMED: &str = "confirmed";

const fn plain(
    name: &'static str,
    key: &'static [&'static str],
    columns: &'static [&'static str],
) -> Table {
    Table { name, key, columns, counter: None }
}

/// The tables.
pub(crate) static TABLES: &[Table] = &[
    plain(SETTING, &["name"], &["name", "value", "written_by"]),
    Table {
        counter: Some("number"),
        ..plain(
            RECORD,
            &["number"],
            &[
                "number",
                "organisation",
                "kind",
                "purpose",
                "review_on",
                "disposal",
                "extensions",
                ERASED,
                "label",
                "written_by",
            ],
        )
    },
    plain(
        "label",
        &["record_number"],
        &["record_number", "organisation", "blind", "sealed", "written_by"],
    ),
    plain("erasing", &["number"], &["number", "organisation", "written_by"]),
    Table {
        counter: Some("position"),
        ..plain(
            "event",
            &["position"],
            &[
                "position",
                "id",
                "organisation",
                "record",
                "commitment",
                "sealed",
                "bears",
                "written_by",
            ],
        )
    },
    plain("leaf_waiting", &["position"], &["position", "organisation", "written_by"]),
    Table {
        counter: Some("number"),
        ..plain(
            "log",
            &["number"],
            &[
                "number",
                "organisation",
                "origin",
                "start_us",
                "interval_s",
                "per_interval",
                "link",
                "closed_at_us",
                "written_by",
            ],
        )
    },
    plain(
        "log_entry",
        &["log", "place"],
        &["log", "place", "organisation", "entry", "event", "written_by"],
    ),
    plain(
        "log_tile",
        &["log", "level", "place"],
        &["log", "level", "place", "organisation", "hashes", "written_by"],
    ),
    plain(
        "log_checkpoint",
        &["log", "size"],
        &["log", "size", "organisation", "at_us", "note", "written_by"],
    ),
    plain(
        "log_cosignature",
        &["log", "size", "witness", "key_id"],
        &["log", "size", "witness", "key_id", "organisation", "line", "written_by"],
    ),
    plain(
        WITNESSED,
        &["organisation", "origin"],
        &["origin", "organisation", "size", "root", "note", CONFIRMED, "written_by"],
    ),
    Table {
        counter: Some("position"),
        ..plain(
            "decision",
            &["position"],
            &[
                "position",
                "id",
                "organisation",
                "record_number",
                "at_us",
                "purpose",
                "verdict",
                "officer",
                "reason",
                "query_name",
                "record_name",
                "query_mark",
                "record_mark",
                "undone_event",
                "undone_at_us",
                "undone_by",
                "undone_reason",
                "bears",
                "written_by",
            ],
        )
    },
    plain(
        "raised",
        &["organisation", "pair"],
        &[
            "organisation",
            "pair",
            "reference",
            "record_number",
            "first_raised_at_us",
            "last_raised_at_us",
            "raised_event",
            "purpose",
            "score",
            "query_name",
            "record_name",
            "query_mark",
            "record_mark",
            "bears",
            "written_by",
        ],
    ),
    plain(
        "list",
        &["organisation", "name"],
        &[
            "organisation",
            "name",
            "record_number",
            "source",
            "format",
            "rhythm_days",
            "checked_at_us",
            "kept_event",
            "bears",
            "written_by",
        ],
    ),
    plain(
        "list_address",
        &["organisation", "list", "place"],
        &["organisation", "list", "place", "address", "written_by"],
    ),
    plain(
        "list_issue",
        &["organisation", "list", "digest"],
        &[
            "organisation",
            "list",
            "digest",
            "place",
            "version",
            "published",
            "recorded_at_us",
            "entries",
            "set_aside",
            "written_by",
        ],
    ),
    plain(
        "list_file",
        &["organisation", "list", "issue", "place"],
        &[
            "organisation",
            "list",
            "issue",
            "place",
            "name",
            "address",
            "sha256",
            "size_bytes",
            "entity_tag",
            "last_modified",
            "written_by",
        ],
    ),
    plain(
        "job",
        &["id"],
        &[
            "id",
            "organisation",
            "record_number",
            "kind",
            "key",
            "purpose",
            "payload",
            "state",
            "attempts",
            "enqueued_at_us",
            "not_before_us",
            "lease",
            "lease_holder",
            "lease_until_us",
            "failure",
            "failure_account",
            "finished_at_us",
            "written_by",
        ],
    ),
    plain(
        "given_up_job",
        &["id"],
        &[
            "id",
            "organisation",
            "record_number",
            "at_us",
            "kind",
            "key",
            "purpose",
            "job_record",
            "attempts",
            "failure",
            "failure_account",
            "dealt_event",
            "deed",
            "dealt_at_us",
            "dealt_by",
            "dealt_reason",
            "written_by",
        ],
    ),
    plain(
        "own_organisation",
        &["organisation"],
        &["organisation", "id", "name", "body", "event", "seal", "written_by"],
    ),
    plain(
        "member_list",
        &["organisation", "federation", "version"],
        &[
            "organisation",
            "federation",
            "version",
            "digest",
            "signed",
            "pins",
            "accepted_at_us",
            "event",
            "seal",
            "written_by",
        ],
    ),
    plain(
        "member_vote",
        &["organisation", "federation", "version", "digest"],
        &["organisation", "federation", "version", "digest", "at_us", "event", "written_by"],
    ),
    plain(
        "member_fork",
        &["organisation", "digest"],
        &["organisation", "digest", "proof", "found_at_us", "event", "written_by"],
    ),
    plain(
        "scheduled",
        &["organisation", "kind"],
        &["organisation", "kind", "last_us", "written_by"],
    ),
    plain(
        "person",
        &["id"],
        &["id", "organisation", "account", "record_number", "state", "details", "written_by"],
    ),
    plain(
        "person_proposal",
        &["id"],
        &["id", "organisation", "record_number", "state", "details", "written_by"],
    ),
    plain(
        "person_outside",
        &["id"],
        &["id", "organisation", "record_number", "details", "written_by"],
    ),
    plain(
        "recovery_code",
        &["id"],
        &["id", "organisation", "record_number", "details", "written_by"],
    ),
    plain(
        "credential",
        &["id"],
        &[
            "id",
            "organisation",
            "account",
            "record_number",
            "kind",
            "lookup",
            "details",
            "written_by",
        ],
    ),
    plain(
        "personal_key",
        &["id"],
        &["id", "organisation", "account", "record_number", "credential", "details", "written_by"],
    ),
    plain(
        "session",
        &["id"],
        &[
            "id",
            "organisation",
            "account",
            "record_number",
            "digest",
            "began_at_us",
            "seen_at_us",
            "details",
            "written_by",
        ],
    ),
    plain(
        "api_token",
        &["id"],
        &["id", "organisation", "account", "record_number", "digest", "details", "written_by"],
    ),
    plain(
        "submit_link",
        &["id"],
        &[
            "id",
            "organisation",
            "account",
            "record_number",
            "digest",
            "uses",
            "details",
            "written_by",
        ],
    ),
    plain(
        "submission",
        &["id"],
        &["id", "organisation", "record_number", "at_us", "details", "written_by"],
    ),
    plain("exchange_life", &["organisation", "life"], &["organisation", "life", "written_by"]),
    plain(
        "exchange_peer",
        &["organisation", "peer"],
        &["organisation", "peer", "life", "last_order", "request_s", "tick", "written_by"],
    ),
    plain(
        "exchange_sequence",
        &["organisation", "peer", "conversation"],
        &["organisation", "peer", "conversation", "last", "written_by"],
    ),
    plain(
        "exchange_outgoing",
        &["id"],
        &[
            "id",
            "organisation",
            "peer",
            "record_number",
            "conversation",
            "sequence",
            "place",
            "urgency",
            "queued_s",
            "expires_s",
            "state",
            "count",
            "acknowledged",
            "sent",
            "rounds",
            "begun",
            "due_s",
            "heading",
            "written_by",
        ],
    ),
    plain(
        "exchange_attempt",
        &["organisation", "envelope"],
        &["organisation", "envelope", "message", "number", "written_by"],
    ),
    plain(
        "exchange_owed",
        &["organisation", "peer", "envelope"],
        &["organisation", "peer", "envelope", "taken_s", "told", "written_by"],
    ),
    plain(
        "exchange_thread",
        &["organisation", "peer", "life", "conversation"],
        &["organisation", "peer", "life", "conversation", "next", "written_by"],
    ),
    plain(
        "exchange_open",
        &["id"],
        &[
            "id",
            "organisation",
            "peer",
            "life",
            "conversation",
            "sequence",
            "record_number",
            "message",
            "queued_s",
            "count",
            "arrived",
            "heading",
            "written_by",
        ],
    ),
    plain(
        "exchange_void",
        &["organisation", "peer", "life", "conversation", "sequence"],
        &["organisation", "peer", "life", "conversation", "sequence", "queued_s", "written_by"],
    ),
    plain(
        "exchange_part",
        &["id"],
        &["id", "organisation", "record_number", "content", "written_by"],
    ),
    plain(
        "exchange_content",
        &["id"],
        &["id", "organisation", "record_number", "content", "written_by"],
    ),
    Table {
        counter: Some("position"),
        ..plain(
            "exchange_inbox",
            &["position"],
            &[
                "position",
                "id",
                "organisation",
                "record_number",
                "arrived_s",
                "heading",
                "written_by",
            ],
        )
    },
    plain(
        "exchange_delivered",
        &["organisation", "peer", "message"],
        &["organisation", "peer", "message", "queued_s", "written_by"],
    ),
    plain(
        "exchange_refused",
        &["organisation", "peer", "reason", "day"],
        &["organisation", "peer", "reason", "day", "count", "first_us", "last_us", "written_by"],
    ),
];

/// What is asked of a table. Made of names in the program alone.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) table: &'static Table,
    /// How many rows it has.
    pub(crate) count: String,
    /// The first page; `$1` is its length.
    pub(crate) first: String,
    /// The page after a key; the last value is its length.
    pub(crate) next: String,
    /// Adds a row.
    pub(crate) insert: String,
}

static STATEMENTS: LazyLock<Vec<Statements>> =
    LazyLock::new(|| TABLES.iter().map(Statements::of).collect());

/// Every table with its statements.
pub(crate) fn statements() -> &'static [Statements] {
    &STATEMENTS
}

impl Statements {
    fn of(table: &'static Table) -> Self {
        let Table { name, key, columns, .. } = table;
        let (columns_text, key_text) = (columns.join(", "), key.join(", "));
        let values = |count: usize| {
            (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
        };
        let length = key.len().saturating_add(1);
        Self {
            table,
            count: format!("SELECT count(*) AS rows FROM {name}"),
            first: format!("SELECT {columns_text} FROM {name} ORDER BY {key_text} LIMIT $1"),
            next: format!(
                "SELECT {columns_text} FROM {name} WHERE ({key_text}) > ({})
                 ORDER BY {key_text} LIMIT ${length}",
                values(key.len())
            ),
            insert: format!(
                "INSERT INTO {name} ({columns_text}) VALUES ({})",
                values(columns.len())
            ),
        }
    }
}

impl Table {
    /// Where a column stands in a row.
    pub(crate) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| *name == column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::sqlite::Sqlite;
    use crate::engine::{Access, Cell, Engine as _};
    use crate::migrations;
    use crate::tables::SEALED;
    use std::collections::{BTreeMap, BTreeSet};

    /// What stays behind: a lease is a matter of the processes that run, and the steps of the schema
    /// are noted by whoever makes the tables.
    const LEFT_OUT: [&str; 2] = ["lease", "schema_version"];

    /// For each table its columns in the schema, and those of its primary key.
    fn schema() -> BTreeMap<String, (BTreeSet<String>, Vec<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = Sqlite::open(&folder.path().join("store.db")).unwrap();
        migrations::bring_up_to_date(&mut engine).unwrap();
        let mut session = engine.begin(Access::Read).unwrap();
        let rows = session
            .query(
                "SELECT s.name AS table_name, c.name AS column_name, c.pk AS pk
                 FROM sqlite_schema s JOIN pragma_table_info(s.name) c
                 WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%' ORDER BY s.name, c.pk",
                &[],
            )
            .unwrap();
        let mut tables: BTreeMap<String, (BTreeSet<String>, Vec<String>)> = BTreeMap::new();
        for row in rows {
            let [Cell::Text(table), Cell::Text(column), Cell::Integer(pk)] = &row.cells[..] else {
                panic!("not as asked for");
            };
            let (columns, key) = tables.entry(table.clone()).or_default();
            columns.insert(column.clone());
            if *pk > 0 {
                key.push(column.clone());
            }
        }
        tables
    }

    #[test]
    fn a_backup_leaves_out_no_table_and_no_column() {
        let mut expected = schema();
        for name in LEFT_OUT {
            assert!(expected.remove(name).is_some(), "{name}");
        }
        let ours: BTreeMap<String, (BTreeSet<String>, Vec<String>)> = TABLES
            .iter()
            .map(|table| {
                let strings = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
                let columns = strings(table.columns);
                let key: Vec<String> = strings(table.key);
                (table.name.to_owned(), (columns.into_iter().collect(), key))
            })
            .collect();
        assert_eq!(ours, expected);
    }

    #[test]
    fn a_restore_knows_each_table_with_sealed_cells() {
        for sealed in SEALED {
            let table = TABLES.iter().find(|table| table.name == sealed.name).unwrap();
            let named = sealed.columns.iter().chain([&sealed.id, &sealed.record]);
            for column in named {
                assert!(table.place(column).is_some(), "{} {column}", table.name);
            }
        }
    }
}
