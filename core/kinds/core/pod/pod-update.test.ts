import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../../testing/test-kinds.ts'
import type { AnyObject } from '../../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

function create(spec = ''): Promise<AnyObject> {
  return kinds.create(`
apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  containers: [{ name: c, image: i }]
  ${spec.trim().split('\n').join('\n  ')}
`)
}

/** The causes without what changed, which follows on lines of its own. */
async function refusals(
  before: string,
  change: (pod: AnyObject) => void,
  subresource?: string,
): Promise<string[]> {
  const pod = await create(before)
  const causes = await causesOf(kinds.update(pod, change, subresource))
  return causes.map((cause) => cause.split('\n')[0]!)
}

const updatable =
  'FieldValueForbidden spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

describe('a pod that exists', () => {
  it.each<[what: string, before: string, change: (pod: AnyObject) => void, causes: string[]]>([
    ['an image', '', ({ spec }) => (spec.containers[0].image = 'j'), []],
    [
      'no image',
      '',
      ({ spec }) => (spec.containers[0].image = ''),
      [
        'FieldValueRequired spec.containers[0].image: Required value',
        'FieldValueRequired spec.containers[0].image: Required value',
      ],
    ],
    [
      'a container more',
      '',
      ({ spec }) => spec.containers.push({ ...spec.containers[0], name: 'd' }),
      ['FieldValueForbidden spec.containers: Forbidden: pod updates may not add or remove containers'],
    ],
    ['a deadline', '', ({ spec }) => (spec.activeDeadlineSeconds = 5), []],
    [
      'a later deadline',
      'activeDeadlineSeconds: 5',
      ({ spec }) => (spec.activeDeadlineSeconds = 6),
      [
        'FieldValueInvalid spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value',
      ],
    ],
    [
      'no deadline',
      'activeDeadlineSeconds: 5',
      ({ spec }) => delete spec.activeDeadlineSeconds,
      [
        'FieldValueInvalid spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
      ],
    ],
    [
      'other seconds of a toleration, and one more',
      'tolerations: [{ key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 1 }]',
      ({ spec }) => {
        spec.tolerations[0].tolerationSeconds = 2
        spec.tolerations.push({ key: 'b', operator: 'Exists' })
      },
      [],
    ],
    [
      'a toleration less',
      'tolerations: [{ key: a, operator: Exists }]',
      ({ spec }) => delete spec.tolerations,
      [
        'FieldValueForbidden spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
      ],
    ],
    [
      'a negative grace period made good',
      'terminationGracePeriodSeconds: -5',
      ({ spec }) => (spec.terminationGracePeriodSeconds = 1),
      [],
    ],
    ['another grace period', '', ({ spec }) => (spec.terminationGracePeriodSeconds = 1), [updatable]],
    [
      'a gate more and another command',
      'schedulingGates: [{ name: g }]',
      ({ spec }) => {
        spec.schedulingGates.push({ name: 'h' })
        spec.containers[0].command = ['x']
      },
      [
        "FieldValueForbidden spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'h'",
        updatable,
      ],
    ],
    [
      'a narrower node selector before it is scheduled',
      'schedulingGates: [{ name: g }]\nnodeSelector: { a: b }',
      ({ spec }) => {
        delete spec.schedulingGates
        spec.nodeSelector.c = 'd'
        spec.affinity = {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }],
            },
          },
        }
      },
      [],
    ],
    [
      'a wider one',
      'schedulingGates: [{ name: g }]\nnodeSelector: { a: b }\naffinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: x, operator: Exists }] }] } } }',
      ({ spec }) => {
        spec.nodeSelector = { c: 'd' }
        delete spec.affinity
      },
      [
        'FieldValueInvalid spec.nodeSelector: Invalid value: {"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        'FieldValueInvalid spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Invalid value: null: no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ],
    ],
    ['any node selector without gates', '', ({ spec }) => (spec.nodeSelector = { a: 'b' }), [updatable]],
    [
      'an annotation that makes it a mirror',
      'nodeName: n',
      ({ metadata }) => (metadata.annotations = { 'kubernetes.io/config.mirror': 'x' }),
      [
        'FieldValueForbidden metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation',
      ],
    ],
  ])('judges a change: %s', async (_what, before, change, causes) => {
    expect(await refusals(before, change)).toEqual(causes)
  })

  it('judges its status', async () => {
    const causes = await refusals(
      '',
      ({ status }) => {
        status.qosClass = 'Guaranteed'
        status.nominatedNodeName = 'A_'
        status.conditions = [{ type: 'a b', status: 'True' }]
        status.podIPs = [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }]
        status.hostIP = '10.0.0.2'
        status.hostIPs = [{ ip: 'x' }]
        status.resourceClaimStatuses = [{ name: 'a' }]
        status.containerStatuses = [
          {
            name: 'c',
            ready: false,
            restartCount: 0,
            image: '',
            imageID: '',
            user: { linux: { uid: -1, gid: 0 } },
          },
        ]
      },
      'status',
    )
    expect(causes).toEqual([
      expect.stringContaining('FieldValueInvalid status.conditions[0].Type: Invalid value: "a b"'),
      expect.stringContaining('FieldValueInvalid status.nominatedNodeName: Invalid value: "A_"'),
      'FieldValueInvalid status.qosClass: Invalid value: "Guaranteed": field is immutable',
      'FieldValueInvalid status.resourceClaimStatuses[0].name: Invalid value: "a": must match the name of an entry in `spec.resourceClaims`',
      'FieldValueInvalid status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.1"}]: may specify no more than one IP for each IP family',
      'FieldValueInvalid status.hostIPs[0].ip: Invalid value: "x": must be equal to `hostIP`',
      'FieldValueInvalid status.hostIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'FieldValueInvalid status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ])
  })

  it('asks for thousandths at least', async () => {
    const { spec } = await kinds.create(
      '{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: c, image: i, resources: { limits: { cpu: 1500u, memory: 1024Mi } } }] } }',
    )
    expect(spec.containers[0].resources.limits).toEqual({ cpu: '2m', memory: '1Gi' })
  })

  it('names its address twice', async () => {
    const pod = await create()
    const old = await kinds.update(pod, ({ status }) => (status.podIP = '10.0.0.1'), 'status')
    expect(old.status.podIPs).toEqual([{ ip: '10.0.0.1' }])
    const next = await kinds.update(
      old,
      ({ status }) => Object.assign(status, { podIP: '10.0.0.2' }),
      'status',
    )
    expect(next.status.podIPs).toEqual([{ ip: '10.0.0.2' }])
  })

  it('has defaults for the pod as a whole', async () => {
    const { spec } = await kinds.create(`
apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  resources: { limits: { cpu: 2, memory: 1Gi } }
  containers:
    - { name: a, image: i, resources: { requests: { cpu: 100m } } }
    - { name: b, image: i, resources: { requests: { cpu: 200m }, limits: { hugepages-2Mi: 4Mi } } }
`)
    expect(spec.resources).toEqual({
      limits: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '4Mi' },
      requests: { cpu: '300m', memory: '1Gi', 'hugepages-2Mi': '4Mi' },
    })
  })
})
