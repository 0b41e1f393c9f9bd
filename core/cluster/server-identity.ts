import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Lease } from '../api/generated/coordination-v1.ts'
import { resources } from '../api/resources.ts'
import { isConflict } from '../api/status.ts'
import type { Client } from '../client/client.ts'
import { deleteObject } from '../client/delete-object.ts'
import { findObject } from '../client/find-object.ts'
import { rfc3339Micro, type Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'

const namespace = 'kube-system'
const identityLabel = 'apiserver.kubernetes.io/identity'
const component = 'kube-apiserver'
const leaseSeconds = 3600
const renewMs = 10_000
const collectMs = 3_600_000

/** Tells that this API server lives. */
export interface ServerIdentity {
  /** Resolves once the Lease is there. The namespace must be, too. */
  start(): Promise<void>
  /** Takes the Lease away. */
  close(): Promise<void>
}

/**
 * Keeps a Lease in kube-system for this API server and removes those of servers that have not renewed theirs for an hour (upstream:
 * pkg/controlplane/apiserver/server.go, controller/apiserverleasegc). Named after the machine, as upstream.
 */
export function createServerIdentity(options: { client: Client; clock: Clock; log: Logger }): ServerIdentity {
  const { client, clock, log } = options
  const host = hostname()
  const name = leaseName(host)
  const holderIdentity = `${name}_${randomUUID()}`
  const timers: Disposable[] = []

  function leaseNow(found: Lease | undefined): Lease {
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...found?.metadata,
        name,
        namespace,
        labels: { ...found?.metadata.labels, [identityLabel]: component, 'kubernetes.io/hostname': host },
      },
      spec: {
        ...found?.spec,
        holderIdentity,
        leaseDurationSeconds: leaseSeconds,
        renewTime: rfc3339Micro(clock.now()),
      },
    }
  }

  async function renew(): Promise<void> {
    const found = await findObject(client, resources.leases, { namespace, name })
    if (found) await client.update(resources.leases, leaseNow(found))
    else await client.create(resources.leases, leaseNow(undefined))
  }

  async function collect(): Promise<void> {
    const labelSelector = `${identityLabel}=${component}`
    const { items } = await client.list(resources.leases, { namespace, labelSelector })
    for (const lease of items) {
      const { renewTime, leaseDurationSeconds } = lease.spec ?? {}
      const ends = Date.parse(renewTime ?? '') + (leaseDurationSeconds ?? Number.NaN) * 1000
      if (!(ends >= clock.now())) await deleteObject(client, resources.leases, lease)
    }
  }

  function repeat(periodMs: number, what: string, work: () => Promise<void>): void {
    timers.push(
      clock.every(periodMs, () => {
        // Somebody else wrote it meanwhile: the next turn sees what.
        work().catch((error: unknown) => isConflict(error) || log.warn(what, { error }))
      }),
    )
  }

  return {
    async start() {
      await renew()
      repeat(renewMs, 'the Lease of this API server could not be renewed', renew)
      repeat(collectMs, 'the Leases of other API servers could not be looked through', collect)
    },
    async close() {
      if (timers.length === 0) return
      for (const timer of timers.splice(0)) timer[Symbol.dispose]()
      const lease = await findObject(client, resources.leases, { namespace, name })
      if (lease?.spec?.holderIdentity === holderIdentity) await deleteObject(client, resources.leases, lease)
    },
  }
}

/** `apiserver-` and a hash in base 32 of lower case. */
function leaseName(host: string): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  const bytes = createHash('sha256').update(host).digest().subarray(0, 16)
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const digits = bits.match(/.{1,5}/g) ?? []
  return `apiserver-${digits.map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')}`
}
