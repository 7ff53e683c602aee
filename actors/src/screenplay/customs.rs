//! Customs of screenwriters that the syntax does not know.

use super::script::Presence;

/// What an extension behind a name says.
pub(super) enum Extension {
    Presence(Presence),
    /// `(CONT'D)`: nothing new.
    Continued,
    Other,
}

/// Reads an extension, whatever its case, dots and spaces.
pub(super) fn extension(written: &str) -> Extension {
    let letters: String = written.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    match letters.as_str() {
        "vo" | "voiceover" => Extension::Presence(Presence::VoiceOver),
        "os" | "oc" | "offscreen" | "offcamera" | "offstage" | "off" => {
            Extension::Presence(Presence::OffScreen)
        }
        "contd" | "cont" | "continued" | "continuing" => Extension::Continued,
        _ => Extension::Other,
    }
}

/// Transitions by custom that the syntax does not know.
pub(super) fn is_custom_transition(text: &str) -> bool {
    let bare = text.trim().trim_end_matches([':', '.']);
    matches!(
        bare,
        "FADE IN"
            | "FADE OUT"
            | "FADE TO BLACK"
            | "FADE TO WHITE"
            | "CUT TO BLACK"
            | "CUT TO WHITE"
            | "FADE IN FROM BLACK"
            | "FADE UP"
    )
}
