"""Readers of values in raw text: amounts, times, institutions, and the repair of recognition errors.

They only say what a stretch of text can mean; whether it is the client's, real and current is the taggers' question.
All offsets index the text as it was given.
"""
