"""Private ticket systems for tests: real ones, each in a temporary directory, on ports of their own."""
