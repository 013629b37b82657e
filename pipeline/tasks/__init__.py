"""One LightningModule for each sequence shape."""
