//! Quantities and formats.

use crate::kube::api::table::Format;
use crate::kube::quantity::is_quantity;
use crate::kube::string_formats::violation;

#[test]
fn quantities() {
    for text in ["0", "1", "+1", "-1.5Gi", ".5", "5.", "100m", "1e3", "1E-3", "1E", "1.5Ki", "3n", "4u"] {
        assert!(is_quantity(text), "{text}");
    }
    for text in ["", ".", "1.2.3", "1K", "1gb", "1 Gi", "Gi", "1e", "1eM", "1Mib", "--1", "1e1.5", "é"] {
        assert!(!is_quantity(text), "{text}");
    }
}

#[test]
fn formats() {
    for (format, text, fits) in [
        (Format::DateTime, "2026-02-28T23:59:59.123456Z", true),
        (Format::DateTime, "2024-02-29T00:00:00+02:00", true),
        (Format::DateTime, "2026-02-29T00:00:00Z", false),
        (Format::DateTime, "2026-01-01", false),
        (Format::DateTime, "2026-01-01T24:00:00Z", false),
        (Format::DateTime, "2026-01-01T00:00:00", false),
        (Format::Base64, "", true),
        (Format::Base64, "YQ==", true),
        (Format::Base64, "YQ=", false),
        (Format::Base64, "YQ", false),
        (Format::Dns1123Label, "a-1", true),
        (Format::Dns1123Label, "-a", false),
        (Format::Dns1123Label, "a.b", false),
        (Format::Dns1123Subdomain, "a.b-c.d", true),
        (Format::Dns1123Subdomain, "a..b", false),
        (Format::PortName, "http-8", true),
        (Format::PortName, "8080", false),
        (Format::PortName, "a--b", false),
        (Format::QualifiedName, "example.com/a_B.c", true),
        (Format::QualifiedName, "/a", false),
        (Format::QualifiedName, "a/b/c", false),
        (Format::LabelValue, "", true),
        (Format::LabelValue, "a-", false),
        (Format::ConfigMapKey, "a_b.yaml", true),
        (Format::ConfigMapKey, "a/b", false),
        (Format::ConfigMapKey, "..a", false),
        (Format::EnvVarName, "my.var-1", true),
        (Format::EnvVarName, "a=b", false),
        (Format::Percent, "100%", true),
        (Format::Percent, "%", false),
    ] {
        assert_eq!(violation(format, text).is_none(), fits, "{format:?} {text}");
    }
    // One more than there may be.
    assert!(violation(Format::LabelValue, &"a".repeat(64)).is_some());
}

/// What jiff reads and Go does not, and the other way round.
#[test]
fn times_are_those_of_rfc_3339() {
    for text in [
        "2026-01-01T00:00:00.123456789012Z",
        "2026-01-01T00:00:00.5-23:59",
        "0000-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ] {
        assert_eq!(violation(Format::DateTime, text), None, "{text}");
    }
    for text in [
        "",
        "2026-01-01 00:00:00Z",
        "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00z",
        "2026-01-01T00:00Z",
        "2026-01-01T000000Z",
        "20260101T00:00:00Z",
        "2026-1-1T00:00:00Z",
        "2026-01-01T0:00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+02",
        "2026-01-01T00:00:00+0200",
        "2026-01-01T00:00:00+02:00:30",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+00:60",
        "2026-01-01T00:00:00Z[UTC]",
        "2026-12-31T23:59:60Z",
        "2026-01-01T00:60:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "-02026-01-01T00:00:00Z",
        "+002026-01-01T00:00:00Z",
        "2026-01-01T00:00:0éZ",
    ] {
        assert!(violation(Format::DateTime, text).is_some(), "{text}");
    }
}
