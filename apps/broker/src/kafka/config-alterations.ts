// What AlterConfigs and IncrementalAlterConfigs have in common: each resource for itself.
import type { TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import type { ConfigChanges } from '../topic/topic-changes';
import { BrokerConfigResource } from './broker-config-resource';
import { RESOURCE } from './config-resource';
import { itemFailureOf, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaServices } from './kafka-services';
import { firstOfEach, namedTwice, repeatedNames } from './repeated-names';

/** A resource as a request names it. */
export interface NamedResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** The answer for one resource. */
export interface AlteredResource extends NamedResource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** How a request is carried out. */
interface Alteration<Resource> {
  readonly validateOnly: boolean;
  /** What changes of a topic as it is then. */
  readonly changes: (topic: TopicDescription, resource: Resource) => ConfigChanges;
  /** How many settings of the broker would change. */
  readonly brokerChanges: (resource: Resource) => number;
}

/** Alters each resource; one that is named twice is refused, and stays as it is. */
export async function alterResources<Resource extends NamedResource>(
  { topics }: Pick<KafkaServices, 'topics'>,
  resources: readonly Resource[],
  { validateOnly, changes, brokerChanges }: Alteration<Resource>,
): Promise<readonly AlteredResource[]> {
  const alter = async (resource: Resource): Promise<void> => {
    const { resourceType, resourceName } = resource;
    if (resourceType === RESOURCE.topic) {
      const configs = (topic: TopicDescription): ConfigChanges => changes(topic, resource);
      await topics.alter(resourceName, { configs, validateOnly });
      return;
    }
    requireKnownType(resourceType);
    BrokerConfigResource.refuseChanges(resourceName, brokerChanges(resource));
  };
  const budget = new TickBudget();
  const repeated = repeatedNames(resources.map(identityOf));
  const answers: AlteredResource[] = [];
  for (const resource of firstOfEach(resources, identityOf)) {
    await budget.pause();
    const { resourceType, resourceName } = resource;
    try {
      if (repeated.has(identityOf(resource))) throw namedTwice(`the resource '${resourceName}'`);
      await alter(resource);
      answers.push({ errorCode: NO_ERROR, errorMessage: null, resourceType, resourceName });
    } catch (error) {
      answers.push({ ...itemFailureOf(error), resourceType, resourceName });
    }
  }
  return answers;
}

/** Every resource with the error. */
export function refusedResources(
  resources: readonly NamedResource[],
  failure: KafkaFailure,
): readonly AlteredResource[] {
  return resources.map(({ resourceType, resourceName }) => ({
    ...failure,
    resourceType,
    resourceName,
  }));
}

/** The same for the same resource. */
export function identityOf({ resourceType, resourceName }: NamedResource): string {
  return `${resourceType} ${resourceName}`;
}

/** @throws {KafkaRefusal} INVALID_REQUEST: neither topics nor brokers. */
export function requireKnownType(resourceType: number): void {
  if (resourceType === RESOURCE.topic || resourceType === RESOURCE.broker) return;
  const message =
    `There are configs of topics (${RESOURCE.topic}) and of the broker (${RESOURCE.broker}), ` +
    `none of the resource type ${resourceType}.`;
  throw new KafkaRefusal('INVALID_REQUEST', message);
}
