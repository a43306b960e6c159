#!/usr/bin/env python3
"""Makes an image of one static program, without an engine: `packaging/image.py FOLDER VERSION ARCHITECTURE OUT.tar`.

FOLDER is what `package.sh` packed. The image is an OCI layout in one file, with the `manifest.json` that `docker load` reads too.
"""

import datetime
import hashlib
import json
import sys
from pathlib import Path

from archive import EPOCH, compressed, tar_of, write_with_sum

MEDIA = "application/vnd.oci.image."
LICENCES = ["LICENSE", "LICENSE-APACHE", "LICENSE-MIT"]


def layer_of(folder):
    """The only layer: the program, its licences, and a folder to work in."""
    members = [("plimsoll", (folder / "plimsoll").read_bytes())]
    members += [(f"licenses/{name}", (folder / name).read_bytes()) for name in LICENCES]
    return tar_of([("licenses", None), *members, ("work", None)])


def config_of(layer, version, architecture):
    moment = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc)
    return {
        "created": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "architecture": architecture,
        "os": "linux",
        "config": {
            "User": "65532:65532",
            "Entrypoint": ["/plimsoll"],
            "WorkingDir": "/work",
            "Labels": {
                "org.opencontainers.image.title": "plimsoll",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
            },
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(layer)}"]},
    }


def digest(data):
    return hashlib.sha256(data).hexdigest()


def text(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def place(blob):
    """Where a blob stands in the layout."""
    return "blobs/sha256/" + blob["digest"].removeprefix("sha256:")


class Layout:
    """The files of an OCI layout, each blob under its digest."""

    def __init__(self):
        self.blobs = {}

    def add(self, kind, data):
        self.blobs[f"blobs/sha256/{digest(data)}"] = data
        return {"mediaType": MEDIA + kind, "digest": f"sha256:{digest(data)}", "size": len(data)}

    def tar(self, named):
        folders = [("blobs", None), ("blobs/sha256", None)]
        return tar_of(folders + sorted(self.blobs.items()) + sorted(named.items()))


def image(folder, version, architecture):
    layer, layout = layer_of(folder), Layout()
    config = layout.add("config.v1+json", text(config_of(layer, version, architecture)))
    packed = layout.add("layer.v1.tar+gzip", compressed(layer))
    kind = "manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": MEDIA + kind, "config": config, "layers": [packed]}
    manifest = layout.add(kind, text(manifest))
    manifest["annotations"] = {"org.opencontainers.image.ref.name": version}
    manifest["platform"] = {"architecture": architecture, "os": "linux"}
    loaded = [{"Config": place(config), "RepoTags": [f"plimsoll:{version}"], "Layers": [place(packed)]}]
    return layout.tar({
        "index.json": text({"schemaVersion": 2, "manifests": [manifest]}),
        "manifest.json": text(loaded),
        "oci-layout": text({"imageLayoutVersion": "1.0.0"}),
    })


def main():
    folder, version, architecture, out = sys.argv[1:]
    write_with_sum(Path(out), image(Path(folder), version, architecture))


if __name__ == "__main__":
    main()
