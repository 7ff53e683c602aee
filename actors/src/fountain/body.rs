//! Everything behind the title page: lines become elements by what stands around them.

use super::classify::{
    self, Caret, Cue, Marked, Within, cue, forced_heading, heading_prefix, is_parenthetical, is_transition,
    is_uppercase, marked,
};
use super::element::{Element, Kind, Side};
use super::lines::{Content, Line};
use super::problem::Findings;

/// How the reading of a body stands.
struct Body<'a> {
    lines: &'a [Line<'a>],
    /// The first line of the body; before it is an edge, as behind an empty line.
    start: usize,
    findings: &'a mut Findings,
    elements: Vec<Element>,
    within: Within,
    /// The element that a further line of its kind continues.
    open: Option<usize>,
    /// The last cue, while nothing but its dialogue has followed.
    last_cue: Option<usize>,
    /// Empty lines that no element has claimed yet.
    empty_lines: u32,
}

/// Reads the lines from `start` on.
pub(super) fn read<'a>(lines: &'a [Line<'a>], start: usize, findings: &'a mut Findings) -> Vec<Element> {
    let mut body = Body {
        lines,
        start,
        findings,
        elements: Vec::new(),
        within: Within::Body,
        open: None,
        last_cue: None,
        empty_lines: 0,
    };
    for (at, line) in lines.iter().enumerate().skip(start) {
        body.line(at, line);
    }
    body.elements
}

impl<'a> Body<'a> {
    fn line(&mut self, at: usize, line: &'a Line<'a>) {
        match (line.content, self.within) {
            (Content::Text, _) => self.text(at, line),
            (Content::Hidden, Within::Dialogue) => {}
            (Content::Hidden, Within::Body) => self.open = None,
            (Content::KeepsOpen, Within::Dialogue) => self.empty_lines += 1,
            (Content::KeepsOpen, Within::Body) | (Content::Empty, _) => {
                self.within = Within::Body;
                self.open = None;
                self.empty_lines += line.count;
            }
        }
    }

    fn text(&mut self, at: usize, line: &'a Line<'a>) {
        if let Some(marked) = marked(line.trimmed(), self.within) {
            return self.marked(line, &marked);
        }
        match self.within {
            Within::Dialogue => self.spoken(line),
            Within::Body => self.unmarked(at, line),
        }
    }

    fn marked(&mut self, line: &Line<'_>, marked: &Marked<'_>) {
        match *marked {
            Marked::Lyrics(text) => return self.lyrics(line, text),
            Marked::Synopsis(text) => return self.push(Kind::Synopsis, text, line),
            Marked::Action => self.action(line, line.text.replacen('!', "", 1)),
            Marked::Transition(text) => self.push(Kind::Transition, text, line),
            Marked::Centered(text) => self.push(Kind::Centered, text, line),
            Marked::Section(depth, text) => self.push(Kind::Section { depth }, text, line),
            Marked::PageBreak => self.push(Kind::PageBreak, "", line),
        }
        self.within = Within::Body;
        self.last_cue = None;
    }

    fn lyrics(&mut self, line: &Line<'_>, text: &str) {
        self.push_or_continue(Kind::Lyrics, text.to_owned(), line);
        if self.within == Within::Body {
            self.last_cue = None;
        }
    }

    fn spoken(&mut self, line: &Line<'_>) {
        let text = line.trimmed();
        if is_parenthetical(text) {
            return self.push(Kind::Parenthetical, text, line);
        }
        if is_clearly_heading(text) {
            self.findings.warn(line.source.start, NO_LINE_BEFORE_HEADING);
        }
        self.push_or_continue(Kind::Dialogue, text.to_owned(), line);
    }

    fn unmarked(&mut self, at: usize, line: &Line<'_>) {
        let text = line.trimmed();
        let alone = self.is_edge_before(at) && self.is_edge_after(at);
        if let Some(heading) = heading(text).filter(|_| alone) {
            return self.heading(line, heading);
        }
        if alone && is_transition(line.text.trim_start()) {
            self.last_cue = None;
            return self.push(Kind::Transition, text, line);
        }
        let reserved = heading(text).is_some() || is_transition(text);
        let may_speak = self.is_edge_before(at) && !reserved && self.is_spoken_after(at);
        if let Some(cue) = cue(text).filter(|_| may_speak) {
            return self.cue(line, cue);
        }
        self.doubt(at, line);
        self.last_cue = None;
        self.action(line, line.text.to_string());
    }

    fn heading(&mut self, line: &Line<'_>, heading: &str) {
        let (text, number) = classify::scene_number(heading);
        let kind = Kind::SceneHeading { scene_number: number.map(str::to_owned) };
        self.last_cue = None;
        self.push(kind, text, line);
    }

