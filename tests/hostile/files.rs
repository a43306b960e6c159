//! Files that are no files, that never end, or that are no text.

use super::{Chart, OBJECT};

fn chart() -> Chart {
    Chart::new(&[("templates/t.yaml", OBJECT)])
}

#[test]
fn only_regular_files_are_read() {
    let chart = chart();
    for file in ["/dev/zero", "/dev/stdin", "folder", "pipe", "loop", "missing"] {
        let line = format!(
            "mkdir -p folder; test -p pipe || mkfifo pipe; ln -sf loop loop; plimsoll render . -f {file}"
        );
        let ended = chart.run(&line).refused(file).says("error[S001]");
        assert_eq!(ended.code, Some(2), "{file}");
        chart
            .run(&format!("mkfifo p2 2>&-; plimsoll render . --set-file a={file}"))
            .refused(file)
            .says("error[S001]");
    }
}

#[test]
fn large_files_are_refused_by_their_size() {
    let chart = chart();
    chart.run("truncate -s 1G large.yaml").succeeded();
    chart.refuses("-f large.yaml").says("`large.yaml` cannot be read: larger than 64 MiB");
    chart.refuses("--set-file a=large.yaml").says("larger than 64 MiB");
    chart.refuses("-f - < /dev/zero").says("larger than 64 MiB");
    chart.run("truncate -s 1G templates/large.yaml").succeeded();
    chart.refuses("").says("`./templates/large.yaml` cannot be read: larger than 64 MiB");
}

#[test]
fn what_is_no_utf_8_is_refused_with_the_byte() {
    let chart = chart();
    chart.write("latin.yaml", b"a: M\xfcller\n");
    chart.refuses("-f latin.yaml").says("error[S001]: `latin.yaml` cannot be read: not UTF-8 at byte 4");
    for start in [b"\xff\xfea\0", b"\xfe\xff\0a"] {
        chart.write("utf16.yaml", start);
        chart.refuses("-f utf16.yaml").says("UTF-16, and only UTF-8 is read");
    }
    chart.write("nul.yaml", b"a: b\0c\n");
    chart.refuses("-f nul.yaml").at("Y001", "nul.yaml:1:5");
    chart.write("chart.yaml", b"name: \xff\n");
    chart.refuses("").says("`./chart.yaml` cannot be read: not UTF-8 at byte 6");
}

#[test]
fn a_byte_order_mark_and_foreign_line_ends_are_read() {
    let chart = Chart::of_data("  a: \"{{ values.a }}\"\n  s: {{ values.s }}\n");
    chart.write("plain.yaml", "a: one\ns: two\n");
    chart.write("marked.yaml", "\u{feff}a: one\r\ns: two\r\n");
    let plain = chart.run("plimsoll render . -f plain.yaml").succeeded();
    let marked = chart.run("plimsoll render . -f marked.yaml").succeeded();
    assert_eq!(plain.out, marked.out);
    chart.write("twice.yaml", "\u{feff}a: one\r\na: two\r\n");
    chart.refuses("-f twice.yaml").at("Y002", "twice.yaml:2:1");
}

#[test]
fn arguments_that_are_no_text_are_refused() {
    let chart = chart();
    for line in [r"plimsoll $'\xff'", r"plimsoll render $'\xff'", r"plimsoll render . --set $'a=\xff'"] {
        assert_eq!(chart.run(line).refused(line).code, Some(2));
    }
    chart.run(r"plimsoll render . -f $'\xff.yaml'").refused("a file's name").says("S001");
}
