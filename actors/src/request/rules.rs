//! The rules of an order that came by another way than a file, such as a command from the bus.

use super::{COUNT_MAX, IdProblem, PRIORITY_MAX, PROMPT_CHARS_MAX, PROMPTS_MAX, PortraitRequest, check_id};
use crate::cast::{ProfileProblem, emotion_rule, name_rule, text_rule};

/// A rule that an order breaks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RequestProblem {
    /// A name, an emotion or a prompt.
    #[error(transparent)]
    Text(#[from] ProfileProblem),
    /// The chapter.
    #[error("chapter: {0}")]
    Chapter(#[from] IdProblem),
    /// A number of pictures out of range.
    #[error("count {0} is out of range, it is from 1 to {COUNT_MAX}")]
    Count(u32),
    /// A priority out of range.
    #[error("priority {0} is out of range, it is from -{PRIORITY_MAX} to {PRIORITY_MAX}")]
    Priority(i32),
    /// More prompt variants than fit.
    #[error("an order has {0} prompts, at most {PROMPTS_MAX} are allowed")]
    Prompts(usize),
}

impl PortraitRequest {
    /// Checks everything [`super::parse`] checks of an order.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), RequestProblem> {
        name_rule("character", &self.character)?;
        name_rule("scene", &self.scene)?;
        name_rule("outfit", &self.outfit)?;
        emotion_rule(&self.emotion)?;
        if !(1..=COUNT_MAX).contains(&self.count) {
            return Err(RequestProblem::Count(self.count));
        }
        if !(-PRIORITY_MAX..=PRIORITY_MAX).contains(&self.priority) {
            return Err(RequestProblem::Priority(self.priority));
        }
        if self.prompts.len() > PROMPTS_MAX {
            return Err(RequestProblem::Prompts(self.prompts.len()));
        }
        self.prompts.iter().try_for_each(|prompt| text_rule("a prompt", prompt, PROMPT_CHARS_MAX))?;
        Ok(self.chapter.iter().try_for_each(|id| check_id(id))?)
    }
}
