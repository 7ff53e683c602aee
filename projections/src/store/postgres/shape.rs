//! Schemas and tables, by the declarations of the views.
//!
//! Every name here is made of the letters, digits and underscores of declarations and of a checked schema.

use hydra_events::Id;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::{AssertSqlSafe, Transaction, query, raw_sql};

use super::super::{Applied, Checkpoint, Generation, StoreError, no_generation};
use super::{Failure, column, read};
use crate::view::{Table, View};

/// Whoever fills a schema holds its lock with others; whoever makes it anew or renames it holds it alone. Otherwise a
/// batch could begin in one generation and end in the other.
const FILLING: &str = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))";
const SHAPING: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

const KEPT: &str = "CREATE TABLE checkpoint (one boolean PRIMARY KEY DEFAULT true CHECK (one), \
     log bytea NOT NULL, version integer NOT NULL, position bigint NOT NULL, rate bigint NOT NULL); \
     CREATE TABLE quarantine (position bigint PRIMARY KEY, stream text NOT NULL, reason text NOT NULL);";

/// What a schema says that was made here.
const MARK: &str = "a view of Hydra, which is dropped and filled again as need be";
/// A schema with something in it that does not say so.
const FOREIGN: &str = "SELECT 1 FROM pg_namespace AS found WHERE nspname = $1 \
     AND obj_description(found.oid, 'pg_namespace') IS DISTINCT FROM $2 \
     AND EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = found.oid)";

/// What the lock of a view is called: that of all its generations.
fn lock(schema: &str) -> &str {
    let suffixes = Generation::ALL.map(Generation::suffix);
    let cut =
        suffixes.iter().filter(|suffix| !suffix.is_empty()).find_map(|suffix| schema.strip_suffix(suffix));
    cut.unwrap_or(schema)
}

/// Lets nobody shape the schema until the transaction ends.
pub(super) async fn hold(transaction: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    query(FILLING).bind(lock(schema)).execute(transaction).await.map(|_| ())
}

/// Makes a schema anew.
pub(super) async fn reset(pool: &PgPool, schema: &str, view: &View, log: Id) -> Result<(), Failure> {
    let mut text = format!(
        "DROP SCHEMA IF EXISTS \"{schema}\" CASCADE; CREATE SCHEMA \"{schema}\"; \
         COMMENT ON SCHEMA \"{schema}\" IS '{MARK}'; SET LOCAL search_path = \"{schema}\"; {KEPT}"
    );
    for table in view.tables {
        create(&mut text, table);
    }
    let log: String = log.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    text.push_str(&format!(
        "INSERT INTO checkpoint (log, version, position, rate) VALUES ('\\x{log}', {}, 0, 0);",
        view.version
    ));
    let mut transaction = alone(pool, schema).await?;
    refuse_foreign(&mut transaction, schema).await?;
    finish(transaction, text).await
}

/// Removes a schema.
pub(super) async fn discard(pool: &PgPool, schema: &str) -> Result<(), Failure> {
    let mut transaction = alone(pool, schema).await?;
    refuse_foreign(&mut transaction, schema).await?;
    finish(transaction, format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE")).await
}

/// Next becomes live, live becomes old.
pub(super) async fn switch(
    pool: &PgPool,
    view: &View,
    [live, next, old]: &[String; 3],
) -> Result<Applied, Failure> {
    let mut transaction = alone(pool, live).await?;
    let Some(built) = reached(&mut transaction, next).await? else {
        return Err(no_generation(view, Generation::Next).into());
    };
    if !built.may_follow(reached(&mut transaction, live).await?.as_ref()) {
        return Ok(Applied::Moved);
    }
    for schema in [live, old] {
        refuse_foreign(&mut transaction, schema).await?;
    }
    // Somebody may have dropped the live one.
    let aside = match exists(&mut transaction, live).await? {
        true => format!("ALTER SCHEMA \"{live}\" RENAME TO \"{old}\";"),
        false => String::new(),
    };
    let text = format!(
        "DROP SCHEMA IF EXISTS \"{old}\" CASCADE; {aside} ALTER SCHEMA \"{next}\" RENAME TO \"{live}\""
    );
    finish(transaction, text).await?;
    Ok(Applied::Done)
}

/// Old becomes live.
pub(super) async fn roll_back(
    pool: &PgPool,
    view: &View,
    [live, _, old]: &[String; 3],
) -> Result<(), Failure> {
    let mut transaction = alone(pool, live).await?;
    if !exists(&mut transaction, old).await? {
        return Err(no_generation(view, Generation::Old).into());
    }
    refuse_foreign(&mut transaction, live).await?;
    let text =
        format!("DROP SCHEMA IF EXISTS \"{live}\" CASCADE; ALTER SCHEMA \"{old}\" RENAME TO \"{live}\"");
    finish(transaction, text).await
}

/// A transaction in which nobody else fills or shapes any generation.
async fn alone(pool: &PgPool, schema: &str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    query(SHAPING).bind(lock(schema)).execute(&mut *transaction).await?;
    Ok(transaction)
}

async fn finish(mut transaction: Transaction<'static, Postgres>, text: String) -> Result<(), Failure> {
    raw_sql(AssertSqlSafe(text)).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// The checkpoint in a schema, which need not be there.
async fn reached(connection: &mut PgConnection, schema: &str) -> Result<Option<Checkpoint>, sqlx::Error> {
    // Asking for what is not there would end the transaction.
    let found = query("SELECT 1 WHERE to_regclass($1) IS NOT NULL").bind(format!("\"{schema}\".checkpoint"));
    match found.fetch_optional(&mut *connection).await? {
        Some(_) => read::checkpoint_in(connection, schema).await,
        None => Ok(None),
    }
}

async fn exists(connection: &mut PgConnection, schema: &str) -> Result<bool, sqlx::Error> {
    let found = query("SELECT 1 FROM pg_namespace WHERE nspname = $1").bind(schema);
    Ok(found.fetch_optional(connection).await?.is_some())
}

/// Refuses to remove a schema with tables that no view has made: a log may have the same name.
async fn refuse_foreign(connection: &mut PgConnection, schema: &str) -> Result<(), Failure> {
    let found = query(FOREIGN).bind(schema).bind(MARK).fetch_optional(connection).await?;
    if found.is_none() {
        return Ok(());
    }
    let reason = format!(
        "the schema {schema} has tables that are not of a view, and is left alone: name another one behind ?schema="
    );
    Err(StoreError::Refused(reason).into())
}

fn create(text: &mut String, table: &Table) {
    let Table { name, columns, .. } = table;
    let columns: String = columns
        .iter()
        .map(|(column, kind)| format!(", \"{column}\" {}{}", column::sql_type(*kind), column::default(*kind)))
        .collect();
    // Keys are compared by their bytes, as everywhere else.
    text.push_str(&format!("CREATE TABLE \"{name}\" (id text COLLATE \"C\" PRIMARY KEY{columns});"));
    for column in table.searched() {
        text.push_str(&format!("CREATE INDEX ON \"{name}\" (\"{column}\");"));
    }
}
