"""What people read: key to (German, English), one module per page."""
