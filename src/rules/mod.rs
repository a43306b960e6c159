//! Judgements across objects.
