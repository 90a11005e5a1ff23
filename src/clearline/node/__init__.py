"""The conductor: takes what arrives, decides purely, commits once, performs."""
