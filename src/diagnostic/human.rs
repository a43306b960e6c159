//! placeholder
use crate::session::Session;
/// Style
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// a
    Plain,
    /// b
    Color,
}
/// writes
pub fn write_human(_session: &Session, _style: Style) -> String {
    String::new()
}
