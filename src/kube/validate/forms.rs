//! The forms of texts that facts ask for: what each accepts, and what to say of a text that does not fit.

use super::{addresses, cron};
use crate::kube::api::table::Format;
use crate::kube::cel::is_word;
use crate::kube::string_formats::{self, is_dns1035_label, is_dns1123_label, is_dns1123_subdomain};

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
    /// `IsDNS1035Label`.
    Dns1035Label,
    /// The name of a kind: `IsDNS1035Label` in lower case.
    KindName,
    /// `IsFullyQualifiedName`.
    FullyQualifiedName,
    /// A DNS subdomain with a dot in it.
    DomainName,
    /// `IsValidPathSegmentName`.
    PathSegmentName,
    /// The path of `ValidateWebhookService`.
    WebhookPath,
    /// `ValidateSignerName`.
    SignerName,
    /// An identifier of CEL that is no word of the language.
    CelIdentifier,
    /// `parseGroupVersion`.
    GroupVersion,
    /// `ValidateNonResourceURLPath`.
    NonResourcePath,
    /// `*`, or `IsDNS1123Label`.
    WildcardOrDnsLabel,
    /// `*`, or `IsDNS1123Subdomain`.
    WildcardOrDnsSubdomain,
    /// `validateFullyQualifiedName`.
    DeviceAttribute,
    /// `ValidateCSIDriverName`.
    DriverName,
    /// `validatePoolName`.
    PoolName,
    /// A version of `semver.org`.
    SemanticVersion,
    /// `IsExtendedResourceName`.
    ExtendedResource,
    /// `validateSimpleJSONPath`.
    SimpleJsonPath,
    /// A simple JSON path below `.spec`.
    PathInSpec,
    /// A simple JSON path below `.status`.
    PathInStatus,
    /// A simple JSON path below one of the two.
    PathInSpecOrStatus,
    /// `validatePathNoBacksteps`: a path without `..`.
    PathWithoutBacksteps,
    /// `IsDomainPrefixedPath`: `example.com/controller`.
    DomainPrefixedPath,
    /// A DNS subdomain, with a dot behind it or without.
    DnsName,
    /// `IsFullyQualifiedDomainName`.
    FullyQualifiedDomain,
    /// A DNS subdomain, or one with `*` as its first label: `IsWildcardDNS1123Subdomain`.
    HostName,
    /// Anything but an IP address, which a DNS subdomain may look like.
    NoIp,
    /// `validateProvisioner`: a qualified name, whatever the case of its domain.
    ProvisionerName,
    /// `IsNotMoreThan100Percent`; what is no percentage passes.
    UpToAllPercent,
    /// An IP address, as lenient as the oldest fields are: `IsValidIPForLegacyField`.
    Ip,
    /// What 1.36 asks of such an address besides. What is none passes.
    StrictIp,
    /// `ValidateNonSpecialIP`. What is no address passes.
    OrdinaryIp,
    /// A CIDR, as lenient as the oldest fields are: `IsValidCIDRForLegacyField`.
    Cidr,
    /// What 1.36 asks of such a CIDR besides. What is none passes.
    StrictCidr,
    /// `IsValidIP`.
    CanonicalIp,
    /// `IsValidCIDR`.
    CanonicalCidr,
    /// `validateFinalizerName` of a namespace: a name with a domain, or one of the old ones.
    Finalizer,
    /// The name of an iSCSI initiator or target: `iqn.`, `eui.` or `naa.`.
    IscsiName,
    /// `IsDNS1123Subdomain` of what something is written behind: it may end with `-`.
    DnsSubdomainPrefix,
    /// `IsDNS1123SubdomainWithUnderscore`, with a `.` at its end or not, or `.` alone.
    DnsSearch,
    /// `IsRelaxedEnvVarName`.
    EnvVarName,
    /// `IsHTTPHeaderName`.
    HttpHeaderName,
    /// `ValidateLocalNonReservedPath`: a relative path that does not begin with `..` either.
    FilePath,
    /// Without a `/`.
    NoSlash,
    /// Without blanks at its ends.
    Trimmed,
    /// `host:port`, or several with `,` between them.
    HostPorts,
    /// `IsValidSysctlName`.
    SysctlName,
    /// The name of a user of Windows: `validateWindowsSecurityContextOptions`.
    WindowsUser,
    /// `cron.ParseStandard`.
    CronSchedule,
    /// `validateTimeZone`.
    TimeZone,
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
            Form::Dns1035Label => (
                is_dns1035_label(text),
                "lower-case letters, digits and `-`, at most 63 characters, with a letter in front",
            ),
            Form::KindName => (
                is_dns1035_label(&text.to_ascii_lowercase()),
                "letters, digits and `-`, at most 63 characters, with a letter in front",
            ),
            Form::FullyQualifiedName => (is_domain(text, 3), "a domain name with two dots or more"),
            Form::DomainName => (is_domain(text, 2), "a domain name with a dot in it"),
            Form::PathSegmentName => {
                (string_formats::is_path_segment_name(text), "without `/` and `%`, and not `.` or `..`")
            }
            Form::WebhookPath => {
                (is_webhook_path(text), "a path such as `/validate`, of DNS names between single slashes")
            }
            Form::SignerName => (is_signer_name(text), "a domain name, `/` and a name"),
            Form::CelIdentifier => (
                is_cel_identifier(text),
                "letters, digits and `_`, with no digit in front, and no word of CEL",
            ),
            Form::GroupVersion => (is_group_version(text), "a version such as `v1` or `example.com/v1`"),
            Form::NonResourcePath => {
                (is_non_resource_path(text), "`*`, or a path such as `/healthz` or `/metrics/*`")
            }
            Form::WildcardOrDnsLabel => (
                text == "*" || string_formats::is_dns1123_label(text),
                "`*`, or lower-case letters, digits and `-`, at most 63 characters",
            ),
            Form::WildcardOrDnsSubdomain => (
                text == "*" || string_formats::is_dns1123_subdomain(text),
                "`*`, or lower-case letters, digits, `-` and `.`",
            ),
            Form::DeviceAttribute => (is_device_attribute(text), "a domain name, `/` and an identifier"),
            Form::DriverName => (
                text.len() <= 63 && string_formats::is_dns1123_subdomain(&text.to_ascii_lowercase()),
                "a domain name of at most 63 characters",
            ),
            Form::PoolName => (
                text.len() <= 253 && text.split('/').all(string_formats::is_dns1123_subdomain),
                "DNS names with `/` between them, at most 253 characters",
            ),
            Form::SemanticVersion => (is_semantic_version(text), "a version such as `1.2.3`"),
            Form::ExtendedResource => {
                (is_extended_resource(text), "a domain name, `/` and a name, not of `kubernetes.io`")
            }
            Form::SimpleJsonPath => (text.starts_with('.'), "a path that begins with `.`"),
            Form::PathInSpec => (text.starts_with(".spec."), "a path below `.spec`"),
            Form::PathInStatus => (text.starts_with(".status."), "a path below `.status`"),
            Form::PathInSpecOrStatus => (
                text.starts_with(".spec.") || text.starts_with(".status."),
                "a path below `.spec` or `.status`",
            ),
            Form::PathWithoutBacksteps => (!has_backsteps(text), "a path without `..`"),
            Form::DomainPrefixedPath => {
                (is_domain_prefixed_path(text), "a path below a domain such as `example.com/controller`")
            }
            Form::DnsName => {
                let name = text.strip_suffix('.').unwrap_or(text);
                return string_formats::violation(Format::Dns1123Subdomain, name);
            }
            Form::FullyQualifiedDomain => {
                let name = text.strip_suffix('.').unwrap_or(text);
                let fits = name.contains('.') && string_formats::is_dns1123_subdomain(name);
                (fits, "a domain name with a dot in it, such as `db.example.com`")
            }
            Form::HostName => {
                (is_host_name(text), "a host name such as `app.example.com` or `*.example.com`")
            }
            Form::NoIp => (addresses::parse_ip(text).is_none(), "a DNS name, and no IP address"),
            Form::ProvisionerName => {
                return string_formats::violation(Format::QualifiedName, &text.to_lowercase());
            }
            Form::UpToAllPercent => (!is_over_all_percent(text), "at most `100%`"),
            Form::Ip => (addresses::parse_ip(text).is_some(), "an IP address such as `10.0.0.1`"),
            Form::StrictIp => return addresses::strict_ip_violation(text),
            Form::OrdinaryIp => return addresses::special_violation(text),
            Form::Cidr => (addresses::parse_cidr(text).is_some(), "a CIDR such as `10.0.0.0/8`"),
            Form::StrictCidr => return addresses::strict_cidr_violation(text),
            Form::CanonicalIp => (
                addresses::is_canonical_ip(text),
                "an IP address in its shortest form, such as `10.0.0.1` or `2001:db8::1`",
            ),
            Form::CanonicalCidr => (
                addresses::is_canonical_cidr(text),
                "a CIDR in its shortest form, such as `10.0.0.0/8` or `2001:db8::/64`",
            ),
            Form::Finalizer => (is_finalizer(text), "a name with a domain, such as `example.com/cleanup`"),
            Form::IscsiName => (is_iscsi_name(text), "a name that begins with `iqn.`, `eui.` or `naa.`"),
            Form::EnvVarName => return string_formats::violation(Format::EnvVarName, text),
            Form::CronSchedule => return cron::violation(text),
            Form::DnsSubdomainPrefix => (
                is_dns1123_subdomain(text.strip_suffix('-').unwrap_or(text)),
                "lower-case letters, digits, `-` and `.`, at most 253 characters",
            ),
            Form::DnsSearch => (
                is_dns_search(text),
                "a domain of lower-case letters, digits, `-` and `_`, at most 253 characters",
            ),
            Form::HttpHeaderName => (is_http_header_name(text), "letters, digits and `-`"),
            Form::FilePath => (
                is_relative_path(text) && !text.starts_with(".."),
                "a path that does not begin with `/` or `..` and has no `..` in it",
            ),
            Form::NoSlash => (!text.contains('/'), "without `/`"),
            Form::Trimmed => (text.trim() == text, "without spaces at its ends"),
            Form::HostPorts => (
                text.split(',').all(is_host_port),
                "a host and a port such as `a:1`, or several with `,` between them",
            ),
            Form::SysctlName => (
                is_sysctl_name(text),
                "parts of lower-case letters, digits, `-` and `_` with `.` or `/` between them",
            ),
            Form::WindowsUser => (is_windows_user(text), r"a user, or `DOMAIN\user`"),
            Form::TimeZone => (is_time_zone(text), "the name of a time zone such as `Europe/Berlin`"),
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
            Form::Dns1035Label => "write lower case, begin with a letter, and shorten it if need be",
            Form::KindName => "write it as `Widget`",
            Form::FullyQualifiedName => "write it as `check.example.com`",
            Form::DomainName => "write it as `example.com`",
            Form::PathSegmentName => "choose another name",
            Form::WebhookPath => "begin it with `/`, and write lower case",
            Form::SignerName => "write it as `example.com/signer`",
            Form::CelIdentifier => "choose another name",
            Form::GroupVersion => "write `group/version`, or the version alone for the core group",
            Form::NonResourcePath => "begin it with `/`, and write `*` only after the last `/`",
            Form::WildcardOrDnsLabel => "write a namespace, or `*` for all",
            Form::WildcardOrDnsSubdomain => "write a name, or `*` for all",
            Form::DeviceAttribute => "write it as `example.com/model`",
            Form::DriverName => "write it as `gpu.example.com`",
            Form::PoolName => "write it as `node-1`",
            Form::SemanticVersion => "write three numbers with dots between them",
            Form::ExtendedResource => "write it as `example.com/gpu`",
            Form::SimpleJsonPath => "write it as `.spec.replicas`",
            Form::PathInSpec => "write it as `.spec.replicas`",
            Form::PathInStatus => "write it as `.status.replicas`",
            Form::PathInSpecOrStatus => "write it as `.status.selector`",
            Form::PathWithoutBacksteps => "write the path itself, without `..`",
            Form::DomainPrefixedPath => "write a domain, `/` and a name",
            Form::DnsName | Form::FullyQualifiedDomain | Form::NoIp => "write the name that DNS knows it by",
            Form::HostName => {
                "write it in lower case, without a port, and `*` as the whole first label or not at all"
            }
            Form::ProvisionerName => "write the provisioner's name, such as `csi.example.com`",
            Form::UpToAllPercent => "lower it",
            Form::Ip | Form::StrictIp | Form::CanonicalIp => {
                "write the address in full, without zeros in front"
            }
            Form::OrdinaryIp => "write the address that others reach it at",
            Form::Cidr | Form::StrictCidr | Form::CanonicalCidr => {
                "write the first address of the block, `/` and the length of its prefix"
            }
            Form::Finalizer => "put the domain of the controller and `/` in front",
            Form::IscsiName => "write the name in full, such as `iqn.2016-01.com.example:disk1`",
            Form::EnvVarName => string_formats::advice(Format::EnvVarName),
            Form::DnsSubdomainPrefix | Form::DnsSearch | Form::SysctlName | Form::HttpHeaderName => {
                "replace other characters by `-`, and shorten it if need be"
            }
            Form::FilePath => "write it as a path below the volume",
            Form::NoSlash => "remove the `/`",
            Form::Trimmed => "remove the spaces",
            Form::HostPorts => "write it as `registry.example.com:7861`",
            Form::WindowsUser => r"write it as `ContainerUser`, or as `DOMAIN\user`",
            Form::CronSchedule => {
                "write five fields, such as `30 4 * * *`, or `@hourly`, `@daily`, `@weekly`"
            }
            Form::TimeZone => "write `Area/City` as the list of IANA has it, or `Etc/UTC`",
        }
    }
}

