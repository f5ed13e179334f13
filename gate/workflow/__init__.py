"""Approval workflows: signed webhooks in and out, pollers of systems that want to be asked, and the watch."""
