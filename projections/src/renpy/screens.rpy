# How the game looks: the same screens for every chapter.
#
# Written by Hydra. What is edited here is lost when the chapter is written again.
# Sizes are for a stage of 1280 by 720 and grow with it.

init -90 python:

    def hydra_px(size):
        return max(1, int(size * min(config.screen_width / 1280.0, config.screen_height / 720.0)))

    # A long text is set smaller rather than cut off. The window grows upwards.
    def hydra_text_size(text):
        length = len(text or "")
        if length < 360:
            return hydra_px(25)
        if length < 900:
            return hydra_px(21)
        if length < 2200:
            return hydra_px(17)
        return hydra_px(12)

init offset = -50

define hydra_paper = "#f3efe6"
define hydra_soft = "#a9b4c0"
define hydra_accent = "#efb366"
define hydra_ink = "#0e141b"
define hydra_panel = "#0e141be0"
define hydra_raised = "#1c2631"
define hydra_line = "#3a4754"

define hydra_dissolve = Dissolve(0.4)
define hydra_quick = Dissolve(0.2)
define hydra_fade = Fade(0.4, 0.1, 0.5)

define hydra_card = Character(None, screen="hydra_card", what_style="hydra_card_text", window_style="hydra_card_window")

image hydra_night = Solid(hydra_ink)
image hydra_end_card = Text(_("End"), style="hydra_end_text")


## Where pictures stand ########################################################

transform hydra_cover:
    fit "cover"
    xysize (config.screen_width, config.screen_height)
    align (0.5, 0.5)

# A bust fits into its box whole, so its head is always on the stage.
transform hydra_left:
    fit "contain"
    xysize (int(config.screen_width * 0.44), int(config.screen_height * 0.92))
    anchor (0.5, 1.0)
    pos (0.27, 1.0)

transform hydra_right:
    fit "contain"
    xysize (int(config.screen_width * 0.44), int(config.screen_height * 0.92))
    anchor (0.5, 1.0)
    pos (0.73, 1.0)

transform hydra_appear:
    alpha 0.0
    linear 0.2 alpha 1.0


## Styles ######################################################################

style default:
    size hydra_px(22)
    color hydra_paper

style hydra_end_text:
    size hydra_px(64)
    color hydra_accent
    align (0.5, 0.5)

style hydra_button:
    padding (hydra_px(12), hydra_px(7))
    background None
    hover_background Solid(hydra_raised)
    selected_background Solid(hydra_raised)

style hydra_button_text:
    size hydra_px(22)
    color hydra_soft
    hover_color hydra_paper
    selected_color hydra_accent
    insensitive_color hydra_line

style hydra_text:
    color hydra_paper

style hydra_label:
    padding (0, 0)
    bottom_margin hydra_px(6)

style hydra_label_text:
    size hydra_px(20)
    color hydra_accent

style hydra_slider:
    xsize hydra_px(360)
    ysize hydra_px(18)
    left_bar Solid(hydra_accent)
    right_bar Solid(hydra_line)
    hover_left_bar Solid(hydra_paper)

style hydra_vscrollbar:
    xsize hydra_px(8)
    base_bar Solid(hydra_raised)
    thumb Solid(hydra_line)
    hover_thumb Solid(hydra_accent)
    unscrollable "hide"


## What is said ################################################################

style say_window:
    xfill True
    yalign 1.0
    yminimum hydra_px(190)
    padding (hydra_px(150), hydra_px(20), hydra_px(150), hydra_px(46))
    background Solid(hydra_panel)

style say_label:
    size hydra_px(25)
    bold True
    color hydra_accent

style say_dialogue:
    color hydra_paper
    line_spacing hydra_px(5)

style say_thought is say_dialogue:
    color "#dcd9d2"

screen say(who, what):

    window:
        id "window"

        vbox:
            spacing hydra_px(8)

            if who is not None:
                text who id "who"

            text what id "what" size hydra_text_size(what)


# Two who speak at the same time share the window.
style block1_multiple2_say_window is say_window:
    xfill False
    xsize 0.5
    xalign 0.0
    padding (hydra_px(60), hydra_px(20), hydra_px(30), hydra_px(46))

style block2_multiple2_say_window is block1_multiple2_say_window:
    xalign 1.0
    padding (hydra_px(30), hydra_px(20), hydra_px(60), hydra_px(46))

style block1_multiple2_say_label is say_label
style block2_multiple2_say_label is say_label
style block1_multiple2_say_dialogue is say_dialogue
style block2_multiple2_say_dialogue is say_dialogue
style block1_multiple2_say_thought is say_thought
style block2_multiple2_say_thought is say_thought


