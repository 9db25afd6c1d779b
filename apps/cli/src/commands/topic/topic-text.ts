// Topics as people read them.
import type {
  ConfigDescription,
  PinDescription,
  TopicMetadata,
  TopicOverview,
} from '@walrusmq/client';
import { grouped, renderTable, sizeText } from '../../output/tables';

/** All topics as a table. */
export function listText(topics: readonly TopicMetadata[]): string {
  if (topics.length === 0)
    return 'no topics yet; create one with: walrusmq topic create NAME --partitions 4';
  const rows = topics.map((topic) => [
    topic.name,
    topic.partitions.length,
    grouped(recordCount(topic)),
    sizeText(topic.partitions.reduce((sum, one) => sum + one.storedBytes, 0)),
  ]);
  return renderTable(['topic', 'partitions', 'records', 'stored'], rows);
}

/** One topic: its partitions, what is set for it, who pins it, what to look at. */
export function describeText(topic: TopicOverview): string {
  const created = new Date(topic.createdAtMs).toISOString();
  const rows = topic.partitions.map((one) => [
    one.partition,
    one.logStartOffset,
    one.readableEnd,
    grouped(one.readableEnd - one.logStartOffset),
    sizeText(one.storedBytes),
    one.leaderEpoch,
  ]);
  const head = ['partition', 'log start', 'readable end', 'records', 'stored', 'leader epoch'];
  const parts = [`${topic.name} (id ${topic.id})\ncreated ${created}`, renderTable(head, rows)];
  const configs = topic.configs.map(({ name, value, source }) => [name, value, source]);
  parts.push(renderTable(['config', 'value', 'from'], configs));
  if (topic.pins.length > 0) parts.push(pinsText(topic.pins));
  return [...parts, ...topic.warnings.map((warning) => `! ${warning}`)].join('\n');
}

function pinsText(pins: readonly PinDescription[]): string {
  const rows = pins.map((pin) => [
    `${pin.kind} ${pin.name}`,
    grouped(pin.behindRecords),
    secondsText(pin.idleMs),
    pin.expireMs === null ? 'never' : secondsText(pin.expireMs),
  ]);
  return renderTable(['pinned by', 'records behind', 'silent for', 'expires after'], rows);
}

/**
 * Configs, what they are, where that comes from and what can be set; those without an effect only
 * where the topic sets them.
 */
export function configsText(configs: readonly ConfigDescription[]): string {
  const shown = configs.filter(({ hasEffect, source }) => hasEffect || source === 'topic');
  const rows = shown.map(({ name, value, unit, source, accepts }) => [
    name,
    unit === null ? value : `${value} ${value === '-1' ? '(no limit)' : unit}`,
    source,
    accepts,
  ]);
  const table = renderTable(['config', 'value', 'from', 'can be'], rows);
  const rest = configs.length - shown.length;
  if (rest === 0) return table;
  return `${table}\n${rest} more, which Kafka's tools set and which change nothing, with --json`;
}

function secondsText(ms: number): string {
  return `${grouped(Math.round(ms / 1000))} s`;
}

function recordCount(topic: TopicMetadata): number {
  return topic.partitions.reduce((sum, one) => sum + one.readableEnd - one.logStartOffset, 0);
}
