"""A trained model on disk: weights, description and tokenizers, each with its digest. Nothing is pickled.

bundle.json          description, and the sha256 of every other file
weights.safetensors
text.tokenizer.json | source.tokenizer.json, target.tokenizer.json
"""
