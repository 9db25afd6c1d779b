// What Kafka clients are told to connect to: they come back to exactly that address.
import type { KafkaAdvertisedSetting } from '../config/setting-values';
import type { ListenerAddress } from './wire';

/** As an IPv4 address is shown by a socket that takes IPv6, too (RFC 4291, section 2.5.5.2). */
const MAPPED = '::ffff:';

/**
 * The address that is set for the listener's port, else for its instance, else the one by which the
 * client came. A client that came by `::1` is told localhost, which every client can write behind
 * its colon and which is listened on, too.
 *
 * @param instance The key of the instance; undefined for the default one.
 * @param local By what the client came.
 */
export function advertisedAddress(
  settings: readonly KafkaAdvertisedSetting[],
  instance: string | undefined,
  local: ListenerAddress,
): ListenerAddress {
  const set =
    settings.find(({ listener }) => listener === `:${local.port}`) ??
    settings.find(({ listener }) => listener === instance);
  if (set !== undefined) return { host: set.host, port: set.port };
  if (local.host === '::1') return { host: 'localhost', port: local.port };
  const isMapped = local.host.startsWith(MAPPED);
  return { host: isMapped ? local.host.slice(MAPPED.length) : local.host, port: local.port };
}
