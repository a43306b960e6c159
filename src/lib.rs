//! Plimsoll renders Kubernetes manifests and proves them right before they leave the machine.

pub mod source;

pub mod diagnostic;
pub mod session;

pub mod yaml;

pub mod values;

pub mod schema;

pub mod chart;

pub mod template;

pub mod manifest;

pub mod kube;

pub mod rules;

pub mod emit;

pub mod profiles;

pub mod request;

pub mod pipeline;
