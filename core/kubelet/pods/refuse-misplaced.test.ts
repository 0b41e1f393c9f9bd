import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
beforeEach(() => {
  world = createSimulatedWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

function create(spec: Partial<PodSpec>, name = 'web'): string {
  return world.api.createPod(testPod(spec, { name })).metadata.uid!
}

const status = (uid: string): Pod['status'] => world.api.pod(uid)?.status

describe('a pod that does not belong on the node', () => {
  const noMatch =
    "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"

  it('fails for its selector or its affinity', async () => {
    await world.boot()
    const selected = create({ nodeSelector: { disk: 'ssd' } }, 'selected')
    const nodeSelectorTerms = [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }]
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
    const drawn = create({ affinity: { nodeAffinity } }, 'drawn')
    const fine = create({ nodeSelector: { 'kubernetes.io/os': 'linux' } }, 'fine')
    await world.eventually(() => [selected, drawn].every((uid) => status(uid)?.phase === 'Failed'))
    for (const uid of [selected, drawn]) {
      expect(status(uid)).toMatchObject({ reason: 'NodeAffinity', message: noMatch })
    }
    await world.eventually(() => status(fine)?.phase === 'Running')
  })

  it('fails for a taint that it does not tolerate and would be evicted for at once', async () => {
    await world.boot()
    const node = world.api.nodes.get('node-1')!
    const taints = [
      { key: 'maintenance', effect: 'NoExecute' },
      { key: 'dedicated', effect: 'NoSchedule' },
    ]
    world.api.nodes.set('node-1', { ...node, spec: { ...node.spec, taints } })
    const out = create({}, 'out')
    const tolerant = create({ tolerations: [{ key: 'maintenance', operator: 'Exists' }] }, 'tolerant')
    await world.eventually(() => status(out)?.phase === 'Failed' && status(tolerant)?.phase === 'Running')
    expect(status(out)).toMatchObject({
      reason: 'TaintToleration',
      message:
        "Pod was rejected: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    })
  })

  it('fails for another operating system', async () => {
    await world.boot()
    const field = create({ os: { name: 'windows' } }, 'field')
    const selector = create({ nodeSelector: { 'kubernetes.io/os': 'windows' } }, 'selector')
    const own = create({ os: { name: 'linux' } }, 'own')
    await world.eventually(() => [field, selector].every((uid) => status(uid)?.phase === 'Failed'))
    expect(status(field)).toMatchObject({
      reason: 'PodOSNotSupported',
      message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
    })
    expect(status(selector)).toMatchObject({
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message:
        "Pod was rejected: Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    })
    await world.eventually(() => status(own)?.phase === 'Running')
  })

  it('fails for a port of the host that another one has', async () => {
    await world.boot()
    const withPort = (hostPort: number, hostIP?: string): Partial<PodSpec> => ({
      containers: [
        testContainer('app', { ports: [{ containerPort: 80, hostPort, ...(hostIP && { hostIP }) }] }),
      ],
    })
    const first = create(withPort(8080), 'first')
    await world.eventually(() => status(first)?.phase === 'Running')
    const second = create(withPort(8080, '127.0.0.1'), 'second')
    const other = create(withPort(8081), 'other')
    await world.eventually(() => status(second)?.phase === 'Failed' && status(other)?.phase === 'Running')
    expect(status(second)).toMatchObject({
      reason: 'NodePorts',
      message:
        "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    })
  })
})
