//! What a URL says, beside what the driver reads in it: the prefix of the keys, and what people may see of it.

use crate::store::prefix::{self, PREFIX};

const WANTED: &str = "use redis://USER:PASSWORD@HOST:PORT/DATABASE?prefix=PREFIX, or rediss:// for TLS";

/// A server, a database and a prefix there.
pub(super) struct Address {
    /// What the driver reads. Never shown: it may hold a password.
    pub(super) url: String,
    /// What the names of all keys begin with.
    pub(super) prefix: String,
    /// The place in words, without a user and a password.
    pub(super) shown: String,
}

impl Address {
    /// The address that `url` names, or why there is none. No reason repeats the URL.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
            return Err(WANTED.into());
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = place.split_once('/').unwrap_or((place, ""));
        // What is not escaped in a password would be taken for something else, and shown.
        if rest.contains('#') || (rest.contains('@') && !authority.contains('@')) {
            return Err(format!("{WANTED}; in a password, / ? # and @ are written as %2F %3F %23 and %40"));
        }
        let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
        if server.is_empty() {
            return Err(WANTED.into());
        }
        let options = query.split('&').filter(|option| !option.is_empty());
        let (ours, others): (Vec<&str>, Vec<&str>) =
            options.partition(|option| option.starts_with("prefix="));
        let prefix = ours.last().map_or(PREFIX, |option| &option["prefix=".len()..]);
        prefix::check(prefix)?;
        let url = match others.is_empty() {
            true => format!("{scheme}://{place}"),
            false => format!("{scheme}://{place}?{}", others.join("&")),
        };
        let database = if database.is_empty() { "0" } else { database };
        let shown = format!("database {database} on {server}, keys {prefix}:");
        Ok(Self { url, prefix: prefix.to_owned(), shown })
    }
}

fn is_scheme(text: &str) -> bool {
    ["redis", "rediss"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_named_in_the_url_and_hydra_without() {
        for (url, driver, prefix, shown) in [
            ("redis://h", "redis://h", "hydra", "database 0 on h, keys hydra:"),
            (
                "redis://u:secret@h:7/3?prefix=night-1",
                "redis://u:secret@h:7/3",
                "night-1",
                "database 3 on h:7, keys night-1:",
            ),
            (
                "rediss://:secret@h/?protocol=resp3&prefix=a",
                "rediss://:secret@h/?protocol=resp3",
                "a",
                "database 0 on h, keys a:",
            ),
        ] {
            let Ok(address) = Address::parse(url) else { panic!("{url} was refused") };
            assert_eq!((address.url.as_str(), address.prefix.as_str()), (driver, prefix));
            assert_eq!(address.shown, shown);
        }
    }

    #[test]
    fn a_wrong_url_is_refused_and_no_password_is_shown() {
        for url in [
            "",
            "sqlite",
            "unix:///run/redis",
            "redis://",
            "redis://u:secret@",
            "redis://u:sec/ret@h",
            "redis://u:sec?ret@h",
            "redis://u:sec#ret@h",
            "redis://u:secret@h?prefix=",
            "redis://u:secret@h?prefix=Hydra",
            "redis://u:secret@h?prefix=a*",
        ] {
            let Err(reason) = Address::parse(url) else { panic!("{url} was taken") };
            assert!(!reason.contains("sec"), "{reason}");
        }
    }
}