/// `validateLocalDescendingPath`.
fn is_relative_path(text: &str) -> bool {
    !text.starts_with('/') && !text.split('/').any(|part| part == "..")
}

/// A DNS subdomain of so many parts.
fn is_domain(text: &str, parts: usize) -> bool {
    string_formats::is_dns1123_subdomain(text) && text.split('.').count() >= parts
}

/// `/a/b/`: DNS subdomains between slashes; `/` and nothing are the root.
fn is_webhook_path(text: &str) -> bool {
    let Some(path) = text.strip_prefix('/') else { return text.is_empty() };
    let path = path.strip_suffix('/').unwrap_or(path);
    text == "/" || path.split('/').all(string_formats::is_dns1123_subdomain)
}

fn is_signer_name(text: &str) -> bool {
    let Some((domain, name)) = text.split_once('/') else { return false };
    is_domain(domain, 2) && string_formats::is_dns1123_subdomain(name) && text.len() <= 571
}

/// `IDENT` of the grammar of CEL, without its reserved words.
pub(super) fn is_cel_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        && !is_word(text)
}

fn is_group_version(text: &str) -> bool {
    match text.split_once('/') {
        Some((group, version)) => string_formats::is_dns1123_subdomain(group) && is_dns1035_label(version),
        None => is_dns1035_label(text),
    }
}

