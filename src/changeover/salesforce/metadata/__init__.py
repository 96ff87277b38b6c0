"""The Metadata API over a local org: what is listed, read, retrieved and deployed, whoever asks."""
