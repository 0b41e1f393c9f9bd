import { expect, it } from 'vitest'
import type { Pod, ResourceRequirements } from '../api/generated/core-v1.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { notFound } from '../api/status.ts'
import type { AdmissionReader } from './admission-reader.ts'
import { createNodeDeclaredFeatures } from './node-declared-features.ts'

const nodes: Record<string, string[]> = { old: ['Other'], able: ['InPlacePodLevelResourcesVerticalScaling'] }
const reader: AdmissionReader = {
  async get<T extends KubeObject>(_resource: unknown, { name }: { name: string }) {
    const declaredFeatures = nodes[name]
    if (!declaredFeatures) throw notFound(resources.nodes, name)
    return { metadata: { name }, status: { declaredFeatures } } as unknown as T
  },
  list: () => Promise.reject(new Error('nobody lists')),
}

function pod(nodeName: string | undefined, whole?: ResourceRequirements): Pod {
  return {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [], ...(nodeName ? { nodeName } : {}), ...(whole ? { resources: whole } : {}) },
  }
}

async function update(nodeName: string | undefined, to: string, subresource?: string): Promise<string> {
  const object = pod(nodeName, { limits: { cpu: to } })
  try {
    await createNodeDeclaredFeatures(reader).validate?.({
      operation: 'UPDATE',
      resource: resources.pods,
      kind: 'Pod',
      namespace: 'default',
      name: 'p',
      subresource,
      object,
      oldObject: pod(nodeName, { limits: { cpu: '1' } }),
      context: { user: { name: 'u', groups: [] }, dryRun: false, fieldManager: 'f', now: '', warn: () => {} },
    })
    return 'fine'
  } catch (error) {
    return (error as Error).message
  }
}

it('a resize of pod-level resources takes a node that has declared to be able to', async () => {
  expect(await update('able', '2', 'resize')).toBe('fine')
  const refused =
    'pods "p" is forbidden: pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "old"'
  expect(await update('old', '2', 'resize')).toBe(refused)
  expect(await update('old', '2')).toBe(refused)
  expect(await update('gone', '2', 'resize')).toBe('pods "p" is forbidden: node "gone" not found')
  expect(await update('old', '1000m', 'resize')).toBe('fine')
  expect(await update('old', '2', 'status')).toBe('fine')
  expect(await update(undefined, '2', 'resize')).toBe('fine')
})
