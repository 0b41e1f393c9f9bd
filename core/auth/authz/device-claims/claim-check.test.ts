import { beforeEach, describe, expect, it } from 'vitest'
import type { ResourceClaimSpec, ResourceClaimStatus } from '../../../api/generated/resource-v1.ts'
import type { KubeObject } from '../../../api/meta.ts'
import type { AdmissionAttributes, UserInfo } from '../../../api/request.ts'
import { resources } from '../../../api/resources.ts'
import type { AuthorizationAttributes } from '../authorizer.ts'
import { createClaimCheck } from './claim-check.ts'

let labels: Record<string, string>
/** What is allowed, as verb, subresource, namespace and name. */
let allowed: string[]
beforeEach(() => {
  labels = {}
  allowed = []
})

const check = createClaimCheck({
  client: { get: async () => ({ metadata: { labels } }) as never },
  authorizer: {
    authorize: ({ verb, subresource, namespace, name }: AuthorizationAttributes) => ({
      allowed: allowed.includes([verb, subresource, namespace, name].join(' ').trim()),
    }),
  },
})

async function refusal(change: Partial<AdmissionAttributes>, user: Partial<UserInfo> = {}): Promise<string> {
  try {
    await check.validate?.({
      operation: 'UPDATE',
      resource: resources.resourceClaims,
      kind: 'ResourceClaim',
      namespace: 'default',
      name: 'c',
      subresource: undefined,
      object: undefined,
      oldObject: undefined,
      context: {
        user: { name: 'ada', groups: [], ...user },
        dryRun: false,
        fieldManager: 'f',
        now: '',
        warn: () => {},
      },
      ...change,
    })
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('access to devices that others use', () => {
  const spec = {
    devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gpu', adminAccess: true } }] },
  } as ResourceClaimSpec
  const create = (resource: AdmissionAttributes['resource'], object: object, kind: string): Promise<string> =>
    refusal({ operation: 'CREATE', resource, kind, name: 'c', object: object as KubeObject })

  it('is had in namespaces that are marked for it, by claims and templates', async () => {
    const why =
      'is invalid: spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace'
    const claim = (): Promise<string> => create(resources.resourceClaims, { spec }, 'ResourceClaim')
    const template = (): Promise<string> =>
      create(resources.resourceClaimTemplates, { spec: { spec } }, 'ResourceClaimTemplate')
    expect(await claim()).toBe(`ResourceClaim.resource.k8s.io "c" ${why}`)
    expect(await template()).toBe(`ResourceClaimTemplate.resource.k8s.io "c" ${why}`)
    labels['resource.kubernetes.io/admin-access'] = 'true'
    expect([await claim(), await template()]).toEqual(['', ''])
  })

  it('is not given elsewhere either', async () => {
    allowed = ['update binding']
    const result = { request: 'a', driver: 'd', pool: 'p', device: 'x', adminAccess: true }
    const object = { metadata: { name: 'c' }, status: { allocation: { devices: { results: [result] } } } }
    const status = { subresource: 'status', object: object as KubeObject }
    expect(await refusal({ ...status, oldObject: { metadata: { name: 'c' } } as KubeObject })).toMatch(
      /: status\.allocation\.devices\.results\[0\]\.adminAccess: Forbidden: admin access/,
    )
    expect(await refusal({ ...status, oldObject: object as KubeObject })).toBe('')
  })
})

describe('the status of a claim', () => {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['n1'] }]
  const allocation = { nodeSelector: { nodeSelectorTerms: [{ matchFields }] } }
  const device = { driver: 'd.example.com', pool: 'p', device: 'x' }
  const write = (
    next: ResourceClaimStatus,
    old: ResourceClaimStatus,
    more: Partial<AdmissionAttributes> = {},
    user: Partial<UserInfo> = {},
  ): Promise<string> => {
    const [object, oldObject] = [next, old].map(
      (status) => ({ metadata: { name: 'c' }, status }) as KubeObject,
    )
    return refusal({ subresource: 'status', object, oldObject, ...more }, user)
  }

  it('says who has it only by leave to bind claims', async () => {
    expect(await write({ allocation }, {})).toBe(
      'ResourceClaim.resource.k8s.io "c" is invalid: status: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: resourceclaims.resource.k8s.io is forbidden: User "ada" cannot update resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope',
    )
    allowed = ['update binding']
    expect(await write({ allocation }, {})).toBe('')
    expect(await write({ allocation }, {}, { isPatch: true })).toContain('verb="patch"')
    const reservedFor = [{ resource: 'pods', name: 'p', uid: 'u' }]
    expect(await write({ allocation, reservedFor }, { allocation })).toBe('')
    allowed = []
    expect(await write({ allocation, reservedFor }, { allocation })).toContain('status: Forbidden')
    expect(await write({ allocation }, { allocation })).toBe('')
  })

  it('tells of devices by leave to speak for their driver', async () => {
    expect(await write({ allocation, devices: [device] }, { allocation })).toBe(
      'ResourceClaim.resource.k8s.io "c" is invalid: status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:update]" permission: resourceclaims.resource.k8s.io "d.example.com" is forbidden: User "ada" cannot arbitrary-node:update resource "resourceclaims/driver" in API group "resource.k8s.io" in the namespace "default"',
    )
    allowed = ['arbitrary-node:update driver default d.example.com']
    const told = { ...device, data: { a: 1 } }
    expect(await write({ allocation, devices: [told] }, { allocation, devices: [device] })).toBe('')
    expect(await write({ allocation }, { allocation, devices: [device] })).toBe('')
    const other = { ...device, driver: 'e.example.com' }
    expect(
      await write({ allocation, devices: [device, other] }, { allocation, devices: [device] }),
    ).toContain('resourceclaims.resource.k8s.io "e.example.com" is forbidden')
  })

  it('is for a driver’s own node where it runs there', async () => {
    allowed = ['associated-node:update driver default d.example.com']
    const from = (node: string, name = 'system:serviceaccount:default:driver'): Partial<UserInfo> => ({
      name,
      extra: { 'authentication.kubernetes.io/node-name': [node] },
    })
    const tell = (user: Partial<UserInfo>): Promise<string> =>
      write({ allocation, devices: [device] }, { allocation }, {}, user)
    expect(await tell(from('n1'))).toBe('')
    expect(await tell(from('n2'))).toContain('verb="[arbitrary-node:update]"')
    expect(await tell(from('n1', 'ada'))).toContain('verb="[arbitrary-node:update]"')
    allowed = []
    expect(await tell(from('n1'))).toContain('verb="[associated-node:update arbitrary-node:update]"')
  })
})
