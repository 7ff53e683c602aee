//! A screenplay of any length, in which every scene costs the same.

use std::fmt::Write;

/// Places and speakers come round again, so that a longer chapter has more scenes and not other ones.
const PLACES: usize = 10;

/// A screenplay called `title`, of `scenes` scenes with three lines each.
pub fn of(title: &str, scenes: u32) -> Result<String, std::fmt::Error> {
    let mut text = format!("Title: {title}\n\n");
    for scene in 0..scenes {
        let place = scene as usize % PLACES;
        write!(text, "INT. ROOM {place} - DAY\n\nA lamp is lit in room {place}.\n\n")?;
        for (speaker, line) in [("ANNA", "Who is there?"), ("BEN", "It is me."), ("ANNA", "Come in.")] {
            write!(text, "{speaker}\n{line} This is scene {scene}.\n\n")?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_has_its_heading_and_three_lines() {
        let text = of("Long", 12).unwrap();
        assert_eq!(text.matches("INT. ROOM").count(), 12);
        assert_eq!(text.matches("This is scene 11.").count(), 3);
    }
}