    fn cue(&mut self, line: &Line<'_>, cue: Cue) {
        let dual = match cue.caret {
            Caret::Absent => None,
            Caret::Present => Some(Side::Right),
        };
        if dual.is_some() && !self.pair_last_cue() {
            self.findings.warn(line.source.start, LONELY_CARET);
        }
        let kind = Kind::Character { name: cue.name, extensions: cue.extensions, dual };
        self.push(kind, &cue.text, line);
        self.within = Within::Dialogue;
        self.last_cue = Some(self.elements.len() - 1);
    }

    /// Makes the cue before this one the left side; tells whether there was one.
    fn pair_last_cue(&mut self) -> bool {
        let last = self.last_cue.and_then(|at| self.elements.get_mut(at));
        let Some(Kind::Character { dual, .. }) = last.map(|element| &mut element.kind) else {
            return false;
        };
        let side = dual.get_or_insert(Side::Left);
        *side == Side::Left
    }

    fn action(&mut self, line: &Line<'_>, text: String) {
        self.push_or_continue(Kind::Action, text.replace('\t', "    "), line);
    }

    fn push(&mut self, kind: Kind, text: &str, line: &Line<'_>) {
        let mut element = Element::new(kind, text.to_owned(), line.source.clone());
        element.blank_lines_before = std::mem::take(&mut self.empty_lines);
        self.elements.push(element);
        self.open = None;
    }

    fn push_or_continue(&mut self, kind: Kind, text: String, line: &Line<'_>) {
        let open = self.open.and_then(|at| self.elements.get_mut(at)).filter(|element| element.kind == kind);
        let Some(element) = open else {
            self.push(kind, &text, line);
            self.open = Some(self.elements.len() - 1);
            return;
        };
        for _ in 0..=std::mem::take(&mut self.empty_lines) {
            element.text.push('\n');
        }
        element.text.push_str(&text);
        element.source.end = line.source.end;
    }

    fn is_edge_before(&self, at: usize) -> bool {
        at == self.start || self.lines[at - 1].content != Content::Text
    }

    fn is_edge_after(&self, at: usize) -> bool {
        self.lines.get(at + 1).is_none_or(|line| line.content != Content::Text)
    }

    /// Whether the next line that is not hidden can belong to a dialogue.
    fn is_spoken_after(&self, at: usize) -> bool {
        let next = self.lines[at + 1..].iter().find(|line| line.content != Content::Hidden);
        next.is_some_and(|line| {
            let is_text = line.content == Content::Text;
            is_text
                && matches!(
                    marked(line.trimmed(), Within::Dialogue),
                    None | Some(Marked::Lyrics(_) | Marked::Synopsis(_))
                )
        })
    }

    /// Warns of a line that became action but was probably meant as something else.
    fn doubt(&mut self, at: usize, line: &Line<'_>) {
        let text = line.trimmed();
        let before = self.is_edge_before(at);
        let forced = before && forced_heading(text).is_some_and(is_uppercase);
        let message = if is_clearly_heading(text) || forced {
            if before { NO_LINE_AFTER_HEADING } else { NO_LINE_BEFORE_HEADING }
        } else if is_transition(line.text.trim_start()) {
            BROKEN_TRANSITION
        } else if before && text.starts_with('@') && cue(text).is_some() {
            SILENT_NAME
        } else {
            return;
        };
        self.findings.warn(line.source.start, message);
    }
}

const NO_LINE_BEFORE_HEADING: &str = "this begins like a scene heading, but no empty line stands before it, \
     so it is shown as text: add an empty line before it";
const NO_LINE_AFTER_HEADING: &str = "this begins like a scene heading, but no empty line stands behind it, \
     so it is shown as action: add an empty line behind it";
const BROKEN_TRANSITION: &str = "this ends like a transition, but is shown as action: \
     put an empty line before and behind it, or begin it with `>`";
const SILENT_NAME: &str = "the name is forced by `@`, but no dialogue follows, so it is shown as action: \
     write the dialogue on the next line";
const LONELY_CARET: &str = "`^` makes this the second of two who speak at once, but no other dialogue \
     stands directly before it: remove the `^` or put this behind the first speaker";

/// The text of a line that is a heading if empty lines stand around it.
fn heading(text: &str) -> Option<&str> {
    forced_heading(text).or_else(|| heading_prefix(text).map(|_| text))
}

/// Whether a line is so much like a heading that its place must be a slip: `EST` begins French
/// sentences too, and `INT` is a word of programmers.
fn is_clearly_heading(text: &str) -> bool {
    let Some((_, rest)) = heading_prefix(text) else {
        return false;
    };
    is_uppercase(text) || text[..text.len() - rest.len()].ends_with('.')
}
