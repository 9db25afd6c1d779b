import { Counters, readProcessDiagnostics } from './counters';
import { metricsText } from './metrics-text';

describe('metricsText', () => {
  it('has connections by protocol and Kafka requests by API beside the totals', () => {
    const counters = new Counters();
    counters.countConnection('kafka', 1);
    counters.countConnection('kafka', 1);
    counters.countConnection('msgpack', 1);
    counters.countConnection('kafka', -1);
    counters.kafkaRequests.set('Produce', 7);
    const lines = metricsText(counters, readProcessDiagnostics()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'walrusmq_connections_open 2',
        '# TYPE walrusmq_protocol_connections gauge',
        'walrusmq_protocol_connections{protocol="kafka"} 1',
        'walrusmq_protocol_connections{protocol="msgpack"} 1',
        '# TYPE walrusmq_kafka_requests_total counter',
        'walrusmq_kafka_requests_total{api="Produce"} 7',
      ]),
    );
    expect(counters.snapshot()).not.toHaveProperty('kafkaRequests');
  });
});
