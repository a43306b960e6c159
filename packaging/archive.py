#!/usr/bin/env python3
"""Packs a folder so that one input is one archive: `packaging/archive.py FOLDER` writes FOLDER.tar.gz, and FOLDER.tar.gz.sha256.

Names in order, no owners, the modes that a package needs wherever it was made, and the time of SOURCE_DATE_EPOCH.
"""

import gzip
import hashlib
import io
import os
import sys
import tarfile
from pathlib import Path

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
PROGRAMS = {"plimsoll", "plimsoll.exe"}


def entry(name, kind=tarfile.REGTYPE):
    """A member of an archive; a program and a folder can be entered, and nobody owns it."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mtime = EPOCH
    executable = kind == tarfile.DIRTYPE or Path(name).name in PROGRAMS
    info.mode = 0o755 if executable else 0o644
    return info


def tar_of(members):
    """The archive of (name, bytes); None instead of bytes is a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            info = entry(name, tarfile.DIRTYPE if data is None else tarfile.REGTYPE)
            info.size = len(data or b"")
            tar.addfile(info, io.BytesIO(data or b""))
    return out.getvalue()


def compressed(data):
    return gzip.compress(data, compresslevel=9, mtime=0)


def members_of(folder):
    """Everything in a folder, under its name."""
    inside = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
    for path in [folder, *inside]:
        name = path.relative_to(folder.parent).as_posix()
        yield name, None if path.is_dir() else path.read_bytes()


def write_with_sum(path, data):
    """Writes a file, and beside it the line that `sha256sum --check` reads."""
    path.write_bytes(data)
    line = f"{hashlib.sha256(data).hexdigest()}  {path.name}\n"
    path.with_name(path.name + ".sha256").write_bytes(line.encode())


def main():
    folder = Path(sys.argv[1]).resolve()
    archive = folder.with_name(folder.name + ".tar.gz")
    write_with_sum(archive, compressed(tar_of(members_of(folder))))


if __name__ == "__main__":
    main()
