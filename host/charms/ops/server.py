"""The server: ``server.py VERSION PORT DIRECTORY WARM-UP`` answers VERSION on 127.0.0.1.

It does so after WARM-UP seconds. Port 0 is any that is free.
"""

import http.server
import os
import pathlib
import sys
import time

version, port, directory, warm_up = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every request with the version."""

    def do_GET(self) -> None:
        """Answers one request."""
        self.send_response(200)
        self.send_header('Connection', 'close')
        self.end_headers()
        self.wfile.write(version.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


(pathlib.Path(directory) / 'server.pid').write_text(str(os.getpid()))
time.sleep(float(warm_up))
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(port)), Handler)
(pathlib.Path(directory) / 'server.port').write_text(str(server.server_address[1]))
server.serve_forever()
