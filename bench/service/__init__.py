"""The service behind HTTP, against what would be served instead: the same model, one worker, the same machine."""
