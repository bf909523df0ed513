//! Which organisations are members, with which keys, and who agreed to it?
