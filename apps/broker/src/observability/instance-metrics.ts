/** What the metrics page says of one instance. */
export interface MeasuredInstance {
  readonly key: string;
  /** Whether clients can work with it. */
  readonly isOpen: boolean;
  /** Whether it takes no records because the disk is full. */
  readonly isDiskFull: boolean;
  readonly connections: number;
  /** For how long quotas held requests, replies and events back, over all connections. */
  readonly throttledMs: number;
}

/** A line for each instance and metric, in Prometheus' text format. */
export function instanceMetricsText(instances: readonly MeasuredInstance[]): string {
  return (
    family('walrusmq_instance_open', 'gauge', instances, ({ isOpen }) => (isOpen ? 1 : 0)) +
    family('walrusmq_instance_disk_full', 'gauge', instances, ({ isDiskFull }) =>
      isDiskFull ? 1 : 0,
    ) +
    family('walrusmq_instance_connections', 'gauge', instances, (each) => each.connections) +
    family(
      'walrusmq_instance_throttled_seconds_total',
      'counter',
      instances,
      ({ throttledMs }) => throttledMs / 1000,
    )
  );
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  instances: readonly MeasuredInstance[],
  value: (instance: MeasuredInstance) => number,
): string {
  const lines = instances.map(
    (instance) => `${name}{instance="${escaped(instance.key)}"} ${value(instance)}\n`,
  );
  return `# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** A label's value, in which these three cannot stand as they are. */
function escaped(key: string): string {
  return key.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
