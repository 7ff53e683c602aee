//! Who stands where. Two places: the first speaker of a scene stands on the left, the next on the right,
//! and a third takes the place of whoever has been silent longer. Nobody changes sides while they stay.

/// A place on the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// What happens when somebody speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entrance {
    pub side: Side,
    /// Whether they were not on the stage before.
    pub arrives: bool,
    /// Who has to go.
    pub leaves: Option<String>,
}

/// The stage during one scene; people are known by their image tags.
#[derive(Debug, Default)]
pub(super) struct Stage {
    left: Option<Standing>,
    right: Option<Standing>,
    turn: u64,
}

#[derive(Debug)]
struct Standing {
    tag: String,
    spoke: u64,
}

impl Stage {
    /// Somebody speaks and is seen.
    pub fn enter(&mut self, tag: &str) -> Entrance {
        let stands = |place: &Option<Standing>| place.as_ref().is_some_and(|s| s.tag == tag);
        if stands(&self.left) {
            return self.take(Side::Left, tag);
        }
        if stands(&self.right) {
            return self.take(Side::Right, tag);
        }
        let spoke = |place: &Option<Standing>| place.as_ref().map_or(0, |s| s.spoke);
        let side = if spoke(&self.left) <= spoke(&self.right) { Side::Left } else { Side::Right };
        self.take(side, tag)
    }

    /// Somebody is heard but not seen: they go if they stood there.
    pub fn leave(&mut self, tag: &str) -> bool {
        for place in [&mut self.left, &mut self.right] {
            if place.take_if(|standing| standing.tag == tag).is_some() {
                return true;
            }
        }
        false
    }

    /// Whether somebody stands there.
    pub fn holds(&self, tag: &str) -> bool {
        [&self.left, &self.right].into_iter().flatten().any(|standing| standing.tag == tag)
    }

    fn take(&mut self, side: Side, tag: &str) -> Entrance {
        self.turn += 1;
        let place = match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        };
        let before = place.replace(Standing { tag: tag.to_owned(), spoke: self.turn }).map(|s| s.tag);
        let arrives = before.as_deref() != Some(tag);
        Entrance { side, arrives, leaves: before.filter(|_| arrives) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entrance(side: Side, arrives: bool, leaves: Option<&str>) -> Entrance {
        Entrance { side, arrives, leaves: leaves.map(str::to_owned) }
    }

    #[test]
    fn speakers_take_sides_in_turn_and_keep_them() {
        let mut stage = Stage::default();
        assert_eq!(stage.enter("a"), entrance(Side::Left, true, None));
        assert_eq!(stage.enter("b"), entrance(Side::Right, true, None));
        assert_eq!(stage.enter("a"), entrance(Side::Left, false, None));
        assert_eq!(stage.enter("c"), entrance(Side::Right, true, Some("b")));
        assert_eq!(stage.enter("b"), entrance(Side::Left, true, Some("a")));
    }

    #[test]
    fn whoever_is_only_heard_frees_their_place() {
        let mut stage = Stage::default();
        stage.enter("a");
        assert!(stage.leave("a") && !stage.leave("a") && !stage.holds("a"));
        assert_eq!(stage.enter("b"), entrance(Side::Left, true, None));
    }
}
