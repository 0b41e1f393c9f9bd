import { describe, expect, it } from 'vitest'
import { groupResource } from '../../core/api/gvk.ts'
import { sidebarSections } from '../kit/kind-view.ts'
import { pluralKind } from '../kit/plural-kind.ts'
import { genericView } from './generic.ts'
import { kindViews } from './index.ts'

const served = { verbs: ['list'], subresources: [], shortNames: [] }

describe('kind views', () => {
  it('are one per kind', () => {
    const ids = kindViews.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const view of kindViews) expect(view.id).toBe(groupResource(view.resource))
  })

  it.each(kindViews.map((view) => [view.id, view] as const))('%s has a sound descriptor', (_id, view) => {
    const columns = view.columns ?? []
    const columnIds = columns.map(({ id }) => id)
    expect(columnIds[0]).toBe('name')
    expect(new Set(columnIds).size).toBe(columnIds.length)
    expect(columnIds.includes('namespace')).toBe(view.resource.namespaced)
    expect(sidebarSections).toContain(view.section)
    if (view.defaultSort) expect(columnIds).toContain(view.defaultSort.replace(/^-/, ''))
    for (const action of view.actions) expect(Boolean(action.open) !== Boolean(action.dialog)).toBe(true)
    const shortcuts = view.actions.flatMap(({ shortcut }) => shortcut ?? [])
    expect(new Set(shortcuts).size).toBe(shortcuts.length)
  })

  it('put an unknown kind into its group, well-known ones into their section', () => {
    const base = { version: 'v1', namespaced: true, ...served }
    expect(
      genericView({ ...base, group: 'apps', resource: 'controllerrevisions', kind: 'ControllerRevision' })
        .section,
    ).toBe('workloads')
    const own = genericView({ ...base, group: 'example.com', resource: 'widgets', kind: 'Widget' })
    expect([own.id, own.section]).toEqual(['widgets.example.com', 'other'])
  })

  it.each([
    ['Lease', 'leases', 'Leases'],
    ['NetworkPolicy', 'networkpolicies', 'NetworkPolicies'],
    ['IngressClass', 'ingressclasses', 'IngressClasses'],
    ['Endpoints', 'endpoints', 'Endpoints'],
    ['Foo', 'bars', 'Foo'],
  ])('%s of %s are called %s', (kind, resource, plural) =>
    expect(pluralKind({ kind, resource })).toBe(plural),
  )
})
