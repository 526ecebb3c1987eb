"""Formats: bytes to text views and back."""
