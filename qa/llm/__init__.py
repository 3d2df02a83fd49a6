"""Talking to a language model: the chat protocol, endpoints, GGUF files, recorded exchanges."""