fn is_non_resource_path(text: &str) -> bool {
    let wildcards = text.matches('*').count();
    text == "*"
        || text.starts_with('/')
            && !text.contains(' ')
            && !text.contains("//")
            && (wildcards == 0 || (wildcards == 1 && text.ends_with("/*")))
}

/// A domain of at most 63 characters, `/`, and an identifier of at most 32.
fn is_device_attribute(text: &str) -> bool {
    let Some((domain, id)) = text.split_once('/') else { return false };
    let is_identifier = id.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && id.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
    domain.len() <= 63 && string_formats::is_dns1123_subdomain(domain) && is_identifier && id.len() <= 32
}

/// `1.2.3`, with `-alpha.1` and `+build` or without.
fn is_semantic_version(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let is_number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let is_identifier = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric())
    };
    let is_numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && pre.is_none_or(|pre| {
            pre.split('.').all(|part| is_identifier(part) && (!is_numeric(part) || is_number(part)))
        })
        && build.is_none_or(|build| build.split('.').all(is_identifier))
}

fn is_extended_resource(text: &str) -> bool {
    let Some((domain, _)) = text.split_once('/') else { return false };
    let is_native = domain == "kubernetes.io" || domain.ends_with(".kubernetes.io");
    !is_native
        && !text.starts_with("requests.")
        && string_formats::violation(Format::QualifiedName, &format!("requests.{text}")).is_none()
}

