//! Each tag as Helm's authors write it, and as it is written here.

use super::{Advice, find, unclosed};

/// A template, and its tags as they should be, in their order; `!` begins what to do instead, cut off at its first colon.
const TAGS: &[(&str, &[&str])] = &[
    // Paths.
    ("{{ .Values.image.tag }}", &["{{ values.image.tag }}"]),
    ("{{- $.Values.x -}}", &["{{ values.x }}"]),
    ("{{ .Release.Name }}-{{ .Chart.Name }}", &["{{ release.name }}", "{{ chart.name }}"]),
    ("{{ .Chart.AppVersion }}", &["{{ chart.appVersion }}"]),
    ("{{ .Capabilities.KubeVersion.Version }}", &["{{ kube.version }}"]),
    ("{{ .Capabilities.APIVersions.Has \"batch/v1\" }}", &["{{ kube.has(\"batch/v1\") }}"]),
    ("{{ .Files.Get \"a.txt\" }}", &["{{ files[\"a.txt\"] }}"]),
    ("{{ .Template.Name }}", &["!nothing here is `.Template.Name`"]),
    // Functions.
    ("{{ .Values.x | quote }}", &["\"{{ values.x }}\""]),
    ("\"{{ .Values.x | quote }}\"", &["{{ values.x }}"]),
    ("{{ quote .Values.x }}", &["\"{{ values.x }}\""]),
    ("{{ toYaml .Values.x | nindent 4 }}", &["{{ values.x }}"]),
    (
        "{{- with .Values.x }}{{ toYaml . | indent 8 }}{{ end }}",
        &["{% if values.x %}", "{{ values.x }}", "{% endif %}"],
    ),
    ("{{ values.x | toYaml | nindent(4) }}", &["{{ values.x }}"]),
    ("{{ values.y | default 3 }}", &["{{ values.y | default(3) }}"]),
    ("{{ default 3 .Values.y }}", &["{{ values.y | default(3) }}"]),
    ("{{ default .Chart.AppVersion .Values.tag }}", &["{{ values.tag | default(chart.appVersion) }}"]),
    ("{{ include \"web.labels\" . }}", &["{{ web_labels() }}"]),
    ("{{- include \"web.labels\" . | nindent 4 }}", &["{{ web_labels() }}"]),
    (
        "{{ include (print $.Template.BasePath \"/a.yaml\") . | sha256sum }}",
        &["!nothing here is `.Template.BasePath`"],
    ),
    ("{{ include \"web.config\" . | sha256sum }}", &["{{ checksum(web_config()) }}"]),
    ("{{ template \"x\" . }}", &["{{ x() }}"]),
    (
        "{{ printf \"%s-%s\" .Release.Name .Chart.Name }}",
        &["{{ \"%s-%s\" | format(release.name, chart.name) }}"],
    ),
    ("{{ required \"a host\" .Values.host }}", &["{{ values.host }}"]),
    ("{{ tpl .Values.text . }}", &["{{ values.text }}"]),
    ("{{ index .Values.list 0 }}", &["{{ values.list[0] }}"]),
    ("{{ index .Values.map \"a-b\" }}", &["{{ values.map[\"a-b\"] }}"]),
    ("{{ len .Values.list }}", &["{{ values.list | length }}"]),
    ("{{ .Values.x | upper | trunc 63 }}", &["{{ (values.x | upper)[:63] }}"]),
    ("{{ ternary \"a\" \"b\" .Values.on }}", &["{{ \"a\" if values.on else \"b\" }}"]),
    ("{{ add .Values.port 1 }}", &["{{ values.port + 1 }}"]),
    ("{{ dict \"a\" 1 \"b\" .Values.x }}", &["{{ {\"a\": 1, \"b\": values.x} }}"]),
    ("{{ join \",\" .Values.list }}", &["{{ values.list | join(\",\") }}"]),
    ("{{ `raw \"text\"` | b64enc }}", &["{{ \"raw \\\"text\\\"\" | b64encode }}"]),
    ("{{ lookup \"v1\" \"Secret\" \"a\" \"b\" }}", &["!a chart sees no cluster"]),
    ("{{ randAlphaNum 16 }}", &["!nothing is drawn from chance here"]),
    ("{{ regexMatch \"a\" .Values.x }}", &["!there is no `regexMatch` here"]),
    // Statements.
    (
        "{{- if .Values.on }}a{{- else if .Values.b }}b{{ else }}c{{- end }}",
        &["{% if values.on %}", "{% elif values.b %}", "{% else %}", "{% endif %}"],
    ),
    (
        "{{ if and .Values.a (not .Values.b) }}{{ end }}",
        &["{% if values.a and not values.b %}", "{% endif %}"],
    ),
    (
        "{{ if or (eq .Values.a \"x\") (gt .Values.n 3) }}{{ end }}",
        &["{% if values.a == \"x\" or values.n > 3 %}", "{% endif %}"],
    ),
    (
        "{{ if and (or .Values.a .Values.b) .Values.c }}{{ end }}",
        &["{% if (values.a or values.b) and values.c %}", "{% endif %}"],
    ),
    (
        "{{ if eq .Values.type \"a\" \"b\" }}{{ end }}",
        &["{% if values.type in [\"a\", \"b\"] %}", "{% endif %}"],
    ),
    (
        "{{ range $k, $v := .Values.map }}{{ $k }}: {{ $v | quote }}{{ end }}",
        &["{% for k, v in values.map | items %}", "{{ k }}", "\"{{ v }}\"", "{% endfor %}"],
    ),
    (
        "{{- range .Values.hosts }}{{ .host }}{{- range .paths }}{{ . }}{{ end }}{{ end }}",
        &[
            "{% for item in values.hosts %}",
            "{{ item.host }}",
            "{% for item2 in item.paths %}",
            "{{ item2 }}",
            "{% endfor %}",
            "{% endfor %}",
        ],
    ),
    (
        "{{ range $i, $e := .Values.list }}{{ $i }}{{ $e.name }}{{ $.Values.x }}{{ end }}",
        &[
            "{% for e in values.list %}",
            "{{ loop.index0 }}",
            "{{ e.name }}",
            "{{ values.x }}",
            "{% endfor %}",
        ],
    ),
    ("{{ range until 3 }}{{ end }}", &["{% for item in range(3) %}", "{% endfor %}"]),
    (
        "{{ with $x := .Values.a }}{{ $x.b }}{{ .c }}{{ end }}",
        &["{% if values.a %}", "{{ values.a.b }}", "{{ values.a.c }}", "{% endif %}"],
    ),
    ("{{ $name := .Values.name }}{{ $name }}", &["{% set name = values.name %}", "{{ name }}"]),
    ("{{- define \"web.labels\" -}}{{- end -}}", &["{% macro web_labels() %}", "{% endmacro %}"]),
    ("{{/* a comment }} in it */}}", &["{# a comment }} in it #}"]),
    ("{{- /* a comment */ -}}", &["{# a comment #}"]),
    // Mixtures, and what other languages have.
    ("{% if values.on && values.x %}", &["{% if values.on and values.x %}"]),
    ("{{ values.a == \"a\" || values.b }}", &["{{ values.a == \"a\" or values.b }}"]),
    ("{{ !values.on }}", &["{{ not values.on }}"]),
    ("{{ values.on ? 'a' : 'b' }}", &["{{ 'a' if values.on else 'b' }}"]),
    ("{% if values.a %}{% else if values.b %}{% end %}", &["{% elif values.b %}", "{% endif %}"]),
    ("{% if eq .Values.a \"x\" %}", &["{% if values.a == \"x\" %}"]),
    ("{% for x in .Values.list %}{{ x }}{% end %}", &["{% for x in values.list %}", "{% endfor %}"]),
    ("{% range .Values.list %}", &["{% for item in values.list %}"]),
    ("{% set x := 3 %}", &["{% set x = 3 %}"]),
    // What is right is not touched, whatever else is wrong.
    ("{{ values.x | default(\"a\") | upper }}", &[]),
    ("{{ values.list[0].name if values.on else none }}", &[]),
    ("{% if values.a is defined and not values.b or values.c in [1, 2] %}", &[]),
    ("{% for key, value in values.map | items %}{{ key ~ \".x\" }}{% endfor %}", &[]),
    ("{% set x = values.a + 1 %}{{ lib.labels(\"web\", extra={}) }}", &[]),
    ("{% import \"_lib.yaml\" as lib %}{% include \"part.yaml\" %}{# .Values.x #}", &[]),
    ("{{ \"{{ .Values.x }}\" }}", &[]),
    ("{{ values.x", &[]),
];

