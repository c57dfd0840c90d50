"""The linter of postback URLs: `engine.lint` puts the rules of this package to work."""
