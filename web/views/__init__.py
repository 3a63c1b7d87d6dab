"""What pages show, worked out before a template sees it."""