#[test]
fn tags_of_go_templates_are_shown_as_they_are_written_here() {
    for (template, expected) in TAGS {
        let found: Vec<String> = find(template)
            .into_iter()
            .map(|tag| match tag.advice {
                Advice::Written(text) => text,
                Advice::Instead(text) => format!("!{}", text.split(": ").next().unwrap_or_default()),
            })
            .collect();
        assert_eq!(found, *expected, "{template}");
    }
}

#[test]
fn the_block_that_is_not_closed_is_found() {
    let word = |text: &str| unclosed(text).map(|(range, word)| (range.start, word.to_owned()));
    assert_eq!(word("{% if a %}{% for x in y %}{% endfor %}"), Some((0, "if".to_owned())));
    assert_eq!(word("{% if a %}{% endif %}{% for x in y %}"), Some((21, "for".to_owned())));
    assert_eq!(word("{% set x %}"), Some((0, "set".to_owned())));
    assert_eq!(word("{% set x = 1 %}{% if a %}{% endif %}"), None);
    // The word of another block: the engine says it.
    assert_eq!(word("{% if a %}{% endfor %}"), None);
}

#[test]
fn hostile_templates_take_no_time() {
    let deep = format!("{{{{ {}.Values.x{} }}}}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(find(&deep).is_empty());
    let many = "{{ .x }}".repeat(100_000);
    assert_eq!(find(&many).len(), 2_000);
    assert!(find(&"{{".repeat(100_000)).is_empty());
}
