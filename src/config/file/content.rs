//! The section `[content]`: a folder, or a bucket with the key that opens it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use hydra_events::content::{S3Key, S3Options};
use serde::Deserialize;

use super::secret;
use crate::config::ContentPlace;
use crate::exit::BadInput;

const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContentSection {
    folder: Option<PathBuf>,
    url: Option<String>,
    endpoint: Option<String>,
    region: Option<String>,
    access_key: Option<String>,
    secret_key_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

impl ContentSection {
    /// Where the content store is; `folder` is the one of the file, and `environment` has the key that the file leaves
    /// out.
    pub(super) fn place(
        self,
        folder: &Path,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<ContentPlace> {
        match (&self.folder, &self.url) {
            (Some(_), Some(_)) => Err(wrong("content has a folder and a url: name one of them")),
            (None, Some(_)) => self.bucket(folder, environment).map(ContentPlace::S3),
            (_, None) if self.has_keys_of_a_bucket() => {
                Err(wrong("content has keys of a bucket and no url: write url = \"s3://bucket/prefix\""))
            }
            (Some(path), None) => Ok(ContentPlace::Folder(folder.join(path))),
            (None, None) => Ok(ContentPlace::DataFolder),
        }
    }

    fn has_keys_of_a_bucket(&self) -> bool {
        let words = [&self.endpoint, &self.region, &self.access_key];
        let files = [&self.secret_key_file, &self.ca_file];
        words.into_iter().any(Option::is_some) || files.into_iter().any(Option::is_some)
    }

    fn bucket(self, folder: &Path, environment: impl Fn(&str) -> Option<String>) -> Result<S3Options> {
        let Self { folder: _, url, endpoint, region, access_key, secret_key_file, ca_file } = self;
        let (bucket, prefix) = bucket(url.as_deref().unwrap_or_default())?;
        let key = match (access_key, secret_key_file) {
            (Some(id), Some(file)) => S3Key { id, secret: secret(&folder.join(file))?, token: None },
            (None, None) => key_from(environment)?,
            (Some(_), None) | (None, Some(_)) => {
                return Err(wrong("content wants access_key and secret_key_file, or none of them"));
            }
        };
        if endpoint.as_ref().is_some_and(|endpoint| !is_address(endpoint)) {
            return Err(wrong("content.endpoint is `http://…` or `https://…`, without a key in it"));
        }
        let ca_file = ca_file.map(|file| folder.join(file));
        Ok(S3Options { bucket, prefix, endpoint, region, key, ca_file })
    }
}

/// Bucket and prefix of `s3://bucket/prefix`.
fn bucket(url: &str) -> Result<(String, String)> {
    let Some(rest) = url.strip_prefix("s3://") else {
        return Err(wrong("content.url begins with `s3://`; a folder is named by content.folder"));
    };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_end_matches('/');
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(fits) {
        return Err(wrong("the bucket in content.url is 3 to 63 of a-z 0-9 - ."));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(fits);
    if !prefix.is_empty() && !prefix.split('/').all(is_part) {
        return Err(wrong(
            "the prefix in content.url is parts of A-Z a-z 0-9 - _ . with one `/` between them",
        ));
    }
    Ok((bucket.to_owned(), prefix.to_owned()))
}

fn is_address(endpoint: &str) -> bool {
    let rest = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['@', '?', '#', ' ']))
}

fn key_from(environment: impl Fn(&str) -> Option<String>) -> Result<S3Key> {
    match (environment(KEY_ID), environment(SECRET)) {
        (Some(id), Some(secret)) => Ok(S3Key { id, secret, token: environment(TOKEN) }),
        _ => Err(wrong(&format!(
            "nothing opens the bucket: write content.access_key and content.secret_key_file, or set {KEY_ID} and {SECRET}"
        ))),
    }
}

fn wrong(text: &str) -> anyhow::Error {
    BadInput(text.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, folder: &Path, environment: &[(&str, &str)]) -> Result<ContentPlace> {
        let found = |name: &str| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        toml::from_str::<ContentSection>(text)?.place(folder, found)
    }

    fn s3(text: &str, folder: &Path, environment: &[(&str, &str)]) -> S3Options {
        match place(text, folder, environment).unwrap() {
            ContentPlace::S3(options) => options,
            other @ (ContentPlace::DataFolder | ContentPlace::Folder(_)) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_folder_is_beside_the_file_and_without_one_it_is_in_the_data_folder() {
        let folder = Path::new("conf");
        assert!(matches!(place("", folder, &[]).unwrap(), ContentPlace::DataFolder));
        let named = place("folder = \"blobs\"", folder, &[]).unwrap();
        assert!(matches!(named, ContentPlace::Folder(path) if path == Path::new("conf/blobs")));
    }

    #[test]
    fn a_bucket_has_its_key_from_a_file_and_shows_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("minio"), "s3cret\n").unwrap();
        let text = "url = \"s3://blobs/a/b/\"\nendpoint = \"http://127.0.0.1:9000\"\naccess_key = \"hydra\"\n\
                    secret_key_file = \"minio\"\nca_file = \"ca.pem\"\n";
        let options = s3(text, folder.path(), &[(KEY_ID, "other")]);
        assert_eq!((options.bucket.as_str(), options.prefix.as_str()), ("blobs", "a/b"));
        assert_eq!((options.key.id.as_str(), options.key.secret.as_str()), ("hydra", "s3cret"));
        assert_eq!(options.ca_file, Some(folder.path().join("ca.pem")));
        assert!(!format!("{options:?}").contains("s3cret"), "{options:?}");
    }

    #[test]
    fn a_key_that_the_file_leaves_out_comes_from_the_environment() {
        let environment = [(KEY_ID, "hydra"), (SECRET, "s3cret"), (TOKEN, "t0ken")];
        let options = s3("url = \"s3://blobs\"", Path::new("."), &environment);
        assert_eq!(options.prefix, "");
        assert_eq!((options.key.secret.as_str(), options.key.token.as_deref()), ("s3cret", Some("t0ken")));
        let error = place("url = \"s3://blobs\"", Path::new("."), &environment[..1]).unwrap_err();
        assert!(error.to_string().contains(SECRET), "{error}");
    }

    #[test]
    fn what_does_not_fit_together_is_refused_with_a_reason() {
        let environment = [(KEY_ID, "hydra"), (SECRET, "s3cret")];
        for (text, reason) in [
            ("folder = \"a\"\nurl = \"s3://blobs\"", "one of them"),
            ("endpoint = \"http://h\"", "no url"),
            ("folder = \"a\"\nca_file = \"ca.pem\"", "no url"),
            ("url = \"http://h/blobs\"", "s3://"),
            ("url = \"s3://B\"", "bucket"),
            ("url = \"s3://blobs/../x\"", "prefix"),
            ("url = \"s3://blobs/a//x\"", "prefix"),
            ("url = \"s3://blobs\"\nendpoint = \"h:9000\"", "endpoint"),
            ("url = \"s3://blobs\"\nendpoint = \"http://u:p@h\"", "without a key"),
            ("url = \"s3://blobs\"\naccess_key = \"hydra\"", "secret_key_file"),
            ("url = \"s3://blobs\"\nsecret_key = \"oh\"", "secret_key"),
        ] {
            let error = place(text, Path::new("."), &environment).unwrap_err();
            assert!(format!("{error:#}").contains(reason), "{text}: {error:#}");
        }
    }
}
