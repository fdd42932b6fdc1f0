"""Labels, receipts and forms with QR symbols. A library of its own: it knows nothing of the post."""
