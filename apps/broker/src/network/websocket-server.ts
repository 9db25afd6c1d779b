import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { WebSocketServer as WsServer } from 'ws';
import type { BrokerSettings } from '../config/settings-table';
import type { Logger } from '../observability/broker-log';
import type { ConnectionSet } from './connection-set';
import { answerPage, type HttpPages } from './http-pages';
import { listen } from './listen';
import type { MsgpackProtocol } from './msgpack-wire';
import { clientAddress, FAREWELL_MS } from './transport';
import { refuseOrigin } from './origin-check';
import { WebSocketTransport } from './websocket-transport';

/** HTTP requests that are under way at a time, upgrades included; one more is hung up on. */
export const REQUESTS_MAX = 256;
const HEADER_BYTES_MAX = 8 * 1024;
const KEEP_ALIVE_MS = 30_000;

type ServerSettings = Pick<
  BrokerSettings,
  'host' | 'wsPort' | 'allowedHosts' | 'allowedOrigins' | 'frameBytesMax' | 'helloTimeoutMs'
>;

/** What speaks HTTP, made for the first socket that comes. */
interface HttpParts {
  readonly http: HttpServer;
  readonly ws: WsServer;
}

/**
 * The listener of the msgpack protocol over WebSocket, which answers a few plain pages too.
 *
 * Place: the lifecycle starts, sweeps and stops it; it hands its WebSockets to the ConnectionSet.
 * Life: `listen`, then `stopAccepting`, and it is done. The HTTP code is loaded for the first
 * socket, so that a broker that nobody reaches this way pays nothing for it.
 *
 * Invariant: a socket is in `asking` from its first byte until it is a WebSocket or closed.
 */
export class WebSocketServer {
  private readonly server: Server;
  private readonly asking = new Map<Socket, number>();
  private parts: HttpParts | undefined;

  constructor(
    private readonly settings: ServerSettings,
    private readonly protocol: MsgpackProtocol,
    private readonly connections: ConnectionSet,
    private readonly pages: HttpPages,
    private readonly log: Logger,
  ) {
    // As node's own HTTP servers: half-open, so that an early end does not lose the answer.
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.accept(socket);
    });
  }

  /**
   * Listens as the settings say.
   *
   * @returns Where, as HOST:PORT; undefined when the port is `off`. Errors as those of `listen`.
   */
  async listen(): Promise<string | undefined> {
    const { host, wsPort } = this.settings;
    if (wsPort === 'off') return undefined;
    return listen(this.server, { host, port: wsPort, flag: '--ws-port' }, (error) => {
      this.log.error({ err: error }, 'accept failed');
    });
  }

  /** Hangs up on those who take too long to ask for something. */
  sweep(nowMs: number): void {
    for (const [socket, sinceMs] of this.asking) {
      if (nowMs - sinceMs >= this.settings.helloTimeoutMs) socket.destroy();
    }
  }

  /** Closes the listener and the sockets that are no WebSockets yet; those stay. Idempotent. */
  stopAccepting(): void {
    if (this.server.listening) this.server.close();
    for (const socket of this.asking.keys()) socket.destroy();
  }

  private accept(socket: Socket): void {
    socket.on('error', (error) => this.log.debug({ reason: error.message }, 'socket error'));
    if (this.asking.size >= REQUESTS_MAX) {
      socket.destroy();
      return;
    }
    this.asking.set(socket, performance.now());
    socket.once('close', () => this.asking.delete(socket));
    this.parts ??= this.load();
    this.parts.http.emit('connection', socket);
  }

  private load(): HttpParts {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded late on purpose */
    const { createServer: createHttp } = require('node:http') as typeof import('node:http');
    const { WebSocketServer: Ws } = require('ws') as typeof import('ws');
    /* eslint-enable @typescript-eslint/no-require-imports */
    const http = createHttp({ maxHeaderSize: HEADER_BYTES_MAX }, (request, response) => {
      const refusal = this.refuse(request);
      if (refusal === undefined) answerPage(request, response, this.pages);
      else {
        response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
        response.end(`${refusal}\n`);
      }
    });
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      maxPayload: this.settings.frameBytesMax,
      // Unknown to the types of ws: how long a peer may keep the socket open behind its close.
      closeTimeout: FAREWELL_MS,
    };
    const ws = new Ws(options);
    http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.upgrade(ws, request, socket, head);
    });
    ws.on('wsClientError', (error, socket) => {
      this.log.debug({ reason: error.message }, 'no WebSocket');
      answerAndClose(socket as Socket, 400, error.message);
    });
    return { http, ws };
  }

  private upgrade(ws: WsServer, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const refusal = this.refuse(request);
    if (refusal !== undefined) {
      answerAndClose(socket, 403, refusal);
      return;
    }
    if (request.url?.split('?', 1)[0] !== '/') {
      answerAndClose(socket, 404, 'the WebSocket is at /');
      return;
    }
    const busy = this.connections.refuse(clientAddress(socket));
    if (busy !== undefined) {
      answerAndClose(socket, 503, busy.message);
      return;
    }
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    ws.handleUpgrade(request, socket, head, (webSocket) => {
      this.asking.delete(socket);
      this.connections.admit(new WebSocketTransport(webSocket, socket), this.protocol.open());
    });
  }

  private refuse({ headers }: IncomingMessage): string | undefined {
    const refusal = refuseOrigin(headers, this.settings);
    if (refusal !== undefined) this.log.warn({ reason: refusal }, 'an HTTP request was refused');
    return refusal;
  }
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

/** The answer to an upgrade that is refused: there is no response object for it. */
function answerAndClose(socket: Socket, status: number, why: string): void {
  const body = `${why}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `\r\n${body}`,
  );
}