/// `validatePathNoBacksteps`.
fn has_backsteps(text: &str) -> bool {
    text.split('/').any(|part| part == "..")
}

/// `IsDomainPrefixedPath`: a domain, and a path of what an URL may have there.
fn is_domain_prefixed_path(text: &str) -> bool {
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    text.split_once('/').is_some_and(|(domain, path)| {
        string_formats::is_dns1123_subdomain(domain) && !path.is_empty() && path.bytes().all(in_path)
    })
}

/// A wildcard is the whole first label.
fn is_host_name(text: &str) -> bool {
    let rest = text.strip_prefix("*.").unwrap_or(text);
    text.len() <= 253 && string_formats::is_dns1123_subdomain(rest)
}

fn is_over_all_percent(text: &str) -> bool {
    let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    // Digits that are too many for a number are more than 100 too.
    digits.is_some_and(|digits| !digits.is_empty() && digits.parse().is_ok_and(|percent: u128| percent > 100))
}

/// `validateFinalizerName` and `validateKubeFinalizerName`.
fn is_finalizer(text: &str) -> bool {
    if text.contains('/') {
        return string_formats::violation(Format::QualifiedName, text).is_none();
    }
    ["kubernetes", "orphan", "foregroundDeletion"].contains(&text)
}

/// `iscsiInitiatorIqnRegex`, `iscsiInitiatorEuiRegex` and `iscsiInitiatorNaaRegex`.
fn is_iscsi_name(text: &str) -> bool {
    let identifier = |rest: &str, length: usize| {
        let mut characters = rest.chars();
        // The sign behind the word may be any.
        let sign = characters.next().is_some();
        let rest = characters.as_str();
        sign && rest.len() == length && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if let Some(rest) = text.strip_prefix("eui") {
        return identifier(rest, 16);
    }
    if let Some(rest) = text.strip_prefix("naa") {
        return identifier(rest, 32);
    }
    // `iqn.2016-01.com.example:disk1`
    let Some((authority, name)) = text.strip_prefix("iqn.").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let digits =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let dated = authority.split_once('.').is_some_and(|(date, domain)| {
        let in_domain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        date.split_once('-').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
            && !domain.is_empty()
            && domain.bytes().all(in_domain)
    });
    dated
        && !name.is_empty()
        && !name.contains([',', ';', '*', '&', '$', '|'])
        && !name.contains(char::is_whitespace)
}

/// A search domain of a pod's resolver; the relaxed rule, which is that of every version from 1.33 on.
fn is_dns_search(text: &str) -> bool {
    let domain = text.strip_suffix('.').unwrap_or(text);
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let is_label = |label: &str| {
        let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte != b'-');
        label.bytes().all(inner) && ends(label.bytes().next()) && ends(label.bytes().last())
    };
    text == "." || (domain.len() <= 253 && domain.split('.').all(is_label))
}

