"""Recognises utterances for the coach, several at a time, in a process that may crash without taking a call along.

In, on stdin: frames of `<u32 length><u8 kind><u64 utterance>` (little endian) and `length` bytes of 16 kHz mono PCM16.
Kinds: 0 sound, 1 the utterance has ended, 2 forget the utterance.
Out, on stdout: JSON lines, `{"ready": true}` first, then `{"id", "partial"}` and `{"id", "final", "words"}`.
"""

import json
import struct
import sys

from pocketsphinx import Decoder

SOUND, END, FORGET = 0, 1, 2
HEADER = struct.Struct("<IBQ")
MOST_DECODERS = 4
FRAME_MS = 10
PARTIAL_EVERY = 9600  # bytes: 300 ms


class Utterance:
    def __init__(self):
        self.decoder = None
        self.waiting = bytearray()
        self.ended = False
        self.unread = 0
        self.partial = ""


def say(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def new_decoder():
    return Decoder(samprate=16000, loglevel="FATAL")


def words_of(decoder):
    words = []
    # Each field is copied inside the loop: the segments do not outlive the iterator.
    for segment in decoder.seg() or []:
        word = segment.word.split("(")[0]
        if word and word[0] not in "<[+":
            words.append(
                {
                    "word": word,
                    "start_ms": segment.start_frame * FRAME_MS,
                    "end_ms": (segment.end_frame + 1) * FRAME_MS,
                    "confidence": min(1.0, max(0.0, float(segment.prob))),
                }
            )
    return words


class Recognizer:
    def __init__(self):
        self.idle = [new_decoder()]
        self.decoders = 1
        self.utterances = {}

    def take(self, kind, number, sound):
        if kind == SOUND:
            self.utterances.setdefault(number, Utterance()).waiting.extend(sound)
        elif kind == END:
            self.utterances.setdefault(number, Utterance()).ended = True
        else:
            forgotten = self.utterances.pop(number, None)
            if forgotten and forgotten.decoder:
                forgotten.decoder.end_utt()
                self.idle.append(forgotten.decoder)
        self.work()

    def work(self):
        for number in list(self.utterances):
            utterance = self.utterances[number]
            if utterance.decoder is None and not self.start(utterance):
                continue
            self.listen(number, utterance)
            if utterance.ended:
                self.finish(number, utterance)

    def start(self, utterance):
        if not self.idle and self.decoders < MOST_DECODERS:
            self.idle.append(new_decoder())
            self.decoders += 1
        if not self.idle:
            return False
        utterance.decoder = self.idle.pop()
        utterance.decoder.start_utt()
        return True

    def listen(self, number, utterance):
        if not utterance.waiting:
            return
        utterance.unread += len(utterance.waiting)
        utterance.decoder.process_raw(bytes(utterance.waiting), no_search=False, full_utt=False)
        utterance.waiting.clear()
        if utterance.unread >= PARTIAL_EVERY and not utterance.ended:
            utterance.unread = 0
            hypothesis = utterance.decoder.hyp()
            text = hypothesis.hypstr if hypothesis else ""
            if text != utterance.partial:
                utterance.partial = text
                say(id=number, partial=text)

    def finish(self, number, utterance):
        del self.utterances[number]
        utterance.decoder.end_utt()
        words = words_of(utterance.decoder) if utterance.decoder.hyp() else []
        self.idle.append(utterance.decoder)
        say(id=number, final=" ".join(word["word"] for word in words), words=words)


def main():
    stdin = sys.stdin.buffer
    recognizer = Recognizer()
    say(ready=True)
    while True:
        header = stdin.read(HEADER.size)
        if len(header) < HEADER.size:
            return
        length, kind, number = HEADER.unpack(header)
        recognizer.take(kind, number, stdin.read(length))
        # Whoever was waiting for a decoder may start now.
        recognizer.work()


if __name__ == "__main__":
    main()
