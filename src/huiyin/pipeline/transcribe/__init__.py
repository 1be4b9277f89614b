"""Recordings in, turns out: weights, decoding, recognition, utterances, speakers."""
