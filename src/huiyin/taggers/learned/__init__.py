"""The learned tagger beside the rules: probabilities of an encoder that reads whole stretches of a conversation."""
