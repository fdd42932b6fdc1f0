"""The outside world: mail, SMS, webhooks, the post. Called by the worker and the command line only."""
