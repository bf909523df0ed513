//! Values on their way to the server and back.

use crate::engine::{Cell, Value};
use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::error::Error;
use std::fmt;

type Failure = Box<dyn Error + Sync + Send>;

/// A value as a parameter of a statement. Says nothing of itself, for the client logs parameters.
pub(super) struct Bound<'a>(pub(super) &'a Value<'a>);

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

pub(super) fn references<'a>(bound: &'a [Bound<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// A value or column of another type than the program works with: a fault of the program.
#[derive(Debug, thiserror::Error)]
#[error("a value of another kind stands where PostgreSQL has the type `{0}`")]
struct KindError(String);

impl ToSql for Bound<'_> {
    // The server says what type it expects at this place: `x = $1` takes the type of `x`.
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match *self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) if *ty == Type::INT8 => number.to_sql(ty, out),
            Value::Integer(number) if *ty == Type::INT4 => i32::try_from(number)?.to_sql(ty, out),
            Value::Integer(number) if *ty == Type::INT2 => i16::try_from(number)?.to_sql(ty, out),
            Value::Real(number) if *ty == Type::FLOAT8 => number.to_sql(ty, out),
            Value::Text(text) if <&str as ToSql>::accepts(ty) => text.to_sql(ty, out),
            Value::Bytes(bytes) if *ty == Type::BYTEA => bytes.to_sql(ty, out),
            _ => Err(Box::new(KindError(ty.name().to_owned()))),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A cell as the server sends it.
struct Sent(Cell);

impl<'a> FromSql<'a> for Sent {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(match *ty {
            Type::INT8 => Cell::Integer(i64::from_sql(ty, raw)?),
            Type::INT4 => Cell::Integer(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Cell::Integer(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Cell::Integer(bool::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Cell::Real(f64::from_sql(ty, raw)?),
            Type::BYTEA => Cell::Bytes(raw.to_vec()),
            Type::TEXT | Type::VARCHAR | Type::NAME => Cell::Text(String::from_sql(ty, raw)?),
            _ => return Err(Box::new(KindError(ty.name().to_owned()))),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self(Cell::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// All cells of a row, in the order of the statement.
pub(super) fn cells(row: &postgres::Row) -> Result<Vec<Cell>, postgres::Error> {
    (0..row.len()).map(|place| row.try_get::<_, Sent>(place).map(|sent| sent.0)).collect()
}
