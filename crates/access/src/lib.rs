//! Who may see or do what, and why?
