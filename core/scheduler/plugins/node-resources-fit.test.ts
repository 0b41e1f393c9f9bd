import { expect, it } from 'vitest'
import { clusterOf, node, pod, verdicts } from '../testing/cluster-fixture.ts'
import { nodeResourcesFitFilter } from './node-resources-fit.ts'

const allocatable = {
  pods: '10',
  cpu: '2',
  memory: '2Gi',
  'ephemeral-storage': '2Gi',
  'example.com/gpu': '2',
}

function asking(name: string, requests: Record<string, string>, nodeName?: string): ReturnType<typeof pod> {
  const spec = { containers: [{ name: 'c', image: 'x', resources: { requests, limits: requests } }] }
  return pod(name, nodeName ? { node: nodeName, spec } : { spec })
}

it.each([
  ['cpu', '1', '1100m'],
  ['memory', '1Gi', '1100Mi'],
  ['ephemeral-storage', '1Gi', '1100Mi'],
  ['example.com/gpu', '1', '2'],
])('a node has room for what is left of its %s', (resource, half, more) => {
  const cluster = clusterOf(
    [node('n', {}, { status: { allocatable, capacity: allocatable } })],
    [asking('old', { [resource]: half }, 'n')],
  )
  const judge = (amount: string) =>
    verdicts(nodeResourcesFitFilter, asking('new', { [resource]: amount }), cluster)
  expect(judge(half)).toEqual({ n: [] })
  expect(judge(more)).toEqual({ n: [`Insufficient ${resource}`] })
})
