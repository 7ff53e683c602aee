//! Where a graph is: what its URL says.

const PREFIX: &str = "hydra";
const PREFIX_LENGTH_MAX: usize = 40;
const SCHEMES: [&str; 3] = ["bolt://", "bolt+s://", "bolt+ssc://"];

/// How a Neo4j server is reached. Never shown: it holds the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Neo4jOptions {
    /// `bolt://HOST:PORT?database=NAME&prefix=PREFIX`, with `bolt+s` for an encrypted connection and `bolt+ssc` for one
    /// whose certificate is not checked. The server's own database and the prefix `hydra` where they are not named.
    pub url: String,
    /// The account; empty where the server asks for none.
    pub user: String,
    /// Its password.
    pub password: String,
}

/// A server and what is ours on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// As the driver takes it.
    pub(super) uri: String,
    /// The database; the server's own where there is none.
    pub(super) database: Option<String>,
    /// Whose views these are, where several keep theirs in one database.
    pub(super) prefix: String,
}

impl Address {
    /// The place that `url` names, or why there is none. No reason repeats the URL: somebody may have put a password there.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
            return Err("use bolt://HOST:PORT, bolt+s://HOST:PORT or bolt+ssc://HOST:PORT".into());
        }
        let (uri, query) = url.split_once('?').unwrap_or((url, ""));
        if uri.contains('@') {
            return Err("user and password are named beside it, not in it".into());
        }
        let (mut database, mut prefix) = (None, PREFIX.to_owned());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("database", name)) if is_name(name) => database = Some(name.to_owned()),
                Some(("prefix", name)) if is_name(name) => prefix = name.to_owned(),
                Some(("database" | "prefix", name)) => {
                    return Err(format!(
                        "{name:?} is not a letter followed by letters, digits and underscores"
                    ));
                }
                Some(_) | None => {
                    return Err("it may have the options database and prefix, and no others".into());
                }
            }
        }
        Ok(Self { uri: uri.trim_end_matches('/').to_owned(), database, prefix })
    }

    /// The place in words.
    pub(super) fn shown(&self) -> String {
        let server = self.uri.split_once("://").map_or(self.uri.as_str(), |(_, server)| server);
        let database = self.database.as_deref().unwrap_or("its own database");
        format!("{database} on {server}, prefix {}", self.prefix)
    }
}

fn is_name(text: &str) -> bool {
    (1..=PREFIX_LENGTH_MAX).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_server_database_and_prefix() {
        for (url, shown) in [
            ("bolt://h:7687", "its own database on h:7687, prefix hydra"),
            ("bolt+s://h/?prefix=night_1", "its own database on h, prefix night_1"),
            ("bolt+ssc://h:1?database=stories&prefix=a", "stories on h:1, prefix a"),
        ] {
            assert_eq!(Address::parse(url).unwrap().shown(), shown, "{url}");
        }
    }

    #[test]
    fn a_wrong_url_is_refused_without_being_repeated() {
        for url in [
            "",
            "http://h:7474",
            "neo4j://secret",
            "bolt://u:secret@h:7687",
            "bolt://h?prefix=A-B",
            "bolt://h?prefix=",
            "bolt://h?password=secret",
            "bolt://h?secret",
        ] {
            let reason = Address::parse(url).unwrap_err();
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
