import { findCondition } from '../api/conditions.ts'
import type { Service } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { addressOf, clusterIpsOf, defaultServiceCidr, isHeldBy } from '../api/service-addresses.ts'
import { isAlreadyExists, isInvalid } from '../api/status.ts'
import type { Client } from '../client/client.ts'
import { sleep } from '../client/sleep.ts'
import { rfc3339, systemClock } from '../util/clock.ts'
import { deleteObject } from '../client/delete-object.ts'
import { findObject } from '../client/find-object.ts'

/** Longer than any server may take to store a Service whose address it has taken. */
const leftOverMs = 60_000
const retryMs = 200

/**
 * Makes the ServiceCIDR of the cluster's own range where it is missing, and an IPAddress for every cluster IP that has none, as those
 * of a data directory from before there were any. Before anybody can ask for an address, so that none is given twice.
 */
export async function recordServiceAddresses(client: Client, range: string): Promise<void> {
  await ensureDefaultCidr(client, range)
  const [{ items: services }, { items: addresses }] = await Promise.all([
    client.list(resources.services),
    client.list(resources.ipAddresses),
  ])
  const known = new Set(addresses.map(({ metadata }) => metadata.name))
  const missing = services.flatMap((service) =>
    clusterIpsOf(service).flatMap((ip) => (known.has(ip) ? [] : addressOf(service, ip))),
  )
  await Promise.all(missing.map((address) => unlessThere(client.create(resources.ipAddresses, address))))
}

/** Made, and said to be ready, under the name of upstream's part of the server (upstream: controller/defaultservicecidr). */
async function ensureDefaultCidr(client: Client, range: string): Promise<void> {
  const name = defaultServiceCidr
  const found = await findObject(client, resources.serviceCidrs, { name })
  if (!found)
    await unlessThere(client.create(resources.serviceCidrs, { metadata: { name }, spec: { cidrs: [range] } }))
  if (findCondition(found?.status?.conditions, 'Ready')) return
  const condition = {
    type: 'Ready',
    status: 'True' as const,
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: rfc3339(systemClock.now()),
  }
  await client.patch(
    resources.serviceCidrs,
    { name },
    {
      type: 'apply',
      subresource: 'status',
      fieldManager: 'kubernetes-service-cidr-controller',
      force: true,
      body: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name },
        status: { conditions: [condition] },
      },
    },
  )
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

/**
 * Creates a Service with an address of its own choice where it is missing. Where another server is about to do so, or has died while
 * it did, that is waited for.
 */
export async function ensureService(client: Client, service: Service): Promise<void> {
  const { namespace = '', name } = service.metadata
  for (;;) {
    if (await findObject(client, resources.services, { namespace, name })) return
    try {
      return void (await client.create(resources.services, service))
    } catch (error) {
      if (isAlreadyExists(error)) return
      if (!isInvalid(error) || !(await isBeingMade(client, service))) throw error
    }
    await sleep(systemClock, retryMs, new AbortController().signal)
  }
}

/** Whether the address was taken for this very Service; one that nobody comes back to is freed. */
async function isBeingMade(client: Client, service: Service): Promise<boolean> {
  const address = await findObject(client, resources.ipAddresses, { name: service.spec.clusterIP ?? '' })
  if (!address) return true
  if (!isHeldBy(address, service)) return false
  const age = systemClock.now() - Date.parse(address.metadata.creationTimestamp ?? '')
  if (age > leftOverMs) await deleteObject(client, resources.ipAddresses, address)
  return true
}
