//! What a handler takes from a request, with problems that repeat nothing of it.

use super::problem::{Answer, Problem};
use super::state::State;
use axum::Form;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, RawQuery, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::sync::Arc;

/// A body of JSON.
#[derive(Debug)]
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<State>> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Arc<State>) -> Answer<Self> {
        let form = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !form.is_some_and(is_json) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send JSON, and say so in Content-Type: application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| Problem::malformed("the body broke off"))?;
        json(&bytes).map(Self)
    }
}

fn is_json(form: &str) -> bool {
    let kind = form.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads JSON. Of what is wrong it says where, and never what stands there.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if let Some(field) = missing_field(&error) {
            Problem::impossible(format!("the JSON lacks the field `{field}`"))
        } else if error.is_data() {
            Problem::impossible(format!(
                "the JSON is not of the form that is described, from line {line}, column {column} on"
            ))
        } else {
            Problem::malformed(format!(
                "the body is no JSON from line {line}, column {column} on"
            ))
        }
    })
}

/// The field that is missing. Its name is ours: nothing of what was sent stands in that message.
fn missing_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let (field, _) = text.strip_prefix("missing field `")?.split_once('`')?;
    Some(field.to_owned())
}

/// A part of the path.
#[derive(Debug)]
pub(crate) struct Part<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<State>> for Part<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Answer<Self> {
        let part: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        // A path that can't be read leads to nothing.
        part.map(|Path(part)| Self(part)).map_err(|_| Problem::absent())
    }
}

/// The query, as names and values in their order; a name may stand there several times.
#[derive(Debug, Default)]
pub(crate) struct Options(Vec<(String, String)>);

impl FromRequestParts<Arc<State>> for Options {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Answer<Self> {
        let Ok(RawQuery(query)) = RawQuery::from_request_parts(parts, state).await;
        Ok(Self::read(query.as_deref().unwrap_or_default()))
    }
}

impl Options {
    /// Reads `name=value&name=value`, percent-encoded.
    pub(crate) fn read(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// The value of a name, the last one where there are several.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub(crate) fn texts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The value of a name, read as something and held to what it may be.
    pub(crate) fn one<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
        may_be: impl Fn(&T) -> bool,
    ) -> Answer<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse() {
            Ok(value) if may_be(&value) => Ok(Some(value)),
            _ => Err(Problem::impossible(format!("`{name}` must be {expected}"))),
        }
    }
}

/// Undoes percent-encoding as forms have it; what is not encoded soundly stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let encoded = (*first == b'%')
            .then(|| others.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = encoded {
            bytes.push(byte);
            rest = others.get(2..).unwrap_or_default();
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = others;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A body as forms send it: the same as a query.
pub(crate) async fn form(request: Request, state: &Arc<State>) -> Answer<Options> {
    Form::<Vec<(String, String)>>::from_request(request, state)
        .await
        .map(|Form(pairs)| Options(pairs))
        .map_err(|_| Problem::malformed("the body is not a form"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_forms_encode_it() {
        // WHATWG URL, section 5.1: a plus is a space, and percent-encoded bytes are UTF-8.
        let options =
            Options::read("q=Orsolya+Testwick%20%C3%A9&topics=a&topics=b%2B&empty&x=%zz%4");
        assert_eq!(options.text("q"), Some("Orsolya Testwick é"));
        assert_eq!(options.texts("topics").collect::<Vec<_>>(), ["a", "b+"]);
        assert_eq!(options.text("empty"), Some(""));
        assert_eq!(options.text("x"), Some("%zz%4"));
        assert_eq!(options.text("none"), None);
    }

    #[test]
    fn what_is_wrong_with_json_is_said_without_it() {
        for body in [r#"{"name": "Testwick"#, r#"["Testwick"]"#, r#"{"a": Testwick}"#] {
            let problem = json::<std::collections::BTreeMap<String, u8>>(body.as_bytes());
            let text = format!("{:?}", problem.unwrap_err());
            assert!(!text.contains("Testwick"), "{text}");
        }
    }

    #[test]
    fn a_field_that_is_missing_is_named_and_one_that_was_sent_is_not() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Form {
            #[expect(dead_code, reason = "it is enough that it must be there")]
            purpose: String,
        }
        let said = |body: &str| json::<Form>(body.as_bytes()).unwrap_err().detail().to_owned();
        assert_eq!(said("{}"), "the JSON lacks the field `purpose`");
        for body in
            [r#"{"Testwick": 1}"#, r#"{"missing field `Testwick`": 1}"#, r#"{"purpose": 7}"#]
        {
            let said = said(body);
            assert!(said.starts_with("the JSON is not of the form"), "{said}");
        }
    }

    #[test]
    fn a_number_out_of_bounds_is_refused_without_being_repeated() {
        let options = Options::read("limit=Testwick");
        let problem = options.one::<u32>("limit", "a number", |_| true).unwrap_err();
        assert!(!format!("{problem:?}").contains("Testwick"));
        assert_eq!(Options::read("limit=7").one("limit", "", |n: &u32| *n < 8), Ok(Some(7)));
        assert!(Options::read("limit=9").one("limit", "", |n: &u32| *n < 8).is_err());
    }
}
