//! Reading Fountain: elements, emphasis, the title page, and what no text can break.

mod fountain {
    mod emphasis;
    mod frame;
    mod pieces;
    mod properties;
    mod syntax;
}
