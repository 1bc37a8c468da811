"""Sends a file with tuspy as it is: first up to a given byte, then the rest by another client that knows the place only.

Prints how much had arrived when the second began.
"""

import json
import sys

from tusclient.client import TusClient

PIECE = 5 * 1024 * 1024

endpoint, file, pause_at, said = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.load(sys.stdin)


def sender(url=None):
    client = TusClient(endpoint, headers=said["headers"])
    return client.uploader(file, url=url, chunk_size=PIECE, metadata=said["metadata"], upload_checksum=True)


first = sender()
first.upload(stop_at=pause_at)
second = sender(first.url)
print(second.offset)
second.upload()
