import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the pages show. */
export interface HttpPages {
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => string;
  /** Why the broker should get no traffic; undefined when it should. */
  readonly notReady: () => string | undefined;
}

interface Page {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Answers a request that is no WebSocket upgrade, and closes its connection. */
export function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  pages: HttpPages,
): void {
  const { status, body, headers } = pageOf(request, pages);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function pageOf({ method, url = '' }: IncomingMessage, pages: HttpPages): Page {
  const path = url.split('?', 1)[0];
  const page = path === undefined ? undefined : PAGES[path];
  if (page === undefined) {
    return { status: 404, body: `There are ${Object.keys(PAGES).join(', ')}.\n` };
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, body: 'Only GET and HEAD.\n', headers: { allow: 'GET, HEAD' } };
  }
  return page(pages);
}

const PAGES: Readonly<Record<string, (pages: HttpPages) => Page>> = Object.assign(
  Object.create(null) as Record<string, never>,
  {
    '/': () => ({
      status: 426,
      body: 'This port speaks the msgpack protocol over WebSocket.\n',
      headers: { upgrade: 'websocket' },
    }),
    '/metrics': ({ metrics }: HttpPages) => ({
      status: 200,
      body: metrics(),
      headers: { 'content-type': METRICS_TYPE },
    }),
    '/health/live': () => ({ status: 200, body: 'ok\n' }),
    '/health/ready': ({ notReady }: HttpPages) => {
      const reason = notReady();
      return reason === undefined
        ? { status: 200, body: 'ok\n' }
        : { status: 503, body: `${reason}\n` };
    },
  },
);
