//! placeholder
use super::Node;
/// Error
#[derive(Debug)]
pub struct DecodeError;
/// from
pub fn from_node<T>(_node: &Node) -> Result<T, DecodeError> {
    Err(DecodeError)
}
