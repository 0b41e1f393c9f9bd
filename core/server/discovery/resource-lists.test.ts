import { describe, expect, it } from 'vitest'
import type { KindDefinition } from '../../registry/kind.ts'
import { apiResourceList } from './resource-lists.ts'

function listed(definition: Partial<KindDefinition>): [name: string, verbs: string[]][] {
  const kind = {
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    namespaced: true,
    names: { plural: 'widgets', singular: 'widget' },
    schema: { type: 'object' },
    columns: [],
    ...definition,
  } as KindDefinition
  const list = apiResourceList({ group: 'example.com', version: 'v1', kinds: [kind] })
  return (list.resources as { name: string; verbs: string[] }[]).map(({ name, verbs }) => [name, verbs])
}

describe('custom resources in discovery', () => {
  const scale = { specReplicasPath: '.spec.a', statusReplicasPath: '.status.a', selector: () => '' }

  it('have their verbs and subresources in the order of upstream', () => {
    expect(listed({ status: {}, scale })).toEqual([
      ['widgets', ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']],
      ['widgets/status', ['get', 'patch', 'update']],
      ['widgets/scale', ['get', 'patch', 'update']],
    ])
  })

  it('cannot be written any more while their definition goes', () => {
    expect(listed({ createRefusal: 'gone' })).toEqual([
      ['widgets', ['delete', 'deletecollection', 'get', 'list', 'watch']],
    ])
  })
})
