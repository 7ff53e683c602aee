//! `game/options.rpy`: what the engine has to know before anything else.

use super::Novel;
use super::assets::Assets;
use super::escape;
use super::names::identifier;

/// The fixed part. The offset makes it run before every other file of the project.
const FIXED: &str = r##"
define config.version = "1.0"
define config.has_sound = False
define config.has_music = False
define config.has_voice = True
define config.history_length = 400
define config.window = "auto"
define config.window_show_transition = Dissolve(0.2)
define config.window_hide_transition = Dissolve(0.2)
define config.enter_transition = Dissolve(0.2)
define config.exit_transition = Dissolve(0.2)
define config.intra_transition = Dissolve(0.2)
define config.end_game_transition = Dissolve(0.6)
define config.thumbnail_width = 256
define config.thumbnail_height = 144

default preferences.text_cps = 50
default preferences.afm_time = 15

define _game_menu_screen = "save"

init python:
    # Newer engines take this bracket for ruby text; here it is only a bracket.
    if hasattr(renpy.config, "lenticular_bracket_ruby"):
        config.lenticular_bracket_ruby = False

    # Two who speak at the same time need two voices.
    renpy.music.register_channel("hydra_second_voice", mixer="voice", loop=False)

    build.classify("**~", None)
    build.classify("**.bak", None)
    build.classify("**/.**", None)
    build.classify("**/#**", None)
"##;

/// Writes the file.
pub(super) fn write(novel: &Novel, assets: &Assets) -> String {
    let name = identifier(&novel.save_name);
    let title = if novel.title.trim().is_empty() { "Untitled" } else { &novel.title };
    let picture = assets.title_picture().map_or("None".to_owned(), escape::python);
    let missing: Vec<String> =
        novel.missing.iter().map(|line| format!("    {},\n", escape::shown(line))).collect();
    let (width, height) = (novel.size.0.clamp(640, 7_680), novel.size.1.clamp(360, 4_320));
    format!(
        "# {comment}: the options\n\
         #\n\
         # Written by Hydra. What is edited here is lost when the chapter is written again.\n\n\
         init offset = -100\n\n\
         define config.name = {plain}\n\
         define hydra_title = {shown}\n\
         define hydra_title_picture = {picture}\n\
         define hydra_missing = [\n{missing}]\n\n\
         define config.save_directory = \"{name}\"\n\
         define build.name = \"{name}\"\n\n\
         # Sets the size of the stage, and makes the engine use the screens for its menus.\n\
         init python:\n    gui.init({width}, {height})\n{FIXED}",
        comment = escape::comment(title),
        plain = escape::python(title),
        shown = escape::shown(title),
        missing = missing.concat(),
    )
}
