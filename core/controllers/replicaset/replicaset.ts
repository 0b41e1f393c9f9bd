import { resources } from '../../api/resources.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { createReplicaController } from './replica-controller.ts'

/** Runs ReplicaSets. */
export function createReplicaSetController(dependencies: ControllerDependencies): Controller {
  return createReplicaController(dependencies, {
    name: 'replicaset',
    resource: resources.replicaSets,
    view: (set) => set,
    withStatus: (set, status) => ({ ...set, status }),
  })
}
