//! What the client says of a failure, sorted by whether it is about the store or about one blob, and told briefly: the
//! server's own code and message without the request, which names the key.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::iter::successors;

use object_store::Error;
use object_store::client::HttpError;

use crate::content::ContentError;

/// A failure, in brief.
#[derive(Debug)]
pub(super) struct Failure {
    about: About,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// Nothing can be kept or read just now; the kind says why.
    Store(ErrorKind),
    /// This one request.
    Request,
}

impl Failure {
    /// What `error` comes down to.
    pub(super) fn of(error: &Error) -> Self {
        let whole = error.to_string();
        let deepest = causes(error).last();
        let code = between(&whole, "<Code>", "</Code>");
        let text = match (code, between(&whole, "<Message>", "</Message>")) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => deepest.map_or_else(|| whole.clone(), |cause| cause.to_string()),
        };
        Self { about: about(error, code, &whole), text }
    }

    /// A failure of this side.
    pub(super) fn here(text: String) -> Self {
        Self { about: About::Request, text }
    }

    /// Whether no other blob would fare better.
    pub(super) fn is_about_the_store(&self) -> bool {
        self.about != About::Request
    }

    /// The error to tell about the store or the object at `place`.
    pub(super) fn at(self, place: String) -> ContentError {
        match self.about {
            About::Store(kind) => ContentError::Away { place, source: io::Error::new(kind, self.text) },
            About::Request => ContentError::Io { place, source: io::Error::other(self.text) },
        }
    }
}

fn about(error: &Error, code: Option<&str>, whole: &str) -> About {
    if matches!(error, Error::NotFound { .. }) {
        let is_missing = code == Some("NoSuchBucket");
        return if is_missing { About::Store(ErrorKind::NotFound) } else { About::Request };
    }
    if matches!(error, Error::PermissionDenied { .. } | Error::Unauthenticated { .. }) {
        return About::Store(ErrorKind::PermissionDenied);
    }
    if causes(error).any(|cause| cause.is::<HttpError>()) {
        return About::Store(ErrorKind::NotConnected);
    }
    // The type that has the status as a number is private to the client.
    let status = between(whole, "status code: ", " ").and_then(|status| status.parse::<u16>().ok());
    match status {
        Some(408 | 429 | 500..=599) => About::Store(ErrorKind::ResourceBusy),
        Some(_) | None => About::Request,
    }
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    successors(error.source(), |&cause| cause.source())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: &str, body: &str) -> Box<dyn std::error::Error + Send + Sync> {
        format!(
            "Error performing GET http://h/b/k in 1ms - Server returned non-2xx status code: {status}: {body}"
        )
        .into()
    }

    fn check(error: &Error, about: About, text: &str) {
        let failure = Failure::of(error);
        assert_eq!((failure.about, failure.text.as_str()), (about, text));
    }

    #[test]
    fn the_servers_own_word_is_told_and_nothing_of_the_request() {
        let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>No.</Message>\
                    <AWSAccessKeyId>hydra</AWSAccessKeyId></Error>";
        let error = Error::PermissionDenied { path: "k".into(), source: answered("403 Forbidden", body) };
        check(&error, About::Store(ErrorKind::PermissionDenied), "SignatureDoesNotMatch: No.");
    }

    #[test]
    fn a_missing_bucket_is_another_thing_than_a_missing_blob() {
        let missing = |code: &str| Error::NotFound {
            path: "k".into(),
            source: answered("404 Not Found", &format!("<Code>{code}</Code>")),
        };
        check(&missing("NoSuchBucket"), About::Store(ErrorKind::NotFound), "NoSuchBucket");
        check(&missing("NoSuchKey"), About::Request, "NoSuchKey");
    }

    #[test]
    fn a_busy_server_is_away_and_a_bad_request_is_one() {
        let generic =
            |status: &str| Error::Generic { store: "S3", source: answered(status, "<Code>X</Code>") };
        check(&generic("503 Slow Down"), About::Store(ErrorKind::ResourceBusy), "X");
        check(&generic("429 Too Many"), About::Store(ErrorKind::ResourceBusy), "X");
        check(&generic("400 Bad Request"), About::Request, "X");
    }
}
