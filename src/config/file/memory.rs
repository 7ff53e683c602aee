//! The section `[memory]`: a server for each view family that has one.

use std::path::{Path, PathBuf};

use anyhow::Result;
use hydra_projections::view::View;
use hydra_projections::{Neo4jOptions, QdrantOptions, associative, long_term, procedural, short_term};
use serde::Deserialize;

use super::{escape, secret, with_password};
use crate::config::{Memory, ViewPlace};
use crate::exit::BadInput;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemorySection {
    #[serde(default)]
    short_term: StoreSection,
    #[serde(default)]
    procedural: StoreSection,
    #[serde(default)]
    associative: StoreSection,
    #[serde(default)]
    long_term: StoreSection,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreSection {
    url: Option<String>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    api_key_file: Option<PathBuf>,
}

impl MemorySection {
    /// Where each family is; `folder` is the one of the file.
    pub(super) fn places(self, folder: &Path) -> Result<Memory> {
        let sections = [
            (&short_term::VIEW, self.short_term),
            (&procedural::VIEW, self.procedural),
            (&associative::VIEW, self.associative),
            (&long_term::VIEW, self.long_term),
        ];
        let mut memory = Memory::default();
        for (view, section) in sections {
            memory.insert(view.name, section.place(view, folder)?);
        }
        Ok(memory)
    }
}

impl StoreSection {
    /// The short-term memory may be in Redis too, which is made for what does not last, and the long-term one in Qdrant,
    /// which is made for vectors.
    fn place(self, view: &View, folder: &Path) -> Result<ViewPlace> {
        let section = format!("memory.{}", view.name);
        if self.api_key_file.is_some() || self.url.as_deref().is_some_and(is_qdrant) {
            return self.qdrant(&section, view, folder);
        }
        if self.user.is_some() && !self.url.as_deref().is_some_and(is_bolt) {
            let reason =
                format!("{section}.user is for a URL that begins with `bolt://`; others name it themselves");
            return Err(BadInput(reason).into());
        }
        let password = self.password_file.map(|path| secret(&folder.join(path))).transpose()?;
        let redis = view.name == short_term::VIEW.name;
        let beginnings = match view.name {
            _ if redis => "`postgres://`, `bolt://`, `redis://` or `rediss://`",
            name if name == long_term::VIEW.name => "`postgres://`, `bolt://` or `qdrant://`",
            _ => "`postgres://` or `bolt://`",
        };
        match (self.url, password) {
            (None, None) => Ok(ViewPlace::Folder),
            (Some(url), None) if url == "sqlite" => Ok(ViewPlace::Folder),
            (Some(url), password) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(ViewPlace::Postgres(with_password(url, password.as_deref())))
            }
            (Some(url), password) if redis && (url.starts_with("redis://") || url.starts_with("rediss://")) => {
                let url = with_user_info(&url, password.as_deref());
                Ok(ViewPlace::Redis(url.map_err(|wanted| BadInput(format!("{section}.url {wanted}")))?))
            }
            (Some(url), password) if is_bolt(&url) => {
                let (user, password) = (self.user.unwrap_or_default(), password.unwrap_or_default());
                Ok(ViewPlace::Neo4j(Neo4jOptions { url, user, password }))
            }
            (Some(url), _) => Err(BadInput(format!(
                "{section}.url begins with {:?}: it is `sqlite`, without a password, or begins with {beginnings}",
                url.split(':').next().unwrap_or_default()
            ))
            .into()),
            (None, Some(_)) => Err(BadInput(format!("{section}.password_file without {section}.url")).into()),
        }
    }
}

impl StoreSection {
    /// A place in Qdrant, which has an API key instead of a user with a password.
    fn qdrant(self, section: &str, view: &View, folder: &Path) -> Result<ViewPlace> {
        let Some(url) = self.url.filter(|url| is_qdrant(url)) else {
            let wanted = "is for a URL that begins with `qdrant://`, `http://` or `https://`";
            return Err(BadInput(format!("{section}.api_key_file {wanted}")).into());
        };
        if view.name != long_term::VIEW.name {
            let reason = format!(
                "{section}.url names a Qdrant: only what has vectors is kept there, which is memory.{}",
                long_term::VIEW.name
            );
            return Err(BadInput(reason).into());
        }
        if self.user.is_some() || self.password_file.is_some() {
            let reason =
                format!("{section} wants api_key_file, and neither user nor password_file, for Qdrant");
            return Err(BadInput(reason).into());
        }
        let api_key = self.api_key_file.map(|path| secret(&folder.join(path))).transpose()?;
        Ok(ViewPlace::Qdrant(QdrantOptions { url, api_key }))
    }
}

/// Whether a URL is one of a Qdrant: no other server of views is reached by these.
fn is_qdrant(url: &str) -> bool {
    ["qdrant://", "http://", "https://"].iter().any(|scheme| url.starts_with(scheme))
}

/// Whether a URL is one of a graph.
fn is_bolt(url: &str) -> bool {
    ["bolt://", "bolt+s://", "bolt+ssc://"].iter().any(|scheme| url.starts_with(scheme))
}

/// A URL with the password before its host, which is where Redis has it; or what is wrong with it.
fn with_user_info(url: &str, password: Option<&str>) -> Result<String, &'static str> {
    let Some(password) = password else { return Ok(url.to_owned()) };
    let Some((scheme, rest)) = url.split_once("://") else { return Err("has no `://`") };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (user, server) = authority.rsplit_once('@').unwrap_or(("", authority));
    if user.contains(':') {
        return Err("has a password, and so has password_file: leave out one of them");
    }
    let password: String = password.bytes().map(escape).collect();
    Ok(format!("{scheme}://{user}:{password}@{server}{}", &rest[authority.len()..]))
}
