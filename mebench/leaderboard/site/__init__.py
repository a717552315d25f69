"""The boards as pages: a folder of files that opens anywhere, asks for nothing and reads without scripts."""
