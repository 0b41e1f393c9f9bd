import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { createInformedReader } from '../client/informed-reader.ts'
import type { InformerFactory } from '../client/informer-factory.ts'

/** The client of admission plugins: what they ask about each new pod is followed and not asked. */
export function createAdmissionClient(client: Client, informers: InformerFactory): Client {
  const { limitRanges, namespaces, priorityClasses, serviceAccounts } = resources
  const followed = [limitRanges, namespaces, priorityClasses, serviceAccounts]
  return { ...client, ...createInformedReader(client, informers, followed) }
}