# A card in the middle.
style hydra_card_window:
    align (0.5, 0.45)
    xmaximum 0.8
    padding (hydra_px(40), hydra_px(24))
    background Solid(hydra_panel)

style hydra_card_text:
    color hydra_paper
    text_align 0.5
    xalign 0.5
    line_spacing hydra_px(6)

screen hydra_card(who, what):

    window:
        id "window"
        text what id "what" size hydra_text_size(what)


screen choice(items):

    style_prefix "hydra"

    vbox:
        align (0.5, 0.45)
        spacing hydra_px(12)

        for item in items:
            textbutton item.caption:
                action item.action
                background Solid(hydra_panel)
                xminimum hydra_px(480)
                text_xalign 0.5


## While it plays ##############################################################

default hydra_show_quick_menu = True

init python:
    config.overlay_screens.append("quick_menu")

style hydra_quick_button is hydra_button:
    padding (hydra_px(8), hydra_px(4))
    hover_background None
    selected_background None

style hydra_quick_button_text is hydra_button_text:
    size hydra_px(15)

screen quick_menu():

    zorder 100

    if hydra_show_quick_menu:

        hbox:
            style_prefix "hydra_quick"
            xalign 0.5
            yalign 1.0
            yoffset -hydra_px(6)
            spacing hydra_px(6)

            textbutton _("Back") action Rollback()
            textbutton _("History") action ShowMenu("history")
            textbutton _("Skip") action Skip() alternate Skip(fast=True, confirm=True)
            textbutton _("Auto") action Preference("auto-forward", "toggle")
            textbutton _("Save") action ShowMenu("save")
            textbutton _("Load") action ShowMenu("load")
            textbutton _("Settings") action ShowMenu("preferences")


style hydra_notice:
    padding (hydra_px(18), hydra_px(9))
    background Solid(hydra_panel)

screen notify(message):

    zorder 200

    frame at hydra_appear:
        style "hydra_notice"
        pos (0, hydra_px(40))
        text message size hydra_px(18)

    timer 3.0 action Hide("notify")


screen skip_indicator():

    zorder 200

    frame:
        style "hydra_notice"
        pos (0, hydra_px(40))
        text _("Skipping …") size hydra_px(18) color hydra_accent


## Menus #######################################################################

screen navigation():

    vbox:
        style_prefix "hydra"
        spacing hydra_px(4)

        if main_menu:
            textbutton _("Start") action Start()
        else:
            textbutton _("Return") action Return()
            textbutton _("History") action ShowMenu("history")
            textbutton _("Save") action ShowMenu("save")

        textbutton _("Load") action ShowMenu("load")
        textbutton _("Settings") action ShowMenu("preferences")
        textbutton _("About") action ShowMenu("about")

        if not main_menu:
            textbutton _("Main menu") action MainMenu()

        if renpy.variant("pc"):
            textbutton _("Quit") action Quit(confirm=not main_menu)


# The title picture, or a plain ground.
screen hydra_ground():

    add "hydra_night"

    if hydra_title_picture:
        add hydra_title_picture at hydra_cover


screen main_menu():

    tag menu

    use hydra_ground

    frame:
        background Solid(hydra_panel)
        xsize hydra_px(440)
        yfill True
        padding (hydra_px(48), hydra_px(64))

        vbox:
            spacing hydra_px(40)

            text hydra_title:
                size (hydra_px(44) if len(hydra_title) < 60 else hydra_px(26))
                color hydra_accent
                line_spacing hydra_px(4)

            use navigation


screen game_menu(title):

    use hydra_ground

    add Solid(hydra_panel)

    frame:
        background None
        xsize hydra_px(270)
        yfill True
        padding (hydra_px(40), hydra_px(110), hydra_px(20), hydra_px(40))

        use navigation

    text title:
        pos (hydra_px(310), hydra_px(40))
        size hydra_px(36)
        color hydra_accent

    frame:
        background None
        padding (0, 0)
        xpos hydra_px(310)
        ypos hydra_px(110)
        xsize config.screen_width - hydra_px(360)
        ysize config.screen_height - hydra_px(150)

        transclude

    if main_menu:
        textbutton _("Return"):
            style "hydra_button"
            text_style "hydra_button_text"
            xpos hydra_px(40)
            ypos config.screen_height - hydra_px(70)
            action Return()

    key "game_menu" action (ShowMenu("main_menu") if main_menu else Return())


screen save():

    tag menu
    use hydra_slots(_("Save"))


screen load():

    tag menu
    use hydra_slots(_("Load"))


