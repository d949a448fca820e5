"""Answers made readable: figures, sentences, records for JSON and CSV, tables, charts. The only place that rounds."""
