"""Whole processes against local chat servers."""
