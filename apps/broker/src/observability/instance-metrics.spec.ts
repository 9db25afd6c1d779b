import { instanceMetricsText } from './instance-metrics';

describe('instanceMetricsText', () => {
  it('has a line for each instance and metric, with any key', () => {
    const text = instanceMetricsText([
      { key: 'default', isOpen: true, isDiskFull: false, connections: 3, throttledMs: 0 },
      { key: 'a"b\\c\nd', isOpen: false, isDiskFull: true, connections: 0, throttledMs: 1500 },
    ]);
    expect(text).toBe(`# TYPE walrusmq_instance_open gauge
walrusmq_instance_open{instance="default"} 1
walrusmq_instance_open{instance="a\\"b\\\\c\\nd"} 0
# TYPE walrusmq_instance_disk_full gauge
walrusmq_instance_disk_full{instance="default"} 0
walrusmq_instance_disk_full{instance="a\\"b\\\\c\\nd"} 1
# TYPE walrusmq_instance_connections gauge
walrusmq_instance_connections{instance="default"} 3
walrusmq_instance_connections{instance="a\\"b\\\\c\\nd"} 0
# TYPE walrusmq_instance_throttled_seconds_total counter
walrusmq_instance_throttled_seconds_total{instance="default"} 0
walrusmq_instance_throttled_seconds_total{instance="a\\"b\\\\c\\nd"} 1.5
`);
  });
});
