import { expect, it } from 'vitest'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { notFound } from '../api/status.ts'
import type { AdmissionReader } from './admission-reader.ts'
import { createPodTopologyLabels } from './pod-topology-labels.ts'

const zone = { 'topology.kubernetes.io/zone': 'z' }
const reader: AdmissionReader = {
  async get<T extends KubeObject>(_resource: unknown, { name }: { name: string }) {
    if (name !== 'n') throw notFound(resources.nodes, name)
    return { metadata: { name, labels: { ...zone, other: 'x' } } } as unknown as T
  },
  list: () => Promise.reject(new Error('nobody lists')),
}

async function labelsOf(object: object, subresource?: string): Promise<unknown> {
  const admitted = { metadata: { name: 'p', labels: { mine: '1' } }, ...object } as KubeObject
  await createPodTopologyLabels(reader).admit?.({
    operation: 'CREATE',
    resource: resources.pods,
    kind: 'Pod',
    namespace: 'default',
    name: 'p',
    subresource,
    object: admitted,
    oldObject: undefined,
    context: { user: { name: 'u', groups: [] }, dryRun: false, fieldManager: 'f', now: '', warn: () => {} },
  })
  return admitted.metadata.labels
}

it('a pod that is bound, or made on a node, gets the zone of the node', async () => {
  const own = { mine: '1' }
  expect(await labelsOf({ target: { kind: 'Node', name: 'n' } }, 'binding')).toEqual({ ...own, ...zone })
  expect(await labelsOf({ target: { name: 'n' } }, 'binding')).toEqual(own)
  expect(await labelsOf({ target: { kind: 'Node', name: 'gone' } }, 'binding')).toEqual(own)
  expect(await labelsOf({ spec: { nodeName: 'n' } })).toEqual({ ...own, ...zone })
  expect(await labelsOf({ spec: {} })).toEqual(own)
  expect(await labelsOf({ spec: { nodeName: 'n' } }, 'eviction')).toEqual(own)
})
