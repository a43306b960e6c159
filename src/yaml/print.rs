//! placeholder
use super::Node;
/// yaml
pub fn print_yaml(_node: &Node) -> String {
    String::new()
}
/// json
pub fn print_json(_node: &Node) -> String {
    String::new()
}
