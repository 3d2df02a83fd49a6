"""Text to vectors: the encoder protocol, ONNX Runtime, sentence-transformers, export."""
