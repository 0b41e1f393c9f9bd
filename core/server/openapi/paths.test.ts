import { describe, expect, it } from 'vitest'
import { builtInKinds } from '../../kinds/index.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import { pathsOf } from './paths.ts'

type Operation = { operationId?: string; tags?: string[]; parameters?: object[]; responses?: object }

function operations(definition: KindDefinition): Operation[] {
  return Object.values(pathsOf(definition, () => undefined)).flatMap(
    (item) => Object.values(item) as Operation[],
  )
}

const idsOf = (definition: KindDefinition): string[] =>
  operations(definition).flatMap(({ operationId }) => operationId ?? [])
const kindOf = (group: string, kind: string): KindDefinition =>
  builtInKinds.find((one) => one.group === group && one.kind === kind)!

describe('operations in OpenAPI', () => {
  it('are named by the whole group, as upstream', () => {
    expect(idsOf(kindOf('', 'ConfigMap'))).toEqual([
      'listCoreV1NamespacedConfigMap',
      'createCoreV1NamespacedConfigMap',
      'deleteCoreV1CollectionNamespacedConfigMap',
      'readCoreV1NamespacedConfigMap',
      'replaceCoreV1NamespacedConfigMap',
      'patchCoreV1NamespacedConfigMap',
      'deleteCoreV1NamespacedConfigMap',
      'listCoreV1ConfigMapForAllNamespaces',
    ])
    expect(idsOf(kindOf('rbac.authorization.k8s.io', 'ClusterRole'))).toContain(
      'listRbacAuthorizationV1ClusterRole',
    )
    const custom = { ...kindOf('', 'ConfigMap'), group: 'life.example.com', kind: 'Conv' } as KindDefinition
    expect(idsOf(custom)).toContain('deleteLifeExampleComV1CollectionNamespacedConv')
    expect(operations(custom)[0]?.tags).toEqual(['lifeExampleCom_v1'])
  })

  it('leave out an empty list of parameters, which a client that writes the document again would not have', () => {
    const read = operations(kindOf('', 'ConfigMap')).find(({ operationId }) =>
      operationId?.startsWith('read'),
    )
    expect(read).not.toHaveProperty('parameters')
  })

  it('have names of their own', () => {
    const ids = builtInKinds.flatMap(idsOf)
    expect(ids.length).toBe(new Set(ids).size)
  })
})
