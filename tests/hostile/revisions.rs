//! Repositories of git that somebody else made: nothing of their configuration runs, and what git says is bounded.

use super::Chart;

/// A repository with a manifest in `m/`, of which `c` is the first commit; then a line of bash, and what is compared.
fn in_repository(setting: &str, line: &str) -> super::Ended {
    let chart = Chart::new(&[("m/a.yaml", super::OBJECT)]);
    let git = "git() { command git -c user.name=a -c user.email=a@example.com -c protocol.file.allow=always \"$@\"; }";
    let made =
        chart.run(&format!("{git}; git init -q -b main . && git add m && git commit -q -m c && {setting}"));
    assert_eq!(made.code, Some(0), "{setting}: {}", made.err);
    chart.run(line)
}

fn has_git() -> bool {
    let found = std::process::Command::new("git").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: git is not here");
    }
    found
}

/// Settings of a repository that name a program, and forms of a revision: the program, which would leave a file, never runs.
#[test]
fn no_program_of_a_repository_runs() {
    if !has_git() {
        return;
    }
    let hooks = "for name in fsmonitor-watchman post-index-change reference-transaction pre-auto-gc post-checkout; do \
                 cp trap .git/hooks/$name; done";
    let settings = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.alternateRefsCommand",
        "diff.external",
        "credential.helper",
        "gpg.program",
        "diff.x.textconv",
        "diff.x.command",
        "filter.x.smudge",
        "filter.x.process",
        "pager.ls-tree",
        "pager.cat-file",
        "alias.ls-tree",
        "alias.cat-file",
        "interactive.diffFilter",
    ];
    let configured: Vec<String> =
        settings.iter().map(|name| format!("git config {name} \"$PWD/trap\"")).collect();
    let setting = format!(
        "printf '#!/bin/sh\\ntouch \"%s/ran\"\\necho x\\n' \"$PWD\" > trap && chmod +x trap && mkdir -p .git/hooks && {hooks} && \
         echo '* diff=x filter=x' > .git/info/attributes && git update-index --fsmonitor 2> /dev/null; \
         git update-index --untracked-cache 2> /dev/null; {}; rm -f ran",
        configured.join(" && ")
    );
    for side in [
        "m@HEAD",
        "m@main",
        ":m@m",
        "m@:m",
        "m@:0:m",
        "m@HEAD^{tree}",
        "m@main@{yesterday}",
        "m@HEAD:m",
        "m@:/c",
        "m@--all",
        "@HEAD",
    ] {
        let ended = in_repository(
            &setting,
            &format!("plimsoll diff '{side}' m > out 2> err; cat err >&2; test ! -e ran"),
        );
        assert_eq!(ended.code, Some(0), "{side}: {}", ended.err);
    }
}

#[test]
fn what_a_revision_holds_is_bounded_while_git_lists_it() {
    if !has_git() {
        return;
    }
    // A tree of more entries than files are read, all of them the same file.
    let setting = "blob=$(git hash-object -w m/a.yaml) && tree=$(for n in {1..100001}; do printf '100644 blob %s\\tf%s.yaml\\n' $blob $n; done | \
                   git mktree) && git tag large $(git commit-tree -m x $tree)";
    let ended = in_repository(setting, "plimsoll diff .@large m");
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("is too large") && ended.out.is_empty(), "{}", ended.err);
    let ended = in_repository(setting, "plimsoll diff .@large m --limit revision-size=1KiB");
    assert!(ended.err.contains("is too large"), "{}", ended.err);
}

#[test]
fn a_submodule_is_named() {
    if !has_git() {
        return;
    }
    let setting =
        "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),m/other && git commit -q -m d";
    let ended = in_repository(setting, "plimsoll diff m@HEAD m");
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("has a submodule in it, `m/other`"), "{}", ended.err);
}
