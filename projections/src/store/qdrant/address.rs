//! Where a Qdrant is: what its URL says.

use crate::store::prefix::{self, PREFIX};

const PORT: u16 = 6334;
const SCHEMES: [(&str, &str); 3] = [("qdrant://", "http"), ("http://", "http"), ("https://", "https")];
const WANTED: &str = "use qdrant://HOST:PORT, or https://HOST:PORT for TLS, where PORT is the one for gRPC";

/// How a Qdrant is reached. Never shown: it holds the key.
#[derive(Clone, PartialEq, Eq)]
pub struct QdrantOptions {
    /// `qdrant://HOST:PORT?prefix=PREFIX`, or the same with `http` or, for an encrypted connection, `https`. The port is
    /// the one for gRPC, 6334 where none is named; collections are called after the prefix, `hydra` where none is.
    pub url: String,
    /// The API key; none where the server asks for none.
    pub api_key: Option<String>,
}

/// A server and what is ours on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// As the driver takes it.
    pub(super) uri: String,
    /// What the names of all collections begin with.
    pub(super) prefix: String,
}

impl Address {
    /// The place that `url` names, or why there is none. No reason repeats the URL: somebody may have put a key there.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let scheme = SCHEMES.iter().find_map(|(ours, theirs)| Some((url.strip_prefix(ours)?, theirs)));
        let Some((rest, scheme)) = scheme else { return Err(WANTED.into()) };
        let (server, query) = rest.split_once('?').unwrap_or((rest, ""));
        let server = server.trim_end_matches('/');
        if server.contains('@') || rest.contains('#') {
            return Err("the API key is named beside it, not in it".into());
        }
        let port = server.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.ends_with(']'));
        if server.is_empty() || server.contains('/') || port.is_some_and(|port| port.parse::<u16>().is_err())
        {
            return Err(WANTED.into());
        }
        let mut prefix = PREFIX;
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("prefix", name)) => {
                    prefix::check(name)?;
                    prefix = name;
                }
                Some(_) | None => return Err("it may have the option prefix, and no others".into()),
            }
        }
        let uri = match port {
            Some(_) => format!("{scheme}://{server}"),
            None => format!("{scheme}://{server}:{PORT}"),
        };
        Ok(Self { uri, prefix: prefix.to_owned() })
    }

    /// The place in words.
    pub(super) fn shown(&self) -> String {
        let server = self.uri.split_once("://").map_or(self.uri.as_str(), |(_, server)| server);
        format!("qdrant {server}, collections {}_", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_server_and_prefix() {
        for (url, uri, prefix) in [
            ("qdrant://h", "http://h:6334", "hydra"),
            ("http://h:1/", "http://h:1", "hydra"),
            ("https://h.example:7?prefix=night-1", "https://h.example:7", "night-1"),
            ("qdrant://[::1]/?prefix=a", "http://[::1]:6334", "a"),
            ("qdrant://[::1]:9", "http://[::1]:9", "hydra"),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!((address.uri.as_str(), address.prefix.as_str()), (uri, prefix), "{url}");
        }
        let shown = Address::parse("https://h:7?prefix=a").unwrap().shown();
        assert_eq!(shown, "qdrant h:7, collections a_");
    }

    #[test]
    fn a_wrong_url_is_refused_without_being_repeated() {
        for url in [
            "",
            "sqlite",
            "qdrant://",
            "redis://h",
            "qdrant://:secret@h",
            "qdrant://h:secret",
            "qdrant://h/secret",
            "qdrant://h#secret",
            "qdrant://h?prefix=A",
            "qdrant://h?prefix=",
            "qdrant://h?api_key=secret",
        ] {
            let reason = Address::parse(url).unwrap_err();
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
