"""All errors that Huiyin raises on purpose.

    HuiyinError
    ├── InputError            something given by the user is wrong: says what, where, and what to do
    │   ├── FormatError       a file or a row does not follow docs/formats
    │   ├── MissingFileError  a named file or folder is not there
    │   ├── PolicyError       policy.yaml holds an unknown key or a bad value
    │   └── LexiconError      a lexicon entry is malformed
    ├── AudioError            a recording cannot be used
    │   ├── AudioDecodeError  no decoder understands it (a text file named .wav, a cut header)
    │   └── EmptyAudioError   it decodes to no samples
    ├── RecognizerError       the recogniser or its weights are unusable
    │   └── WeightsError      no weights found, or their checksum is wrong
    ├── LargeModelError       the large model of --llm is unreachable, refuses, or answers nonsense
    ├── NotFoundError         no such client, conversation, lead or recording in the database
    └── StoreError            the database cannot be used as it is (unreachable, wrong schema version)

A message says what is wrong, where, and what to do. It never holds a client's words or numbers unless the
person who reads it gave that very file (input errors quote the bad value; they go to the rejects file and
the screen, never to a log).
"""

from __future__ import annotations


class HuiyinError(Exception):
    """Base of all errors raised on purpose; `str()` of it is fit to show to a person."""


class InputError(HuiyinError):
    pass


class FormatError(InputError):
    pass


class MissingFileError(InputError):
    pass


class PolicyError(InputError):
    pass


class LexiconError(InputError):
    pass


class AudioError(HuiyinError):
    pass


class AudioDecodeError(AudioError):
    pass


class EmptyAudioError(AudioError):
    pass


class RecognizerError(HuiyinError):
    pass


class WeightsError(RecognizerError):
    pass


class LargeModelError(HuiyinError):
    """`reason` is a key of FAILURES in pipeline/llm/model.py; `again` says whether asking again may help, and
    `after_s` how many seconds the server asks to wait first."""

    def __init__(self, reason: str, message: str, *, again: bool = False, after_s: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.again = again
        self.after_s = after_s


class NotFoundError(HuiyinError):
    pass


class StoreError(HuiyinError):
    pass
