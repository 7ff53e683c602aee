//! From bytes to lines and columns, in one pass over the text.

use super::element::{Element, TitleField};

/// Walks a text forwards and tells lines and columns of ever later bytes.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let offset = text.len() - text.trim_start_matches('\u{feff}').len();
        Self { text, offset, line: 1, column: 1 }
    }

    /// The line and column (both from 1, in characters) of a byte not before those asked for earlier.
    pub(super) fn at(&mut self, offset: usize) -> (u32, u32) {
        let end = offset.max(self.offset).min(self.text.len());
        let mut previous = self.text[..self.offset].chars().next_back();
        for letter in self.text[self.offset..end].chars() {
            match letter {
                '\n' if previous == Some('\r') => {}
                '\n' | '\r' => (self.line, self.column) = (self.line + 1, 1),
                _ => self.column += 1,
            }
            previous = Some(letter);
        }
        self.offset = end;
        (self.line, self.column)
    }
}

/// Fills in the lines of title fields, which are in the order of the text.
pub(super) fn fields(text: &str, fields: &mut [TitleField]) {
    let mut cursor = Cursor::new(text);
    for field in fields {
        field.line = cursor.at(field.source.start).0;
    }
}

/// Fills in the places of elements, which are in the order of the text.
pub(super) fn elements(text: &str, elements: &mut [Element]) {
    let mut cursor = Cursor::new(text);
    for element in elements {
        (element.line, element.column) = cursor.at(element.source.start);
    }
}
