import { CSV_FILES, parseCsv } from '../suite/csv';
import { kafkaChart } from './kafka-chart';
import { renderSvg } from './render';

const HEADER = `${CSV_FILES['kafka_comparison.csv'].join(',')}\n`;

const rows = parseCsv(
  'kafka_comparison.csv',
  HEADER +
    'walrusmq,synced,process,,,,,,,,0.25,80\n' +
    'walrusmq,synced,produce java 100 B,1.5,200,2000000,0.5,,,,,\n' +
    'kafka,synced,produce java 100 B,3.5,150,1500000,0.7,,,,,\n' +
    'walrusmq,unsynced,end to end java,,,,,1,2.5,5,,\n' +
    'kafka,unsynced,end to end java,,,,,2,4.5,9,,\n',
);

describe('kafkaChart', () => {
  it('has a bar for each broker in each cell, in a panel for each figure', () => {
    const svg = renderSvg(kafkaChart(rows));
    // Processor time and MB/s of one cell, p99 of another: two bars each.
    expect(svg.match(/aria-roledescription="bar"/g)).toHaveLength(6);
    for (const text of ['WalrusMQ', 'Apache Kafka', 'synced: MB per second', 'end to end java']) {
      expect(svg).toContain(text);
    }
  });

  it('is refused for a file without figures', () => {
    expect(() => kafkaChart(parseCsv('kafka_comparison.csv', HEADER))).toThrow('no rows yet');
  });
});
