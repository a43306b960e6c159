//! The forms of texts that facts ask for: what each accepts, and what to say of a text that does not fit.

use crate::kube::api::table::Format;
use crate::kube::string_formats;

/// The form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `IsDNS1123Label`.
    DnsLabel,
    /// `IsDNS1123Subdomain`.
    DnsSubdomain,
    /// `IsValidPortName`.
    PortName,
    /// `IsQualifiedName`.
    QualifiedName,
    /// `IsValidLabelValue`.
    LabelValue,
    /// `IsConfigMapKey`.
    ConfigKey,
    /// A path that begins with `/`.
    AbsolutePath,
    /// A path within a volume: not absolute, and without `..`.
    RelativePath,
}

impl Form {
    /// What a text must be, if it is not: the end of a sentence that begins with "must be".
    pub(super) fn violation(self, text: &str) -> Option<&'static str> {
        let (fits, must_be) = match self {
            Form::DnsLabel => return string_formats::violation(Format::Dns1123Label, text),
            Form::DnsSubdomain => return string_formats::violation(Format::Dns1123Subdomain, text),
            Form::PortName => return string_formats::violation(Format::PortName, text),
            Form::QualifiedName => return string_formats::violation(Format::QualifiedName, text),
            Form::LabelValue => return string_formats::violation(Format::LabelValue, text),
            Form::ConfigKey => return string_formats::violation(Format::ConfigMapKey, text),
            Form::AbsolutePath => (text.starts_with('/'), "a path that begins with `/`"),
            Form::RelativePath => {
                (is_relative_path(text), "a path that does not begin with `/` and has no `..` in it")
            }
        };
        (!fits).then_some(must_be)
    }

    /// What to do about a text that is not of this form.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Form::DnsLabel => string_formats::advice(Format::Dns1123Label),
            Form::DnsSubdomain => string_formats::advice(Format::Dns1123Subdomain),
            Form::PortName => string_formats::advice(Format::PortName),
            Form::QualifiedName => string_formats::advice(Format::QualifiedName),
            Form::LabelValue => string_formats::advice(Format::LabelValue),
            Form::ConfigKey => string_formats::advice(Format::ConfigMapKey),
            Form::AbsolutePath => "write `/` before it",
            Form::RelativePath => "write it as a path below the volume",
        }
    }
}

/// `validateLocalDescendingPath`.
fn is_relative_path(text: &str) -> bool {
    !text.starts_with('/') && !text.split('/').any(|part| part == "..")
}
