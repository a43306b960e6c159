//! Rendered text or plain YAML files to documents; object identity.
