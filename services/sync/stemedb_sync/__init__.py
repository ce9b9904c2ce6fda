"""The sync service of StemeDB: replicas find their differences, heal them, and witness one another's logs."""