style hydra_slot_button:
    xsize hydra_px(276)
    ysize hydra_px(215)
    padding (hydra_px(10), hydra_px(10))
    background Solid(hydra_raised)
    hover_background Solid(hydra_line)

style hydra_slot_text:
    size hydra_px(15)
    color hydra_soft
    xalign 0.5

screen hydra_slots(title):

    use game_menu(title):

        vbox:
            spacing hydra_px(16)

            grid 3 2:
                style_prefix "hydra_slot"
                spacing hydra_px(14)

                for slot in range(1, 7):
                    button:
                        action FileAction(slot)

                        vbox:
                            spacing hydra_px(6)
                            add FileScreenshot(slot) xalign 0.5
                            text FileTime(slot, format=_("{#file_time}%d %B %Y, %H:%M"), empty=_("empty"))

                        key "save_delete" action FileDelete(slot)

            hbox:
                style_prefix "hydra"
                spacing hydra_px(4)

                if config.has_autosave:
                    textbutton _("Automatic") action FilePage("auto")
                if config.has_quicksave:
                    textbutton _("Quick") action FilePage("quick")
                for page in range(1, 8):
                    textbutton "[page]" action FilePage(page)


screen preferences():

    tag menu

    use game_menu(_("Settings")):

        viewport:
            style_prefix "hydra"
            scrollbars "vertical"
            mousewheel True
            draggable True

            vbox:
                spacing hydra_px(24)

                if renpy.variant("pc"):
                    vbox:
                        label _("Display")
                        hbox:
                            textbutton _("Window") action Preference("display", "window")
                            textbutton _("Full screen") action Preference("display", "fullscreen")

                vbox:
                    label _("Skip")
                    hbox:
                        textbutton _("Unread text too") action Preference("skip", "toggle")
                        textbutton _("Transitions") action InvertSelected(Preference("transitions", "toggle"))

                vbox:
                    label _("Voice volume")
                    bar value Preference("voice volume") style "hydra_slider"
                    hbox:
                        textbutton _("Mute") action Preference("voice mute", "toggle")
                        textbutton _("Let a voice finish") action Preference("voice sustain", "toggle")
                        textbutton _("Automatic waits for voices") action Preference("wait for voice", "toggle")

                vbox:
                    label _("Text speed")
                    bar value Preference("text speed") style "hydra_slider"

                vbox:
                    label _("Pace of automatic play")
                    bar value Preference("auto-forward time") style "hydra_slider"


screen history():

    tag menu
    predict False

    use game_menu(_("History")):

        viewport:
            style_prefix "hydra"
            scrollbars "vertical"
            mousewheel True
            draggable True
            yinitial 1.0

            vbox:
                spacing hydra_px(18)
                xsize config.screen_width - hydra_px(400)

                for entry in _history_list:
                    vbox:
                        hbox:
                            spacing hydra_px(12)
                            if entry.who:
                                text entry.who:
                                    substitute False
                                    color entry.who_args.get("color", hydra_accent)
                                    size hydra_px(18)
                            if entry.voice.filename:
                                textbutton _("play"):
                                    action Play("voice", entry.voice.filename)
                                    padding (0, 0)
                                    text_size hydra_px(15)
                        text entry.what:
                            substitute False
                            size hydra_px(19)

                if not _history_list:
                    text _("Nothing has been said yet.")


screen about():

    tag menu

    use game_menu(_("About")):

        viewport:
            style_prefix "hydra"
            scrollbars "vertical"
            mousewheel True
            draggable True

            vbox:
                spacing hydra_px(12)
                xsize config.screen_width - hydra_px(400)

                text hydra_title size hydra_px(28)
                text _("Made with Hydra, played by Ren'Py [renpy.version_only].") color hydra_soft

                if hydra_missing:
                    null height hydra_px(12)
                    text _("What this chapter still lacks") color hydra_accent
                    for line in hydra_missing:
                        text line size hydra_px(18)


screen confirm(message, yes_action, no_action=None):

    modal True
    zorder 300

    add Solid("#000000b0")

    frame:
        style_prefix "hydra"
        background Solid(hydra_raised)
        align (0.5, 0.5)
        xsize hydra_px(620)
        padding (hydra_px(40), hydra_px(32))

        vbox:
            spacing hydra_px(28)
            xfill True

            text message:
                xalign 0.5
                text_align 0.5

            hbox:
                xalign 0.5
                spacing hydra_px(40)
                textbutton _("Yes") action yes_action
                if no_action is not None:
                    textbutton _("No") action no_action

    if no_action is not None:
        key "game_menu" action no_action
