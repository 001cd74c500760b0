"""What people write and bring: YAML, tables, texts, code; read so that a fault is told with its file and line."""
