import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import type { DeleteRequest } from '../registry/registry.ts'
import { createTestRegistry, resourceOfKind, testContext } from './testing/test-registry.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
const specs: Record<string, object> = {
  Job: { spec: { template } },
  ReplicationController: {
    spec: {
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  },
  Event: { involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' } },
  ConfigMap: {},
}

/** The finalizers that a deletion leaves on an object of a kind, and its warnings; no finalizers when it is gone. */
async function deleted(
  kind: string,
  request: DeleteRequest,
  finalizers: string[] = [],
): Promise<{ finalizers: string[] | undefined; warnings: string[] }> {
  const registry = createTestRegistry()
  const warnings: string[] = []
  const context = testContext({ warn: (message) => void warnings.push(message) })
  const resource = resourceOfKind(registry, kind)
  const object = { metadata: { name: 'a', finalizers }, ...specs[kind] } as KubeObject
  await resource.create('default', object, { context })
  warnings.splice(0)
  const result = await resource.delete({ namespace: 'default', name: 'a' }, request, { context })
  return { finalizers: result.gone ? undefined : result.object.metadata.finalizers, warnings }
}

const warning =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

describe('a deletion', () => {
  it.each<[kind: string, request: DeleteRequest, left: string[] | undefined, warned: string[]]>([
    ['ConfigMap', {}, undefined, []],
    ['Job', {}, ['orphan'], [warning]],
    ['Job', { propagationPolicy: 'Background' }, undefined, []],
    ['Job', { propagationPolicy: 'Orphan' }, ['orphan'], []],
    ['ReplicationController', {}, ['orphan'], []],
    ['ReplicationController', { propagationPolicy: 'Foreground' }, ['foregroundDeletion'], []],
    ['Event', { propagationPolicy: 'Foreground' }, undefined, []],
    ['Event', { propagationPolicy: 'Orphan' }, undefined, []],
  ])('of a %s with %j leaves %j', async (kind, request, left, warned) => {
    expect(await deleted(kind, request)).toEqual({ finalizers: left, warnings: warned })
  })

  it.each([['ConfigMap'], ['Job']])('of a %s goes by the finalizer that is there', async (kind) => {
    const held = ['foregroundDeletion', 'a.b/c']
    expect((await deleted(kind, {}, held)).finalizers).toEqual(held)
  })
})
