"""Text to vectors, and pairs of texts to scores: ONNX Runtime, sentence-transformers, export, downloads."""
