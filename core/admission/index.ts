import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import type { Clock } from '../util/clock.ts'
import type { AdmissionReader } from './admission-reader.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { createNamespaceLifecycle } from './namespace-lifecycle.ts'
import { createPriorityAdmission } from './priority.ts'
import { createServiceAccountAdmission } from './service-account.ts'
import { createServiceAllocation } from './service-allocation.ts'

export interface AdmissionOptions {
  /** Reads without admission or authorization, such as a Client over the in-process transport. */
  client: AdmissionReader
  clock: Clock
  /** Network of cluster IPs. Default `10.96.0.0/16`. */
  clusterIpRange?: string
}

/** The admission plugins in the order they run, as upstream orders them. */
export function createAdmission(options: AdmissionOptions): AdmissionPlugin[] {
  const { client, clock, clusterIpRange } = options
  return [
    createNamespaceLifecycle(client),
    createServiceAccountAdmission({ reader: client, clock }),
    createPriorityAdmission(client),
    defaultTolerationSeconds,
    createServiceAllocation({
      listServices: async () => (await client.list(resources.services)).items,
      clock,
      ...(clusterIpRange === undefined ? {} : { clusterIpRange }),
    }),
  ]
}
