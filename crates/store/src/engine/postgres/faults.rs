//! What is wrong with the database, as far as the server can be asked.

use super::said::Cause;
use postgres::Client;
use postgres::error::SqlState;

/// Settings without which a committed transaction can be lost with the power.
const NEEDED_ON: &str = "
    SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting <> 'on'";

const SWITCHED_OFF: &str = "
    SELECT t.tgname::text, c.relname::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'portcullis'::regnamespace AND t.tgenabled NOT IN ('O', 'A')
    ORDER BY 2, 1";

/// One row for each constraint: its name, its table, and the statement that counts the rows that
/// break it. The server writes the statement, from what it knows of the constraint.
const CONSTRAINTS: &str = "
    SELECT k.conname::text, c.relname::text, CASE k.contype
        WHEN 'c' THEN format('SELECT count(*) FROM %s WHERE (%s) IS FALSE',
            k.conrelid::regclass, pg_get_expr(k.conbin, k.conrelid))
        WHEN 'f' THEN format(
            'SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT 1 FROM %s p WHERE %s)',
            k.conrelid::regclass, pairs.are_there, k.confrelid::regclass, pairs.are_equal)
        ELSE format(
            'SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1) twice',
            k.conrelid::regclass, own.are_there, own.columns)
        END
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN LATERAL (
        SELECT string_agg(format('%I', a.attname), ', ') AS columns,
               string_agg(format('%I IS NOT NULL', a.attname), ' AND ') AS are_there
        FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
    ) own ON true
    LEFT JOIN LATERAL (
        SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS are_there,
               string_agg(format('c.%I = p.%I', a.attname, b.attname), ' AND ') AS are_equal
        FROM unnest(k.conkey, k.confkey) AS u (own, other)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
        JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.other
    ) pairs ON true
    WHERE k.connamespace = 'portcullis'::regnamespace AND k.contype IN ('c', 'f', 'p', 'u')
    ORDER BY 2, 1";

/// The schema of `amcheck` where it is installed and may be used.
const AMCHECK: &str = "
    SELECT format('%I', n.nspname)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = 'bt_index_check' AND p.pronargs = 2
    WHERE e.extname = 'amcheck' AND has_function_privilege(p.oid, 'EXECUTE')";

const INDEXES: &str = "
    SELECT i.indexrelid, c.relname::text
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
    WHERE c.relnamespace = 'portcullis'::regnamespace AND a.amname = 'btree'
    ORDER BY 2";

/// One line for each fault.
pub(super) fn find(client: &mut Client) -> Result<Vec<String>, postgres::Error> {
    let mut faults = Vec::new();
    for row in client.query(NEEDED_ON, &[])? {
        let setting: String = row.try_get(0)?;
        faults.push(format!("the server runs with `{setting}` off, so a power cut loses data"));
    }
    for row in client.query(SWITCHED_OFF, &[])? {
        let (trigger, table): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        faults.push(format!("trigger `{trigger}` of table `{table}` is switched off"));
    }
    // Tables are read from end to end, so that every page is looked at and no index is believed.
    client.batch_execute(
        "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;",
    )?;
    let found = constraints(client, &mut faults).and_then(|()| indexes(client, &mut faults));
    client.batch_execute(
        "RESET enable_indexscan; RESET enable_indexonlyscan; RESET enable_bitmapscan;",
    )?;
    found.map(|()| faults)
}

fn constraints(client: &mut Client, faults: &mut Vec<String>) -> Result<(), postgres::Error> {
    for row in client.query(CONSTRAINTS, &[])? {
        let (constraint, table): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let count: String = row.try_get(2)?;
        match client.query_one(&count, &[]).and_then(|row| row.try_get::<_, i64>(0)) {
            Ok(0) => {}
            Ok(rows) => {
                faults.push(format!("{rows} rows of table `{table}` break `{constraint}`"));
            }
            Err(error) => faults.push(unreadable("table", &table, error)?),
        }
    }
    Ok(())
}

fn indexes(client: &mut Client, faults: &mut Vec<String>) -> Result<(), postgres::Error> {
    let Some(amcheck) = client.query_opt(AMCHECK, &[])? else { return Ok(()) };
    let schema: String = amcheck.try_get(0)?;
    let check =
        client.prepare(&format!("SELECT {schema}.bt_index_check($1::oid::regclass, true)"))?;
    for row in client.query(INDEXES, &[])? {
        let (number, index): (u32, String) = (row.try_get(0)?, row.try_get(1)?);
        if let Err(error) = client.query(&check, &[&number]) {
            faults.push(unreadable("index", &index, error)?);
        }
    }
    Ok(())
}

/// What the server could not read, when that is what it says.
fn unreadable(what: &str, name: &str, error: postgres::Error) -> Result<String, postgres::Error> {
    match error.code() {
        Some(code) if *code != SqlState::ADMIN_SHUTDOWN => {
            Ok(format!("{what} `{name}` cannot be read: {}", Cause::from(error)))
        }
        _ => Err(error),
    }
}
