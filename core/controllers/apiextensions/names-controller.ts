import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { acceptNames } from './accept-names.ts'

export interface NamesControllerOptions extends ControllerDependencies {
  /** Told when what is served may have changed: a definition was established, changed or is gone. */
  onServedKindsChanged: () => void
}

/**
 * Accepts the names of CustomResourceDefinitions, one after the other, and establishes them (upstream:
 * apiextensions-apiserver pkg/controller/{status,establish}).
 */
export function createNamesController(options: NamesControllerOptions): Controller {
  const { client, clock, informers, onServedKindsChanged } = options
  const { store } = informers.informer(resources.customResourceDefinitions)
  return defineController(options, {
    name: 'customresourcedefinition-names',
    for: resources.customResourceDefinitions,
    // Two at once could both be given the same name.
    workers: 1,
    watches: [
      // Names that one gives up are free for the others of its group.
      watchOf(resources.customResourceDefinitions, ({ object }) =>
        store
          .list()
          .filter((other) => other.spec.group === object.spec.group && !hasItsNames(other))
          .map((other) => other.metadata.name),
      ),
    ],
    async reconcile({ name, object }) {
      onServedKindsChanged()
      if (!object || object.metadata.deletionTimestamp) return
      const { items } = await client.list(resources.customResourceDefinitions)
      const crd = items.find((item) => item.metadata.name === name)
      if (!crd || crd.metadata.deletionTimestamp) return
      const others = items.filter(
        ({ metadata, spec }) => metadata.name !== name && spec.group === crd.spec.group,
      )
      const status = acceptNames(crd, others, rfc3339(clock.now()))
      if (deepEqual(status, crd.status)) return
      try {
        // Upstream's API server does this itself, and its name is seen in managedFields.
        await client.updateStatus(
          resources.customResourceDefinitions,
          { ...crd, status },
          { fieldManager: 'kube-apiserver' },
        )
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}

function hasItsNames({ status }: CustomResourceDefinition): boolean {
  return (
    status?.conditions?.some(({ type, status: state }) => type === 'NamesAccepted' && state === 'True') ===
    true
  )
}
