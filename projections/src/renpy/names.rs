//! Names that Ren'Py, Python and every file system accept, made from names that nobody checked.

use std::collections::BTreeSet;

const LENGTH_MAX: usize = 80;

/// Lower-case ASCII letters, digits and single underscores; `x` where nothing else is left. Two names may
/// come to the same slug: see [`Taken`].
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if slug.len() >= LENGTH_MAX {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "x".to_owned() } else { slug.to_owned() }
}

/// A slug that may stand alone as an identifier.
pub(super) fn identifier(name: &str) -> String {
    let slug = slug(name);
    if slug.starts_with(|c: char| c.is_ascii_digit()) { format!("n{slug}") } else { slug }
}

/// Names already given; a second of the same slug gets a number, in the order of the story.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeSet<String>);

impl Taken {
    /// `prefix_slug`, made unique; a name that brings the prefix along does not get it twice.
    pub fn take(&mut self, prefix: &str, name: &str) -> String {
        let slug = slug(name);
        let brought = slug.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('_'));
        let wish = if brought { slug } else { format!("{prefix}_{slug}") };
        let mut given = wish.clone();
        let mut number = 1;
        while !self.0.insert(given.clone()) {
            number += 1;
            given = format!("{wish}_{number}");
        }
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_ascii_short_and_without_double_underscores() {
        for (name, wanted) in [
            ("Lamp-Room", "lamp_room"),
            ("01 lamp", "01_lamp"),
            ("__init__", "init"),
            ("../../etc", "etc"),
            ("маяк", "x"),
            ("", "x"),
            ("a\"b\nc", "a_b_c"),
            ("Zoë", "zo"),
        ] {
            assert_eq!(slug(name), wanted, "{name:?}");
        }
        assert_eq!(slug(&"a".repeat(500)).len(), LENGTH_MAX);
        assert_eq!(identifier("01 lamp"), "n01_lamp");
    }

    #[test]
    fn equal_slugs_get_numbers_that_are_free() {
        let mut taken = Taken::default();
        let given: Vec<String> = ["a", "A", "a_2", "a!"].iter().map(|name| taken.take("c", name)).collect();
        assert_eq!(given, ["c_a", "c_a_2", "c_a_2_2", "c_a_3"]);
        assert_eq!(taken.take("scene", "scene-1"), "scene_1");
        assert_eq!(taken.take("scene", "scenery"), "scene_scenery");
    }
}
