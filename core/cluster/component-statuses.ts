import type { ComponentStatus } from '../api/generated/core-v1.ts'
import { notFound } from '../api/status.ts'
import type { VirtualReader } from '../registry/verbs/read-virtual.ts'

/** Throws or rejects with what is wrong with one part of the control plane. */
export type ComponentCheck = () => void | Promise<void>

/**
 * Reads ComponentStatuses by asking every part, by its name, how it is (upstream: pkg/registry/core/componentstatus). 500
 * for a name that is none's, as upstream.
 */
export function createComponentStatuses(checks: Readonly<Record<string, ComponentCheck>>): VirtualReader {
  async function statusOf(name: string, check: ComponentCheck): Promise<ComponentStatus> {
    const condition = { type: 'Healthy', status: 'True', message: 'ok' }
    try {
      await check()
    } catch (error) {
      condition.status = 'False'
      condition.message = error instanceof Error ? error.message : String(error)
    }
    return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] }
  }

  return {
    get({ name }) {
      const check = checks[name]
      if (!check) throw notFound({ group: '', resource: 'componentstatus' }, name)
      return statusOf(name, check)
    },
    list: () => Promise.all(Object.entries(checks).map(([name, check]) => statusOf(name, check))),
  }
}
