import { describe, expect, it } from 'vitest'
import type { PolicyRule } from '../../../../api/generated/rbac-v1.ts'
import { defaultPolicy } from './default-policy.ts'

const policy = defaultPolicy()

function rulesOf(name: string): PolicyRule[] {
  return policy.clusterRoles.find(({ metadata }) => metadata.name === name)?.rules ?? []
}

/** What a kube-apiserver 1.36 that has just started shows. */
describe('the default policy', () => {
  it.each([
    ['system:aggregate-to-view', ['get', 'list', 'watch']],
    ['system:aggregate-to-edit', ['create', 'delete', 'deletecollection', 'patch', 'update']],
    ['system:node', ['create', 'patch', 'update']],
  ])('lets %s at events of both groups', (name, verbs) => {
    const rules = rulesOf(name).filter(({ resources }) => resources?.includes('events'))
    expect(rules).toEqual([{ apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs }])
  })

  it('lets monitoring at the metrics of nodes and the pages about the server', () => {
    const [paths, nodes] = rulesOf('system:monitoring')
    expect(paths?.nonResourceURLs).toEqual(expect.arrayContaining(['/flagz', '/statusz']))
    expect(nodes).toEqual({ apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] })
  })

  it('lets components elect a leader by leases, of which there are candidates', () => {
    const locking = policy.roles.filter(({ metadata }) => metadata.name.startsWith('system::leader-locking'))
    expect(locking).toHaveLength(2)
    for (const { rules } of locking) {
      expect(rules?.map(({ resources }) => resources)).toEqual([['leases'], ['leasecandidates']])
    }
    const scheduler = rulesOf('system:kube-scheduler')
    expect(scheduler).toHaveLength(27)
    expect(scheduler.filter(({ resourceNames }) => resourceNames?.includes('kube-scheduler'))).toEqual([
      expect.objectContaining({ verbs: ['get', 'list', 'update', 'watch'] }),
    ])
  })

  it('has a role for the controller that evicts pods from tainted devices', () => {
    expect(rulesOf('system:controller:device-taint-eviction-controller')).toHaveLength(6)
  })
})
