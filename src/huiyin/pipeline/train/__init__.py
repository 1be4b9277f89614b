"""Trains the learned tagger: an encoder, cut down, taught on labelled talk, and written as int8 ONNX with its card.

torch, transformers and onnx (the extra `train`) are imported where they are used, never at run time.
"""
