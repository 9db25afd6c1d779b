"""Commands of the test suites as lines of JSON; ../process-client.ts has the protocol.

Commands of one member run one after another in a thread of its own, all others in one more, so that
a member that waits for records holds nobody up.
"""

import base64
import json
import queue
import sys
import threading
import traceback

_OUTPUT = threading.Lock()
_END = object()


class ClientFailure(Exception):
    """What a client reports. `code` is Kafka's number of the error, None where there is none."""

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


def to_bytes(text):
    return None if text is None else base64.b64decode(text)


def to_text(data):
    return None if data is None else base64.b64encode(data).decode('ascii')


def headers_of(record):
    """Headers to produce, in order, as pairs of name and bytes."""
    return [(header['name'], to_bytes(header['value'])) for header in record['headers']]


def received(topic, partition, offset, key, value, headers, timestamp_ms):
    """A record for the suites; `headers` are pairs of name and bytes."""
    return {
        'topic': topic,
        'partition': partition,
        'offset': offset,
        'key': to_text(key),
        'value': to_text(value),
        'headers': [{'name': name, 'value': to_text(data)} for name, data in headers or ()],
        'timestampMs': timestamp_ms,
    }


def _say(line):
    with _OUTPUT:
        sys.stdout.write(json.dumps(line) + '\n')
        sys.stdout.flush()


class _Worker:
    """Runs commands one after another in a thread."""

    def __init__(self, run):
        self._run = run
        self._commands = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def give(self, command):
        self._commands.put(command)

    def end(self):
        """The thread ends behind what was given."""
        self._commands.put(_END)

    def join(self):
        """Returns once the thread has ended."""
        self._thread.join()

    def _work(self):
        while True:
            command = self._commands.get()
            if command is _END:
                return
            self._run(command)


def serve(client):
    """Answers commands until stdin ends, then closes the client.

    Each command is a method of `client`, called with the fields of the request by their names.
    `client.code_of(error)` is Kafka's number of an exception, or None; `client.close()` leaves all
    groups.
    """

    def run(request):
        number, name = request.pop('id'), request.pop('command')
        try:
            command = getattr(client, 'do_' + name, None)
            if command is None:
                raise ClientFailure('there is no command ' + name)
            _say({'id': number, 'result': command(**request)})
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            code = error.code if isinstance(error, ClientFailure) else client.code_of(error)
            message = '%s: %s' % (type(error).__name__, error)
            _say({'id': number, 'error': {'code': code, 'message': message}})

    workers = {}
    ended = []
    _say({'ready': {'version': client.version}})
    for line in sys.stdin:
        request = json.loads(line)
        member, name = request.get('member'), request['command']
        if member not in workers:
            workers[member] = _Worker(run)
        workers[member].give(request)
        if name == 'leave':
            # The name is free for another member.
            ended.append(workers.pop(member))
            ended[-1].end()
    for worker in workers.values():
        worker.end()
    for worker in [*workers.values(), *ended]:
        worker.join()
    client.close()
