//! minijinja's only home: bound values, marks, functions, and the check of a template against the schema.
