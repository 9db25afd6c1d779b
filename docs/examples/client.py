"""WalrusMQ's msgpack protocol (docs/protocol.md) from Python: the standard library and msgpack.

usage: python3 client.py [HOST:PORT [TOPIC]]   sees to the topic, writes three records, reads them
"""
import itertools
import socket
import struct
import sys

import msgpack


class Client:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.stream = self.socket.makefile("rb")
        self.correlation_id = 0
        self.events = []  # those that came while a reply was awaited
        self.request("hello", protocol=[1, 1], client="python-example/1.0")

    def read_message(self):
        head = self.stream.read(4)
        if len(head) < 4:
            raise ConnectionError("the broker closed the connection")
        return msgpack.unpackb(self.stream.read(*struct.unpack(">I", head)))

    def request(self, operation, **fields):
        self.correlation_id += 1
        body = msgpack.packb([operation, self.correlation_id, fields])
        self.socket.sendall(struct.pack(">I", len(body)) + body)
        while True:
            kind, _, reply, *_ = self.read_message()
            if kind == "ok":  # replies come in the order of the requests
                return reply
            if kind == "error":
                raise RuntimeError(f"{reply['code']}: {reply['message']}")
            self.events.append(reply)

    def follow(self, topic, partition, offset):
        """Yields records as they are written: [offset, timestamp, key, value, headers]."""
        place, credit = [topic, partition, offset], 1024 * 1024
        self.request("subscribe", partitions=[place], creditBytes=credit, format="records")
        subscription = self.correlation_id
        while True:
            event = self.events.pop(0) if self.events else self.read_message()[2]
            if "error" in event:
                raise RuntimeError(f"{event['error']['code']}: {event['error']['message']}")
            yield from (record for record in event.get("records", []) if record[0] >= offset)
            done = max(event["bytes"], event.get("creditNeeded", 0))
            self.request("credit", subscription=subscription, bytes=done)


address, topic = (sys.argv[1:] + ["127.0.0.1:9192", "orders"][len(sys.argv) - 1 :])[:2]
client = Client(*address.rsplit(":", 1))
if client.request("metadata", topics=[topic])["missing"]:
    client.request("createTopic", name=topic, partitions=1)
records = [["customer-7", "apples"], ["customer-9", "pears", {"currency": "EUR"}], [None, "tea"]]
[[_, first, _]] = client.request("produce", topic=topic, partition=0, records=records)["results"]
for offset, _, key, value, headers in itertools.islice(client.follow(topic, 0, first), 3):
    print(offset, key, value, headers)
