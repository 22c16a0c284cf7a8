"""The desk where a supervisor reads, returns and approves."""