/// `[-A-Za-z0-9]+`
fn is_http_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `net.SplitHostPort`, which asks for no number.
fn is_host_port(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(bracketed) => bracketed
            .split_once("]:")
            .is_some_and(|(host, port)| !host.contains(['[', ']']) && !port.contains([':', '[', ']'])),
        None => text
            .split_once(':')
            .is_some_and(|(host, port)| !host.contains(['[', ']']) && !port.contains([':', '[', ']'])),
    }
}

/// `([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?`, at most 253 characters.
fn is_sysctl_name(text: &str) -> bool {
    let outer =
        |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_segment = |segment: &str| {
        let inner = |byte: u8| outer(Some(byte)) || b"-_".contains(&byte);
        segment.bytes().all(inner) && outer(segment.bytes().next()) && outer(segment.bytes().last())
    };
    text.len() <= 253 && text.split(['.', '/']).all(is_segment)
}

/// `user` or `DOMAIN\user`: the domain is one of NetBIOS or DNS, and the user has none of `"/\:;|=,+*?<>@[]`, is not
/// of dots and blanks alone, and has at most 104 characters.
fn is_windows_user(text: &str) -> bool {
    if text.chars().any(|c| c.is_ascii_control()) {
        return false;
    }
    let (domain, user) = match text.split_once('\\') {
        Some((domain, user)) => (Some(domain), user),
        None => (None, text),
    };
    let is_domain =
        |domain: &str| domain.len() < 256 && (is_net_bios_name(domain) || is_windows_dns_name(domain));
    domain.is_none_or(is_domain)
        && (1..=104).contains(&user.len())
        && !user.contains(['"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']'])
        && !user.chars().all(|c| c == '.' || c == ' ')
}

/// `^[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}$`
fn is_net_bios_name(text: &str) -> bool {
    (1..=15).contains(&text.chars().count())
        && !text.starts_with('.')
        && !text.contains(['\\', '/', ':', '*', '?', '"', '<', '>', '|'])
}

fn is_windows_dns_name(text: &str) -> bool {
    text.split('.').all(|label| is_dns1123_label(&label.to_ascii_lowercase()))
}

/// The names that the database of time zones has, as Go's `time.LoadLocation` finds them.
const TIME_ZONES: &str = include_str!("../../../schemas/validation/time-zones.txt");

/// `validateTimeZone`. The case counts, as it does in the database.
fn is_time_zone(text: &str) -> bool {
    TIME_ZONES.lines().any(|zone| zone == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_take_what_the_server_takes() {
        for (form, good, bad) in [
            (Form::DnsSearch, ".", "a..b"),
            (Form::DnsSearch, "_sip.a.local.", "A"),
            (Form::DnsSubdomainPrefix, "a-", "-a"),
            (Form::WindowsUser, r"NT AUTHORITY\SYSTEM", r"a\b\c"),
            (Form::SysctlName, "net/ipv4/tcp_syncookies", "Net.a"),
            (Form::HostPorts, "a:1,[::1]:2", "a:1,b"),
            (Form::TimeZone, "Etc/UTC", "Local"),
            (Form::FilePath, "a/..b", "..b"),
        ] {
            assert_eq!(form.violation(good), None, "{good}");
            assert!(form.violation(bad).is_some(), "{bad}");
        }
    }
}
