"""What a notebook or script works with: `import mebench` gives these names. docs/python.md shows them."""
