"""Long blocks whose message is classified: mixtures of posteriors of the source, one for each message."""
