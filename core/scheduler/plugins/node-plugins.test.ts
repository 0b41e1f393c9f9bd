import { describe, expect, it } from 'vitest'
import type { ContainerPort } from '../../api/generated/core-v1.ts'
import { clusterOf, node, pod, scoresOf, verdicts } from '../testing/cluster-fixture.ts'
import { imageLocality } from './image-locality.ts'
import { nodeDeclaredFeatures } from './node-declared-features.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'

function withPort(port: Partial<ContainerPort>, name = 'new', nodeName?: string): ReturnType<typeof pod> {
  const ports = [{ containerPort: 80, ...port }]
  const spec = { containers: [{ name: 'c', image: 'x', ports }] }
  return pod(name, nodeName ? { node: nodeName, spec } : { spec })
}

describe('host ports', () => {
  it.each<[string, Partial<ContainerPort>, Partial<ContainerPort>, boolean]>([
    ['the same port', { hostPort: 80 }, { hostPort: 80 }, true],
    ['another port', { hostPort: 80 }, { hostPort: 81 }, false],
    ['another protocol', { hostPort: 80, protocol: 'UDP' }, { hostPort: 80, protocol: 'TCP' }, false],
    ['the default protocol', { hostPort: 80 }, { hostPort: 80, protocol: 'TCP' }, true],
    ['another address', { hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, false],
    [
      'all addresses and one',
      { hostPort: 80, hostIP: '0.0.0.0' },
      { hostPort: 80, hostIP: '10.0.0.2' },
      true,
    ],
    ['one address and all', { hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80 }, true],
    ['no host port', { hostPort: 80 }, {}, false],
  ])('%s', (_what, used, wanted, conflicts) => {
    const cluster = clusterOf([node('n')], [withPort(used, 'old', 'n')])
    const reasons = conflicts ? ["node(s) didn't have free ports for the requested pod ports"] : []
    expect(verdicts(nodePorts, withPort(wanted), cluster)).toEqual({ n: reasons })
  })
})

describe('cordoned nodes', () => {
  const cluster = clusterOf([node('n', {}, { spec: { unschedulable: true } })], [])
  it.each([
    ['no toleration', [], ['node(s) were unschedulable']],
    [
      'a toleration of the taint',
      [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }],
      [],
    ],
    ['a toleration of everything', [{ operator: 'Exists' }], []],
  ])('%s', (_what, tolerations, reasons) => {
    expect(verdicts(nodeUnschedulable, pod('new', { spec: { tolerations } }), cluster)).toEqual({
      n: reasons,
    })
  })
})

describe('features that nodes declare', () => {
  const restarting = (action: string): ReturnType<typeof pod> => {
    const rule = { action, exitCodes: { operator: 'In', values: [1] } }
    const container = { name: 'c', image: 'x', restartPolicy: 'Never', restartPolicyRules: [rule] }
    return pod('new', { spec: { containers: [{ name: 'app', image: 'x' }], initContainers: [container] } })
  }
  const declaredFeatures = ['A', 'RestartAllContainersOnContainerExits']
  const cluster = clusterOf([node('old'), node('able', {}, { status: { declaredFeatures } })], [])

  it('decide where a pod can go that needs one of them', () => {
    expect(verdicts(nodeDeclaredFeatures, restarting('RestartAllContainers'), cluster)).toEqual({
      old: ["node(s) didn't match Pod's required features"],
      able: [],
    })
    expect(verdicts(nodeDeclaredFeatures, restarting('Restart'), cluster)).toEqual({ old: [], able: [] })
  })
})

describe('image locality', () => {
  const withImage = (name: string, names: string[], mebibytes: number): ReturnType<typeof node> =>
    node(name, {}, { status: { images: [{ names, sizeBytes: mebibytes * 1024 * 1024 }] } })
  const running = (image: string): ReturnType<typeof pod> =>
    pod('new', { spec: { containers: [{ name: 'c', image }] } })

  it.each([
    ['by size and by how many nodes have it', 'big:1', { a: 48, b: 0 }],
    ['with the tag that is meant', 'plain', { a: 0, b: 2 }],
  ])('%s', (_what, image, expected) => {
    const cluster = clusterOf([withImage('a', ['big:1'], 1000), withImage('b', ['plain:latest'], 95)], [])
    expect(scoresOf(imageLocality, running(image), cluster)).toEqual(expected)
  })

  it('has nothing to say when no node has the image', () => {
    expect(scoresOf(imageLocality, running('x'), clusterOf([node('a')], []))).toBeUndefined()
  })
})

describe('balanced allocation', () => {
  it('prefers nodes where CPU and memory come to like shares', () => {
    const requesting = (cpu: string, memory: string, nodeName?: string): ReturnType<typeof pod> => {
      const spec = { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu, memory } } }] }
      return pod(`p-${cpu}`, nodeName ? { node: nodeName, spec } : { spec })
    }
    const cluster = clusterOf([node('a'), node('b')], [requesting('3', '1Gi', 'a')])
    const scores = scoresOf(nodeResourcesBalancedAllocation, requesting('500m', '1Gi'), cluster)
    expect(scores?.b).toBeGreaterThan(scores?.a ?? Infinity)
    expect(scoresOf(nodeResourcesBalancedAllocation, pod('best-effort'), cluster)).toBeUndefined()
  })
})
