import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'

const ttlAnnotation = 'node.alpha.kubernetes.io/ttl'

/**
 * How long kubelets may keep Secrets and ConfigMaps, by the size of the cluster: from `atLeast` nodes on a step up is
 * taken, below `below` nodes one down; between the two nothing changes, so that a size at the edge does not flap.
 */
const steps = [
  { seconds: 0, atLeast: 0, below: 0 },
  { seconds: 15, atLeast: 101, below: 90 },
  { seconds: 30, atLeast: 501, below: 450 },
  { seconds: 60, atLeast: 1001, below: 900 },
  { seconds: 300, atLeast: 2001, below: 1800 },
]

/** The step for a number of nodes, coming from `current`. */
function stepOf(nodes: number, current: number): number {
  let step = current
  while (step + 1 < steps.length && nodes >= steps[step + 1]!.atLeast) step++
  while (step > 0 && nodes < steps[step]!.below) step--
  return step
}

/** Writes on each node how long its kubelet may keep what it read (upstream: pkg/controller/ttl). */
export function createTtlController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const nodes = informers.informer(resources.nodes)
  let step = 0

  return defineController(dependencies, {
    name: 'ttl',
    for: resources.nodes,
    async reconcile({ object: node }, queue) {
      const before = step
      step = stepOf(nodes.store.size, step)
      if (step !== before) for (const { metadata } of nodes.store.list()) queue.add(metadata.name)
      if (!node) return
      const wanted = String(steps[step]!.seconds)
      if (node.metadata.annotations?.[ttlAnnotation] === wanted) return
      const body = { metadata: { annotations: { [ttlAnnotation]: wanted } } }
      try {
        await client.patch(resources.nodes, { name: node.metadata.name }, { type: 'strategic', body })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}
