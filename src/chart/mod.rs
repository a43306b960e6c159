//! What a chart is: metadata, templates, presets, CRDs; from a folder or bundled.
