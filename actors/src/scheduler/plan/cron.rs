//! The five fields that say when a plan fires, checked without a calendar.
//!
//! A field is a list of `*`, values and ranges, each `*` or range with an optional step: `*/15`, `1-5`, `8-18/2`,
//! `MON,WED,FRI`. Months and days of the week have English names of three letters; Sunday is 0 or 7. When day of
//! month and day of week are both limited, either is enough. Extensions such as `L`, `W`, `#` and `@daily` are not
//! understood.

/// The longest text, in bytes.
const LENGTH_MAX: usize = 200;

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// One of the five.
struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", min: 0, max: 59, words: &[] },
    Field { name: "hour", min: 0, max: 23, words: &[] },
    Field { name: "day of month", min: 1, max: 31, words: &[] },
    Field { name: "month", min: 1, max: 12, words: MONTHS },
    Field { name: "day of week", min: 0, max: 7, words: DAYS },
];

/// Why a text does not say when.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CronProblem {
    /// It is far too long.
    #[error("the times take {0} bytes: {LENGTH_MAX} is the limit")]
    TooLong(usize),
    /// There are not five fields.
    #[error(
        "{cron:?} has {count} fields: five are needed, minute, hour, day of month, month and day of week, such as \"30 22 * * MON-FRI\""
    )]
    Fields {
        /// The text.
        cron: String,
        /// How many there are.
        count: usize,
    },
    /// A part of a field cannot be read.
    #[error(
        "{part:?} is no {field}: *, a value, a range a-b or one with a step such as */2 is, from {min} to {max}"
    )]
    Part {
        /// The field.
        field: &'static str,
        /// The part of its list.
        part: String,
        /// The least value.
        min: u32,
        /// The largest value.
        max: u32,
    },
}

/// Whether `cron` is five readable fields.
pub fn check(cron: &str) -> Result<(), CronProblem> {
    if cron.len() > LENGTH_MAX {
        return Err(CronProblem::TooLong(cron.len()));
    }
    let fields: Vec<&str> = cron.split_ascii_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(CronProblem::Fields { cron: cron.to_owned(), count: fields.len() });
    }
    for (text, field) in fields.into_iter().zip(&FIELDS) {
        if let Some(part) = text.split(',').find(|part| !field.reads(part)) {
            let Field { name, min, max, .. } = *field;
            return Err(CronProblem::Part { field: name, part: part.to_owned(), min, max });
        }
    }
    Ok(())
}

impl Field {
    fn reads(&self, part: &str) -> bool {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let steps = step.is_none_or(|step| number(step).is_some_and(|step| (1..=self.max).contains(&step)));
        let values = match range.split_once('-') {
            Some((from, to)) => {
                matches!((self.value(from), self.value(to)), (Some(from), Some(to)) if from <= to)
            }
            // A step from a single value means different things to different crons.
            None => range == "*" || (step.is_none() && self.value(range).is_some()),
        };
        steps && values
    }

    fn value(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let value =
            word.and_then(|at| u32::try_from(at).ok()).map(|at| at + self.min).or_else(|| number(text))?;
        (self.min..=self.max).contains(&value).then_some(value)
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
