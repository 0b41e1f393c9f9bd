import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { ReplicationController } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { createReplicaController } from '../replicaset/replica-controller.ts'

/** Runs ReplicationControllers as the ReplicaSets that they amount to (upstream: pkg/controller/replication). */
export function createReplicationControllerController(dependencies: ControllerDependencies): Controller {
  return createReplicaController<ReplicationController>(dependencies, {
    name: 'replication',
    resource: resources.replicationControllers,
    view,
    withStatus(object, { terminatingReplicas: _, ...status }) {
      return { ...object, status }
    },
  })
}

function view({ metadata, spec, status }: ReplicationController): ReplicaSet {
  const selector = { matchLabels: spec.selector ?? {} }
  return { metadata, spec: { ...spec, selector }, ...(status ? { status } : {}) }
}
