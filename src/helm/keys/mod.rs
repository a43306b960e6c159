//! Keys and certificates as `genCA` and its family make them.
//!
//! ```text
//! der      tagged bytes, written and read; PEM around them
//! private  private keys: made of a stream of drawn bytes, read, written, signing
//! x509     certificates
//! ```

mod curve;
pub mod der;
mod edwards;
pub mod private;
pub mod x509;
