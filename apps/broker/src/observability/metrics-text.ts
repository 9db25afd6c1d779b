import type { Counters, ProcessDiagnostics } from './counters';

/** Levels among the counters: they go down as well. */
const GAUGES: ReadonlySet<string> = new Set([
  'connectionsOpen',
  'subscriptionsOpen',
  'heldBytes',
  'pushHeldBytes',
]);

/**
 * The counters in Prometheus' text format, version 0.0.4. Names are those of the counters, with the
 * unit last and `_total` behind what only grows.
 */
export function metricsText(counters: Counters, diagnostics: ProcessDiagnostics): string {
  const lines = Object.entries(counters.snapshot()).map(([name, value]) =>
    GAUGES.has(name)
      ? metric(`walrusmq_${snakeCase(name)}`, 'gauge', value)
      : metric(`walrusmq_${snakeCase(name)}_total`, 'counter', value),
  );
  const { uptimeMs, rssBytes, heapUsedBytes, externalBytes } = diagnostics;
  const cpuSeconds = (diagnostics.cpuUserMs + diagnostics.cpuSystemMs) / 1000;
  lines.push(
    metric('process_uptime_seconds', 'gauge', uptimeMs / 1000),
    metric('process_resident_memory_bytes', 'gauge', rssBytes),
    metric('process_cpu_seconds_total', 'counter', cpuSeconds),
    metric('nodejs_heap_size_used_bytes', 'gauge', heapUsedBytes),
    metric('nodejs_external_memory_bytes', 'gauge', externalBytes),
  );
  return lines.join('') + labelled(counters);
}

/** What is counted by protocol and by API. */
function labelled({ connectionsByProtocol, kafkaRequests }: Counters): string {
  return (
    family('walrusmq_protocol_connections', 'gauge', 'protocol', connectionsByProtocol) +
    family('walrusmq_kafka_requests_total', 'counter', 'api', kafkaRequests)
  );
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  label: string,
  values: ReadonlyMap<string, number>,
): string {
  const lines = [...values].map(([value, count]) => `${name}{${label}="${value}"} ${count}\n`);
  return `# TYPE ${name} ${type}\n${lines.join('')}`;
}

function metric(name: string, type: 'counter' | 'gauge', value: number): string {
  return `# TYPE ${name} ${type}\n${name} ${value}\n`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
