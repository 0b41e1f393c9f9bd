import type { ResourceQuota } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { AdmissionClient } from '../admission-reader.ts'
import { chargeQuotas } from './check-quotas.ts'

/** How often a charge is tried anew when somebody else writes the quotas meanwhile (upstream: 3). */
const maxAttempts = 4

/** Charges writes to the quotas of their namespaces. */
export interface QuotaAccountant {
  /** Resolves when the write is charged, or nothing is to be charged. Throws 403 when it must not be. */
  charge(attributes: AdmissionAttributes): Promise<void>
}

interface Waiting {
  attributes: AdmissionAttributes
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * One bookkeeper per namespace: what waits is charged together, with one write per quota, and what comes meanwhile waits
 * for the next round, so that concurrent writes never exceed a quota (upstream: resourcequota/controller.go
 * checkQuotas).
 */
export function createQuotaAccountant(client: AdmissionClient, clock: Clock): QuotaAccountant {
  const waiting = new Map<string, Waiting[]>()

  async function work(namespace: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) await chargeAll({ client, clock, namespace, batch: queue.splice(0) })
    waiting.delete(namespace)
  }

  return {
    charge(attributes) {
      return new Promise((resolve, reject) => {
        const namespace = attributes.namespace ?? ''
        const queue = waiting.get(namespace)
        const one = { attributes, resolve, reject }
        if (queue) return void queue.push(one)
        const started = [one]
        waiting.set(namespace, started)
        void work(namespace, started)
      })
    },
  }
}

interface Round {
  client: AdmissionClient
  clock: Clock
  namespace: string
  batch: Waiting[]
}

async function chargeAll({ client, clock, namespace, batch }: Round): Promise<void> {
  let pending = batch
  try {
    for (let attempt = 1; pending.length > 0; attempt++) {
      const stored = (await client.list(resources.resourceQuotas, { namespace })).items
      const { quotas, charged } = settle(pending, stored, clock.now())
      pending = charged
      const changed = quotas.filter((quota) => !stored.includes(quota))
      if (changed.length === 0) break
      try {
        await writeAll(client, changed, stored)
        break
      } catch (error) {
        if (!isConflict(error) || attempt === maxAttempts) throw error
      }
    }
    for (const { resolve } of pending) resolve()
  } catch (error) {
    for (const { reject } of pending) reject(error)
  }
}

/** Charges one write after the other; those that are refused, or that nothing is charged for, have their answer. */
function settle(
  batch: Waiting[],
  stored: ResourceQuota[],
  now: number,
): { quotas: ResourceQuota[]; charged: Waiting[] } {
  let quotas = stored
  const charged: Waiting[] = []
  for (const one of batch) {
    try {
      const next = chargeQuotas(quotas, one.attributes, now)
      const isFree = next.every((quota, index) => quota === quotas[index])
      if (isFree || one.attributes.context.dryRun) {
        one.resolve()
        continue
      }
      quotas = next
      charged.push(one)
    } catch (error) {
      one.reject(error)
    }
  }
  return { quotas, charged }
}

/** Writes the quotas; when one is refused, those already written are given back. */
async function writeAll(
  client: AdmissionClient,
  changed: ResourceQuota[],
  stored: ResourceQuota[],
): Promise<void> {
  const results = await Promise.allSettled(
    changed.map((quota) => client.updateStatus(resources.resourceQuotas, quota)),
  )
  const failed = results.find((result) => result.status === 'rejected' && !isNotFound(result.reason))
  if (!failed || failed.status !== 'rejected') return
  for (const result of results) {
    if (result.status !== 'fulfilled') continue
    const { name, namespace } = result.value.metadata
    const before = stored.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
    if (!before?.status) continue
    const { status } = before
    // Should somebody have written it since, the quota controller puts it right.
    await client.updateStatus(resources.resourceQuotas, { ...result.value, status }).catch(() => undefined)
  }
  throw failed.reason
}
