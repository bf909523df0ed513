//! Is this really the person who says so?
